/* Points of one neighbourhood. */
#include "four_points.h"
#include "sample.h"

void near_add(Near *near, const double p[3], int on)
{
  if (near->n == NEAR_MAX) return;
  near->x[near->n] = (float)p[0], near->y[near->n] = (float)p[1], near->z[near->n] = (float)p[2];
  near->on[near->n++] = (int16_t)on;
}

bool near_crowded(Near *near, const double p[3], int on, double own, double other)
{
  const float at[3] = {(float)p[0], (float)p[1], (float)p[2]};
  for (int i = near->n; i % BLOCK; i++) near->x[i] = HUGE_VALF; /* whole fours */
  for (int i = 0; i < near->n; i += BLOCK) {
    const Floats d2 = distances2(at, near->x + i, near->y + i, near->z + i);
    if (four_crowded(d2, near->on + i, on, (float)(own * own), (float)(other * other))) return true;
  }
  return false;
}
