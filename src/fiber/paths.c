/* Draws the fibres of all roots. */
#include "cauda/fiber.h"
#include "cauda/vec3.h"
#include "route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double disc_share = 0.85; /* of the root's radius: fibres keep off its surface */

static uint64_t hash_name(uint64_t hash, const char *name)
{
  for (; *name; name++) hash = (hash ^ (uint64_t)(unsigned char)*name) * UINT64_C(1099511628211);
  return hash * UINT64_C(1099511628211);
}

/* A root's fibres depend on nothing but its segment and kind, and their class. Left and right draw the same numbers, and
 * the right one's places are mirrored: so a mirrored subject has mirrored fibres, and no ranking of sides is chance.
 * FNV-1a. */
static Rng root_rng(const Case *c, const Root *r, const FiberClass *class)
{
  uint64_t hash = hash_name(UINT64_C(14695981039346656037), r->segment);
  hash = hash_name(hash_name(hash, r->ventral ? "ventral" : "dorsal"), class->name);
  return rng_seed((uint64_t)c->fibers.seed, hash);
}

static bool belongs(const FiberClass *c, const Root *r) { return !strcmp(c->roots, r->ventral ? "ventral" : "dorsal"); }

/* Diameters beyond the population's limits are drawn again. The mean and deviation are those of the diameter itself
 * before that. */
static PetscErrorCode draw_diameter(const FiberClass *c, Rng *rng, double *diameter)
{
  bool lognormal = !strcmp(c->distribution, "lognormal");
  double variance = log1p(c->sd_um * c->sd_um / (c->mean_um * c->mean_um));
  for (int i = 0; i < 10000; i++) {
    double z = rng_normal(rng);
    *diameter = lognormal ? exp(log(c->mean_um) - 0.5 * variance + sqrt(variance) * z) : c->mean_um + c->sd_um * z;
    if (*diameter >= c->smallest_um && *diameter <= c->largest_um) return 0;
  }
  SETERRQ(
      PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "fibre class %s: found no diameter between %g and %g um in 10000 draws, expected a mean (%g um) and deviation "
      "(%g um) that give some",
      c->name, c->smallest_um, c->largest_um, c->mean_um, c->sd_um);
}

static RoutePlace draw_place(char side, Rng *rng)
{
  double r = disc_share * sqrt(rng_uniform(rng)), angle = 6.283185307179586 * rng_uniform(rng);
  double share = 0.35 + 0.3 * rng_uniform(rng), depth_mm = 0.5 + 0.5 * rng_uniform(rng);
  return (RoutePlace){.across = {r * cos(angle), (side == 'R' ? -r : r) * sin(angle)},
                      .column_share = share,
                      .column_depth_mm = depth_mm};
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

static PetscErrorCode make_fiber(const Anatomy *a, const RootLine *l, const FiberClass *c, Rng *rng, FiberPath *out)
{
  Chain local;
  PetscCall(draw_diameter(c, rng, &out->diameter_um));
  out->node_phase = rng_uniform(rng);
  RoutePlace place = draw_place(l->root->side, rng);
  PetscCall(route_make(a, l, &place, &local, &out->entry_s));
  PetscErrorCode error = take_path(a, &local, out);
  chain_free(&local);
  return error;
}

static PetscErrorCode make_root(const Case *c, const Anatomy *a, int root, const FiberPopulations *p, FiberSet *f)
{
  RootLine *line = NULL;
  PetscCall(root_line_create(a, &a->root[root], &line));
  PetscErrorCode error = 0;
  for (int k = 0; k < p->n_classes && !error; k++) {
    const FiberClass *class = &p->classes[k];
    if (!belongs(class, line->root)) continue;
    Rng rng = root_rng(c, line->root, class);
    for (int i = 0; i < c->fibers.per_root && !error; i++) {
      FiberPath *path = &f->fiber[f->n_fiber++];
      path->root = root, path->fiber_class = k;
      error = make_fiber(a, line, class, &rng, path);
    }
  }
  root_line_destroy(&line);
  return error;
}

static int count_fibers(const Case *c, const Anatomy *a, const FiberPopulations *p)
{
  int n = 0;
  for (int r = 0; r < a->n_root; r++)
    for (int k = 0; k < p->n_classes; k++) n += belongs(&p->classes[k], &a->root[r]) ? c->fibers.per_root : 0;
  return n;
}

static PetscErrorCode name_roots(const Anatomy *a, FiberSet *f)
{
  PetscCall(mem_alloc((size_t)a->n_root, sizeof *f->root_name, &f->root_name));
  f->n_root = a->n_root;
  for (int i = 0; i < a->n_root; i++) snprintf(f->root_name[i], sizeof f->root_name[i], "%s", a->root[i].name);
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
  int n = count_fibers(c, a, p);
  *out = NULL;
  PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found no fibres to make: %d roots, %d classes, fibers.per_root %d; expected a root with a class of its "
             "kind (dorsal or ventral)",
             a->n_root, p->n_classes, c->fibers.per_root);
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode error = mem_alloc((size_t)n, sizeof *(*out)->fiber, &(*out)->fiber);
  for (int r = 0; r < a->n_root && !error; r++) error = make_root(c, a, r, p, *out);
  if (!error) error = name_roots(a, *out);
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
