/* The MRG double-cable axon (McIntyre, Richardson, Grill 2002): constants, geometry, linear response at rest.
 * Private to src/fiber. */
#ifndef CAUDA_FIBER_MRG_H
#define CAUDA_FIBER_MRG_H

#include "cauda/base.h"

enum { MRG_TABLE_MAX = 32, MRG_PER_INTERNODE = 11 }; /* node, MYSA, FLUT, 6 x STIN, FLUT, MYSA */

typedef struct {
  double diameter_um, axon_um, node_um, internode_um, flut_um, lamellae;
} MrgGeometry;

/* quadratic D^2 + linear D + constant for from <= D <= to */
typedef struct {
  double from_um, to_um, quadratic, linear, constant;
} MrgPolynomial;

typedef struct {
  double celsius, rest_mV, axoplasm_ohm_cm, capacitance_uF_per_cm2;
  double node_length_um, mysa_length_um;
  double mysa_g_S_per_cm2, flut_g_S_per_cm2, stin_g_S_per_cm2;
  double mysa_gap_um, flut_gap_um, stin_gap_um;
  double myelin_g_S_per_cm2, myelin_c_uF_per_cm2;
  double fast_sodium_S_per_cm2, persistent_sodium_S_per_cm2, slow_potassium_S_per_cm2, leak_S_per_cm2;
  double node_g_rest_S_per_cm2; /* chord conductance of the node, gates frozen at rest */
  bool interpolated;            /* geometry by the formulas; else straight lines between the table's rows */
  int n_table;
  MrgGeometry table[MRG_TABLE_MAX]; /* ascending diameters */
  int n_polynomial[5];              /* of axon, node, internode, flut, lamellae */
  MrgPolynomial polynomial[5][4];
} MrgModel;

/* mrg_model_read: cases/fibers/mrg_{membrane,gates,geometry,interpolation}.csv.
 *   geometry  "table" or "interpolated" */
PetscErrorCode mrg_model_read(const char *geometry, MrgModel *model) CAUDA_CHECKED;

/* mrg_geometry: Errors: PETSC_ERR_USER_INPUT for a diameter that the geometry does not reach. */
PetscErrorCode mrg_geometry(const MrgModel *model, double diameter_um, MrgGeometry *out) CAUDA_CHECKED;

/* mrg_rest_conductance: adds up the node's channels with each gate at its steady state at rest (mrg_gates.csv). */
PetscErrorCode mrg_rest_conductance(MrgModel *model) CAUDA_CHECKED;

/* Places of the compartments' centres along the fibre, mm from the first node's centre: s[cable_size(n_node)]. */
int cable_size(int n_node); /* compartments of a fibre that begins and ends with a node */
void cable_places(const MrgModel *model, const MrgGeometry *g, int n_node, double *s);

/* The linear double cable: two unknowns a compartment, both relative to the potential outside at that place:
 * u inside the axon, w under the myelin (0 at nodes, where there is none); u - w is the polarisation.
 * What drives it is the axial current that the potential outside sets up. At the two cut ends that current is taken
 * as passing through, as if the fibre went on with the same slope: a cut end of the computation does not excite.
 * Symmetric positive definite, block-tridiagonal, factorised once for the backward Euler step. */
typedef struct {
  int n;            /* compartments */
  double *inner;    /* [n] uS between compartment i and i + 1 inside the axon; the last is 0 */
  double *outer;    /* [n] uS the same under the myelin, as the sources see it */
  double *coupled;  /* [n] uS the same where both w are unknown, else 0 */
  double *membrane; /* [n] uS capacitance of the axolemma over the step */
  double *myelin;   /* [n] uS capacitance of the myelin over the step */
  double *inverse;  /* [n][3] uu uw ww of the factor's inverted blocks */
} Cable;

PetscErrorCode cable_create(const MrgModel *model, const MrgGeometry *g, int n_node, double dt_ms,
                            Cable **out) CAUDA_CHECKED;
void cable_destroy(Cable **c);

enum { CABLE_LANES = 8 };

/* cable_polarise: n_step steps of a constant potential outside, CABLE_LANES potentials at once.
 *   outside  [n][CABLE_LANES] mV
 *   node     [n_node][CABLE_LANES] mV, out: polarisation of the nodes after the last step
 *   work     [4 n CABLE_LANES] */
void cable_polarise(const Cable *c, int n_step, const double *outside, double *node, double *work);

#endif
