/* mesh: the scene as tetrahedra, and a report of what they are worth. */
#include "outputs.h"
#include "stages.h"

#include "cauda/vtk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A region's volume may be off by this much before it is told. */
static const double VOLUME_OFF = 0.05;

static PetscErrorCode write_files(Work *w)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(work_path(w, "mesh.msh", path));
  PetscCall(mesh_write_msh(w->mesh, path));
  PetscCall(work_path(w, "mesh.vtu", path));
  PetscCall(vtk_write_mesh(path, w->mesh, 0, NULL, 0, NULL));
  PetscCall(work_path(w, "contacts.vtp", path));
  PetscCall(vtk_write_groups(path, w->mesh));
  return 0;
}

/* The volumes of the shapes beside those of the mesh; the last is that of the scar around the lead. */
static void add_shape_volumes(const Anatomy *a, const double *volume_mm3, MeshQuality *q)
{
  const int n = TISSUE_ROOT + a->n_root;
  for (int r = 0; r <= n; r++) {
    char name[CAUDA_NAME_MAX] = "encapsulation";
    if (r < n) anatomy_region_name(a, r, name);
    for (int i = 0; i < q->n_region; i++)
      if (!strcmp(q->regions[i].name, name)) q->regions[i].shape_volume_mm3 = volume_mm3[r];
  }
}

/* Edges that are too long for what they are to show. */
static void tell_volumes(const Mesh *m, const MeshQuality *q)
{
  double worst = VOLUME_OFF;
  const RegionQuality *at = NULL;
  int n = 0;
  for (int i = 0; i < q->n_region; i++) {
    const RegionQuality *g = &q->regions[i];
    const double off = g->shape_volume_mm3 > 0.0 ? fabs(g->volume_mm3 / g->shape_volume_mm3 - 1.0) : 0.0;
    n += off > VOLUME_OFF;
    if (off > worst) worst = off, at = g;
  }
  if (!at) return;
  say_note("%s has %.2g mm3 in the mesh, its shape %.2g mm3%s: edges are too long for it; a smaller %s in the case's "
           "mesh: helps",
           at->name, at->volume_mm3, at->shape_volume_mm3, n > 1 ? " (others are off by more than 5 %, too)" : "",
           m->regions[mesh_find_region(m, at->name)].tissue == TISSUE_ROOT ? "root_edge_mm" : "dura_edge_mm");
}

static PetscErrorCode report_quality(Work *w, MeshQuality *q)
{
  double *volume_mm3 = NULL;
  if (!w->c->anatomy.mesh) PetscCall(scene_shape_volumes(w->scene, &volume_mm3));
  if (volume_mm3) add_shape_volumes(w->anatomy, volume_mm3, q);
  free(volume_mm3);
  if (q->pinholes)
    say_note("the dura has %d pinholes: nodes of the mesh join its inside to its outside", (int)q->pinholes);
  if (q->leaks) say_note("the dura leaks: %d faces of the mesh join its inside to its outside", (int)q->leaks);
  for (int i = 0; i < q->n_region; i++)
    if (q->regions[i].pieces > 1) say_note("%s is in %d pieces in the mesh", q->regions[i].name, q->regions[i].pieces);
  tell_volumes(w->mesh, q);
  PetscCall(report_set_mesh(w->report, w->mesh, q));
  if (w->scene) PetscCall(report_set_lead(w->report, w->scene));
  if (w->anatomy) PetscCall(report_set_anatomy(w->report, w->anatomy)); /* again: what the lead moved is a repair */
  return 0;
}

/* Made, or taken over: the anatomy is made of it while it is there. */
static PetscErrorCode mesh_get(Work *w)
{
  work_drop_mesh(w);
  PetscCall(work_scene(w));
  if (!w->c->anatomy.mesh) return mesh_make(w->c, w->scene, &w->mesh);
  w->mesh = w->given;
  w->given = NULL;
  return 0;
}

PetscErrorCode stage_mesh_write(Work *w)
{
  MeshQuality *q;
  PetscCall(write_files(w));
  PetscCall(mesh_quality(w->mesh, &q));
  PetscErrorCode ierr = report_quality(w, q);
  mesh_quality_destroy(&q);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode stage_mesh(Work *w)
{
  PetscCall(mesh_get(w));
  return stage_mesh_write(w);
}
