/* Draws the fibres of all roots. */
#include "cauda/fiber.h"
#include "cauda/vec3.h"
#include "draw.h"
#include "route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double disc_share = 0.85; /* of the root's radius: fibres keep off its surface */
static const double entry_reach_mm = 2.0;
static const char *const column_name[] = {"dorsal_column_L", "dorsal_column_R"};

const char *fiber_site_name(FiberSite s)
{
  static const char *const name[SITE_COUNT] = {"foramen", "root", "entry", "dorsal_column", "ventral_horn"};
  return name[s];
}

FiberSite fiber_site(const FiberPath *p, double s_mm)
{
  if (p->course == COURSE_COLUMN) return SITE_COLUMN;
  bool motor = p->course == COURSE_MOTOR;
  double inside = motor ? p->entry_s - s_mm : s_mm - p->entry_s; /* mm into the cord */
  if (fabs(inside) <= entry_reach_mm) return SITE_ENTRY;
  if (inside > 0.0) return motor ? SITE_HORN : SITE_COLUMN;
  return (motor ? s_mm > p->dura_s : s_mm < p->dura_s) ? SITE_FORAMEN : SITE_ROOT;
}

static uint64_t hash_name(uint64_t hash, const char *name)
{
  for (; *name; name++) hash = (hash ^ (uint64_t)(unsigned char)*name) * UINT64_C(1099511628211);
  return hash * UINT64_C(1099511628211);
}

/* A root's fibres depend on nothing but its segment and kind, and their class. Left and right draw the same numbers, and
 * the right one's places are mirrored: so a mirrored subject has mirrored fibres, and no ranking of sides is chance.
 * FNV-1a. */
static Rng class_rng(const Case *c, const char *segment, const FiberClass *class)
{
  uint64_t hash = hash_name(UINT64_C(14695981039346656037), segment);
  hash = hash_name(hash_name(hash, class->roots), class->name);
  return rng_seed((uint64_t)c->fibers.seed, hash);
}

static bool in_columns(const FiberClass *c) { return !strcmp(c->roots, "dorsal_column"); }
static bool belongs(const FiberClass *c, const Root *r) { return !strcmp(c->roots, r->ventral ? "ventral" : "dorsal"); }

static RoutePlace place_of(const FiberClass *c, const FiberDraw *d, char side)
{
  double r = disc_share * d->radius;
  return (RoutePlace){.across = {r * cos(d->angle), (side == 'R' ? -r : r) * sin(d->angle)},
                      .column_share = 0.35 + 0.3 * d->lateral,
                      .column_depth_mm = 0.5 + 0.5 * d->depth,
                      .column_mm = c->column_mm};
}

static PetscErrorCode take_path(const Anatomy *a, Chain *local, FiberPath *out)
{
  for (int i = 0; i < local->n; i++) rigid_apply(&a->world, local->xyz + 3 * (size_t)i, local->xyz + 3 * (size_t)i);
  PetscCall(mem_alloc((size_t)local->n, sizeof *out->s, &out->s));
  chain_lengths(local, out->s);
  out->n = local->n;
  out->xyz = local->xyz;
  *local = (Chain){0};
  return 0;
}

/* Fibre i of those that have just been drawn, along a root or (line NULL) in a column. */
static PetscErrorCode make_path(const Anatomy *a, const RootLine *line, char side, const FiberClass *c,
                                const FiberDraw *d, FiberPath *out)
{
  Chain local;
  RouteMarks marks = {0.0, -1.0};
  RoutePlace place = place_of(c, d, side);
  out->diameter_um = d->diameter_um, out->node_phase = d->node_phase;
  out->course = !line ? COURSE_COLUMN : line->root->ventral ? COURSE_MOTOR : COURSE_AFFERENT;
  if (line)
    PetscCall(route_make(a, line, &place, &local, &marks));
  else
    PetscCall(route_column(a, side, 0.05 + 0.85 * d->lateral, 0.2 + 1.8 * d->depth, &local));
  out->entry_s = marks.entry_s, out->dura_s = marks.dura_s;
  PetscErrorCode error = take_path(a, &local, out);
  chain_free(&local);
  return error;
}

/* A root or a column whose fibres are made: `root` in the set's names. */
typedef struct {
  const Case *c;
  const Anatomy *a;
  const RootLine *line; /* NULL: a column */
  int root;
  char side;
  const char *segment;
} Bundle;

