#include "gate_table.h"

#include <math.h>
#include <stdlib.h>

/* Rates far outside the range of nerve are those at its ends: near strong anodes they would overflow. */
static const double low_mV = -200.0, high_mV = 150.0, rows_per_mV = 10.0;

static void gate_values(const Gates *g, double v_mV, double dt_ms, double value[2 * GATES])
{
  for (int i = 0; i < GATES; i++) {
    double opening = gate_rate(&g->opening[i], v_mV), rate = opening + gate_rate(&g->closing[i], v_mV);
    value[i] = exp(-dt_ms * rate);
    value[GATES + i] = (1.0 - value[i]) * opening / rate;
  }
}

static void flux_values(const SennModel *m, double v_mV, double value[4])
{
  const double out[2] = {m->sodium_out_mM, m->potassium_out_mM}, in[2] = {m->sodium_in_mM, m->potassium_in_mM};
  const double h = 1e-3;
  for (int i = 0; i < 2; i++) {
    value[2 * i] = senn_flux(m, v_mV, out[i], in[i]);
    value[2 * i + 1] = (senn_flux(m, v_mV + h, out[i], in[i]) - senn_flux(m, v_mV - h, out[i], in[i])) / (2.0 * h);
  }
}

static void rises(double *table, int n, int width)
{
  for (int i = 0; i + 1 < n; i++)
    for (int k = 0; k < width; k++)
      table[(2 * i + 1) * width + k] = table[2 * (i + 1) * width + k] - table[2 * i * width + k];
}

PetscErrorCode gate_table_create(const AxonModel *m, double dt_ms, GateTable **out)
{
  int n = (int)lround((high_mV - low_mV) * rows_per_mV) + 1;
  size_t wide = GATE_ROW + (m->kind == AXON_SENN ? FLUX_ROW : 0);
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  GateTable *t = *out;
  PetscErrorCode error = mem_alloc((size_t)n * wide * sizeof(double) + GATE_TABLE_ALIGN, 1, &t->block);
  if (error) {
    gate_table_destroy(out);
    return error;
  }
  t->n = n;
  t->low_mV = low_mV - axon_rest_mV(m);
  t->per_mV = rows_per_mV;
  t->gate = (double *)(((uintptr_t)t->block + GATE_TABLE_ALIGN - 1) / GATE_TABLE_ALIGN * GATE_TABLE_ALIGN);
  if (m->kind == AXON_SENN) t->flux = t->gate + (size_t)n * GATE_ROW;
  for (int i = 0; i < n; i++) {
    double v = low_mV + i / rows_per_mV;
    gate_values(axon_gates(m), v, dt_ms, t->gate + (size_t)i * GATE_ROW);
    if (t->flux) flux_values(&m->senn, v, t->flux + (size_t)i * FLUX_ROW);
  }
  rises(t->gate, n, GATE_ROW / 2);
  if (t->flux) rises(t->flux, n, FLUX_ROW / 2);
  return 0;
}

void gate_table_destroy(GateTable **t)
{
  if (!*t) return;
  free((*t)->block);
  free(*t);
  *t = NULL;
}
