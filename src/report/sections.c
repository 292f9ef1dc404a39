/* The report's sections: inputs, anatomy, lead, mesh, conductivities, field, fibres, ranking. */
#include "report_impl.h"

#include <math.h>
#include <string.h>

PetscErrorCode report_set_case(Report *r, const Case *c)
{
  report_add_text(r->root, "version", CAUDA_VERSION);
  report_add_text(r->root, "name", c->name);
  report_add_text(r->root, "case", c->path);
  return 0;
}

static const char *text_in(json_object *o, const char *key)
{
  json_object *v = NULL;
  const char *s = json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : NULL;
  return s ? s : "";
}

void report_drop_inputs(Report *r, const char *stage)
{
  json_object *inputs = report_kept_section(r, "inputs", json_type_array);
  for (size_t i = json_object_array_length(inputs); i-- > 0;)
    if (!strcmp(text_in(json_object_array_get_idx(inputs, i), "stage"), stage)) json_object_array_del_idx(inputs, i, 1);
}

PetscErrorCode report_add_input(Report *r, const char *stage, const char *path, const char *sha256)
{
  json_object *file = json_object_new_object();
  report_add_text(file, "path", path);
  report_add_text(file, "sha256", sha256);
  report_add_text(file, "stage", stage);
  json_object_array_add(report_kept_section(r, "inputs", json_type_array), file);
  return 0;
}

PetscErrorCode report_set_anatomy(Report *r, const Anatomy *a)
{
  json_object *anatomy = report_section(r, "anatomy"), *roots = json_object_new_array();
  json_object *repairs = json_object_new_array();
  int made = 0;
  for (int i = 0; i < a->n_root; i++) {
    made += a->root[i].made;
    json_object_array_add(roots, json_object_new_string(a->root[i].name));
  }
  report_add(anatomy, "height_mm", a->z_max - a->z_min);
  report_add(anatomy, "height_seen_mm", a->seen_z_max - a->seen_z_min);
  json_object_object_add(anatomy, "roots", roots);
  report_add_count(anatomy, "roots_made", made);
  for (int i = 0; i < a->n_repair; i++) {
    json_object *repair = json_object_new_object();
    report_add_text(repair, "what", a->repair[i].what);
    report_add_count(repair, "count", a->repair[i].count);
    report_add(repair, "largest_mm", a->repair[i].largest_mm);
    json_object_array_add(repairs, repair);
  }
  json_object_object_add(r->root, "repairs", repairs);
  return 0;
}

PetscErrorCode report_set_lead(Report *r, const Scene *s)
{
  if (!s->model) return 0;
  json_object *lead = report_section(r, "paddle");
  report_add_text(lead, "model", s->model->name);
  report_add(lead, "yield_mm", s->yield_mm);
  report_add(lead, "yield_volume_mm3", s->yield_volume_mm3);
  return 0;
}

static void add_regions(json_object *mesh, const MeshQuality *q)
{
  json_object *regions = json_object_new_object();
  for (int i = 0; i < q->n_region; i++) {
    const RegionQuality *g = &q->regions[i];
    json_object *region = json_object_new_object();
    report_add_count(region, "tets", g->tets);
    report_add(region, "volume_mm3", g->volume_mm3);
    report_add(region, "shape_volume_mm3", g->shape_volume_mm3 > 0.0 ? g->shape_volume_mm3 : NAN);
    report_add_count(region, "pieces", g->pieces);
    json_object_object_add(regions, g->name, region);
  }
  json_object_object_add(mesh, "regions", regions);
}

PetscErrorCode report_set_mesh(Report *r, const Mesh *m, const MeshQuality *q)
{
  json_object *mesh = report_section(r, "mesh"), *contacts = report_section(r, "contacts");
  report_add_count(mesh, "nodes", m->n_node);
  report_add_count(mesh, "tets", m->n_tet);
  report_add(mesh, "dihedral_min_deg", q->dihedral_min_deg);
  report_add(mesh, "dihedral_max_deg", q->dihedral_max_deg);
  report_add(mesh, "dihedral_below_5_percent", q->dihedral_below_5_percent);
  report_add_count(mesh, "inverted", q->inverted);
  report_add_count(mesh, "dura_leaks", q->leaks);
  report_add_count(mesh, "dura_pinholes", q->pinholes);
  add_regions(mesh, q);
  for (int i = 0; i < q->n_contact; i++) {
    json_object *contact = json_object_new_object();
    report_add(contact, "area_mm2", q->contact_area_mm2[i]);
    json_object_object_add(contacts, q->contact_name[i], contact);
  }
  return 0;
}

PetscErrorCode report_set_conductivities(Report *r, const Case *c, const Mesh *m)
{
  json_object *all = report_section(r, "conductivities");
  for (int i = 0; i < m->n_region; i++) {
    const TissueEntry *t = case_tissue(c, m->regions[i].name);
    json_object *one = json_object_new_object();
    if (t && t->longitudinal_S_per_m > 0.0) {
      report_add(one, "longitudinal_S_per_m", t->longitudinal_S_per_m);
      report_add(one, "transverse_S_per_m", t->transverse_S_per_m);
    } else if (t) {
      report_add(one, "sigma_S_per_m", t->sigma_S_per_m);
    }
    report_add_text(one, "source", t ? t->source : NULL);
    json_object_object_add(all, m->regions[i].name, one);
  }
  return 0;
}

