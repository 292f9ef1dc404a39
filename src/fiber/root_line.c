#include "cauda/vec3.h"
#include "route.h"

#include <math.h>
#include <stdlib.h>

static const double beyond_dura_mm = 5.0;
static const double off_end_mm = 0.3; /* kept from the domain's flat ends */

static bool in_domain(const Anatomy *a, const double p[3])
{
  return p[2] > a->z_min + off_end_mm && p[2] < a->z_max - off_end_mm;
}

/* Index where the fibres begin: from the entry outward, until 5 mm beyond the dura or the domain's end. */
static int first_point(const Anatomy *a, const Chain *line, int entry)
{
  double beyond = 0.0;
  int i = entry;
  for (; i > 0 && beyond < beyond_dura_mm; i--) {
    const double *p = line->xyz + 3 * (size_t)i;
    if (!in_domain(a, p - 3)) break;
    if (anatomy_distance(a, TISSUE_DURA, p) > 0.0) beyond += sqrt(v3_distance2(p, p - 3));
  }
  return i;
}

static void project_out(const double t[3], double u[3])
{
  v3_axpy(u, -v3_dot(u, t), t, u);
  v3_normalise(u);
}

static void any_across(const double t[3], double u[3])
{
  v3_set(u, fabs(t[0]) < 0.9, fabs(t[0]) >= 0.9, 0.0);
  project_out(t, u);
}

/* Carries the frame at point `from` to point `to` without a twist: the part along the new direction is taken out. */
static void carry(RootLine *l, int from, int to)
{
  double t[3];
  chain_direction(&l->line, to, t);
  v3_copy(l->across[from][0], l->across[to][0]);
  project_out(t, l->across[to][0]);
  v3_cross(t, l->across[to][0], l->across[to][1]);
}

static void make_frames(const Anatomy *a, RootLine *l)
{
  double t[3], axis[3], *u = l->across[l->entry][0];
  const double *p = l->line.xyz + 3 * (size_t)l->entry;
  route_axis_at(a, p[2], axis);
  chain_direction(&l->line, l->entry, t);
  v3_sub(axis, p, u);
  project_out(t, u);
  if (v3_norm(u) < 0.5) any_across(t, u);
  v3_cross(t, u, l->across[l->entry][1]);
  for (int i = l->entry; i > 0; i--) carry(l, i, i - 1);
  for (int i = l->entry; i < l->line.n - 1; i++) carry(l, i, i + 1);
}

static int nearest_point(const Chain *c, const double p[3])
{
  int best = 0;
  for (int i = 1; i < c->n; i++)
    if (v3_distance2(c->xyz + 3 * (size_t)i, p) < v3_distance2(c->xyz + 3 * (size_t)best, p)) best = i;
  return best;
}

static void drop_before(RootLine *l, int first)
{
  for (int i = first; i < l->line.n; i++) {
    v3_copy(l->line.xyz + 3 * (size_t)i, l->line.xyz + 3 * (size_t)(i - first));
    l->radius[i - first] = l->radius[i];
  }
  l->line.n -= first;
  l->entry -= first;
}

static PetscErrorCode build(const Anatomy *a, RootLine *l)
{
  const Root *r = l->root;
  Chain given = {.n = r->n, .xyz = r->xyz};
  PetscCall(chain_resample(&given, route_step_mm, r->radius, &l->line, &l->radius));
  chain_smooth(&l->line, 4, route_bend_mm);
  l->entry = nearest_point(&l->line, r->xyz + 3 * (size_t)r->entry);
  PetscCheck(in_domain(a, l->line.xyz + 3 * (size_t)l->entry), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "root %s: enters the cord at z = %.1f mm of the anatomy's frame, expected between %.1f and %.1f mm",
             r->name, l->line.xyz[3 * (size_t)l->entry + 2], a->z_min, a->z_max);
  drop_before(l, first_point(a, &l->line, l->entry));
  PetscCheck(l->line.n >= 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "root %s: found %.1f mm of it within the domain, expected at least 1 mm", r->name,
             route_step_mm * (l->line.n - 1));
  PetscCall(mem_alloc((size_t)l->line.n, sizeof *l->across, &l->across));
  make_frames(a, l);
  return 0;
}

PetscErrorCode root_line_create(const Anatomy *a, const Root *root, RootLine **out)
{
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  (*out)->root = root;
  PetscErrorCode error = build(a, *out);
  if (error) root_line_destroy(out);
  return error;
}

void root_line_destroy(RootLine **l)
{
  if (!*l) return;
  chain_free(&(*l)->line);
  free((*l)->radius), free((*l)->across);
  free(*l);
  *l = NULL;
}
