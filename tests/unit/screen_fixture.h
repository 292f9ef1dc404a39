/* A made-up field for tests and benchmarks of the screen: straight fibres beside a paddle, whose nodes respond to each
 * contact as to a point source nearby (depolarised beside a cathode, hyperpolarised further along). */
#ifndef CAUDA_TESTS_SCREEN_FIXTURE_H
#define CAUDA_TESTS_SCREEN_FIXTURE_H

#include "cauda/screen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  int n_root, per_root, n_node; /* nodes 1.2 mm apart, the array's middle in the middle */
} FixtureSize;

/* Roots lie in pairs, left and right, the further out the later; each root's fibres enter at a height of their own. */
static inline double fixture_response(const LeadContact *c, int root, int fiber, const FixtureSize *f, double s_mm,
                                      Rng *r)
{
  double side = root % 2 ? 1.0 : -1.0, along = s_mm - c->at_mm[1];
  double x = side * (1.0 + 0.35 * (root / 2)) + 0.8 * fiber / f->per_root - c->at_mm[0];
  double depth = 3.0 + 0.2 * (root / 2) + 0.6 * (fiber % 7) / 7.0;
  double d2 = x * x + depth * depth, u = along * along / d2;
  return -40.0 / pow(d2, 1.5) * (1.0 - 0.5 * u) / pow(1.0 + u, 2.5) * (1.0 + 0.02 * rng_uniform(r));
}

static inline PetscErrorCode fixture_fiber(const LeadModel *m, const FixtureSize *f, int i, Rng *rng, FiberResponse *r)
{
  int n = f->n_node, root = i / f->per_root;
  r->n_node[i] = n, r->first_node[i] = 3;
  PetscCall(mem_alloc((size_t)n, sizeof(double), &r->node_s[i]));
  PetscCall(mem_alloc((size_t)n, (size_t)m->n_contacts * sizeof(double), &r->second_difference[i]));
  for (int e = 0; e < 2; e++)
    PetscCall(mem_alloc((size_t)n, (size_t)m->n_contacts * sizeof(double), &r->response[e][i]));
  double shift = rng_uniform(rng);
  for (int k = 0; k < n; k++) {
    double s = r->node_s[i][k] = 1.2 * (k - n / 2 + shift) + 3.0 * (root / 2 - 3);
    for (int c = 0; c < m->n_contacts; c++) {
      double v = fixture_response(&m->contacts[c], root, i % f->per_root, f, s, rng);
      r->response[0][i][k * m->n_contacts + c] = v, r->response[1][i][k * m->n_contacts + c] = -0.4 * v;
    }
  }
  return 0;
}

static inline PetscErrorCode fixture_responses(const LeadModel *m, const FixtureSize *f, FiberResponse **out)
{
  FiberResponse *r;
  Rng rng = rng_seed(7, 1);
  size_t n = (size_t)(f->n_root * f->per_root);
  PetscCall(mem_alloc(1, sizeof *r, &r));
  *out = r;
  r->n_fiber = (int)n, r->n_contact = m->n_contacts, r->n_event = 2;
  PetscCall(mem_alloc(n, sizeof *r->n_node, &r->n_node));
  PetscCall(mem_alloc(n, sizeof *r->first_node, &r->first_node));
  PetscCall(mem_alloc(n, sizeof *r->node_s, &r->node_s));
  PetscCall(mem_alloc(n, sizeof *r->second_difference, &r->second_difference));
  PetscCall(mem_alloc(n, sizeof *r->critical_second_difference_mV, &r->critical_second_difference_mV));
  for (int e = 0; e < 2; e++) PetscCall(mem_alloc(n, sizeof *r->response[e], &r->response[e]));
  for (int i = 0; i < (int)n; i++) PetscCall(fixture_fiber(m, f, i, &rng, r));
  return 0;
}

static inline void fixture_roots(const FixtureSize *f, char (*root)[CAUDA_NAME_MAX], int *fiber_root)
{
  static const char *const segment[] = {"L1", "L2", "L3", "L4", "L5", "S1", "S2"};
  for (int i = 0; i < f->n_root; i++)
    snprintf(root[i], CAUDA_NAME_MAX, "%s_%c_dorsal", segment[i / 2 % 7], i % 2 ? 'R' : 'L');
  for (int i = 0; i < f->n_root * f->per_root; i++) fiber_root[i] = i / f->per_root;
}

/* 600 ohm each, less between them the farther they are. */
static inline void fixture_impedance(const LeadModel *m, double *ohm)
{
  for (int i = 0; i < m->n_contacts; i++)
    for (int j = 0; j < m->n_contacts; j++) {
      const double *a = m->contacts[i].at_mm, *b = m->contacts[j].at_mm;
      ohm[i * m->n_contacts + j] = 600.0 / (1.0 + 0.3 * hypot(a[0] - b[0], a[1] - b[1]));
    }
}

#endif
