/* Pictures and tables that the commands make of what the modules return. */
#ifndef CAUDA_CLI_OUTPUTS_H
#define CAUDA_CLI_OUTPUTS_H

#include "cauda/fem.h"
#include "cauda/fiber.h"
#include "cauda/image.h"
#include "cauda/select.h"

PetscErrorCode fibers_write_vtp(const FiberSet *f, const ThresholdTable *t, const char *path) CAUDA_CHECKED;

/* field_write_images: potential (V) and magnitude of the field (V/m) of v [f->n_node] in V, on the grid of `like` (its
 * values are replaced): <stem>_potential_V.nii.gz and <stem>_E_V_per_m.nii.gz, 0 where there is no tissue. */
PetscErrorCode field_write_images(const Mesh *m, const LeadField *f, const double *v, Image *like, const char *stem,
                                  const char *description) CAUDA_CHECKED;

/* cell_field: -grad of the linear potential on tetrahedron t: E[3] V/m for v[n_node] in V (nodes in mm). */
void cell_field(const Mesh *m, const double *v, TetId t, double E[3]);

/* power_of_regions: each contact's power at unit current that each region takes, W: power[n_contact][n_region], of the
 * tetrahedra whose first vertex is `mine` [n_node] (NULL: of all). sigma [n_tet][6] S/m. */
PetscErrorCode power_of_regions(const Mesh *m, const double *sigma, const LeadField *f, const bool *mine,
                                double *power) CAUDA_CHECKED;
/* power_shares: rows that sum to 1 instead: what a contact's impedance is made of. */
void power_shares(int n_contact, int n_region, double *power);

#endif
