/* Reading and checking the outlines of one structure. */
#include "outline_set.h"

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "local.h"
#include "loop.h"

/* How far a point may lie off its loop's plane, and how near two planes may be, mm. */
static const double FLAT_MM = 0.1, SAME_PLANE_MM = 0.05;
/* How far a loop's plane may be turned against the others. */
static const double TURNED_DEG = 1.0;

void outline_set_destroy(OutlineSet **s)
{
  if (!*s) return;
  for (int i = 0; i < (*s)->n; i++) markup_destroy(&(*s)->loop[i].markup), free((*s)->loop[i].xy);
  free((*s)->loop);
  free(*s);
  *s = NULL;
}

/* Normal (Newell's sum of cross products), area and the area's centroid of a closed polygon in space. */
static void measure(Outline *o)
{
  const Markup *m = o->markup;
  double sum[3] = {0, 0, 0}, total = 0.0;
  const double *base = m->xyz[0];
  for (int i = 1; i + 1 < m->n; i++) {
    double u[3], v[3], w[3];
    v3_sub(m->xyz[i], base, u), v3_sub(m->xyz[i + 1], base, v);
    v3_cross(u, v, w);
    v3_axpy(sum, 1.0, w, sum);
  }
  v3_copy(sum, o->normal);
  o->area = 0.5 * v3_normalise(o->normal);
  v3_set(o->centroid, 0, 0, 0);
  for (int i = 1; i + 1 < m->n; i++) {
    double u[3], v[3], w[3];
    v3_sub(m->xyz[i], base, u), v3_sub(m->xyz[i + 1], base, v);
    v3_cross(u, v, w);
    const double part = v3_dot(w, o->normal);
    total += part;
    v3_axpy(u, 1.0, v, u);
    v3_axpy(o->centroid, part / 3.0, u, o->centroid);
  }
  v3_scale(total > 0.0 ? 1.0 / total : 0.0, o->centroid);
  v3_axpy(base, 1.0, o->centroid, o->centroid);
}

static PetscErrorCode check_flat(const Outline *o)
{
  const Markup *m = o->markup;
  for (int i = 0; i < m->n; i++) {
    double d[3];
    v3_sub(m->xyz[i], o->centroid, d);
    const double off = fabs(v3_dot(d, o->normal));
    PetscCheck(off <= FLAT_MM, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: control point %d lies %.2f mm off the outline's plane, expected a flat outline (within %.1f mm)",
               m->path, i + 1, off, FLAT_MM);
  }
  return 0;
}

/* The polygon along the axis of space that its normal is nearest to; enough to find crossings. */
static PetscErrorCode check_simple(const Outline *o)
{
  const Markup *m = o->markup;
  double(*xy)[2] = NULL;
  int away = 0, i, j;
  for (int e = 1; e < 3; e++)
    if (fabs(o->normal[e]) > fabs(o->normal[away])) away = e;
  PetscCall(mem_alloc((size_t)m->n, sizeof *xy, &xy));
  for (int k = 0; k < m->n; k++) xy[k][0] = m->xyz[k][(away + 1) % 3], xy[k][1] = m->xyz[k][(away + 2) % 3];
  const bool crossing = loop_crossing(m->n, (const double(*)[2])xy, &i, &j);
  free(xy);
  PetscCheck(!crossing, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the outline crosses itself: the edge after control point %d meets the edge after control point %d",
             m->path, i + 1, j + 1);
  return 0;
}

/* Slicer lets a closed curve end where it began; a repeated point would look like a crossing. */
static void drop_repeated(Markup *m)
{
  int n = 0;
  for (int i = 0; i < m->n; i++)
    if (!n || v3_distance2(m->xyz[i], m->xyz[n - 1]) > 1e-12) v3_copy(m->xyz[i], m->xyz[n++]);
  while (n > 1 && v3_distance2(m->xyz[0], m->xyz[n - 1]) <= 1e-12) n--;
  m->n = n;
}

