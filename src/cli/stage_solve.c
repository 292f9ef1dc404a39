/* solve: the lead field, its checks, and what the contacts' impedances are made of. */
#include "outputs.h"
#include "ranks.h"
#include "stages.h"

#include <stdlib.h>
#include <string.h>

static PetscErrorCode write_files(Work *w, TetId n_tet)
{
  char mesh[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX], sha256[65];
  PetscCall(work_path(w, "mesh.msh", mesh));
  PetscCall(file_sha256(mesh, sha256));
  PetscCall(work_path(w, "leadfield.h5", path));
  PetscCall(lead_field_write(w->field, w->sigma, n_tet, sha256, path));
  PetscCall(work_path(w, "impedance.csv", path));
  PetscCall(impedance_write_csv(w->field, path));
  return 0;
}

/* names: a mesh of which only the regions count. */
static PetscErrorCode report_field(Work *w, const Mesh *names, double *power)
{
  power_shares(w->field->n_contact, names->n_region, power);
  PetscCall(report_set_field(w->report, w->field, names, power));
  return report_set_conductivities(w->report, w->c, names);
}

static void let_go(void *work) { work_drop_mesh(work); }

static PetscErrorCode solve(Work *w, const FieldOptions *o, double **power)
{
  RanksSolution r;
  PetscCall(ranks_solve_all(w->mesh, w->sigma, o, w->mesh_ends ? let_go : NULL, w, &r));
  PetscErrorCode ierr = report_set_ranks(w->report, &r.effort);
  w->field = r.field, r.field = NULL;
  if (r.sigma) w->sigma = r.sigma, r.sigma = NULL;
  *power = r.power, r.power = NULL;
  ranks_solution_free(&r);
  return ierr;
}

/* What of the mesh is needed when it is gone. */
static PetscErrorCode names_copy(const Mesh *m, Mesh **out)
{
  PetscCall(mesh_create(0, 0, 0, m->n_region, 0, out));
  memcpy((*out)->regions, m->regions, (size_t)m->n_region * sizeof *m->regions);
  return 0;
}

static PetscErrorCode solve_and_tell(Work *w, const Mesh *names, double **power)
{
  const FieldOptions o = field_options(&w->c->field);
  TetId n_tet = w->mesh->n_tet;
  PetscCall(solve(w, &o, power));
  if (w->sets) PetscCall(sets_resolve(w->sets, w->field));
  PetscCall(write_files(w, n_tet));
  return report_field(w, names, *power);
}

PetscErrorCode stage_solve(Work *w)
{
  Mesh *names;
  double *power = NULL;
  PetscCall(work_need_lead(w, "the solve stage"));
  lead_field_destroy(&w->field);
  PetscCall(work_scene(w)); /* laying the lead moves roots */
  PetscCall(work_mesh(w));
  PetscCall(work_sigma(w));
  PetscCall(names_copy(w->mesh, &names));
  PetscErrorCode ierr = solve_and_tell(w, names, &power);
  free(power);
  mesh_destroy(&names);
  if (w->mesh_ends) work_drop_mesh(w);
  return ierr;
}
