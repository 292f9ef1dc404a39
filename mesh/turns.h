/* Private to mesh: the order in which points are set: at random, then along a curve that fills space. */
#ifndef CAUDA_MESH_TURNS_H
#define CAUDA_MESH_TURNS_H

#include "cauda/team.h"

typedef struct {
  uint64_t key; /* place along the curve */
  int point;
} Turn;

/* The cube in which the curve runs. */
typedef struct {
  double lo[3], side; /* mm */
} TurnBox;

/* turns_box: a cube about the points of n turns, x [n_point][3] mm.
 * turns_key: their keys, in threads. turns_sort: by key, then by point. turns_shuffle: in random order. */
void turns_box(const Turn *t, int n, const double (*x)[3], TurnBox *out);
void turns_key(Turn *t, int n, const double (*x)[3], const TurnBox *box, Team *team);
void turns_sort(Turn *t, int n);
void turns_shuffle(Turn *t, int n, Rng *rng);

#endif
