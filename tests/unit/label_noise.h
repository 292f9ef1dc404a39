/* Label volumes that no one would draw: blobs, checkerboards, single voxels, sheets, noise, nothing at all; by seed. */
#ifndef CAUDA_TESTS_LABEL_NOISE_H
#define CAUDA_TESTS_LABEL_NOISE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/base.h"

/* 1 cord, 2 csf, 3 grey, 4 dura, 5 fat, 6 bone, 10 and 11 the roots L1_L and L1_R. */
typedef struct {
  int n[3];
  double affine[3][4];
  int16_t *v;  /* [n2][n1][n0], owned by the caller */
  int n_label; /* how many of the labels may occur */
} NoiseVolume;

static inline int16_t noise_label(Rng *r, const NoiseVolume *o)
{
  static const int16_t labels[] = {0, 1, 2, 3, 4, 5, 6, 10, 11};
  return labels[rng_next(r) % (uint64_t)o->n_label];
}

static inline void noise_blob(Rng *r, NoiseVolume *o, int16_t label)
{
  const double size = 0.5 + 0.5 * rng_uniform(r) * o->n[0],
               c[3] = {rng_uniform(r) * o->n[0], rng_uniform(r) * o->n[1], rng_uniform(r) * o->n[2]};
  int16_t *v = o->v;
  for (int k = 0; k < o->n[2]; k++)
    for (int j = 0; j < o->n[1]; j++)
      for (int i = 0; i < o->n[0]; i++, v++)
        if (hypot(hypot(i - c[0], j - c[1]), k - c[2]) < size) *v = label;
}

static inline void noise_checkers(Rng *r, NoiseVolume *o)
{
  const int p = 1 + (int)(rng_next(r) % 3);
  const int16_t a = noise_label(r, o), b = noise_label(r, o);
  int16_t *v = o->v;
  for (int k = 0; k < o->n[2]; k++)
    for (int j = 0; j < o->n[1]; j++)
      for (int i = 0; i < o->n[0]; i++, v++) *v = (i / p + j / p + k / p) % 2 ? a : b;
}

static inline void noise_sheet(Rng *r, NoiseVolume *o, int16_t label)
{
  const int axis = (int)(rng_next(r) % 3), at = (int)(rng_next(r) % (uint64_t)o->n[axis]);
  int16_t *v = o->v;
  for (int k = 0; k < o->n[2]; k++)
    for (int j = 0; j < o->n[1]; j++)
      for (int i = 0; i < o->n[0]; i++, v++) {
        const int x[3] = {i, j, k};
        if (x[axis] == at) *v = label;
      }
}

/* Rings about the middle: a cord in a sac, and whatever lies about them. */
static inline void noise_body(Rng *r, NoiseVolume *o)
{
  const double cord = rng_uniform(r) * 0.3 * o->n[0], sac = cord + rng_uniform(r) * 0.3 * o->n[0],
               lean = rng_normal(r) * 0.2;
  int16_t *v = o->v;
  for (int k = 0; k < o->n[2]; k++)
    for (int j = 0; j < o->n[1]; j++)
      for (int i = 0; i < o->n[0]; i++, v++) {
        const double d = hypot(i - 0.5 * o->n[0] - lean * (k - 0.5 * o->n[2]), j - 0.5 * o->n[1]);
        if (d < sac) *v = d < 0.4 * cord ? 3 : d < cord ? 1 : 2;
      }
}

static inline void noise_specks(Rng *r, NoiseVolume *o, double share)
{
  const size_t total = (size_t)o->n[0] * (size_t)o->n[1] * (size_t)o->n[2];
  for (size_t i = 0; i < total; i++)
    if (rng_uniform(r) < share) o->v[i] = noise_label(r, o);
}

static inline void noise_affine(Rng *r, NoiseVolume *o)
{
  const double angle = rng_normal(r) * 0.3, c = cos(angle), s = sin(angle), wide = 0.2 + 1.8 * rng_uniform(r);
  const double step[3] = {wide, wide * (0.7 + 0.6 * rng_uniform(r)), rng_next(r) % 3 ? wide : 1 + 6 * rng_uniform(r)};
  const double turn[3][3] = {{c, -s, 0}, {s, c, 0}, {0, 0, 1}}, sign = rng_next(r) % 2 ? 1 : -1;
  for (int e = 0; e < 3; e++) {
    for (int k = 0; k < 3; k++) o->affine[e][k] = turn[e][k] * step[k] * (k == 0 ? sign : 1);
    o->affine[e][3] = 100 * rng_normal(r);
  }
}

/* noise_volume: volume number `seed`. */
static inline PetscErrorCode noise_volume(uint64_t seed, NoiseVolume *o)
{
  Rng r = rng_seed(seed, 77);
  for (int e = 0; e < 3; e++) o->n[e] = 1 + (int)(rng_next(&r) % 36);
  noise_affine(&r, o);
  o->n_label = rng_next(&r) % 4 ? 7 : 9; /* without roots, mostly */
  PetscCall(mem_alloc((size_t)o->n[0] * (size_t)o->n[1] * (size_t)o->n[2], sizeof *o->v, &o->v));
  if (rng_next(&r) % 2) noise_body(&r, o);
  const int layers = (int)(rng_next(&r) % 6);
  for (int i = 0; i < layers; i++) switch (rng_next(&r) % 5) {
    case 0: noise_blob(&r, o, noise_label(&r, o)); break;
    case 1: noise_sheet(&r, o, noise_label(&r, o)); break;
    case 2: noise_specks(&r, o, 0.02); break;
    case 3: noise_specks(&r, o, i ? 0.001 : 0.9); break;
    default:
      if (i == 0) noise_checkers(&r, o);
    }
  return 0;
}

#endif
