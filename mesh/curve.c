/* The order of a mesh's nodes, and of their unknowns: along a curve that fills space, so that what lies together in the body
 * lies together in memory, whoever made the mesh. Tetrahedra next to each other, and rows of the matrix, then meet the same
 * nodes, which the cache next to the core still has; and a piece of consecutive ones is a compact part of the body.
 * Source: Morton, A computer oriented geodetic data base and a new technique in file sequencing (1966). */
#include "cauda/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 11, CELLS = 1 << BITS, NODE_BITS = 31, AXES = 3 }; /* of the curve's cells along an axis */

/* Bit i goes to place 3 i. */
static uint64_t bits_spread(uint64_t v)
{
  uint64_t spread = 0;
  for (int i = 0; i < BITS; i++) spread |= (v >> i & 1) << (AXES * i);
  return spread;
}

static void box_find(const Mesh *m, double low[AXES], double *size)
{
  double high[AXES];
  for (int a = 0; a < AXES; a++) low[a] = INFINITY, high[a] = -INFINITY;
  for (size_t n = 0; n < (size_t)m->n_node; n++)
    for (int a = 0; a < AXES; a++) {
      double x = m->xyz[3 * n + a];
      low[a] = x < low[a] ? x : low[a], high[a] = x > high[a] ? x : high[a];
    }
  *size = 0.0;
  for (int a = 0; a < AXES; a++) *size = fmax(*size, high[a] - low[a]);
}

/* key [n_node]: a node's place on the curve, and in the lowest bits the node. */
static void keys_fill(const Mesh *m, const uint64_t *spread, uint64_t *key)
{
  double low[AXES], size;
  box_find(m, low, &size);
  double scale = size > 0.0 ? (CELLS - 0.5) / size : 0.0;
  for (size_t n = 0; n < (size_t)m->n_node; n++) {
    uint64_t at = 0;
    for (int a = 0; a < AXES; a++) at |= spread[(int)((m->xyz[3 * n + a] - low[a]) * scale)] << a;
    key[n] = at << NODE_BITS | n;
  }
}

/* By one digit of the place on the curve; what is equal keeps its order. */
static void sort_digit(size_t n, int digit, const uint64_t *in, uint64_t *out)
{
  size_t start[CELLS + 1] = {0};
  int shift = NODE_BITS + digit * BITS;
  for (size_t i = 0; i < n; i++) start[(in[i] >> shift & (CELLS - 1)) + 1]++;
  for (int c = 0; c < CELLS; c++) start[c + 1] += start[c];
  for (size_t i = 0; i < n; i++) out[start[in[i] >> shift & (CELLS - 1)]++] = in[i];
}

/* A mesh of ours lies along the curve already. */
static bool is_ascending(size_t n, const uint64_t *key)
{
  size_t i = 1;
  while (i < n && key[i - 1] <= key[i]) i++;
  return i >= n;
}

static PetscErrorCode order_find(const Mesh *m, uint64_t *key, uint64_t *other, NodeId **order)
{
  size_t n = (size_t)m->n_node;
  uint64_t spread[CELLS];
  for (int c = 0; c < CELLS; c++) spread[c] = bits_spread((uint64_t)c);
  keys_fill(m, spread, key);
  for (int digit = 0; digit < AXES && !is_ascending(n, key); digit++) {
    uint64_t *swap = key;
    sort_digit(n, digit, key, other);
    key = other, other = swap;
  }
  PetscCall(mem_alloc(n, sizeof **order, order));
  for (size_t i = 0; i < n; i++) (*order)[i] = (NodeId)(key[i] & (((uint64_t)1 << NODE_BITS) - 1));
  return 0;
}

PetscErrorCode mesh_curve_order(const Mesh *m, NodeId **order)
{
  uint64_t *key = NULL, *other = NULL;
  *order = NULL;
  PetscErrorCode ierr = mem_alloc((size_t)m->n_node, sizeof *key, &key);
  if (!ierr) ierr = mem_alloc((size_t)m->n_node, sizeof *other, &other);
  if (!ierr) ierr = order_find(m, key, other, order);
  free(key);
  free(other);
  return ierr;
}
