/* confidence: the ranking anew under draws of what is uncertain. A draw of conductivities is a solution on a mesh that is
 * there; the lead's position and the thickness of fat and CSF are drawn for each mesh but the first, which is the case's own. */
#include "ranks.h"
#include "stages.h"

#include "cauda/confidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LATERAL, ROSTRAL, ROTATION, FAT, GAP, CSF, GEOMETRY }; /* parameters of a mesh */
static const double tolerance_least = 1e-6;                   /* of the field: scores need no more */

typedef struct {
  Work *w;
  TissueRanges *ranges;
  int n_draw, n_mesh, n_set;
  double *u, *u_mesh;        /* [n_draw][ranges->n], [n_mesh][GEOMETRY] in 0..1 */
  double *score;             /* [n_draw][n_set] */
  double geometry[GEOMETRY]; /* of the mesh at hand: what it differs by */
  FILE *log;
} Task;

/* ---- a case that differs ------------------------------------------------------------------------------------------------- */

/* Takes what it shares with the case from it: only its own tissues and paddle are to be freed. */
static PetscErrorCode case_copy(const Case *c, Case *out)
{
  *out = *c;
  out->tissues = NULL, out->paddle = NULL;
  PetscCall(mem_alloc((size_t)c->n_tissues, sizeof *out->tissues, &out->tissues));
  memcpy(out->tissues, c->tissues, (size_t)c->n_tissues * sizeof *out->tissues);
  if (c->paddle) {
    PetscCall(mem_alloc(1, sizeof *out->paddle, &out->paddle));
    *out->paddle = *c->paddle;
  }
  out->field.tolerance = fmax(out->field.tolerance, tolerance_least);
  return 0;
}

static void case_copy_free(Case *c) { free(c->tissues), free(c->paddle); }

static double symmetric(double u, double range) { return (2.0 * u - 1.0) * range; }

static void draw_geometry(Task *t, const double *u, Case *c)
{
  const CaseConfidence *range = &c->confidence;
  const double most[] = {range->shift_mm[0], range->shift_mm[1], range->rotation_deg, range->fat_mm};
  for (int i = LATERAL; i <= FAT; i++) t->geometry[i] = symmetric(u[i], most[i]);
  t->geometry[GAP] = u[GAP] * range->gap_mm;
  t->geometry[CSF] = symmetric(u[CSF], range->csf_mm);
  if (c->anatomy.phantom) t->geometry[FAT] = 0.0; /* the phantom brings its own */
  c->paddle->offset_mm[0] += t->geometry[LATERAL], c->paddle->offset_mm[1] += t->geometry[ROSTRAL];
  c->paddle->rotation_deg += t->geometry[ROTATION], c->paddle->gap_mm += t->geometry[GAP];
  c->anatomy.csf_wider_mm = t->geometry[CSF];
  c->anatomy.surround.epidural_fat_mm = fmax(0.2, c->anatomy.surround.epidural_fat_mm + t->geometry[FAT]);
}

static double draw_value(const TissueRange *r, double u)
{
  return r->low_S_per_m * pow(r->high_S_per_m / r->low_S_per_m, u);
}

/* Single roots that have values of their own keep them. */
static void draw_conductivities(const Task *t, int draw, Case *c)
{
  for (int k = 0; k < t->ranges->n; k++) {
    const TissueRange *r = &t->ranges->range[k];
    double v = draw_value(r, t->u[draw * t->ranges->n + k]);
    for (int i = 0; i < c->n_tissues; i++) {
      TissueEntry *e = &c->tissues[i];
      if (strcmp(e->name, r->tissue)) continue;
      if (r->quantity == QUANTITY_SIGMA) e->sigma_S_per_m = v;
      if (r->quantity == QUANTITY_LONGITUDINAL) e->longitudinal_S_per_m = v;
      if (r->quantity == QUANTITY_TRANSVERSE) e->transverse_S_per_m = v;
    }
  }
}

/* ---- one draw -------------------------------------------------------------------------------------------------------------- */

