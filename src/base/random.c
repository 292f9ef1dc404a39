/* Random numbers: xoshiro256++ seeded through splitmix64.
 * Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021) 36. */
#include "cauda/base.h"

#include <math.h>

static uint64_t splitmix_next(uint64_t *x)
{
  uint64_t z = *x += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

Rng rng_seed(uint64_t seed, uint64_t stream)
{
  /* Both numbers are mixed before they meet, so that (1, 2) and (2, 1) or (1, 1) and (0, 2) differ. */
  uint64_t a = seed, b = stream ^ 0x6a09e667f3bcc909u;
  uint64_t x = splitmix_next(&a) ^ (splitmix_next(&b) << 1 | 1u);
  Rng r;
  for (int i = 0; i < 4; i++) r.s[i] = splitmix_next(&x);
  return r;
}

static uint64_t rotate_left(uint64_t x, int k) { return x << k | x >> (64 - k); }

uint64_t rng_next(Rng *r)
{
  uint64_t *s = r->s, result = rotate_left(s[0] + s[3], 23) + s[0], t = s[1] << 17;
  s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

double rng_uniform(Rng *r) { return (double)(rng_next(r) >> 11) * 0x1p-53; }

double rng_normal(Rng *r)
{
  double u = 1.0 - rng_uniform(r), v = rng_uniform(r); /* u in (0, 1] */
  return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}