/* What contacts of this size have in a sac, ohm; what lies outside is laid to a tissue. */
static const double usual_ohm[2] = {200.0, 2000.0};

static void explain_impedance(json_object *contact, const char *name, double ohm, json_object *part)
{
  char text[256];
  const char *most = "";
  double largest = 0.0;
  json_object_object_del(contact, "impedance_unusual");
  if (ohm >= usual_ohm[0] && ohm <= usual_ohm[1]) return;
  json_object_object_foreach(part, tissue, share)
  {
    if (json_object_get_double(share) <= largest) continue;
    most = tissue, largest = json_object_get_double(share);
  }
  snprintf(text, sizeof text, "%s has %.0f ohm, usual are %.0f to %.0f: %.0f %% of its power goes into %s", name, ohm,
           usual_ohm[0], usual_ohm[1], 100.0 * largest, most);
  report_add_text(contact, "impedance_unusual", text);
}

/* A contact's shares of power by tissue: all roots together, the rest by the names of their regions. */
static json_object *share_by_tissue(const Mesh *m, const double *share)
{
  json_object *part = json_object_new_object();
  double roots = 0.0;
  for (int g = 0; g < m->n_region; g++)
    if (m->regions[g].tissue == TISSUE_ROOT)
      roots += share[g];
    else if (share[g] > 0.0)
      report_add(part, m->regions[g].name, share[g]);
  if (roots > 0.0) report_add(part, tissue_name(TISSUE_ROOT), roots);
  return part;
}

/* The impedances, and what each is made of: R = (power at unit current) = sum over the regions. */
static void add_impedances(Report *r, const LeadField *f, const Mesh *m, const double *share)
{
  json_object *contacts = report_kept_section(r, "contacts", json_type_object);
  for (int i = 0; i < f->n_contact; i++) {
    json_object *contact = NULL, *part = share_by_tissue(m, share + (size_t)i * (size_t)m->n_region);
    if (!json_object_object_get_ex(contacts, f->contact[i], &contact)) {
      contact = json_object_new_object();
      json_object_object_add(contacts, f->contact[i], contact);
    }
    const double ohm = f->impedance[(size_t)i * (size_t)f->n_contact + (size_t)i];
    report_add(contact, "impedance_ohm", ohm);
    json_object_object_add(contact, "impedance_share", part);
    explain_impedance(contact, f->contact[i], ohm, part);
  }
}

PetscErrorCode report_set_field(Report *r, const LeadField *f, const Mesh *m, const double *share)
{
  json_object *field = report_section(r, "field");
  report_add_count(field, "unknowns", f->unknowns);
  report_add_count(field, "iterations", f->iterations);
  report_add(field, "residual", f->residual);
  report_add(field, "balance", f->balance);
  report_add(field, "symmetry", f->symmetry);
  report_add(field, "reciprocity", f->reciprocity);
  report_add(field, "energy", f->energy);
  add_impedances(r, f, m, share);
  return 0;
}

PetscErrorCode report_set_ranks(Report *r, const ShareEffort *e)
{
  static const char *const names[SHARE_NUMBERS] = {"memory_MB", "peak_memory_MB", "nodes", "tets"};
  json_object *ranks = report_section(r, "ranks");
  report_add_count(ranks, "ranks", e->n_rank);
  report_add(ranks, "share_s", e->share_s);
  report_add(ranks, "solve_s", e->solve_s);
  report_add(ranks, "gather_s", e->gather_s);
  for (int k = 0; k < SHARE_NUMBERS; k++) {
    json_object *list = json_object_new_array();
    for (int i = 0; i < e->n_rank; i++)
      json_object_array_add(list, report_number(round(10.0 * e->of_rank[i][k]) / 10.0));
    json_object_object_add(ranks, names[k], list);
  }
  return 0;
}

PetscErrorCode report_set_fibers(Report *r, const ThresholdTable *t)
{
  json_object *fibers = report_section(r, "fibers");
  double median, percentile_95;
  PetscCall(tiers_compare(t, &median, &percentile_95));
  report_add_text(fibers, "tier", t->tier);
  report_add(fibers, "linear_off_median_percent", 100.0 * median);
  report_add(fibers, "linear_off_95th_percent", 100.0 * percentile_95);
  report_add_count(fibers, "fibers", t->n_fiber);
  report_add_count(fibers, "roots", t->n_root);
  report_add_count(fibers, "sets", t->n_set);
  return 0;
}

