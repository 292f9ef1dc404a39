/* The linear double cable. Units: um and cm as the constants have them, then uS, nF, mV, ms, nA. */
#include "mrg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

/* One compartment's kind: what its length and diameter make of the model's constants. */
typedef struct {
  double length_um, inner_MOhm, outer_MOhm; /* axial, the whole length */
  double g_uS, c_nF;                        /* axolemma */
  double myelin_g_uS, myelin_c_nF;          /* 0 at a node */
} Compartment;

static const double pi = 3.14159265358979323846;

static double axial_MOhm(double ohm_cm, double length_um, double area_um2)
{
  return ohm_cm * length_um / area_um2 * 1e-2; /* ohm cm um / um2 = 1e4 ohm */
}

static double ring_um2(double diameter_um, double gap_um)
{
  double r = 0.5 * diameter_um;
  return pi * ((r + gap_um) * (r + gap_um) - r * r);
}

static Compartment compartment(const MrgModel *m, const MrgGeometry *g, double length_um, double axon_um, double gap_um,
                               double g_S_per_cm2, bool myelinated)
{
  double area_cm2 = pi * axon_um * length_um * 1e-8, myelin_cm2 = pi * g->diameter_um * length_um * 1e-8;
  double layers = 2.0 * g->lamellae;
  return (Compartment){.length_um = length_um,
                       .inner_MOhm = axial_MOhm(m->axoplasm_ohm_cm, length_um, 0.25 * pi * axon_um * axon_um),
                       .outer_MOhm = axial_MOhm(m->axoplasm_ohm_cm, length_um, ring_um2(axon_um, gap_um)),
                       .g_uS = 1e6 * g_S_per_cm2 * area_cm2,
                       .c_nF = 1e3 * m->capacitance_uF_per_cm2 * area_cm2,
                       .myelin_g_uS = myelinated ? 1e6 * m->myelin_g_S_per_cm2 / layers * myelin_cm2 : 0.0,
                       .myelin_c_nF = myelinated ? 1e3 * m->myelin_c_uF_per_cm2 / layers * myelin_cm2 : 0.0};
}

/* The kinds in their order from one node to the next. */
static void internode(const MrgModel *m, const MrgGeometry *g, Compartment part[MRG_PER_INTERNODE])
{
  double stin_um = (g->internode_um - m->node_length_um - 2.0 * (m->mysa_length_um + g->flut_um)) / 6.0;
  part[0] = compartment(m, g, m->node_length_um, g->node_um, m->mysa_gap_um, m->node_g_rest_S_per_cm2, false);
  part[1] = compartment(m, g, m->mysa_length_um, g->node_um, m->mysa_gap_um, m->mysa_g_S_per_cm2, true);
  part[2] = compartment(m, g, g->flut_um, g->axon_um, m->flut_gap_um, m->flut_g_S_per_cm2, true);
  part[3] = compartment(m, g, stin_um, g->axon_um, m->stin_gap_um, m->stin_g_S_per_cm2, true);
  for (int i = 4; i < 9; i++) part[i] = part[3];
  part[9] = part[2];
  part[10] = part[1];
}

int cable_size(int n_node) { return (n_node - 1) * MRG_PER_INTERNODE + 1; }

void cable_places(const MrgModel *model, const MrgGeometry *g, int n_node, double *s)
{
  Compartment part[MRG_PER_INTERNODE];
  double at = 0.0; /* centre, um from the node before */
  internode(model, g, part);
  for (int i = 0; i < MRG_PER_INTERNODE; i++) {
    for (int k = 0; k < n_node - (i > 0); k++) s[k * MRG_PER_INTERNODE + i] = 1e-3 * (k * g->internode_um + at);
    at += 0.5 * (part[i].length_um + part[(i + 1) % MRG_PER_INTERNODE].length_um);
  }
}

static void couple(const Compartment *a, const Compartment *b, bool last, bool node, Cable *c, int i)
{
  c->inner[i] = last ? 0.0 : 2.0 / (a->inner_MOhm + b->inner_MOhm);
  c->outer[i] = last ? 0.0 : 2.0 / (a->outer_MOhm + b->outer_MOhm);
  c->coupled[i] = node ? 0.0 : c->outer[i];
}

/* Inverts the blocks of the factor: D(i) = A(i) - G(i-1) D(i-1)^-1 G(i-1). */
static void factorise(const Compartment part[MRG_PER_INTERNODE], double dt_ms, Cable *c)
{
  for (int i = 0; i < c->n; i++) {
    const Compartment *p = &part[i % MRG_PER_INTERNODE];
    bool node = i % MRG_PER_INTERNODE == 0;
    double across = p->c_nF / dt_ms + p->g_uS;
    double uu = across + c->inner[i], uw = -across;
    double ww = across + p->myelin_c_nF / dt_ms + p->myelin_g_uS + c->outer[i];
    if (i > 0) {
      const double *before = c->inverse + 3 * (i - 1);
      double inner = c->inner[i - 1], outer = c->coupled[i - 1];
      uu += inner - inner * inner * before[0];
      uw -= inner * outer * before[1];
      ww += c->outer[i - 1] - outer * outer * before[2];
    }
    if (node) uw = 0.0;
    double det = uu * ww - uw * uw, *inverse = c->inverse + 3 * i;
    inverse[0] = ww / det, inverse[1] = -uw / det, inverse[2] = node ? 0.0 : uu / det;
  }
}

