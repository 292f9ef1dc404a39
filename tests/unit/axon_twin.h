/* The MRG double cable without any cleverness: potentials inside the axon and under the myelin of every compartment, a
 * node's short circuit as a large conductance, rates computed where they are needed, one block-tridiagonal system a
 * step. The slow twin of src/fiber/batch_run.c. */
#ifndef CAUDA_TESTS_AXON_TWIN_H
#define CAUDA_TESTS_AXON_TWIN_H

#include "../../src/fiber/axon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  double uu, uw, wu, ww, ru, rw; /* block and right-hand side of one compartment */
} TwinRow;

static void twin_step_gates(const Gates *g, double v, double dt_ms, double x[GATES])
{
  for (int i = 0; i < GATES; i++) {
    double opening = gate_rate(&g->opening[i], v), rate = opening + gate_rate(&g->closing[i], v);
    x[i] += (1.0 - exp(-dt_ms * rate)) * (opening / rate - x[i]);
  }
}

/* v [n_step][n_node]: membrane potential, mV. outside_mV [compartments] at w = 1; inject_nA into node inject_node. */
static void twin_run(const MrgModel *m, double diameter_um, int n_node, double dt_ms, int n_step, const double *w,
                     const double *outside_mV, int inject_node, double inject_nA, double *v)
{
  MrgGeometry geometry;
  MrgCompartment part[MRG_PER_INTERNODE];
  if (mrg_geometry(m, diameter_um, &geometry)) abort();
  mrg_internode(m, &geometry, part);
  int n = (n_node - 1) * MRG_PER_INTERNODE + 1, settle = (int)(200.0 / dt_ms / 40.0);
  double *vi = malloc(n * sizeof *vi), *vp = calloc(n, sizeof *vp), before = 0.0;
  double(*x)[GATES] = malloc(n_node * sizeof *x);
  TwinRow *row = malloc(n * sizeof *row);
  for (int i = 0; i < n; i++) vi[i] = m->rest_mV;
  for (int i = 0; i < n_node; i++)
    for (int k = 0; k < GATES; k++) x[i][k] = gate_steady(&m->gates, k, m->rest_mV);
  for (int t = -settle; t < n_step; t++) {
    double dt = t < 0 ? 40.0 * dt_ms : dt_ms, now = t < 0 ? 0.0 : w[t];
    for (int i = 0; i < n; i++) {
      const MrgCompartment *p = &part[i % MRG_PER_INTERNODE];
      bool node = i % MRG_PER_INTERNODE == 0, end = i == 0 || i == n - 1;
      double g = p->g_uS, e = g * m->rest_mV, c = p->c_nF / dt;
      double gm = node ? 1e10 * 1e6 * p->area_cm2 : p->myelin_g_uS, cm = p->myelin_c_nF / dt;
      if (node) {
        double *y = x[i / MRG_PER_INTERNODE], s = 1e6 * p->area_cm2;
        double sodium = s * (m->fast_sodium_S_per_cm2 * y[0] * y[0] * y[0] * y[1] +
                             m->persistent_sodium_S_per_cm2 * y[2] * y[2] * y[2]);
        double potassium = s * m->slow_potassium_S_per_cm2 * y[3], leak = s * m->leak_S_per_cm2;
        g = sodium + potassium + leak;
        e = sodium * m->sodium_mV + potassium * m->potassium_mV + leak * m->leak_mV;
        if (end) g = s * m->end_g_S_per_cm2, e = g * m->rest_mV;
      }
      double through = c * (vi[i] - vp[i]) + e, inject = t >= 0 && node && i / MRG_PER_INTERNODE == inject_node;
      row[i] = (TwinRow){.uu = c + g, .uw = -c - g, .wu = -c - g, .ww = c + g + gm + cm};
      row[i].ru = through + inject * inject_nA * now;
      row[i].rw = -through + gm * outside_mV[i] * now + cm * (outside_mV[i] * (now - before) + vp[i]);
    }
    double gi[2] = {0}, gp[2] = {0};
    for (int i = 0; i < n; i++) { /* forward: the row before is inverted and put in */
      const MrgCompartment *p = &part[i % MRG_PER_INTERNODE], *q = &part[(i + 1) % MRG_PER_INTERNODE];
      gi[0] = gi[1], gp[0] = gp[1];
      gi[1] = i < n - 1 ? 2.0 / (p->inner_MOhm + q->inner_MOhm) : 0.0;
      gp[1] = i < n - 1 ? 2.0 / (p->outer_MOhm + q->outer_MOhm) : 0.0;
      TwinRow *r = &row[i];
      r->uu += gi[0] + gi[1], r->ww += gp[0] + gp[1];
      if (i == 0) continue;
      TwinRow *b = &row[i - 1];
      double det = b->uu * b->ww - b->uw * b->wu;
      r->uu -= gi[0] * gi[0] * b->ww / det, r->uw += gi[0] * gp[0] * b->uw / det;
      r->wu += gp[0] * gi[0] * b->wu / det, r->ww -= gp[0] * gp[0] * b->uu / det;
      r->ru += gi[0] * (b->ww * b->ru - b->uw * b->rw) / det;
      r->rw += gp[0] * (b->uu * b->rw - b->wu * b->ru) / det;
    }
    for (int i = n - 1; i >= 0; i--) {
      const MrgCompartment *p = &part[i % MRG_PER_INTERNODE], *q = &part[(i + 1) % MRG_PER_INTERNODE];
      TwinRow *r = &row[i];
      double ru = r->ru, rw = r->rw, det = r->uu * r->ww - r->uw * r->wu;
      if (i < n - 1) ru += 2.0 / (p->inner_MOhm + q->inner_MOhm) * vi[i + 1];
      if (i < n - 1) rw += 2.0 / (p->outer_MOhm + q->outer_MOhm) * vp[i + 1];
      vi[i] = (r->ww * ru - r->uw * rw) / det, vp[i] = (r->uu * rw - r->wu * ru) / det;
    }
    for (int i = 0; i < n_node; i++) {
      double vm = vi[i * MRG_PER_INTERNODE] - vp[i * MRG_PER_INTERNODE];
      twin_step_gates(&m->gates, vm, dt, x[i]);
      if (t >= 0) v[(size_t)t * n_node + i] = vm;
    }
    before = now;
  }
  free(vi), free(vp), free(x), free(row);
}

#endif
