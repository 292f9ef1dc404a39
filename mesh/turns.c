/* Hilbert's curve. */
#include "turns.h"

#include <stdlib.h>

#include "cauda/vec3.h"

enum { BITS = 16, PIECE = 4096 };

/* Number of a cell along Hilbert's curve. Source: J. Skilling, "Programming the Hilbert curve", AIP Conf. Proc. 707 (2004)
 * 381. */
static uint64_t hilbert(uint32_t c[3])
{
  uint32_t flip = 0;
  for (uint32_t q = 1U << (BITS - 1); q > 1; q >>= 1)
    for (int i = 0; i < 3; i++) {
      const uint32_t swap = c[i] & q ? 0 : (c[0] ^ c[i]) & (q - 1);
      if (c[i] & q) c[0] ^= q - 1;
      c[0] ^= swap, c[i] ^= swap;
    }
  c[1] ^= c[0], c[2] ^= c[1];
  for (uint32_t q = 1U << (BITS - 1); q > 1; q >>= 1)
    if (c[2] & q) flip ^= q - 1;
  uint64_t key = 0;
  for (int i = 0; i < 3; i++) c[i] ^= flip;
  for (int b = BITS - 1; b >= 0; b--)
    for (int i = 0; i < 3; i++) key = key << 1 | (c[i] >> b & 1U);
  return key;
}

typedef struct {
  Turn *turn;
  int n;
  const double (*x)[3];
  const TurnBox *box;
} Keying;

static void key_piece(void *context, int piece, int thread)
{
  const Keying *w = context;
  (void)thread;
  for (int i = piece * PIECE; i < (piece + 1) * PIECE && i < w->n; i++) {
    const double *p = w->x[w->turn[i].point];
    uint32_t c[3];
    for (int k = 0; k < 3; k++) c[k] = (uint32_t)((p[k] - w->box->lo[k]) / w->box->side * ((1 << BITS) - 1));
    w->turn[i].key = hilbert(c);
  }
}

void turns_key(Turn *t, int n, const double (*x)[3], const TurnBox *box, Team *team)
{
  Keying w = {t, n, x, box};
  team_run(team, (n + PIECE - 1) / PIECE, key_piece, &w);
}

static int by_key(const void *a, const void *b)
{
  const Turn *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->point < y->point ? -1 : x->point > y->point;
}

void turns_sort(Turn *t, int n)
{
  if (n) qsort(t, (size_t)n, sizeof *t, by_key);
}

void turns_box(const Turn *t, int n, const double (*x)[3], TurnBox *out)
{
  double hi[3] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
  v3_set(out->lo, HUGE_VAL, HUGE_VAL, HUGE_VAL);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 3; k++) {
      const double at = x[t[i].point][k];
      out->lo[k] = lesser(out->lo[k], at), hi[k] = greater(hi[k], at);
    }
  out->side = 1e-9;
  for (int k = 0; k < 3; k++) out->side = greater(out->side, hi[k] - out->lo[k]);
}

void turns_shuffle(Turn *t, int n, Rng *rng)
{
  for (int i = n - 1; i > 0; i--) {
    const int j = (int)(rng_next(rng) % (uint64_t)(i + 1));
    const Turn swap = t[i];
    t[i] = t[j], t[j] = swap;
  }
}
