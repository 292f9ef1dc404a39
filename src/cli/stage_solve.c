/* solve: the lead field, its checks, and what the contacts' impedances are made of. */
#include "outputs.h"
#include "ranks.h"
#include "stages.h"

#include <stdlib.h>

static PetscErrorCode write_files(Work *w)
{
  char mesh[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX], sha256[65];
  PetscCall(work_path(w, "mesh.msh", mesh));
  PetscCall(file_sha256(mesh, sha256));
  PetscCall(work_path(w, "leadfield.h5", path));
  PetscCall(lead_field_write(w->field, w->sigma, w->mesh->n_tet, sha256, path));
  PetscCall(work_path(w, "impedance.csv", path));
  PetscCall(impedance_write_csv(w->field, path));
  return 0;
}

static PetscErrorCode report_field(Work *w)
{
  double *share;
  PetscCall(mem_alloc((size_t)w->field->n_contact * (size_t)w->mesh->n_region, sizeof *share, &share));
  PetscErrorCode ierr = power_shares(w->mesh, w->sigma, w->field, share);
  if (!ierr) ierr = report_set_field(w->report, w->field, w->mesh, share);
  free(share);
  PetscCall(ierr);
  PetscCall(report_set_conductivities(w->report, w->c, w->mesh));
  return 0;
}

PetscErrorCode stage_solve(Work *w)
{
  const FieldOptions o = field_options(&w->c->field);
  PetscCall(work_need_lead(w, "the solve stage"));
  lead_field_destroy(&w->field);
  PetscCall(work_scene(w)); /* laying the lead moves roots */
  PetscCall(work_mesh(w));
  PetscCall(work_sigma(w));
  PetscCall(ranks_solve(w->mesh, w->sigma, &o, &w->field));
  if (w->sets) PetscCall(sets_resolve(w->sets, w->field));
  PetscCall(write_files(w));
  return report_field(w);
}