static PetscErrorCode make_class(const Bundle *b, int class_index, const FiberClass *class, FiberSet *f)
{
  int n = b->c->fibers.per_root;
  FiberDraw *draw;
  Rng rng = class_rng(b->c, b->segment, class);
  PetscCall(mem_alloc((size_t)n, sizeof *draw, &draw));
  PetscErrorCode error = fiber_draws(class, n, &rng, draw);
  for (int i = 0; i < n && !error; i++) {
    FiberPath *path = &f->fiber[f->n_fiber++];
    path->root = b->root, path->fiber_class = class_index;
    error = make_path(b->a, b->line, b->side, class, &draw[i], path);
  }
  free(draw);
  return error;
}

static PetscErrorCode make_root(const Case *c, const Anatomy *a, int root, const FiberPopulations *p, FiberSet *f)
{
  RootLine *line = NULL;
  const Root *r = &a->root[root];
  PetscCall(root_line_create(a, r, &line));
  Bundle b = {c, a, line, root, r->side, r->segment};
  PetscErrorCode error = 0;
  for (int k = 0; k < p->n_classes && !error; k++)
    if (belongs(&p->classes[k], r)) error = make_class(&b, k, &p->classes[k], f);
  root_line_destroy(&line);
  return error;
}

static PetscErrorCode make_columns(const Case *c, const Anatomy *a, const FiberPopulations *p, FiberSet *f)
{
  for (int side = 0; side < 2; side++) {
    Bundle b = {c, a, NULL, a->n_root + side, "LR"[side], "column"};
    for (int k = 0; k < p->n_classes; k++)
      if (in_columns(&p->classes[k])) PetscCall(make_class(&b, k, &p->classes[k], f));
  }
  return 0;
}

int fibers_count(const Case *c, const Anatomy *a, const FiberPopulations *p)
{
  int n = 0;
  for (int k = 0; k < p->n_classes; k++) {
    if (in_columns(&p->classes[k])) n += 2;
    for (int r = 0; r < a->n_root; r++) n += belongs(&p->classes[k], &a->root[r]);
  }
  return n * c->fibers.per_root;
}

PetscErrorCode fibers_root_names(const Anatomy *a, const FiberPopulations *p, int *n, char (**name)[CAUDA_NAME_MAX])
{
  bool columns = false;
  for (int k = 0; k < p->n_classes; k++) columns |= in_columns(&p->classes[k]);
  *n = a->n_root + (columns ? 2 : 0);
  PetscCall(mem_alloc((size_t)*n + 1, sizeof **name, name));
  for (int i = 0; i < *n; i++)
    snprintf((*name)[i], sizeof(*name)[i], "%s", i < a->n_root ? a->root[i].name : column_name[i - a->n_root]);
  return 0;
}

void fiber_label(const FiberSet *f, int fiber, char label[CAUDA_NAME_MAX + 64])
{
  const FiberPath *p = &f->fiber[fiber];
  bool known = p->root >= 0 && p->root < f->n_root;
  snprintf(label, CAUDA_NAME_MAX + 64, "nerve fibre %d (%.1f um%s%s)", fiber, p->diameter_um, known ? ", " : "",
           known ? f->root_name[p->root] : "");
}

PetscErrorCode fibers_make(const Case *c, const Anatomy *a, const FiberPopulations *p, FiberSet **out)
{
  int n = fibers_count(c, a, p);
  *out = NULL;
  PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found no fibres to make: %d roots, %d classes, fibers.per_root %d; expected a root with a class of its "
             "kind (dorsal or ventral)",
             a->n_root, p->n_classes, c->fibers.per_root);
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode error = mem_alloc((size_t)n, sizeof *(*out)->fiber, &(*out)->fiber);
  for (int r = 0; r < a->n_root && !error; r++) error = make_root(c, a, r, p, *out);
  if (!error) error = make_columns(c, a, p, *out);
  if (!error) error = fibers_root_names(a, p, &(*out)->n_root, &(*out)->root_name);
  if (error) fibers_destroy(out);
  return error;
}

void fibers_destroy(FiberSet **f)
{
  if (!*f) return;
  for (int i = 0; i < (*f)->n_fiber; i++) free((*f)->fiber[i].xyz), free((*f)->fiber[i].s);
  free((*f)->fiber), free((*f)->root_name);
  free(*f);
  *f = NULL;
}
