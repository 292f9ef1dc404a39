/* Cord and dura as closed tubes: their cross-sections are seen whole from their middle, so rings of points found along
 * rays give smooth surfaces of a few thousand triangles. */
#include "scene_pack.h"
#include "scene_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AROUND = 48 };
static const double slice_mm = 1.5, reach_mm = 40.0, closest_mm = 0.02;

typedef struct {
  size_t n_point, n_tri;
  float (*xyz)[3];
  uint32_t (*tri)[3];
} Shell;

static double distance(const Scene *s, Tissue shape, const double p[3])
{
  double d[TISSUE_COUNT], lead;
  scene_distances(s, p, d, &lead);
  return fmax(d[shape], d[TISSUE_OUTSIDE]);
}

/* How far the shape reaches from c in a direction within the slice. */
static double ray(const Scene *s, Tissue shape, const double c[3], double angle)
{
  double in = 0.0, out = 0.0, p[3] = {c[0], c[1], c[2]};
  while (out < reach_mm) {
    p[0] = c[0] + out * cos(angle), p[1] = c[1] + out * sin(angle);
    double d = distance(s, shape, p);
    if (d > 0.0) break;
    in = out;
    out += fmax(-0.7 * d, 0.2);
  }
  while (out - in > closest_mm) {
    double r = 0.5 * (in + out);
    p[0] = c[0] + r * cos(angle), p[1] = c[1] + r * sin(angle);
    *(distance(s, shape, p) > 0.0 ? &out : &in) = r;
  }
  return 0.5 * (in + out);
}

/* A ring about c; moves c to the ring's middle. */
static void ring(const Scene *s, Tissue shape, double c[3], float (*xyz)[3])
{
  double middle[2] = {0.0, 0.0};
  for (int i = 0; i < AROUND; i++) {
    double angle = 2.0 * M_PI * i / AROUND, r = ray(s, shape, c, angle);
    xyz[i][0] = (float)(c[0] + r * cos(angle)), xyz[i][1] = (float)(c[1] + r * sin(angle)), xyz[i][2] = (float)c[2];
    middle[0] += xyz[i][0] / AROUND, middle[1] += xyz[i][1] / AROUND;
  }
  c[0] = middle[0], c[1] = middle[1];
}

/* The cord's axis at a height; beyond its ends, that of the end. */
static void axis_at(const Anatomy *a, double z, double c[3])
{
  int i = 0;
  while (i + 1 < a->n_axis && a->axis[3 * (i + 1) + 2] < z) i++;
  c[0] = a->n_axis ? a->axis[3 * i] : a->axis_xy[0];
  c[1] = a->n_axis ? a->axis[3 * i + 1] : a->axis_xy[1];
  c[2] = z;
}

static void add_tri(Shell *h, size_t a, size_t b, size_t c)
{
  h->tri[h->n_tri][0] = (uint32_t)a, h->tri[h->n_tri][1] = (uint32_t)b, h->tri[h->n_tri][2] = (uint32_t)c;
  h->n_tri++;
}

/* Joins the last two rings; the first ring of a piece and its last are closed by a fan (AROUND points of its own, so
 * that shading does not round the edge, would be too many: the fan shares them). */
static void join(Shell *h)
{
  size_t upper = h->n_point - AROUND, lower = upper - AROUND;
  for (size_t i = 0; i < AROUND; i++) {
    size_t j = (i + 1) % AROUND;
    add_tri(h, lower + i, lower + j, upper + j);
    add_tri(h, lower + i, upper + j, upper + i);
  }
}

static void cap(Shell *h, bool upward)
{
  size_t first = h->n_point - AROUND;
  for (size_t i = 1; i + 1 < AROUND; i++) add_tri(h, first, first + (upward ? i : i + 1), first + (upward ? i + 1 : i));
}

static void fill(const Scene *s, Tissue shape, Shell *h)
{
  const Anatomy *a = s->anatomy;
  const int n = (int)floor((a->seen_z_max - a->seen_z_min) / slice_mm);
  bool open = false;
  double at[3] = {0.0, 0.0, 0.0};
  for (int k = 0; k <= n; k++) {
    double z = a->seen_z_min + slice_mm * k, c[3];
    axis_at(a, z, c);
    if (open && distance(s, shape, (double[]){at[0], at[1], z}) < 0.0) c[0] = at[0], c[1] = at[1];
    bool inside = distance(s, shape, c) < -0.2;
    if (inside) {
      float first[AROUND][3];
      ring(s, shape, c, first); /* about the slice's own middle the points lie more evenly */
      ring(s, shape, c, h->xyz + h->n_point);
      h->n_point += AROUND;
      if (open)
        join(h);
      else
        cap(h, false);
      v3_copy(c, at);
    } else if (open) {
      cap(h, true);
    }
    open = inside;
  }
  if (open) cap(h, true);
}

static PetscErrorCode add_shell(const Scene *s, Tissue shape, const char *name, Shell *h, json_object *list)
{
  json_object *one = json_object_new_object(), *points, *triangles;
  json_object_array_add(list, one);
  json_object_object_add(one, "name", json_object_new_string(name));
  fill(s, shape, h);
  PetscCall(pack_f32(h->xyz[0], 3 * h->n_point, &points));
  json_object_object_add(one, "points", points);
  PetscCall(pack_u32(h->tri[0], 3 * h->n_tri, &triangles));
  json_object_object_add(one, "triangles", triangles);
  return 0;
}

static PetscErrorCode make_shell(const Scene *s, Tissue shape, const char *name, json_object *list)
{
  const Anatomy *a = s->anatomy;
  const size_t rings = (size_t)floor((a->seen_z_max - a->seen_z_min) / slice_mm) + 1;
  Shell h = {0};
  PetscErrorCode ierr = mem_alloc(rings * AROUND, sizeof *h.xyz, &h.xyz);
  if (!ierr) ierr = mem_alloc(rings * 4 * AROUND, sizeof *h.tri, &h.tri);
  if (!ierr) ierr = add_shell(s, shape, name, &h, list);
  free(h.xyz), free(h.tri);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode scene_shells(const Scene *s, json_object *list)
{
  PetscCall(make_shell(s, TISSUE_WHITE, "cord", list));
  PetscCall(make_shell(s, TISSUE_DURA, "dura", list));
  return 0;
}
