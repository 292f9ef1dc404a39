/* Two label images on one grid, with labels numbered alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/case.h"
#include "cauda/vec3.h"
#include "labels.h"
#include "measure_impl.h"

enum { LABELS_MAX = 10000 };
static const double WHOLE = 1e-3;

void label_pair_destroy(LabelPair **p)
{
  if (!*p) return;
  free((*p)->name), free((*p)->a), free((*p)->b);
  free(*p);
  *p = NULL;
}

static size_t voxels(const int n[3]) { return (size_t)n[0] * (size_t)n[1] * (size_t)n[2]; }

/* Values of a map of probabilities become 0 and 1. */
static void harden(Image *im)
{
  const size_t total = voxels(im->n);
  size_t i = 0;
  while (i < total && fabs((double)im->v[i] - rint((double)im->v[i])) <= WHOLE) i++;
  const bool soft = i < total;
  for (i = 0; i < total; i++) im->v[i] = soft ? (float)(im->v[i] > 0.5f) : rintf(im->v[i]);
  if (soft) say_note("%s: has values that are not whole; what is above 0.5 counts as inside", im->path);
}

/* With a table, values become 1 + the first entry of the same structure, 0 for what is ignored. */
static PetscErrorCode read_values(const char *path, const SegCompareOptions *o, const LabelTable *t, Image **out)
{
  PetscCall(image_read(path, o->orientation, o->units, out));
  if (!t) {
    harden(*out);
    return image_reorient(*out);
  }
  PetscCall(label_values(*out, t, o->table));
  for (size_t i = 0; i < voxels((*out)->n); i++) {
    const int entry = (int)(*out)->v[i] - 1;
    int same = 0;
    if (entry < 0) continue;
    while (strcmp(t->labels[same].structure, t->labels[entry].structure)) same++;
    (*out)->v[i] = strcmp(t->labels[entry].structure, "ignore") ? (float)(same + 1) : 0.0f;
  }
  return image_reorient(*out);
}

/* ---- labels ---- */

/* Values that occur, ascending. */
typedef struct {
  int n;
  float value[LABELS_MAX + 1];
} Values;