static PetscErrorCode read_loop(const char *path, const char *coordinates, Outline *o)
{
  PetscCall(markup_read(path, coordinates, &o->markup));
  Markup *m = o->markup;
  drop_repeated(m);
  PetscCheck(m->type == MARKUP_CLOSED_CURVE, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a markup of type %s, expected an outline that is closed (ClosedCurve)", path,
             markup_type_name(m->type));
  PetscCheck(m->n >= 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found an outline of %d control points, expected at least 3", path, m->n);
  measure(o);
  PetscCheck(o->area > 1e-3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found an outline that encloses %.4f mm2, expected an area", path, o->area);
  PetscCall(check_flat(o));
  return check_simple(o);
}

static PetscErrorCode read_all(const glob_t *files, const char *coordinates, OutlineSet *s)
{
  PetscCall(mem_alloc(files->gl_pathc, sizeof *s->loop, &s->loop));
  s->n = (int)files->gl_pathc;
  for (int i = 0; i < s->n; i++) PetscCall(read_loop(files->gl_pathv[i], coordinates, &s->loop[i]));
  PetscCheck(s->n >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found a single outline of the %s, expected at least 2", files->gl_pathv[0], s->what);
  return 0;
}

/* The folder's own name may hold characters that mean something in a pattern. */
static PetscErrorCode escape(const char *folder, char out[CAUDA_PATH_MAX])
{
  size_t n = 0;
  for (const char *c = folder; *c && n + 2 < CAUDA_PATH_MAX; c++) {
    if (strchr("*?[]\\", *c)) out[n++] = '\\';
    out[n++] = *c;
  }
  out[n] = 0;
  PetscCheck(n + 2 < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", folder);
  return 0;
}

PetscErrorCode outline_set_read(const char *what, const char *pattern, const char *input, const char *coordinates,
                                OutlineSet **out)
{
  char folder[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX];
  glob_t files = {0};
  PetscCall(escape(input, folder));
  PetscCall(path_join(folder, pattern, path));
  const int got = glob(path, 0, NULL, &files);
  PetscCheck(got == 0 || got == GLOB_NOMATCH, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s: the folder cannot be searched",
             path);
  PetscCheck(got == 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "no file matches the pattern \"%s\" of the %s's outlines in the folder %s", pattern, what, input);
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) {
    (*out)->what = what;
    ierr = read_all(&files, coordinates, *out);
  }
  globfree(&files);
  if (ierr) outline_set_destroy(out);
  return ierr;
}

static PetscErrorCode place_loop(Outline *o, const Rigid *world)
{
  const double axis[3] = {world->m[0][2], world->m[1][2], world->m[2][2]};
  const double turned = acos(fmin(fabs(v3_dot(axis, o->normal)), 1.0)) * 180.0 / M_PI;
  PetscCheck(turned <= TURNED_DEG, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found an outline whose plane is turned by %.1f deg against the others, expected parallel planes",
             o->markup->path, turned);
  PetscCall(mem_alloc((size_t)o->markup->n, sizeof *o->xy, &o->xy));
  o->n = o->markup->n;
  for (int i = 0; i < o->n; i++) {
    double p[3];
    local_point(world, o->markup->xyz[i], p);
    o->xy[i][0] = p[0], o->xy[i][1] = p[1];
  }
  local_point(world, o->centroid, o->centroid);
  return 0;
}

static int by_height(const void *a, const void *b)
{
  const double x = ((const Outline *)a)->centroid[2], y = ((const Outline *)b)->centroid[2];
  return (x > y) - (x < y);
}

static PetscErrorCode median_spacing(OutlineSet *s)
{
  double *gap = NULL;
  PetscCall(mem_alloc((size_t)s->n, sizeof *gap, &gap));
  for (int i = 0; i + 1 < s->n; i++) gap[i] = s->loop[i + 1].centroid[2] - s->loop[i].centroid[2];
  qsort(gap, (size_t)s->n - 1, sizeof *gap, by_number);
  s->spacing = gap[(s->n - 1) / 2];
  free(gap);
  return 0;
}

PetscErrorCode outline_set_place(OutlineSet *s, const Rigid *world)
{
  for (int i = 0; i < s->n; i++) PetscCall(place_loop(&s->loop[i], world));
  qsort(s->loop, (size_t)s->n, sizeof *s->loop, by_height);
  for (int i = 0; i + 1 < s->n; i++) {
    const Outline *a = &s->loop[i], *b = &s->loop[i + 1];
    PetscCheck(b->centroid[2] - a->centroid[2] > SAME_PLANE_MM, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s and %s: found two outlines of the %s in one plane, expected one a plane", a->markup->path,
               b->markup->path, s->what);
  }
  return median_spacing(s);
}
