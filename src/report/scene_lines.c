/* Roots, contacts and firing sites of the page's scene. */
#include "scene_pack.h"
#include "scene_parts.h"

#include <math.h>
#include <stdlib.h>

/* ---- roots -------------------------------------------------------------------------------------------------------- */

static const double off_most_mm = 0.05, span_most_mm = 6.0;

/* Whether the points between two lie on the line that joins them. */
static bool is_straight(const Root *r, int from, int to)
{
  const double *a = r->xyz + 3 * from, *b = r->xyz + 3 * to, length2 = v3_distance2(a, b);
  if (length2 > span_most_mm * span_most_mm) return false;
  for (int i = from + 1; i < to; i++) {
    const double *p = r->xyz + 3 * i;
    double at[3], t = 0.0;
    for (int k = 0; k < 3; k++) t += (p[k] - a[k]) * (b[k] - a[k]) / length2;
    for (int k = 0; k < 3; k++) at[k] = a[k] + t * (b[k] - a[k]);
    if (v3_distance2(p, at) > off_most_mm * off_most_mm) return false;
    if (fabs((1.0 - t) * r->radius[from] + t * r->radius[to] - r->radius[i]) > off_most_mm) return false;
  }
  return true;
}

static void put_point(const Root *r, int i, float line[4])
{
  for (int k = 0; k < 3; k++) line[k] = (float)r->xyz[3 * i + k];
  line[3] = (float)r->radius[i];
}

/* No more points than the course needs, above a height: what is drawn in software is drawn by the triangle. */
static size_t thin_out(const Root *r, double lowest, float *line)
{
  size_t n = 0;
  int first = 0;
  while (first + 1 < r->n && r->xyz[3 * first + 2] < lowest) first++;
  put_point(r, first, line + 4 * n++);
  for (int last = first + 1, i = first + 2; last < r->n; last = i++) {
    if (i < r->n && is_straight(r, first, i)) continue;
    put_point(r, last, line + 4 * n++);
    first = last;
  }
  return n;
}

static PetscErrorCode add_root(const Anatomy *a, const Root *r, json_object *list)
{
  float *line;
  json_object *one = json_object_new_object(), *packed = NULL;
  json_object_array_add(list, one);
  json_object_object_add(one, "name", json_object_new_string(r->name));
  PetscCall(mem_alloc((size_t)r->n, 4 * sizeof *line, &line));
  PetscErrorCode ierr = pack_f32(line, 4 * thin_out(r, a->seen_z_min, line), &packed);
  free(line);
  PetscCall(ierr);
  json_object_object_add(one, "line", packed);
  return 0;
}

PetscErrorCode scene_roots(const Anatomy *a, json_object *list)
{
  for (int i = 0; i < a->n_root; i++) PetscCall(add_root(a, &a->root[i], list));
  return 0;
}

/* ---- the lead ----------------------------------------------------------------------------------------------------- */

/* Nodes of one group, numbered anew in `own` (-1: not yet). */
typedef struct {
  uint32_t *tri;
  float *xyz;
  int32_t *own;
  size_t n_tri, n_point;
} Faces;

static void take_faces(const Rigid *world, const Mesh *m, int group, Faces *f)
{
  for (TriId t = 0; t < m->n_tri; t++) {
    if (m->group[t] != group) continue;
    for (int k = 0; k < 3; k++) {
      NodeId node = m->tri[t][k];
      if (f->own[node] < 0) {
        double p[3];
        rigid_apply_inverse(world, m->xyz + 3 * (size_t)node, p);
        for (int i = 0; i < 3; i++) f->xyz[3 * f->n_point + (size_t)i] = (float)p[i];
        f->own[node] = (int32_t)f->n_point++;
      }
      f->tri[f->n_tri * 3 + (size_t)(2 - k)] = (uint32_t)f->own[node]; /* the tissue's outside is the lead's inside */
    }
    f->n_tri++;
  }
}

static PetscErrorCode pack_faces(const Rigid *world, const Mesh *m, int group, Faces *f, json_object *one)
{
  size_t n = 0;
  json_object *points, *triangles;
  for (TriId t = 0; t < m->n_tri; t++) n += m->group[t] == group;
  PetscCall(mem_alloc(3 * n, sizeof *f->tri, &f->tri));
  PetscCall(mem_alloc(9 * n, sizeof *f->xyz, &f->xyz));
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *f->own, &f->own));
  for (NodeId i = 0; i < m->n_node; i++) f->own[i] = -1;
  take_faces(world, m, group, f);
  PetscCall(pack_f32(f->xyz, 3 * f->n_point, &points));
  json_object_object_add(one, "points", points);
  PetscCall(pack_u32(f->tri, 3 * f->n_tri, &triangles));
  json_object_object_add(one, "triangles", triangles);
  return 0;
}