static void log_draw(const Task *t, int draw)
{
  fprintf(t->log, "%d", draw + 1);
  for (int i = 0; i < GEOMETRY; i++) fprintf(t->log, ",%.6g", t->geometry[i]);
  for (int k = 0; k < t->ranges->n; k++)
    fprintf(t->log, ",%.6g", draw_value(&t->ranges->range[k], t->u[draw * t->ranges->n + k]));
  for (int i = 0; i < t->n_set; i++) {
    double v = t->score[draw * t->n_set + i];
    if (isfinite(v))
      fprintf(t->log, ",%.6g", v);
    else
      fputc(',', t->log);
  }
  fputc('\n', t->log);
}

static PetscErrorCode score_draw(Task *t, Work *v, int draw)
{
  ThresholdTable *table = NULL;
  Ranking *r = NULL;
  PetscErrorCode ierr = sets_resolve(v->sets, v->field);
  if (!ierr) ierr = thresholds_of_sets(v, v->sets, &table);
  if (!ierr) ierr = rank_sets(v->c, v->lead, v->sets, table, v->field->impedance, &r);
  for (int i = 0; i < t->n_set && !ierr; i++)
    t->score[draw * t->n_set + r->row[i].set] = r->row[i].limit[0] ? -HUGE_VAL : r->row[i].score;
  if (!ierr) log_draw(t, draw);
  ranking_destroy(&r);
  thresholds_destroy(&table);
  return ierr;
}

static PetscErrorCode solve_and_score(Task *t, Work *v, int draw)
{
  double *sigma;
  const FieldOptions o = field_options(&v->c->field);
  PetscCall(conductivity_assign(v->c, v->anatomy, v->mesh, &sigma));
  PetscErrorCode ierr = ranks_solve(v->mesh, sigma, &o, &v->field);
  free(sigma);
  if (!ierr) ierr = score_draw(t, v, draw);
  lead_field_destroy(&v->field);
  fiber_response_destroy(&v->response);
  return ierr;
}

static PetscErrorCode one_draw(Task *t, Work *v, int draw)
{
  Case c;
  const Case *kept = v->c;
  PetscErrorCode ierr = case_copy(kept, &c);
  if (!ierr) {
    draw_conductivities(t, draw, &c);
    v->c = &c;
    say_progress("confidence: draw %d of %d", draw + 1, t->n_draw);
    ierr = solve_and_score(t, v, draw);
    v->c = (Case *)kept;
  }
  case_copy_free(&c);
  return ierr;
}

/* ---- one mesh -------------------------------------------------------------------------------------------------------------- */

/* What a draw has in common with the run: small tables, read already. */
static Work work_like(const Work *w, Case *c)
{
  Work v = {.args = w->args, .c = c, .lead = w->lead, .populations = w->populations, .sets = w->sets};
  memcpy(v.input, w->input, sizeof v.input);
  memcpy(v.out, w->out, sizeof v.out);
  return v;
}

static PetscErrorCode draws_on(Task *t, Work *v, int mesh)
{
  for (int d = mesh; d < t->n_draw; d += t->n_mesh) PetscCall(one_draw(t, v, d));
  return 0;
}

/* The case's own mesh, fibres and all: borrowed. */
static PetscErrorCode on_own_mesh(Task *t)
{
  Work *w = t->w;
  PetscCall(work_scene(w));
  PetscCall(work_mesh(w));
  PetscCall(work_fibers(w));
  Work v = work_like(w, w->c);
  v.anatomy = w->anatomy, v.scene = w->scene, v.mesh = w->mesh, v.fibers = w->fibers;
  memset(t->geometry, 0, sizeof t->geometry);
  PetscErrorCode ierr = draws_on(t, &v, 0);
  mesh_locator_destroy(&v.locator);
  return ierr;
}

