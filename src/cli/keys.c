/* What each stage depends on, as text to be hashed. A value that is missing here is a stale result one day: every
 * field of the case stands in exactly one stage. */
#include "keys.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

PetscErrorCode key_begin(Report *report, const char *stage, KeyText *k)
{
  char program[65];
  memset(k, 0, sizeof *k);
  PetscCall(file_sha256("/proc/self/exe", program));
  k->report = report;
  k->stage = stage;
  if (report) report_drop_inputs(report, stage);
  k->stream = open_memstream(&k->text, &k->length);
  PetscCheck(k->stream, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for a stage's key");
  fprintf(k->stream, "program=%s\nstage=%s\n", program, stage);
  return 0;
}

PetscErrorCode key_end(KeyText *k, char hex[65])
{
  int bad = fclose(k->stream);
  k->stream = NULL;
  PetscCheck(!bad, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for a stage's key");
  PetscCall(text_sha256(k->text, k->length, hex));
  key_abort(k);
  return 0;
}

void key_abort(KeyText *k)
{
  if (k->stream) fclose(k->stream);
  free(k->text);
  memset(k, 0, sizeof *k);
}

static void text(KeyText *k, const char *name, const char *value)
{
  fprintf(k->stream, "%s=%zu:%s\n", name, value ? strlen(value) : 0, value ? value : "");
}

static void number(KeyText *k, const char *name, double value) { fprintf(k->stream, "%s=%.17g\n", name, value); }

/* A file whose values are in the key already is noted in the report only (name NULL). */
static PetscErrorCode file(KeyText *k, const char *name, const char *path)
{
  char hex[65];
  PetscCall(file_sha256(path, hex));
  if (name) text(k, name, hex);
  if (k->report) PetscCall(report_add_input(k->report, k->stage, path, hex));
  return 0;
}

/* All files that a pattern can mean; {root} and {side} stand for any text. None is no error here: the stage that reads
 * them has the better words for it. */
static PetscErrorCode files(KeyText *k, const char *name, const char *folder, const char *pattern)
{
  char path[CAUDA_PATH_MAX], *to = path;
  PetscErrorCode ierr = 0;
  glob_t g;
  text(k, name, pattern);
  if (!pattern) return 0;
  char full[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, pattern, full));
  for (const char *from = full; *from; from++) {
    const char *close = *from == '{' ? strchr(from, '}') : NULL;
    *to++ = close ? '*' : *from;
    if (close) from = close;
  }
  *to = '\0';
  if (glob(path, 0, NULL, &g)) return 0;
  for (size_t i = 0; i < g.gl_pathc && !ierr; i++) ierr = file(k, name, g.gl_pathv[i]);
  globfree(&g);
  PetscCall(ierr);
  return 0;
}

/* A table that the case names: a path, beside the case or in the input folder, or the name of one of Cauda's own. */
static PetscErrorCode table(const Work *w, KeyText *k, const char *kind, const char *name)
{
  char path[CAUDA_PATH_MAX], own[CAUDA_PATH_MAX];
  text(k, kind, name);
  if (!name) return 0;
  if (strchr(name, '/') || strchr(name, '.')) {
    PetscCall(path_join(w->c->folder, name, path));
    if (!file_exists(path)) PetscCall(path_join(w->input, name, path));
  } else {
    int n = snprintf(own, sizeof own, "%s/%s.yaml", kind, name);
    PetscCheck(n < (int)sizeof own, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the name is too long", name);
    PetscCall(data_find(own, path));
  }
  PetscCall(file(k, kind, path));
  return 0;
}

/* All of Cauda's own files of a kind: for those that the code names, not the case. */
static PetscErrorCode own_files(KeyText *k, const char *kind)
{
  char folder[CAUDA_PATH_MAX];
  PetscCall(data_find(kind, folder));
  PetscCall(files(k, kind, folder, "*.csv"));
  return 0;
}

static PetscErrorCode key_labels(const Work *w, KeyText *k, const CaseLabels *l)
{
  PetscCall(files(k, "labels", w->input, l->file));
  PetscCall(table(w, k, "labels", l->table));
  text(k, "orientation", l->orientation);
  text(k, "units", l->units);
  if (l->left_out) number(k, "left_out", l->left_out);
  if (l->bids) {
    char all[CAUDA_PATH_MAX];
    PetscCall(path_join(l->bids, "*.[nt]*", all)); /* images and their tables */
    PetscCall(files(k, "bids", w->input, all));
  }
  for (int i = 0; i < l->n_masks; i++) {
    text(k, "mask", l->masks[i].structure);
    PetscCall(table(w, k, "labels", l->masks[i].table));
    number(k, "threshold", l->masks[i].threshold);
    PetscCall(files(k, "mask", w->input, l->masks[i].file));
  }
  return 0;
}

PetscErrorCode key_seg(const Work *w, KeyText *k)
{
  const CaseAnatomy *a = &w->c->anatomy;
  text(k, "ventral_roots", a->ventral_roots);
  if (a->outlines) {
    PetscCall(files(k, "cord", w->input, a->outlines->cord));
    PetscCall(files(k, "dura", w->input, a->outlines->dura));
  }
  if (a->labels) PetscCall(key_labels(w, k, a->labels));
  if (a->levels) {
    PetscCall(files(k, "levels", w->input, a->levels->file));
    PetscCall(table(w, k, "labels", a->levels->table));
    text(k, "from", a->levels->from);
    text(k, "to", a->levels->to);
    number(k, "ventral", a->levels->ventral);
  }
  if (a->phantom) PetscCall(table(w, k, "phantoms", a->phantom->model));
  if (a->mesh) PetscCall(files(k, "mesh", w->input, a->mesh));
  PetscCall(files(k, "roots", w->input, a->roots));
  PetscCall(files(k, "ganglia", w->input, a->ganglia));
  number(k, "root_radius", a->root_radius_mm);
  number(k, "dura_thickness", a->dura_thickness_mm);
  text(k, "coordinates", a->coordinates);
  number(k, "fat", a->surround.epidural_fat_mm);
  number(k, "bone", a->surround.bone_mm);
  number(k, "body", a->surround.body_radius_mm);
  number(k, "extend", a->surround.extend_mm);
  return 0;
}

PetscErrorCode key_mesh(const Work *w, KeyText *k)
{
  const CaseMesh *m = &w->c->mesh;
  const CasePaddle *p = w->c->paddle;
  if (w->c->field.error > 0.0) number(k, "error", w->c->field.error); /* the mesh is refined for it */
  if (w->c->anatomy.mesh) return files(k, "mesh", w->input, w->c->anatomy.mesh);
  number(k, "root_edge", m->root_edge_mm);
  number(k, "dura_edge", m->dura_edge_mm);
  number(k, "contact_edge", m->contact_edge_mm);
  number(k, "largest_edge", m->largest_edge_mm);
  number(k, "growth", m->growth);
  number(k, "reach", m->reach_mm);
  number(k, "seed", m->seed);
  if (!p) return 0;
  PetscCall(table(w, k, "paddles", p->model));
  text(k, "at_root", p->at.root);
  text(k, "at_side", p->at.side);
  for (int i = 0; i < p->at.n_point_mm; i++) number(k, "at_point", p->at.point_mm[i]);
  number(k, "offset_lateral", p->offset_mm[0]);
  number(k, "offset_rostral", p->offset_mm[1]);
  number(k, "rotation", p->rotation_deg);
  number(k, "gap", p->gap_mm);
  number(k, "encapsulation", p->encapsulation_mm);
  return 0;
}

PetscErrorCode key_solve(const Work *w, KeyText *k)
{
  const Case *c = w->c;
  number(k, "order", c->field.order);
  number(k, "tolerance", c->field.tolerance);
  text(k, "preconditioner", c->field.preconditioner);
  text(k, "contacts", c->field.contacts);
  number(k, "surface_impedance", c->field.surface_impedance_ohm_m2);
  text(k, "return", c->field.ret);
  text(k, "tissues", c->tissues_table);
  for (int i = 0; i < c->n_tissues; i++) {
    text(k, "tissue", c->tissues[i].name);
    number(k, "sigma", c->tissues[i].sigma_S_per_m);
    number(k, "longitudinal", c->tissues[i].longitudinal_S_per_m);
    number(k, "transverse", c->tissues[i].transverse_S_per_m);
  }
  return 0;
}

static void key_sets(const SetTable *t, KeyText *k)
{
  for (int i = 0; i < t->n_set; i++) {
    text(k, "set", t->set[i].name);
    if (t->set[i].control != SET_CURRENT) continue; /* the file tells, and the shares come of the impedances */
    number(k, "width", t->set[i].width_us);
    for (int j = 0; j <= t->n_contact; j++) number(k, "fraction", t->set[i].fraction[j]);
  }
}

static PetscErrorCode key_muscles(const Work *w, KeyText *k)
{
  const char *name = w->c->rank ? w->c->rank->muscles : NULL;
  text(k, "muscles", name);
  if (!name) return 0;
  if (strchr(name, '/') || strstr(name, ".csv")) return files(k, "muscles", w->c->folder, name);
  return own_files(k, "muscles");
}

/* What every threshold depends on, whatever the set. */
static PetscErrorCode key_model(const Work *w, KeyText *k)
{
  const CaseFibers *f = &w->c->fibers;
  const CasePulse *p = &w->c->pulse;
  text(k, "model", f->model);
  text(k, "geometry", f->geometry);
  number(k, "dt", f->dt_us);
  number(k, "tolerance", f->tolerance);
  number(k, "per_root", f->per_root);
  number(k, "seed", f->seed);
  PetscCall(table(w, k, "fibers", f->populations));
  PetscCall(own_files(k, "fibers"));
  text(k, "shape", p->shape);
  number(k, "width", p->width_us);
  number(k, "interphase", p->interphase_us);
  number(k, "recharge", p->recharge_width_us);
  PetscCall(files(k, "samples", w->c->folder, p->samples));
  number(k, "contact_limit", w->c->limits.contact_mA); /* how far the recruitment curves go */
  return key_muscles(w, k);
}

PetscErrorCode key_fibers(const Work *w, KeyText *k)
{
  PetscCall(key_model(w, k));
  if (!w->sets) return 0;
  key_sets(w->sets, k);
  PetscCall(file(k, NULL, w->sets_path));
  return 0;
}

static PetscErrorCode key_goal(const Work *w, KeyText *k, const CaseRank *r)
{
  text(k, "target", r->target);
  for (int i = 0; i < r->n_targets; i++) {
    text(k, "target", r->targets[i].name);
    number(k, "weight", r->targets[i].weight);
  }
  for (int i = 0; i < r->n_avoid; i++) {
    text(k, "avoid", r->avoid[i].name);
    number(k, "weight", r->avoid[i].weight);
  }
  number(k, "others", r->others_weight);
  return key_muscles(w, k);
}

static PetscErrorCode key_scores(const Work *w, KeyText *k)
{
  const CaseLimits *l = &w->c->limits;
  if (w->c->rank) {
    PetscCall(key_goal(w, k, w->c->rank));
    text(k, "score", w->c->rank->score);
  }
  number(k, "total", l->total_mA);
  number(k, "step", l->step_mA);
  number(k, "smallest_width", l->smallest_width_us);
  number(k, "largest_width", l->largest_width_us);
  number(k, "sources", l->sources);
  number(k, "charge_density", l->charge_density_uC_per_cm2);
  number(k, "compliance", l->compliance_V);
  number(k, "contact", l->contact_mA);
  number(k, "shannon_k", l->shannon_k);
  return 0;
}

PetscErrorCode key_rank(const Work *w, KeyText *k)
{
  PetscCall(key_scores(w, k));
  for (int i = 0; w->sets && i < w->sets->n_set; i++)
    if (w->sets->set[i].control != SET_VOLTAGE) number(k, "amplitude", w->sets->set[i].amplitude_mA);
  return 0;
}

PetscErrorCode key_report(const Work *w, KeyText *k)
{
  static const char *const parts[] = {"page.css", "page.js", "dist/scene.js"};
  text(k, "name", w->c->name);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    char name[64], path[CAUDA_PATH_MAX], hex[65];
    snprintf(name, sizeof name, "../viewer/%s", parts[i]);
    if (!data_has(name, path)) continue;
    PetscCall(file_sha256(path, hex));
    text(k, parts[i], hex);
  }
  return 0;
}

PetscErrorCode key_sweep(const Work *w, KeyText *k)
{
  const CaseSweep *s = &w->c->sweep;
  PetscCall(key_model(w, k)); /* not of the case's own sets */
  PetscCall(key_scores(w, k));
  for (int i = 0; i < s->n_generate; i++) text(k, "generate", s->generate[i]);
  text(k, "sets", s->sets);
  if (s->sets) {
    char path[CAUDA_PATH_MAX];
    PetscCall(work_beside_case(w, s->sets, path));
    PetscCall(file(k, "sets", path));
  }
  for (int i = 0; i < s->n_widths; i++) number(k, "width", s->widths_us[i]);
  number(k, "step", s->step);
  number(k, "keep", s->keep);
  return 0;
}

PetscErrorCode key_search(const Work *w, KeyText *k)
{
  const CaseSearch *s = &w->c->search;
  PetscCall(key_model(w, k)); /* not of the case's own sets */
  PetscCall(key_scores(w, k));
  for (int i = 0; i < s->n_targets; i++) text(k, "target", s->targets[i]);
  number(k, "contacts", s->contacts);
  number(k, "step", s->step);
  return 0;
}

PetscErrorCode key_confidence(const Work *w, KeyText *k)
{
  const CaseConfidence *c = &w->c->confidence;
  number(k, "samples", c->samples);
  number(k, "meshes", c->meshes);
  number(k, "shift", c->shift_mm[0]);
  number(k, "shift", c->shift_mm[1]);
  number(k, "rotation", c->rotation_deg);
  number(k, "fat", c->fat_mm);
  number(k, "csf", c->csf_mm);
  number(k, "gap", c->gap_mm);
  text(k, "conductivities", c->conductivities);
  if (strchr(c->conductivities, '/') || strstr(c->conductivities, ".csv"))
    return files(k, "conductivities", w->c->folder, c->conductivities);
  return own_files(k, "uncertainty");
}
