/* Gates of ion channels: rates that open and close them, read from a table. Private to src/fiber. */
#ifndef CAUDA_FIBER_GATES_H
#define CAUDA_FIBER_GATES_H

#include "cauda/csv.h"

enum { GATES = 4 };

/* x = V - middle_mV.  linear: factor |slope| y / (1 - exp(-y)), y = x / slope;  sigmoid: factor / (1 + exp(-y)) */
typedef struct {
  bool linear;
  double factor; /* 1/ms, at the model's temperature */
  double middle_mV, slope_mV;
} GateRate;

typedef struct {
  GateRate opening[GATES], closing[GATES];
} Gates;

/* gates_read: the rates of the four gates `name` from cases/fibers/FILE, at `celsius`.
 *   variant  rows whose column "variant" holds this name stand before those where it is empty */
PetscErrorCode gates_read(const char *file, const char *const name[GATES], const char *variant, double celsius,
                          Gates *out) CAUDA_CHECKED;

/* model_constant: value of a quantity in a table quantity,variant,value; variants as above ("": the common ones). */
PetscErrorCode model_constant(const CsvTable *t, const char *name, const char *variant, double *value) CAUDA_CHECKED;

double gate_rate(const GateRate *r, double v_mV);          /* 1/ms */
double gate_steady(const Gates *g, int gate, double v_mV); /* opening / (opening + closing) */

#endif