PetscErrorCode report_set_errors(Report *r, int n, const RootError *e, const ThresholdTable *t)
{
  json_object *errors = report_section(r, "errors"), *roots = json_object_new_object();
  double largest = 0.0;
  for (int i = 0; i < n; i++) {
    json_object *one = json_object_new_object();
    report_add(one, "threshold", e[i].relative);
    report_add_text(one, "set", t->set[e[i].set]);
    report_add_count(one, "fibers", e[i].n_fiber);
    json_object_object_add(roots, t->root[e[i].root], one);
    largest = fmax(largest, fabs(e[i].relative));
  }
  report_add(errors, "largest", largest);
  json_object_object_add(errors, "roots", roots);
  return 0;
}

static json_object *ranking_row(const Ranking *r, const RankRow *row)
{
  json_object *one = json_object_new_object();
  report_add_count(one, "rank", row->rank);
  report_add_text(one, "set", r->set[row->set]);
  report_add_text(one, "target", r->goal->label);
  report_add(one, "score", row->score);
  report_add(one, "score_at_mA", row->score_at_mA);
  report_add(one, "score_unlimited", row->score_unlimited);
  report_add(one, "unlimited_at_mA", row->unlimited_at_mA);
  for (int k = 0; k < SCORE_KINDS; k++) report_add(one, score_name[k], row->index[k]);
  report_add(one, "target_recruited", row->target);
  report_add(one, "spill", row->spill);
  report_add(one, "target_threshold_mA", row->target_threshold_mA);
  report_add(one, "target_saturation_mA", row->target_saturation_mA);
  report_add_text(one, "first_other", row->first_other < 0 ? NULL : r->goal->pool[row->first_other]);
  report_add(one, "first_other_threshold_mA", row->first_other_threshold_mA);
  report_add(one, "margin", row->margin);
  report_add(one, "largest_mA", row->largest_mA);
  report_add(one, "charge_uC", row->demand.charge_uC);
  report_add(one, "charge_density_uC_per_cm2", row->demand.charge_density_uC_per_cm2);
  report_add(one, "shannon_k", row->demand.shannon_k);
  report_add(one, "compliance_V", row->demand.compliance_V);
  report_add(one, "power_mW", row->demand.power_mW);
  report_add_text(one, "nearest_limit", row->nearest_words);
  report_add(one, "nearest_limit_percent", 100.0 * row->nearest_share);
  report_add_text(one, "limit", *row->limit ? row->limit : NULL);
  report_add_text(one, "tied_with", *row->tied_with ? row->tied_with : NULL);
  return one;
}

static void add_ranking(json_object *to, const Ranking *k)
{
  json_object *ranking = json_object_new_array();
  char sentence[1024];
  for (int i = 0; i < k->n; i++) json_object_array_add(ranking, ranking_row(k, &k->row[i]));
  json_object_object_add(to, "ranking", ranking);
  rank_sentence(k, sentence, sizeof sentence);
  report_add_text(to, "answer", sentence);
}

PetscErrorCode report_set_ranking(Report *r, const Ranking *k)
{
  add_ranking(r->root, k);
  return 0;
}

PetscErrorCode report_set_sweep(Report *r, int64_t screened, int64_t refused, double best, const Ranking *k)
{
  json_object *sweep = report_section(r, "sweep");
  report_add_count(sweep, "screened", screened);
  report_add_count(sweep, "device_cannot", refused);
  report_add(sweep, "linear_best", best);
  add_ranking(sweep, k);
  return 0;
}

PetscErrorCode report_clear_search(Report *r)
{
  json_object_object_add(r->root, "search", json_object_new_array());
  return 0;
}

PetscErrorCode report_add_search(Report *r, const Ranking *k, const char *simple, double simple_score,
                                 const char *fewest, const char *sentence)
{
  json_object *all = report_kept_section(r, "search", json_type_array), *one = json_object_new_object();
  add_ranking(one, k);
  report_add_text(one, "target", k->goal->label);
  report_add_text(one, "simple_best", simple);
  report_add(one, "simple_score", simple_score);
  report_add_text(one, "fewest_contacts", fewest);
  report_add_text(one, "answer", sentence);
  json_object_array_add(all, one);
  return 0;
}

PetscErrorCode report_set_confidence(Report *r, const Ranking *k, const ConfidenceRow *rows, int n_draw,
                                     const char *sentence)
{
  json_object *confidence = report_section(r, "confidence"), *sets = json_object_new_array();
  report_add_count(confidence, "draws", n_draw);
  report_add_text(confidence, "answer", sentence);
  for (int i = 0; i < k->n; i++) {
    json_object *one = json_object_new_object();
    report_add_text(one, "set", k->set[k->row[i].set]);
    report_add(one, "score", rows[i].score);
    report_add(one, "score_low", rows[i].low);
    report_add(one, "score_median", rows[i].median);
    report_add(one, "score_high", rows[i].high);
    report_add(one, "first_probability", rows[i].first);
    report_add(one, "rank_probability", rows[i].holds);
    report_add_text(one, "tied_with", *rows[i].tied_with ? rows[i].tied_with : NULL);
    json_object_array_add(sets, one);
  }
  json_object_object_add(confidence, "sets", sets);
  return 0;
}
