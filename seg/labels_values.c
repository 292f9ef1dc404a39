/* What the values of label maps mean. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

static const struct {
  char letter;
  int count, before;
} PARTS[] = {{'C', 8, 0}, {'T', 12, 8}, {'L', 5, 20}, {'S', 5, 25}};

int segment_order(const char *name)
{
  for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
    if (name[0] != PARTS[i].letter || !isdigit((unsigned char)name[1])) continue;
    char *end;
    const long k = strtol(name + 1, &end, 10);
    if (!*end && k >= 1 && k <= PARTS[i].count) return PARTS[i].before + (int)k - 1;
  }
  return -1;
}

const char *segment_name(int order, char name[8])
{
  int i = 3;
  while (i > 0 && order < PARTS[i].before) i--;
  snprintf(name, 8, "%c%d", PARTS[i].letter, (order - PARTS[i].before + 1) % 100);
  return name;
}

/* An entry of the table, to be found by its value. */
typedef struct {
  int value, index;
} Key;

static int by_value(const void *a, const void *b)
{
  const Key *p = a, *q = b;
  return (p->value > q->value) - (p->value < q->value);
}

static PetscErrorCode fail(const Image *im, size_t at, const char *table, double value)
{
  const int i = (int)(at % (size_t)im->n[0]), j = (int)(at / (size_t)im->n[0] % (size_t)im->n[1]);
  const int k = (int)(at / ((size_t)im->n[0] * (size_t)im->n[1]));
  double x[3];
  for (int r = 0; r < 3; r++)
    x[r] = im->affine[r][0] * i + im->affine[r][1] * j + im->affine[r][2] * k + im->affine[r][3];
  PetscCheck(fabs(value - rint(value)) <= 1e-3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the value %f at voxel (%d, %d, %d) is not a whole number, as those of a label map are; give "
             "probabilities as \"masks\", one file a structure",
             im->path, value, i, j, k);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
          "%s: the value %.0f at voxel (%d, %d, %d), RAS %.1f, %.1f, %.1f mm, has no entry in the label table \"%s\"; "
          "expected one (\"ignore\" will do)",
          im->path, value, i, j, k, x[0], x[1], x[2], table);
}

static PetscErrorCode replace(Image *im, const Key *keys, int n, const char *table)
{
  const size_t total = (size_t)im->n[0] * (size_t)im->n[1] * (size_t)im->n[2];
  float last = 0.0f, last_index = 0.0f;
  for (size_t i = 0; i < total; i++) {
    if (im->v[i] != last) {
      const double value = (double)im->v[i];
      const Key wanted = {fabs(value) < 2e9 ? (int)rint(value) : INT32_MIN, 0};
      const Key *found = bsearch(&wanted, keys, (size_t)n, sizeof *keys, by_value);
      if (fabs(value - rint(value)) > 1e-3 || (!found && wanted.value != 0)) return fail(im, i, table, value);
      last = im->v[i];
      last_index = wanted.value == 0 ? 0.0f : (float)(found->index + 1);
    }
    im->v[i] = last_index;
  }
  return 0;
}

PetscErrorCode label_values(Image *im, const LabelTable *t, const char *table)
{
  Key *keys = NULL;
  PetscCall(mem_alloc((size_t)t->n_labels, sizeof *keys, &keys));
  for (int i = 0; i < t->n_labels; i++) keys[i] = (Key){t->labels[i].value, i};
  qsort(keys, (size_t)t->n_labels, sizeof *keys, by_value);
  const PetscErrorCode ierr = replace(im, keys, t->n_labels, table);
  free(keys);
  return ierr;
}
