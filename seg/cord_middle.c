/* The middle of the cord, slice by slice. */
#include "cord_middle.h"

#include <stdlib.h>

static bool centre_of_slice(const LabelVolume *v, const uint8_t *mask, int k, double at[2])
{
  const size_t width = (size_t)v->n[0], slice = width * (size_t)v->n[1];
  double n = 0.0;
  at[0] = at[1] = 0.0;
  for (size_t i = 0; i < slice; i++)
    if (mask[slice * (size_t)k + i]) at[0] += (double)(i % width), at[1] += (double)(i / width), n += 1.0;
  if (n > 0.0) at[0] /= n, at[1] /= n;
  return n > 0.0;
}

PetscErrorCode cord_middle_create(const LabelVolume *v, CordMiddle *m)
{
  double off[2] = {0, 0};
  *m = (CordMiddle){NULL, NULL};
  PetscCall(mem_alloc((size_t)v->n[2], sizeof *m->at, &m->at));
  PetscCall(mem_alloc((size_t)v->n[2], sizeof *m->cord, &m->cord));
  for (int k = v->n[2] - 1; k >= 0; k--) {
    double sac[2];
    const bool has_sac = centre_of_slice(v, v->mask[TISSUE_CSF], k, sac);
    m->cord[k] = centre_of_slice(v, v->mask[TISSUE_WHITE], k, m->at[k]);
    for (int e = 0; e < 2; e++) {
      if (m->cord[k] && has_sac)
        off[e] = m->at[k][e] - sac[e];
      else if (!m->cord[k])
        m->at[k][e] = has_sac ? sac[e] + off[e] : k + 1 < v->n[2] ? m->at[k + 1][e] : 0.5 * v->n[e];
    }
  }
  return 0;
}

void cord_middle_free(CordMiddle *m) { free(m->at), free(m->cord); }
