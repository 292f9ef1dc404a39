#include "cell.h"

#include <math.h>
#include <stdlib.h>

static PetscErrorCode allocate(Cell *c)
{
  PetscCall(mem_alloc((size_t)c->size * (size_t)c->n_contact, sizeof(double), &c->v));
  PetscCall(mem_alloc((size_t)c->size, sizeof(double), &c->outside));
  PetscCall(mem_alloc((size_t)c->n_node, sizeof(double), &c->node));
  PetscCall(mem_alloc((size_t)c->n_node * 2 * AXON_HALF, sizeof(double), &c->inside));
  return 0;
}

PetscErrorCode cell_create(const AxonModel *m, double dt_ms, const char *label, double diameter_um, double first_mm,
                           double end_mm, int n_contact, Cell *out)
{
  *out = (Cell){.n_contact = n_contact, .first_mm = first_mm};
  PetscCall(axon_make(m, diameter_um, dt_ms, &out->axon));
  double internode_mm = out->axon.internode_mm;
  out->n_node = 1 + (int)floor((end_mm - first_mm) / internode_mm + 1e-9);
  PetscCheck(
      out->n_node >= CELL_NODES_MIN, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: found %.1f mm of its path beyond its first node, expected at least %.1f mm, so that it holds %d nodes",
      label, end_mm - first_mm, internode_mm * (CELL_NODES_MIN - 1), CELL_NODES_MIN);
  out->size = axon_size(&out->axon, out->n_node);
  PetscErrorCode error = allocate(out);
  if (error)
    cell_free(out);
  else
    axon_places(&out->axon, out->n_node, out->outside);
  return error;
}

PetscErrorCode cell_sample(const AxonModel *m, double dt_ms, const FiberSet *f, int fiber, const PathSamples *samples,
                           Cell *out)
{
  const FiberPath *p = &f->fiber[fiber];
  char label[CAUDA_NAME_MAX + 64];
  Axon a;
  fiber_label(f, fiber, label);
  PetscCall(axon_make(m, p->diameter_um, dt_ms, &a));
  PetscCall(cell_create(m, dt_ms, label, p->diameter_um, a.internode_mm * p->node_phase, p->s[p->n - 1],
                        samples->n_contact, out));
  path_potentials(samples, out->first_mm, out->outside, out->size, out->v);
  return 0;
}

void cell_free(Cell *c)
{
  free(c->v), free(c->outside), free(c->node), free(c->inside);
  *c = (Cell){0};
}

void cell_drive(Cell *c, const double *share)
{
  for (int i = 0; i < c->size; i++) {
    const double *v = c->v + (size_t)i * (size_t)c->n_contact;
    c->outside[i] = 0.0;
    for (int k = 0; k < c->n_contact; k++) c->outside[i] += share[k] * v[k];
  }
  axon_drive(&c->axon, c->n_node, c->outside, c->node, c->inside);
}

void cell_drive_one(Cell *c, int contact)
{
  for (int i = 0; i < c->size; i++) c->outside[i] = c->v[(size_t)i * (size_t)c->n_contact + (size_t)contact];
  axon_drive(&c->axon, c->n_node, c->outside, c->node, c->inside);
}

double cell_node_s(const Cell *c, int node) { return c->first_mm + node * c->axon.internode_mm; }
