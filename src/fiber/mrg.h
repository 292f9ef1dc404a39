/* The MRG double-cable axon (McIntyre, Richardson, Grill 2002): constants, geometry, linear response at rest.
 * Private to src/fiber. */
#ifndef CAUDA_FIBER_MRG_H
#define CAUDA_FIBER_MRG_H

#include "cauda/base.h"
#include "gates.h"

enum { MRG_TABLE_MAX = 32, MRG_PER_INTERNODE = 11 }; /* node, MYSA, FLUT, 6 x STIN, FLUT, MYSA */

typedef struct {
  double diameter_um, axon_um, node_um, internode_um, flut_um, lamellae;
} MrgGeometry;

/* quadratic D^2 + linear D + constant for from <= D <= to */
typedef struct {
  double from_um, to_um, quadratic, linear, constant;
  bool whole; /* rounded down to a whole number */
} MrgPolynomial;

enum { GATE_M, GATE_H, GATE_P, GATE_S }; /* fast sodium, its inactivation, persistent sodium, slow potassium */

typedef struct {
  const char *variant; /* "" (the published axon), "small", "sensory", "motor" */
  double celsius, rest_mV, axoplasm_ohm_cm, capacitance_uF_per_cm2;
  double node_length_um, mysa_length_um;
  double mysa_g_S_per_cm2, flut_g_S_per_cm2, stin_g_S_per_cm2;
  double mysa_gap_um, flut_gap_um, stin_gap_um;
  double myelin_g_S_per_cm2, myelin_c_uF_per_cm2;
  double fast_sodium_S_per_cm2, persistent_sodium_S_per_cm2, slow_potassium_S_per_cm2, leak_S_per_cm2;
  double sodium_mV, potassium_mV, leak_mV; /* where the node's currents turn */
  double end_g_S_per_cm2;                  /* of the passive nodes at the cut ends, which turn at rest_mV */
  Gates gates;
  double node_g_rest_S_per_cm2; /* chord conductance of the node, gates frozen at rest */
  bool formulas;                /* geometry by the polynomials; else straight lines between the table's rows */
  int n_table;
  MrgGeometry table[MRG_TABLE_MAX]; /* ascending diameters */
  int n_polynomial[5];              /* of axon, node, internode, flut, lamellae */
  MrgPolynomial polynomial[5][4];
} MrgModel;

/* mrg_model_read: cases/fibers/mrg_{membrane,gates,geometry,interpolation}.csv.
 *   geometry  "table", "interpolated" or "small" (thin fibres, which have a membrane of their own)
 *   variant   "" or "sensory", "motor" */
PetscErrorCode mrg_model_read(const char *geometry, const char *variant, MrgModel *model) CAUDA_CHECKED;

/* mrg_geometry: Errors: PETSC_ERR_USER_INPUT for a diameter that the geometry does not reach. */
PetscErrorCode mrg_geometry(const MrgModel *model, double diameter_um, MrgGeometry *out) CAUDA_CHECKED;

/* One compartment: what its length and diameter make of the model's constants. */
typedef struct {
  double length_um, area_cm2;
  double inner_MOhm, outer_MOhm;   /* axial, the whole length: inside the axon, under the myelin */
  double g_uS, c_nF;               /* axolemma; at a node with the gates frozen at rest */
  double myelin_g_uS, myelin_c_nF; /* 0 at a node */
} MrgCompartment;

/* mrg_internode: a node and what follows it up to the next one, in order. */
void mrg_internode(const MrgModel *model, const MrgGeometry *g, MrgCompartment part[MRG_PER_INTERNODE]);

#endif
