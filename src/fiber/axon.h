/* An axon of one diameter, made ready for time steps of one length. Private to src/fiber.
 *
 * Only the nodes of Ranvier are nonlinear. What lies between two of them is a linear network with constant
 * coefficients, symmetric end to end, that meets the rest at the two nodes only. So it is not solved at each step: it is
 * taken apart once into its own modes, the even and the odd ones, each of which relaxes by itself:
 *
 *   q(next) = keep q + (v_left + v_right)        even modes; odd ones with (v_left - v_right)
 *
 * and gives back to the left and right node the currents  sum of give q (even) +- sum of give q (odd). With the nodes'
 * own equations that is the backward Euler step of the whole double cable, exactly.
 *
 * Potentials are relative to the potential outside at the same place, and to rest_mV inside the axon. Units: uS, nF,
 * mV, ms, nA. A capacitance over the time step is a conductance. */
#ifndef CAUDA_FIBER_AXON_H
#define CAUDA_FIBER_AXON_H

#include "mrg.h"
#include "senn.h"

enum { AXON_HALF = 10, AXON_PARTS_MAX = 11, AXON_CHANNELS = 4 };
enum { EVEN, ODD };

typedef enum { AXON_MRG, AXON_SENN } AxonKind;

/* A membrane: constants that all diameters share. */
typedef struct {
  AxonKind kind;
  MrgModel mrg;   /* where kind is AXON_MRG */
  SennModel senn; /* where kind is AXON_SENN */
} AxonModel;

/* axon_model_read:
 *   model     "mrg", "linear" (the same axon), "senn"
 *   geometry  of the MRG models: "table", "interpolated", "small"
 * Errors: PETSC_ERR_USER_INPUT. */
PetscErrorCode axon_model_read(const char *model, const char *geometry, AxonModel *out) CAUDA_CHECKED;

const Gates *axon_gates(const AxonModel *m);
double axon_rest_mV(const AxonModel *m); /* what potentials inside are relative to; near the resting potential */

typedef struct {
  double diameter_um, internode_mm, dt_ms;
  int n_part;                      /* compartments from one node to the next, the node itself included */
  double place_mm[AXON_PARTS_MAX]; /* centre of each, from the node's */
  double inner_uS[AXON_PARTS_MAX]; /* between part i and the next, inside the axon */
  double outer_uS[AXON_PARTS_MAX]; /* the same under the myelin */
  double capacity_uS;              /* node's capacitance over the step */
  double channel[AXON_CHANNELS];   /* of a node: MRG: uS of m3h, p3, s, leak; SENN: nA per unit flux, and leak uS */
  double end_uS;                   /* of a passive node at a cut end */
  double join_uS, across_uS;       /* what an internode adds to each of its nodes, and between the two */
  int n_mode[2];                   /* even, odd */
  double keep[2][AXON_HALF], give[2][AXON_HALF];
  double shape[2][AXON_HALF][AXON_HALF]; /* [mode][unknown]: q that a constant drive of 1 nA (even or odd) makes */
  double direct[2][AXON_HALF];           /* [unknown]: current into the nodes that this drive makes in the end */
  double rest_uS;                        /* of a node's channels, gates frozen at rest */
  double rest_mV;                        /* resting potential of a node, less axon_rest_mV() */
} Axon;

/* axon_make: Errors: PETSC_ERR_USER_INPUT for a diameter that the geometry does not reach. */
PetscErrorCode axon_make(const AxonModel *m, double diameter_um, double dt_ms, Axon *out) CAUDA_CHECKED;

int axon_size(const Axon *a, int n_node);                  /* compartments of a fibre of n_node nodes */
void axon_places(const Axon *a, int n_node, double *s_mm); /* their centres, mm from the first node's */
int axon_node_at(const Axon *a, int node);                 /* index of a node among the compartments */

/* senn_make: the SENN fibre; as axon_make. senn_node_current: nA out of a node with gates x. */
PetscErrorCode senn_make(const SennModel *m, double diameter_um, Axon *out) CAUDA_CHECKED;
double senn_node_current(const SennModel *m, const double channel[AXON_CHANNELS], const double x[GATES], double v_mV);

/* axon_modes: takes the internode `part` (the node first) apart; fills the members from join_uS to direct. */
void axon_modes(const MrgCompartment part[MRG_PER_INTERNODE], double dt_ms, Axon *a);

/* What the potential outside at all compartments (mV, [axon_size]) drives:
 *   node  [n_node] nA;  inside [n_node - 1][2][AXON_HALF] nA, even and odd part, untouched where n_part is 1
 * At the cut ends the current that the potential outside sets up passes through, as if the fibre went on with the same
 * slope: a cut end of the computation does not excite. */
void axon_drive(const Axon *a, int n_node, const double *outside_mV, double *node, double *inside);

#endif