PetscErrorCode scene_lead(const Rigid *world, const Mesh *m, json_object *list)
{
  for (int g = 0; g < m->n_group; g++) {
    if (m->groups[g].kind == GROUP_RETURN) continue;
    Faces f = {0};
    json_object *one = json_object_new_object();
    json_object_array_add(list, one);
    json_object_object_add(one, "name", json_object_new_string(m->groups[g].name));
    json_object_object_add(one, "contact", json_object_new_boolean(m->groups[g].kind == GROUP_CONTACT));
    PetscErrorCode ierr = pack_faces(world, m, g, &f, one);
    free(f.tri), free(f.xyz), free(f.own);
    PetscCall(ierr);
  }
  return 0;
}

/* ---- firing sites ------------------------------------------------------------------------------------------------- */

static void path_at(const FiberPath *f, double s, double p[3])
{
  int i = 0;
  while (i + 2 < f->n && f->s[i + 1] < s) i++;
  double t = f->s[i + 1] > f->s[i] ? (s - f->s[i]) / (f->s[i + 1] - f->s[i]) : 0.0;
  for (int k = 0; k < 3; k++) p[k] = (1.0 - t) * f->xyz[3 * i + k] + t * f->xyz[3 * (i + 1) + k];
}

typedef struct {
  double origin[3], size[3]; /* mm, local */
} SiteBox;

static SiteBox box_of(const Rigid *world, const FiberSet *f)
{
  double lo[3] = {HUGE_VAL, HUGE_VAL, HUGE_VAL}, hi[3] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL}, p[3];
  SiteBox b;
  for (int i = 0; i < f->n_fiber; i++)
    for (int j = 0; j < f->fiber[i].n; j++) {
      rigid_apply_inverse(world, f->fiber[i].xyz + 3 * j, p);
      for (int k = 0; k < 3; k++) lo[k] = fmin(lo[k], p[k]), hi[k] = fmax(hi[k], p[k]);
    }
  for (int k = 0; k < 3; k++) b.origin[k] = lo[k], b.size[k] = fmax(hi[k] - lo[k], 1e-6);
  return b;
}

static void put_box(const SiteBox *b, json_object *out)
{
  json_object *origin = json_object_new_array(), *size = json_object_new_array();
  for (int k = 0; k < 3; k++) {
    json_object_array_add(origin, json_object_new_double(b->origin[k]));
    json_object_array_add(size, json_object_new_double(b->size[k]));
  }
  json_object_object_add(out, "origin_mm", origin);
  json_object_object_add(out, "size_mm", size);
}

static PetscErrorCode pack_sites(const Rigid *world, const FiberSet *f, const ThresholdTable *t, int set,
                                 const SiteBox *b, uint16_t *room, json_object **out)
{
  const size_t row = (size_t)set * (size_t)t->n_fiber;
  for (int i = 0; i < t->n_fiber; i++) {
    double p[3], local[3];
    for (int k = 0; k < 3; k++) room[3 * i + k] = 0;
    if (!isfinite(t->threshold_mA[row + (size_t)i]) || f->fiber[i].n < 2) continue;
    path_at(&f->fiber[i], t->site_s_mm[row + (size_t)i], p);
    rigid_apply_inverse(world, p, local);
    for (int k = 0; k < 3; k++)
      room[3 * i + k] = (uint16_t)lrint(fmin(1.0, fmax(0.0, (local[k] - b->origin[k]) / b->size[k])) * 65535.0);
  }
  return pack_u16(room, 3 * (size_t)t->n_fiber, out);
}

PetscErrorCode scene_sites(const Rigid *world, const FiberSet *f, const ThresholdTable *t, int n_set, const int *set,
                           json_object *box, json_object *list)
{
  uint16_t *room;
  PetscErrorCode ierr = 0;
  PetscCheck(f->n_fiber == t->n_fiber, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "the thresholds are of %d fibres, the case has %d: run the fibers stage again", t->n_fiber, f->n_fiber);
  const SiteBox b = box_of(world, f);
  PetscCall(mem_alloc((size_t)t->n_fiber, 3 * sizeof *room, &room));
  put_box(&b, box);
  for (int i = 0; i < n_set && !ierr; i++) {
    json_object *one = json_object_new_object(), *at = NULL;
    json_object_array_add(list, one);
    json_object_object_add(one, "name", json_object_new_string(t->set[set[i]]));
    ierr = pack_sites(world, f, t, set[i], &b, room, &at);
    json_object_object_add(one, "at", at);
  }
  free(room);
  PetscCall(ierr);
  return 0;
}
