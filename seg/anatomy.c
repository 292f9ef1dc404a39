/* The anatomy as a whole: made, finished, asked. */
#include "cauda/anatomy.h"

#include <stdlib.h>
#include <string.h>

#include "distance_grid.h"
#include "root_index.h"

static const char *const TISSUE_NAMES[TISSUE_COUNT] = {"outside", "body",  "bone", "fat", "dura",
                                                       "csf",     "white", "grey", "root"};

/* Least layer between shapes that must not touch, mm: CSF between cord and dura, white matter about the grey. */
static const double LEAST_CSF_MM = 0.25, LEAST_WHITE_MM = 0.15;

const char *tissue_name(Tissue t) { return t >= 0 && t < TISSUE_COUNT ? TISSUE_NAMES[t] : "unknown"; }

Tissue tissue_from_name(const char *name)
{
  if (!strcmp(name, "cord")) return TISSUE_WHITE;
  for (int t = TISSUE_BODY; t < TISSUE_COUNT; t++)
    if (!strcmp(name, TISSUE_NAMES[t])) return (Tissue)t;
  return TISSUE_COUNT;
}

PetscErrorCode anatomy_create(Anatomy **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  for (int i = 0; i < 3; i++) (*out)->world.m[i][i] = 1.0;
  return 0;
}

void anatomy_destroy(Anatomy **a)
{
  if (!*a) return;
  for (int i = 0; i < (*a)->n_root; i++) free((*a)->root[i].xyz), free((*a)->root[i].radius);
  free((*a)->root);
  free((*a)->repair);
  free((*a)->axis);
  distance_grid_destroy(&(*a)->grid);
  root_index_destroy(&(*a)->index);
  free(*a);
  *a = NULL;
}

PetscErrorCode anatomy_repair_note(Anatomy *a, const char *what, int count, double largest_mm)
{
  if (!count) return 0;
  for (int i = 0; i < a->n_repair; i++) {
    Repair *r = &a->repair[i];
    if (strcmp(r->what, what)) continue;
    r->count += count;
    r->largest_mm = fmax(r->largest_mm, largest_mm);
    return 0;
  }
  Repair *grown = realloc(a->repair, sizeof *grown * (size_t)(a->n_repair + 1));
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for the list of repairs");
  a->repair = grown;
  Repair *r = &a->repair[a->n_repair++];
  memset(r, 0, sizeof *r);
  snprintf(r->what, sizeof r->what, "%s", what);
  r->count = count;
  r->largest_mm = largest_mm;
  return 0;
}

/* The inside of the dura holds the cord with a film of CSF about it, and the cord the grey matter, whatever the image
 * says: so the dura is whole and grey matter never lies bare. */
static PetscErrorCode nest_shapes(Anatomy *a)
{
  DistanceGrid *g = a->grid;
  const int csf = g->channel[TISSUE_CSF], white = g->channel[TISSUE_WHITE], grey = g->channel[TISSUE_GREY];
  const size_t n = (size_t)g->n[0] * (size_t)g->n[1] * (size_t)g->n[2], m = (size_t)g->n_channel;
  size_t n_csf = 0, n_grey = 0;
  double deepest_csf = 0.0, deepest_grey = 0.0;
  for (size_t i = 0; i < n; i++) {
    float *d = g->d + i * m;
    if (csf >= 0 && white >= 0 && (double)d[white] + -LEAST_CSF_MM < (double)d[csf]) {
      if ((double)d[white] < LEAST_CSF_MM && d[csf] > 0.0f) {
        n_csf++;
        deepest_csf = fmax(deepest_csf, LEAST_CSF_MM - (double)d[white]);
      }
      d[csf] = (float)((double)d[white] - LEAST_CSF_MM);
    }
    if (grey >= 0 && white >= 0 && (double)d[white] + LEAST_WHITE_MM > (double)d[grey]) {
      if (d[grey] < 0.0f) {
        n_grey++;
        deepest_grey = fmax(deepest_grey, (double)d[white] + LEAST_WHITE_MM);
      }
      d[grey] = (float)((double)d[white] + LEAST_WHITE_MM);
    }
  }
  PetscCall(anatomy_repair_note(a, "grid points where the dura was widened to hold the cord", (int)n_csf, deepest_csf));
  return anatomy_repair_note(a, "grid points of grey matter at or beyond the cord's surface", (int)n_grey,
                             deepest_grey);
}

