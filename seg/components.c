/* Connected pieces of masks, by flooding. */
#include "components.h"

#include <stdlib.h>
#include <string.h>

/* Voxels still to be visited. */
typedef struct {
  size_t n, room;
  size_t *at;
} Stack;

static PetscErrorCode push(Stack *s, size_t at)
{
  PetscCall(mem_grow(s->n + 1, sizeof *s->at, &s->room, &s->at));
  s->at[s->n++] = at;
  return 0;
}

static PetscErrorCode flood(const uint8_t *mask, const int n[3], size_t start, int32_t number, int32_t *piece, Stack *s,
                            size_t *size)
{
  const size_t sy = (size_t)n[0], sz = sy * (size_t)n[1];
  piece[start] = number;
  PetscCall(push(s, start));
  while (s->n) {
    const size_t at = s->at[--s->n];
    const int x = (int)(at % sy), y = (int)(at % sz / sy), z = (int)(at / sz);
    ++*size;
    for (int k = z > 0 ? z - 1 : 0; k <= z + 1 && k < n[2]; k++)
      for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < n[1]; j++)
        for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < n[0]; i++) {
          const size_t to = (size_t)k * sz + (size_t)j * sy + (size_t)i;
          if (!mask[to] || piece[to]) continue;
          piece[to] = number;
          PetscCall(push(s, to));
        }
  }
  return 0;
}

static PetscErrorCode label_all(const uint8_t *mask, const int n[3], int32_t *piece, int *n_piece, size_t **size,
                                Stack *s)
{
  const size_t total = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
  size_t room = 0;
  *n_piece = 0;
  PetscCall(mem_grow(1, sizeof **size, &room, size));
  (*size)[0] = 0;
  memset(piece, 0, total * sizeof *piece);
  for (size_t i = 0; i < total; i++) {
    if (!mask[i] || piece[i]) continue;
    PetscCall(mem_grow((size_t)*n_piece + 2, sizeof **size, &room, size));
    (*size)[++*n_piece] = 0;
    PetscCall(flood(mask, n, i, *n_piece, piece, s, &(*size)[*n_piece]));
  }
  return 0;
}

PetscErrorCode components_label(const uint8_t *mask, const int n[3], int32_t *piece, int *n_piece, size_t **size)
{
  Stack s = {0};
  *size = NULL;
  const PetscErrorCode ierr = label_all(mask, n, piece, n_piece, size, &s);
  free(s.at);
  if (ierr) {
    free(*size);
    *size = NULL;
  }
  return ierr;
}

/* Marks in kept[] the pieces that stay. */
static void choose(const uint8_t *seed, size_t total, const int32_t *piece, int n_piece, const size_t *size,
                   uint8_t *kept)
{
  int largest = 0;
  for (int p = 1; p <= n_piece; p++)
    if (size[p] > size[largest]) largest = p;
  if (!seed) kept[largest] = 1;
  for (size_t i = 0; seed && i < total; i++)
    if (seed[i]) kept[piece[i]] = 1;
  kept[0] = 1;
}

PetscErrorCode components_keep(uint8_t *mask, const uint8_t *seed, const int n[3], int *n_removed,
                               size_t *voxels_removed)
{
  const size_t total = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
  int n_piece = 0;
  int32_t *piece = NULL;
  size_t *size = NULL;
  uint8_t *kept = NULL;
  PetscErrorCode ierr = mem_alloc(total, sizeof *piece, &piece);
  *n_removed = 0, *voxels_removed = 0;
  if (!ierr) ierr = components_label(mask, n, piece, &n_piece, &size);
  if (!ierr) ierr = mem_alloc((size_t)n_piece + 1, 1, &kept);
  if (!ierr) {
    choose(seed, total, piece, n_piece, size, kept);
    for (int p = 1; p <= n_piece; p++)
      if (!kept[p]) ++*n_removed, *voxels_removed += size[p];
    for (size_t i = 0; i < total; i++) mask[i] = mask[i] && kept[piece[i]];
  }
  free(piece), free(size), free(kept);
  return ierr;
}

/* reached: 1 for background that the border reaches; pushes a pixel once. */
static PetscErrorCode reach(const uint8_t *slice, uint8_t *reached, size_t at, Stack *s)
{
  if (slice[at] || reached[at]) return 0;
  reached[at] = 1;
  return push(s, at);
}

static PetscErrorCode fill_slice(uint8_t *slice, const int n[2], uint8_t *reached, Stack *s, size_t *n_filled)
{
  const size_t w = (size_t)n[0], h = (size_t)n[1];
  memset(reached, 0, w * h);
  for (size_t i = 0; i < w; i++) {
    PetscCall(reach(slice, reached, i, s));
    PetscCall(reach(slice, reached, (h - 1) * w + i, s));
  }
  for (size_t j = 0; j < h; j++) {
    PetscCall(reach(slice, reached, j * w, s));
    PetscCall(reach(slice, reached, j * w + w - 1, s));
  }
  while (s->n) {
    const size_t at = s->at[--s->n], x = at % w, y = at / w;
    if (x > 0) PetscCall(reach(slice, reached, at - 1, s));
    if (x + 1 < w) PetscCall(reach(slice, reached, at + 1, s));
    if (y > 0) PetscCall(reach(slice, reached, at - w, s));
    if (y + 1 < h) PetscCall(reach(slice, reached, at + w, s));
  }
  for (size_t i = 0; i < w * h; i++)
    if (!slice[i] && !reached[i]) slice[i] = 1, ++*n_filled;
  return 0;
}

PetscErrorCode components_fill_slices(uint8_t *mask, const int n[3], size_t *n_filled)
{
  const size_t slice = (size_t)n[0] * (size_t)n[1];
  uint8_t *reached = NULL;
  Stack s = {0};
  PetscErrorCode ierr = mem_alloc(slice, 1, &reached);
  for (int k = 0; !ierr && k < n[2]; k++) ierr = fill_slice(mask + slice * (size_t)k, n, reached, &s, n_filled);
  free(reached), free(s.at);
  return ierr;
}
