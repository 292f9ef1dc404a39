#include "axon.h"

#include <math.h>
#include <string.h>

PetscErrorCode axon_model_read(const char *model, const char *geometry, AxonModel *out)
{
  memset(out, 0, sizeof *out);
  out->kind = strcmp(model, "senn") ? AXON_MRG : AXON_SENN;
  if (out->kind == AXON_SENN) return senn_model_read(&out->senn);
  PetscCheck(!strcmp(model, "mrg") || !strcmp(model, "linear"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "fibers.model: found \"%s\", expected linear, mrg or senn", model);
  return mrg_model_read(geometry, "", &out->mrg);
}

const Gates *axon_gates(const AxonModel *m) { return m->kind == AXON_MRG ? &m->mrg.gates : &m->senn.gates; }
double axon_rest_mV(const AxonModel *m) { return m->kind == AXON_MRG ? m->mrg.rest_mV : m->senn.rest_mV; }

/* ---- the resting node ------------------------------------------------------------------------------------------ */

/* Current out of a node at v with gates x, through its channels only. */
static double channel_current(const AxonModel *m, const Axon *a, const double x[GATES], double v_mV)
{
  if (m->kind == AXON_SENN) return senn_node_current(&m->senn, a->channel, x, v_mV);
  const MrgModel *k = &m->mrg;
  double sodium = a->channel[0] * pow(x[GATE_M], 3.0) * x[GATE_H] + a->channel[1] * pow(x[GATE_P], 3.0);
  return sodium * (v_mV - k->sodium_mV) + a->channel[2] * x[GATE_S] * (v_mV - k->potassium_mV) +
         a->channel[3] * (v_mV - k->leak_mV);
}

static void steady_gates(const AxonModel *m, double v_mV, double x[GATES])
{
  for (int i = 0; i < GATES; i++) x[i] = gate_steady(axon_gates(m), i, v_mV);
}

/* Current out of a node that rests at v as all others do; the internodes lead to rest_mV outside. */
static double resting_current(const AxonModel *m, const Axon *a, double v_mV)
{
  double x[GATES], even = 0.0;
  steady_gates(m, v_mV, x);
  for (int i = 0; i < a->n_mode[EVEN]; i++) even += a->give[EVEN][i] / (1.0 - a->keep[EVEN][i]);
  double internodes_uS = 2.0 * (a->join_uS - a->across_uS - 2.0 * even);
  return channel_current(m, a, x, v_mV) + internodes_uS * (v_mV - axon_rest_mV(m));
}

/* Where that current vanishes, by bisection within 10 mV of the nominal rest. */
static void find_rest(const AxonModel *m, Axon *a)
{
  const double h = 1e-3;
  double low = axon_rest_mV(m) - 10.0, high = axon_rest_mV(m) + 10.0, x[GATES];
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    *(resting_current(m, a, middle) > 0.0 ? &high : &low) = middle;
  }
  a->rest_mV = low - axon_rest_mV(m);
  steady_gates(m, low, x);
  a->rest_uS = (channel_current(m, a, x, low + h) - channel_current(m, a, x, low - h)) / (2.0 * h);
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static PetscErrorCode make_mrg(const MrgModel *m, double diameter_um, Axon *a)
{
  MrgGeometry g;
  MrgCompartment part[MRG_PER_INTERNODE];
  PetscCall(mrg_geometry(m, diameter_um, &g));
  mrg_internode(m, &g, part);
  a->n_part = MRG_PER_INTERNODE;
  a->internode_mm = 1e-3 * g.internode_um;
  for (int i = 0; i < MRG_PER_INTERNODE; i++) {
    const MrgCompartment *p = &part[i], *next = &part[(i + 1) % MRG_PER_INTERNODE];
    a->inner_uS[i] = 2.0 / (p->inner_MOhm + next->inner_MOhm);
    a->outer_uS[i] = 2.0 / (p->outer_MOhm + next->outer_MOhm);
    if (i < MRG_PER_INTERNODE - 1) a->place_mm[i + 1] = a->place_mm[i] + 0.5e-3 * (p->length_um + next->length_um);
  }
  const double density[AXON_CHANNELS] = {m->fast_sodium_S_per_cm2, m->persistent_sodium_S_per_cm2,
                                         m->slow_potassium_S_per_cm2, m->leak_S_per_cm2};
  for (int i = 0; i < AXON_CHANNELS; i++) a->channel[i] = 1e6 * density[i] * part[0].area_cm2;
  a->capacity_uS = part[0].c_nF / a->dt_ms;
  a->end_uS = 1e6 * m->end_g_S_per_cm2 * part[0].area_cm2;
  axon_modes(part, a->dt_ms, a);
  return 0;
}

PetscErrorCode axon_make(const AxonModel *m, double diameter_um, double dt_ms, Axon *out)
{
  memset(out, 0, sizeof *out);
  out->diameter_um = diameter_um;
  out->dt_ms = dt_ms;
  if (m->kind == AXON_MRG) PetscCall(make_mrg(&m->mrg, diameter_um, out));
  if (m->kind == AXON_SENN) PetscCall(senn_make(&m->senn, diameter_um, out));
  find_rest(m, out);
  return 0;
}

/* ---- along the fibre ------------------------------------------------------------------------------------------- */

int axon_size(const Axon *a, int n_node) { return (n_node - 1) * a->n_part + 1; }
int axon_node_at(const Axon *a, int node) { return node * a->n_part; }

void axon_places(const Axon *a, int n_node, double *s_mm)
{
  for (int i = 0; i < axon_size(a, n_node); i++) s_mm[i] = i / a->n_part * a->internode_mm + a->place_mm[i % a->n_part];
}

/* Currents into compartment i from the potential outside: inside the axon, and under the myelin. */
static double pushed(const double *uS, int n_part, int i, const double *outside)
{
  return uS[(i + n_part - 1) % n_part] * (outside[i - 1] - outside[i]) + uS[i % n_part] * (outside[i + 1] - outside[i]);
}

void axon_drive(const Axon *a, int n_node, const double *outside_mV, double *node, double *inside)
{
  node[0] = node[n_node - 1] = 0.0;
  for (int i = 1; i < n_node - 1; i++) node[i] = pushed(a->inner_uS, a->n_part, i * a->n_part, outside_mV);
  for (int i = 0; i < n_node - 1 && a->n_part > 1; i++) {
    double *even = inside + (size_t)i * 2 * AXON_HALF, *odd = even + AXON_HALF;
    for (int j = 0; j < AXON_HALF / 2; j++) {
      int left = i * a->n_part + 1 + j, right = (i + 1) * a->n_part - 1 - j;
      double u = pushed(a->inner_uS, a->n_part, left, outside_mV),
             v = pushed(a->inner_uS, a->n_part, right, outside_mV);
      even[2 * j] = u + v, odd[2 * j] = u - v;
      u = pushed(a->outer_uS, a->n_part, left, outside_mV), v = pushed(a->outer_uS, a->n_part, right, outside_mV);
      even[2 * j + 1] = u + v, odd[2 * j + 1] = u - v;
    }
  }
}