static void slice_centroid(const DistanceGrid *g, int channel, int k, double c[2], double *area)
{
  double s[3] = {0, 0, 0};
  for (int j = 0; j < g->n[1]; j++)
    for (int i = 0; i < g->n[0]; i++) {
      const size_t at = ((size_t)k * (size_t)g->n[1] + (size_t)j) * (size_t)g->n[0] + (size_t)i;
      /* points near the border count in part, so that the centroid moves smoothly from slice to slice */
      const double d = (double)g->d[at * (size_t)g->n_channel + (size_t)channel];
      const double w = fmin(1.0, fmax(0.0, 0.5 - d / g->step[0]));
      s[0] += w, s[1] += w * i, s[2] += w * j;
    }
  *area = s[0] * g->step[0] * g->step[1];
  if (s[0] > 0.0)
    for (int e = 0; e < 2; e++) c[e] = g->origin[e] + g->step[e] * s[1 + e] / s[0];
}

/* The cord's centre line: centroids of the cord's sections, smoothed over +-4 mm, to both ends of the domain. */
static PetscErrorCode make_axis(Anatomy *a)
{
  const DistanceGrid *g = a->grid;
  const int white = g->channel[TISSUE_WHITE], reach = (int)ceil(4.0 / g->step[2]);
  double(*raw)[3] = NULL;
  int n = 0;
  PetscCall(mem_alloc((size_t)g->n[2], sizeof *raw, &raw));
  for (int k = 0; k < g->n[2]; k++) {
    double c[2] = {0, 0}, area;
    slice_centroid(g, white, k, c, &area);
    if (area > 0.25) v3_set(raw[n++], c[0], c[1], g->origin[2] + g->step[2] * k);
  }
  if (!n) {
    free(raw);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "the cord is empty: no section of it is larger than 0.25 mm2");
  }
  free(a->axis); /* of an earlier finish */
  a->axis = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)n + 2, 3 * sizeof(double), &a->axis);
  if (ierr) {
    free(raw);
    return ierr;
  }
  for (int i = 0; i < n; i++) {
    const int half = (int)fmin(reach, fmin(i, n - 1 - i));
    double *out = a->axis + 3 * (i + 1);
    for (int j = i - half; j <= i + half; j++) v3_axpy(out, 1.0 / (2 * half + 1), raw[j], out);
  }
  v3_set(a->axis, raw[0][0], raw[0][1], fmin(a->z_min, raw[0][2]) - 1.0);
  v3_set(a->axis + 3 * (n + 1), raw[n - 1][0], raw[n - 1][1], fmax(a->z_max, raw[n - 1][2]) + 1.0);
  a->n_axis = n + 2;
  free(raw);
  return 0;
}

static PetscErrorCode check_root(const Anatomy *a, const Root *r)
{
  const double *end = r->xyz + 3 * (r->n - 1);
  const double d = anatomy_distance(a, TISSUE_WHITE, end);
  PetscCheck(r->n >= 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "root %s has %d points; at least 2 are needed", r->name,
             r->n);
  PetscCheck(d < 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "root %s never reaches the cord: its last point (%.1f, %.1f, %.1f mm, local) ends %.2f mm from it",
             r->name, end[0], end[1], end[2], d);
  return 0;
}

PetscErrorCode anatomy_finish(Anatomy *a)
{
  const DistanceGrid *g = a->grid;
  PetscCheck(g && g->channel[TISSUE_CSF] >= 0 && g->channel[TISSUE_WHITE] >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the anatomy needs a cord and the CSF (or the dura's outline) about it");
  PetscCheck(a->z_max > a->z_min, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "the anatomy has no length: z %g to %g mm",
             a->z_min, a->z_max);
  PetscCall(nest_shapes(a));
  PetscCall(make_axis(a));
  for (int i = 0; i < a->n_root; i++) PetscCall(check_root(a, &a->root[i]));
  root_index_destroy(&a->index);
  return root_index_create(a, &a->index);
}

int anatomy_find_root(const Anatomy *a, const char *name)
{
  int found = -1;
  const size_t length = strlen(name);
  for (int i = 0; i < a->n_root; i++) {
    const char *r = a->root[i].name;
    if (!strcmp(r, name)) return i;
    if (!strncmp(r, name, length) && r[length] == '_') found = found == -1 ? i : -2;
  }
  return found;
}

void anatomy_region_name(const Anatomy *a, int region, char name[CAUDA_NAME_MAX])
{
  const bool root = region >= TISSUE_ROOT && region - TISSUE_ROOT < a->n_root;
  snprintf(name, CAUDA_NAME_MAX, "%s", root ? a->root[region - TISSUE_ROOT].name : tissue_name((Tissue)region));
}
