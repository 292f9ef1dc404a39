/* Straight fibres beside point sources in an infinite medium, for tests of the cable model. */
#ifndef CAUDA_TESTS_AXON_FIXTURE_H
#define CAUDA_TESTS_AXON_FIXTURE_H

#include "../../src/fiber/search.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double diameter_um, distance_mm, sigma_S_per_m;
  double offset; /* of the source from the middle node, in internodes */
  int n_node;
  bool injects; /* a current into the middle node instead: thresholds in nA */
  double expected, found;
  int site;
} AxonCase;

typedef struct {
  Axon axon;
  double *outside, *node, *inside;
} AxonDriven;

static PetscErrorCode driven_make(const AxonModel *m, const AxonCase *c, double dt_ms, AxonDriven *d)
{
  PetscCall(axon_make(m, c->diameter_um, dt_ms, &d->axon));
  size_t n = (size_t)axon_size(&d->axon, c->n_node), nodes = (size_t)c->n_node;
  PetscCall(mem_alloc(n, sizeof(double), &d->outside));
  PetscCall(mem_alloc(nodes, sizeof(double), &d->node));
  PetscCall(mem_alloc(nodes * 2 * AXON_HALF, sizeof(double), &d->inside));
  axon_places(&d->axon, c->n_node, d->outside);
  double source = (c->n_node / 2 + c->offset) * d->axon.internode_mm;
  for (size_t i = 0; i < n; i++)
    d->outside[i] = -1e3 / (4.0 * 3.14159265358979 * c->sigma_S_per_m * hypot(d->outside[i] - source, c->distance_mm));
  if (c->injects)
    d->node[c->n_node / 2] = 1.0;
  else
    axon_drive(&d->axon, c->n_node, d->outside, d->node, d->inside);
  return 0;
}

static void driven_free(AxonDriven *d)
{
  free(d->outside), free(d->node), free(d->inside);
  *d = (AxonDriven){0};
}

/* The cases as a queue. */
typedef struct {
  const AxonModel *model;
  double dt_ms;
  AxonCase *c;
  AxonDriven driven;
} AxonCases;

static void take_case(void *context, int i, SearchFiber *f)
{
  AxonCases *a = context;
  driven_free(&a->driven);
  if (driven_make(a->model, &a->c[i], a->dt_ms, &a->driven)) abort();
  *f = (SearchFiber){&a->driven.axon, a->c[i].n_node, a->driven.node, a->driven.inside, 1.0, 0, 0};
  if (a->c[i].expected > 0.0) f->guess_mA = a->c[i].expected;
}

static void put_case(void *context, int i, const SearchFiber *f)
{
  AxonCase *c = &((AxonCases *)context)->c[i];
  c->found = f->threshold_mA, c->site = f->site;
}

/* Thresholds of all cases with one pulse and time step; fills `found` and `site`. */
static PetscErrorCode fixture_thresholds(const AxonModel *m, const CasePulse *pulse, double dt_us, double tolerance,
                                         int n, AxonCase *c)
{
  PulseSteps steps;
  GateTable *table;
  Batch *batch;
  int longest = 0;
  AxonCases cases = {.model = m, .dt_ms = 1e-3 * dt_us, .c = c};
  for (int i = 0; i < n; i++) longest = c[i].n_node > longest ? c[i].n_node : longest;
  PetscCall(pulse_steps(pulse, pulse->width_us, dt_us, &steps));
  PetscCall(gate_table_create(m, 1e-3 * dt_us, &table));
  PetscCall(batch_create(m, table, 1e-3 * dt_us, longest, &batch));
  SearchOptions o = {.pulse = &steps, .tolerance = tolerance, .largest_mA = 1e4};
  if (!search_thresholds(&o, m, batch, n, &(SearchQueue){take_case, put_case, &cases})) return CAUDA_ERR_INTERRUPTED;
  driven_free(&cases.driven);
  batch_destroy(&batch);
  gate_table_destroy(&table);
  pulse_steps_free(&steps);
  return 0;
}

#endif