static PetscErrorCode on_new_mesh(Task *t, int mesh)
{
  Case c;
  PetscErrorCode ierr = case_copy(t->w->c, &c);
  Work v = work_like(t->w, &c);
  if (!ierr) {
    draw_geometry(t, t->u_mesh + mesh * GEOMETRY, &c);
    say_progress("confidence: mesh %d of %d", mesh + 1, t->n_mesh);
    ierr = work_scene(&v);
  }
  if (!ierr) ierr = mesh_make(&c, v.scene, &v.mesh);
  if (!ierr) ierr = work_fibers(&v);
  if (!ierr) ierr = draws_on(t, &v, mesh);
  fibers_destroy(&v.fibers);
  work_drop_mesh(&v);
  scene_destroy(&v.scene);
  anatomy_destroy(&v.anatomy);
  case_copy_free(&c);
  return ierr;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------- */

static PetscErrorCode draw_all(Task *t)
{
  const uint64_t seed = (uint64_t)t->w->c->fibers.seed;
  PetscCall(tissue_ranges_read(t->w->c, &t->ranges));
  PetscCall(mem_alloc((size_t)t->n_draw * (size_t)t->ranges->n, sizeof *t->u, &t->u));
  PetscCall(mem_alloc((size_t)t->n_mesh * GEOMETRY, sizeof *t->u_mesh, &t->u_mesh));
  PetscCall(mem_alloc((size_t)t->n_draw * (size_t)t->n_set, sizeof *t->score, &t->score));
  PetscCall(latin_hypercube(t->n_draw, t->ranges->n, seed, t->u));
  return latin_hypercube(t->n_mesh, GEOMETRY, seed + 1, t->u_mesh);
}

static void log_header(const Task *t)
{
  static const char *const quantity[] = {"", "_longitudinal", "_transverse"};
  fputs("draw,lateral_mm,rostral_mm,rotation_deg,fat_mm,gap_mm,csf_mm", t->log);
  for (int k = 0; k < t->ranges->n; k++)
    fprintf(t->log, ",%s%s_S_per_m", t->ranges->range[k].tissue, quantity[t->ranges->range[k].quantity]);
  for (int i = 0; i < t->n_set; i++) fprintf(t->log, ",%s", t->w->sets->set[i].name);
  fputc('\n', t->log);
}

/* The draws, each in the log as soon as it is done. */
static PetscErrorCode look(const void *what, FILE *s)
{
  Task *t = *(Task *const *)what;
  t->log = s;
  log_header(t);
  PetscCall(on_own_mesh(t));
  for (int m = 1; m < t->n_mesh; m++) PetscCall(on_new_mesh(t, m));
  return 0;
}

static PetscErrorCode look_and_log(Task *t)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(t->w, "confidence_samples.csv", path));
  return file_write(path, look, &t);
}

static PetscErrorCode tell(Task *t, const Ranking *nominal)
{
  ConfidenceRow *rows;
  char path[CAUDA_PATH_MAX], sentence[1024];
  PetscCall(confidence_rows(nominal, t->n_draw, t->score, &rows));
  PetscErrorCode ierr = work_path(t->w, "confidence.csv", path);
  if (!ierr) ierr = confidence_write_csv(nominal, rows, path);
  confidence_sentence(nominal, rows, t->n_draw, sentence, sizeof sentence);
  if (!ierr) ierr = report_set_confidence(t->w->report, nominal, rows, t->n_draw, sentence);
  free(rows);
  return ierr;
}

static PetscErrorCode run(Task *t)
{
  Ranking *nominal = NULL;
  Work *w = t->w;
  PetscCall(work_thresholds(w));
  PetscCall(work_field(w));
  PetscCall(rank_sets(w->c, w->lead, w->sets, w->thresholds, w->field->impedance, &nominal));
  t->n_set = nominal->n;
  PetscErrorCode ierr = draw_all(t);
  if (!ierr) ierr = look_and_log(t);
  if (!ierr) ierr = sets_resolve(w->sets, w->field); /* as the case has it */
  if (!ierr) ierr = tell(t, nominal);
  ranking_destroy(&nominal);
  return ierr;
}

PetscErrorCode stage_confidence(Work *w)
{
  const CaseConfidence *c = &w->c->confidence;
  Task t = {.w = w, .n_draw = c->samples, .n_mesh = w->c->anatomy.mesh ? 1 : c->meshes};
  PetscCall(work_need_sets(w, "the confidence of a ranking"));
  PetscErrorCode ierr = run(&t);
  tissue_ranges_destroy(&t.ranges);
  free(t.u), free(t.u_mesh), free(t.score);
  return ierr;
}