static int place_of(const Values *s, float value)
{
  int lo = 0, hi = s->n;
  while (lo < hi) {
    const int mid = (lo + hi) / 2;
    if (s->value[mid] < value)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static PetscErrorCode add_values(const Image *im, Values *s)
{
  float last = 0.0f;
  for (size_t i = 0; i < voxels(im->n); i++) {
    const float value = im->v[i];
    if (value == last || value == 0.0f) continue;
    last = value;
    const int at = place_of(s, value);
    if (at < s->n && s->value[at] == value) continue;
    PetscCheck(s->n < LABELS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: holds more than %d different values; expected a label map", im->path, (int)LABELS_MAX);
    memmove(s->value + at + 1, s->value + at, (size_t)(s->n - at) * sizeof *s->value);
    s->value[at] = value;
    s->n++;
  }
  return 0;
}

static PetscErrorCode number_labels(const Image *im, const Values *s, uint16_t **out)
{
  float last = 0.0f;
  uint16_t number = 0;
  PetscCall(mem_alloc(voxels(im->n), sizeof **out, out));
  for (size_t i = 0; i < voxels(im->n); i++) {
    if (im->v[i] != last) {
      last = im->v[i];
      number = last == 0.0f ? 0 : (uint16_t)(1 + place_of(s, last));
    }
    (*out)[i] = number;
  }
  return 0;
}

static PetscErrorCode name_labels(const Values *s, const LabelTable *t, LabelPair *p)
{
  p->n_label = s->n;
  PetscCall(mem_alloc((size_t)s->n, sizeof *p->name, &p->name));
  for (int l = 0; l < s->n; l++) {
    if (t)
      snprintf(p->name[l], sizeof p->name[l], "%s", t->labels[(int)s->value[l] - 1].structure);
    else
      snprintf(p->name[l], sizeof p->name[l], "%.0f", (double)s->value[l]);
  }
  return 0;
}

/* ---- sides ---- */

/* The middle of the cord in each slice, in voxels along i; where it is not labelled, that of the nearest slice. */
static PetscErrorCode cord_middle(const Image *cord, double *middle)
{
  const size_t width = (size_t)cord->n[0], slice = width * (size_t)cord->n[1];
  int last = -1;
  for (int k = 0; k < cord->n[2]; k++) {
    double sum = 0.0, n = 0.0;
    for (size_t i = 0; i < slice; i++)
      if (cord->v[slice * (size_t)k + i] > 0.5f) sum += (double)(i % width), n += 1.0;
    if (n == 0.0) continue;
    middle[k] = sum / n;
    for (int q = last + 1; q < k; q++) middle[q] = last >= 0 && q - last <= k - q ? middle[last] : middle[k];
    last = k;
  }
  PetscCheck(last >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: no voxel lies above 0.5; expected a mask of the cord", cord->path);
  for (int q = last + 1; q < cord->n[2]; q++) middle[q] = middle[last];
  return 0;
}

static void split(const int n[3], const double *middle, uint16_t *label)
{
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++, label++)
        if (*label) *label = (uint16_t)(2 * *label - (i < middle[k]));
}

static PetscErrorCode name_sides(LabelPair *p)
{
  char(*name)[CAUDA_NAME_MAX] = NULL;
  PetscCall(mem_alloc(2 * (size_t)p->n_label, sizeof *name, &name));
  for (int l = 0; l < 2 * p->n_label; l++)
    snprintf(name[l], sizeof name[l], "%.*s_%c", CAUDA_NAME_MAX - 3, p->name[l / 2], l % 2 ? 'R' : 'L');
  free(p->name);
  p->name = name;
  p->n_label *= 2;
  return 0;
}

static PetscErrorCode split_sides(const Image *grid, const SegCompareOptions *o, LabelPair *p)
{
  Image *cord = NULL;
  double *middle = NULL;
  PetscErrorCode ierr = image_read(o->cord, o->orientation, o->units, &cord);
  if (!ierr) ierr = image_reorient(cord);
  if (!ierr) ierr = image_check_same_grid(grid, cord);
  if (!ierr) ierr = mem_alloc((size_t)cord->n[2], sizeof *middle, &middle);
  if (!ierr) ierr = cord_middle(cord, middle);
  if (!ierr) {
    split(p->n, middle, p->a), split(p->n, middle, p->b);
    ierr = name_sides(p);
  }
  free(middle);
  image_destroy(&cord);
  return ierr;
}

static PetscErrorCode fill_pair(const Image *a, const Image *b, const LabelTable *t, Values *s, LabelPair *p)
{
  PetscCall(image_check_same_grid(a, b));
  PetscCall(add_values(a, s));
  PetscCall(add_values(b, s));
  PetscCheck(s->n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s and %s: nothing is labelled in either", a->path, b->path);
  memcpy(p->n, a->n, sizeof p->n);
  memcpy(p->affine, a->affine, sizeof p->affine);
  for (int c = 0; c < 3; c++) {
    const double column[3] = {a->affine[0][c], a->affine[1][c], a->affine[2][c]};
    p->step[c] = v3_norm(column);
  }
  PetscCall(name_labels(s, t, p));
  PetscCall(number_labels(a, s, &p->a));
  return number_labels(b, s, &p->b);
}

PetscErrorCode label_pair_read(const char *path_a, const char *path_b, const SegCompareOptions *o, LabelPair **out)
{
  LabelTable *t = NULL;
  Image *a = NULL, *b = NULL;
  Values *s = NULL;
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = mem_alloc(1, sizeof *s, &s);
  if (!ierr && o->table) ierr = label_table_read(o->table, o->folder ? o->folder : "", &t);
  if (!ierr) ierr = read_values(path_a, o, t, &a);
  if (!ierr) ierr = read_values(path_b, o, t, &b);
  if (!ierr) ierr = fill_pair(a, b, t, s, *out);
  image_destroy(&b);
  if (!ierr && o->cord) ierr = split_sides(a, o, *out);
  image_destroy(&a);
  label_table_destroy(&t);
  free(s);
  if (ierr) label_pair_destroy(out);
  return ierr;
}
