/* SENN, the spatially extended nonlinear node (Reilly 1985): a chain of nodes with the Frankenhaeuser-Huxley membrane
 * behind a perfect insulator. Private to src/fiber. */
#ifndef CAUDA_FIBER_SENN_H
#define CAUDA_FIBER_SENN_H

#include "gates.h"

enum { SENN_M, SENN_H, SENN_N, SENN_P };

typedef struct {
  double celsius, rest_mV, axoplasm_ohm_cm, capacitance_uF_per_cm2, node_length_um;
  double axon_per_diameter, internode_per_diameter;
  double sodium_cm_per_s, potassium_cm_per_s, unspecific_cm_per_s; /* permeabilities */
  double leak_S_per_cm2, leak_mV;
  double sodium_out_mM, sodium_in_mM, potassium_out_mM, potassium_in_mM;
  Gates gates;
} SennModel;

/* senn_model_read: cases/fibers/senn_membrane.csv and senn_gates.csv. */
PetscErrorCode senn_model_read(SennModel *out) CAUDA_CHECKED;

/* Goldman-Hodgkin-Katz current of an ion of charge 1, uA/cm2 for a permeability of 1 cm/s. */
double senn_flux(const SennModel *m, double v_mV, double out_mM, double in_mM);

#endif
