/* What the commands share, made or read when it is first asked for. */
#include "work.h"

#include "cauda/seg.h"

#include <stdlib.h>
#include <string.h>

PetscErrorCode work_beside_case(const Work *w, const char *name, char out[CAUDA_PATH_MAX])
{
  PetscCall(path_join(w->c->folder, name, out));
  if (!file_exists(out)) PetscCall(path_join(w->input, name, out));
  return 0;
}

static PetscErrorCode read_sets(Work *w)
{
  const char **names;
  PetscCall(work_beside_case(w, w->c->sets, w->sets_path));
  PetscCall(mem_alloc((size_t)w->lead->n_contacts, sizeof *names, &names));
  for (int i = 0; i < w->lead->n_contacts; i++) names[i] = w->lead->contacts[i].name;
  PetscErrorCode ierr = sets_read(w->sets_path, w->lead->n_contacts, names, &w->sets);
  free(names);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode work_open(const Args *args, Work *w)
{
  memset(w, 0, sizeof *w);
  w->args = args;
  PetscCall(case_read(args->case_path, &w->c));
  const char *input = args->input ? args->input : w->c->folder;
  PetscCheck(file_exists(*input ? input : "."), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: no such folder (--input)",
             input);
  PetscCall(path_join("", input, w->input));
  if (args->out)
    PetscCall(path_join("", args->out, w->out));
  else
    PetscCall(path_join("out", w->c->name, w->out));
  if (w->c->anatomy.mesh) PetscCall(work_given(w));
  if (w->c->paddle) PetscCall(lead_model_read(w->c->paddle->model, w->c->folder, &w->lead));
  if (!w->lead) return 0;
  if (w->c->sets) PetscCall(read_sets(w));
  if (w->c->sets || w->c->rank) PetscCall(work_populations(w));
  return 0;
}

void work_close(Work *w)
{
  free(w->errors);
  free(w->indicator);
  thresholds_destroy(&w->thresholds);
  fiber_response_destroy(&w->response);
  ranks_fibers_free(&w->shared);
  fibers_destroy(&w->fibers);
  lead_field_destroy(&w->field);
  work_drop_mesh(w);
  mesh_destroy(&w->given);
  scene_destroy(&w->scene);
  anatomy_destroy(&w->anatomy);
  fiber_populations_destroy(&w->populations);
  sets_destroy(&w->sets);
  lead_model_destroy(&w->lead);
  report_destroy(&w->report);
  case_destroy(&w->c);
}

PetscErrorCode work_begin_output(Work *w)
{
  char path[CAUDA_PATH_MAX];
  if (w->report) return 0;
  PetscCall(folder_create(w->out));
  tmp_files_sweep(w->out);
  PetscCall(work_path(w, "report.json", path));
  PetscCall(report_open(path, &w->report));
  PetscCall(report_set_case(w->report, w->c));
  return 0;
}

PetscErrorCode work_path(const Work *w, const char *name, char out[CAUDA_PATH_MAX])
{
  PetscCall(path_join(w->out, name, out));
  return 0;
}

PetscErrorCode work_populations(Work *w)
{
  if (!w->populations) PetscCall(fiber_populations_read(w->c->fibers.populations, w->c->folder, &w->populations));
  return 0;
}

PetscErrorCode work_goal(Work *w, const CaseRank *rank, Goal **out)
{
  char(*root)[CAUDA_NAME_MAX];
  int n;
  PetscCall(work_populations(w));
  PetscCall(fibers_root_names(w->anatomy, w->populations, &n, &root));
  PetscErrorCode ierr = goal_create(rank, w->c->folder, n, root, out);
  free(root);
  return ierr;
}

/* Said as soon as the roots are known, not after minutes of work. */
static PetscErrorCode check_target(Work *w)
{
  Goal *g = NULL;
  if (!w->c->rank || !w->anatomy) return 0;
  PetscErrorCode ierr = work_goal(w, w->c->rank, &g);
  goal_destroy(&g);
  return ierr;
}

PetscErrorCode work_anatomy(Work *w)
{
  if (w->anatomy || w->no_shapes) return 0;
  if (w->c->anatomy.mesh)
    PetscCall(mesh_anatomy(w->c, w->input, w->given, &w->anatomy));
  else
    PetscCall(anatomy_read(w->c, w->input, &w->anatomy));
  PetscCall(check_target(w));
  return 0;
}

PetscErrorCode work_scene(Work *w)
{
  if (w->scene) return 0;
  PetscCall(work_anatomy(w));
  if (w->no_shapes) return 0;
  PetscCall(scene_create(w->c, w->anatomy, w->c->paddle ? w->lead : NULL, &w->scene));
  return 0;
}

PetscErrorCode work_mesh(Work *w)
{
  char path[CAUDA_PATH_MAX];
  if (w->mesh) return 0;
  PetscCall(work_path(w, "mesh.msh", path));
  PetscCall(mesh_read_msh(path, &w->mesh));
  return 0;
}

PetscErrorCode work_locator(Work *w) { return w->locator ? 0 : mesh_locator_create(w->mesh, &w->locator); }

PetscErrorCode work_sigma(Work *w) { return w->sigma ? 0 : conductivity_assign(w->c, w->anatomy, w->mesh, &w->sigma); }

void work_drop_mesh(Work *w)
{
  free(w->sigma);
  w->sigma = NULL;
  mesh_locator_destroy(&w->locator);
  mesh_destroy(&w->mesh);
}

PetscErrorCode work_field(Work *w)
{
  char path[CAUDA_PATH_MAX], mesh[CAUDA_PATH_MAX], sha256[65];
  if (w->field) return 0;
  PetscCall(work_path(w, "mesh.msh", mesh));
  PetscCall(file_sha256(mesh, sha256));
  PetscCall(work_path(w, "leadfield.h5", path));
  PetscCall(lead_field_read(path, sha256, &w->field));
  return w->sets ? sets_resolve(w->sets, w->field) : 0;
}

PetscErrorCode work_fibers(Work *w)
{
  if (w->fibers) return 0;
  PetscCall(work_scene(w)); /* laying the lead moves roots, and their fibres with them */
  PetscCheck(w->anatomy, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: fibres need a cord and CSF to run in; the mesh %s has no volumes named white (or grey) and csf",
             w->c->path, w->c->anatomy.mesh);
  PetscCheck(w->anatomy->n_root, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: fibres need roots, and there are none: expected %s", w->c->path,
             w->c->anatomy.mesh ? "volumes such as L1_L in the mesh, or \"roots\" with their lines in \"anatomy\""
                                : "roots in the anatomy");
  PetscCall(work_populations(w));
  PetscCall(fibers_make(w->c, w->anatomy, w->populations, &w->fibers));
  return 0;
}

PetscErrorCode work_thresholds(Work *w)
{
  char path[CAUDA_PATH_MAX];
  if (w->thresholds) return 0;
  PetscCall(work_path(w, "fiber_thresholds.csv", path));
  PetscCall(thresholds_read(path, &w->thresholds));
  return 0;
}

static PetscErrorCode response_make(Work *w, double width_us)
{
  fiber_response_destroy(&w->response);
  ranks_fibers_free(&w->shared);
  PetscCall(work_locator(w));
  const RanksField f = {w->c, w->fibers, w->mesh, w->locator, w->field, width_us, w->args->threads};
  w->response_us = width_us;
  return ranks_respond(&f, &w->shared, &w->response);
}

PetscErrorCode work_response(Work *w, double width_us, const FiberResponse **out)
{
  if (!w->response || w->response_us != width_us) PetscCall(response_make(w, width_us));
  *out = w->response;
  return 0;
}

PetscErrorCode work_need_lead(const Work *w, const char *why)
{
  PetscCheck(w->lead || !w->c->anatomy.mesh, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the mesh %s has no contacts, which %s needs; expected surface groups named C01, C02 ...", w->c->path,
             w->c->anatomy.mesh, why);
  PetscCheck(w->lead, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"paddle:\", which %s needs", w->c->path,
             why);
  return 0;
}

PetscErrorCode work_need_sets(const Work *w, const char *why)
{
  PetscCall(work_need_lead(w, why));
  PetscCheck(w->sets, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: found no \"sets:\", which %s needs", w->c->path, why);
  return 0;
}
