/* Voxels that belong to some root, given to the root they are joined to by the shortest way. */
#include <math.h>
#include <stdlib.h>

#include "labels.h"

/* A voxel that a root has reached: waits in a heap, nearest first; of equals the one with the smaller index. */
typedef struct {
  double way; /* mm within the mask */
  size_t at;
  uint8_t root;
} Front;

typedef struct {
  size_t n, room;
  Front *f;
} Heap;

static bool before(const Front *a, const Front *b)
{
  if (a->way != b->way) return a->way < b->way;
  return a->at != b->at ? a->at < b->at : a->root < b->root;
}

static PetscErrorCode heap_push(Heap *h, Front f)
{
  PetscCall(mem_grow(h->n + 1, sizeof *h->f, &h->room, &h->f));
  size_t i = h->n++;
  for (; i > 0 && before(&f, &h->f[(i - 1) / 2]); i = (i - 1) / 2) h->f[i] = h->f[(i - 1) / 2];
  h->f[i] = f;
  return 0;
}

static Front heap_pop(Heap *h)
{
  const Front top = h->f[0], last = h->f[--h->n];
  size_t i = 0;
  for (size_t child = 1; child < h->n; child = 2 * i + 1) {
    if (child + 1 < h->n && before(&h->f[child + 1], &h->f[child])) child++;
    if (!before(&h->f[child], &last)) break;
    h->f[i] = h->f[child];
    i = child;
  }
  h->f[i] = last;
  return top;
}

/* Neighbours (corners included) of voxel `at` that wait for a root. */
static PetscErrorCode spread(const LabelVolume *v, const Front *from, uint8_t unknown, Heap *h)
{
  const size_t sy = (size_t)v->n[0], sz = sy * (size_t)v->n[1];
  const int x = (int)(from->at % sy), y = (int)(from->at % sz / sy), z = (int)(from->at / sz);
  for (int k = z > 0 ? z - 1 : 0; k <= z + 1 && k < v->n[2]; k++)
    for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < v->n[1]; j++)
      for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < v->n[0]; i++) {
        const size_t to = (size_t)k * sz + (size_t)j * sy + (size_t)i;
        const double dx = (i - x) * v->step[0], dy = (j - y) * v->step[1], dz = (k - z) * v->step[2];
        if (v->root_of[to] == unknown)
          PetscCall(heap_push(h, (Front){from->way + sqrt(dx * dx + dy * dy + dz * dz), to, from->root}));
      }
  return 0;
}

static PetscErrorCode flood(LabelVolume *v, uint8_t unknown, Heap *h, size_t *n_given)
{
  const size_t total = labels_voxels(v);
  for (size_t i = 0; i < total; i++)
    if (v->root_of[i] && v->root_of[i] != unknown) PetscCall(spread(v, &(Front){0.0, i, v->root_of[i]}, unknown, h));
  while (h->n) {
    const Front f = heap_pop(h);
    if (v->root_of[f.at] != unknown) continue;
    v->root_of[f.at] = f.root;
    ++*n_given;
    PetscCall(spread(v, &f, unknown, h));
  }
  return 0;
}

PetscErrorCode labels_flood_roots(LabelVolume *v, int unknown, size_t *n_given)
{
  Heap h = {0, 0, NULL};
  *n_given = 0;
  const PetscErrorCode ierr = flood(v, (uint8_t)(unknown + 1), &h, n_given);
  free(h.f);
  return ierr;
}