static PetscErrorCode allocate(int n, Cable *c)
{
  c->n = n;
  PetscCall(mem_alloc((size_t)n, sizeof(double), &c->inner));
  PetscCall(mem_alloc((size_t)n, sizeof(double), &c->outer));
  PetscCall(mem_alloc((size_t)n, sizeof(double), &c->coupled));
  PetscCall(mem_alloc((size_t)n, sizeof(double), &c->membrane));
  PetscCall(mem_alloc((size_t)n, sizeof(double), &c->myelin));
  PetscCall(mem_alloc((size_t)n, 3 * sizeof(double), &c->inverse));
  return 0;
}

PetscErrorCode cable_create(const MrgModel *model, const MrgGeometry *g, int n_node, double dt_ms, Cable **out)
{
  Compartment part[MRG_PER_INTERNODE];
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode error = allocate(cable_size(n_node), *out);
  if (error) {
    cable_destroy(out);
    return error;
  }
  Cable *c = *out;
  internode(model, g, part);
  for (int i = 0; i < c->n; i++) {
    int here = i % MRG_PER_INTERNODE, next = (i + 1) % MRG_PER_INTERNODE;
    couple(&part[here], &part[next], i == c->n - 1, here == 0 || next == 0, c, i);
    c->membrane[i] = part[here].c_nF / dt_ms;
    c->myelin[i] = part[here].myelin_c_nF / dt_ms;
  }
  factorise(part, dt_ms, c);
  return 0;
}

void cable_destroy(Cable **c)
{
  if (!*c) return;
  free((*c)->inner), free((*c)->outer), free((*c)->coupled);
  free((*c)->membrane), free((*c)->myelin), free((*c)->inverse);
  free(*c);
  *c = NULL;
}

/* Axial currents that the potential outside drives: source [n][2][CABLE_LANES] nA; none at the cut ends. */
static void drive(const Cable *c, const double *outside, double *source)
{
  memset(source, 0, 2 * CABLE_LANES * (size_t)c->n * sizeof *source);
  for (int i = 1; i < c->n - 1; i++)
    for (int k = 0; k < CABLE_LANES; k++) {
      const double *e = outside + (size_t)i * CABLE_LANES + k;
      double down = e[-CABLE_LANES] - e[0], up = e[CABLE_LANES] - e[0];
      double *s = source + 2 * (size_t)i * CABLE_LANES + k;
      s[0] = c->inner[i - 1] * down + c->inner[i] * up;
      s[CABLE_LANES] = c->outer[i - 1] * down + c->outer[i] * up;
    }
}

/* One backward Euler step in place: state [n][2][CABLE_LANES] mV, u then w. No sum runs over lanes, so that every
 * instruction set gives the same numbers. */
CLONES static void step(const Cable *c, const double *source, double *state)
{
  double u[CABLE_LANES] = {0}, w[CABLE_LANES] = {0};
  for (int i = 0; i < c->n; i++) {
    double *x = state + 2 * (size_t)i * CABLE_LANES;
    const double *s = source + 2 * (size_t)i * CABLE_LANES, *d = c->inverse + 3 * (size_t)i;
    double inner = i ? c->inner[i - 1] : 0.0, outer = i ? c->coupled[i - 1] : 0.0;
    for (int k = 0; k < CABLE_LANES; k++) {
      double charge = c->membrane[i] * (x[k] - x[k + CABLE_LANES]);
      double ru = charge + s[k] + inner * u[k];
      double rw = c->myelin[i] * x[k + CABLE_LANES] - charge + s[k + CABLE_LANES] + outer * w[k];
      u[k] = d[0] * ru + d[1] * rw;
      w[k] = d[1] * ru + d[2] * rw;
      x[k] = u[k], x[k + CABLE_LANES] = w[k];
    }
  }
  for (int i = c->n - 2; i >= 0; i--) {
    double *x = state + 2 * (size_t)i * CABLE_LANES;
    const double *d = c->inverse + 3 * (size_t)i;
    for (int k = 0; k < CABLE_LANES; k++) {
      double ru = c->inner[i] * u[k], rw = c->coupled[i] * w[k];
      u[k] = x[k] + d[0] * ru + d[1] * rw;
      w[k] = x[k + CABLE_LANES] + d[1] * ru + d[2] * rw;
      x[k] = u[k], x[k + CABLE_LANES] = w[k];
    }
  }
}

void cable_polarise(const Cable *c, int n_step, const double *outside, double *node, double *work)
{
  size_t size = 2 * CABLE_LANES * (size_t)c->n;
  double *source = work, *state = work + size;
  drive(c, outside, source);
  memset(state, 0, size * sizeof *state);
  for (int t = 0; t < n_step; t++) step(c, source, state);
  for (int i = 0; i < c->n; i += MRG_PER_INTERNODE)
    memcpy(node + (size_t)(i / MRG_PER_INTERNODE) * CABLE_LANES, state + 2 * (size_t)i * CABLE_LANES,
           CABLE_LANES * sizeof *node);
}
