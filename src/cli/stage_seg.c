/* seg: the anatomy, written for the user to look at; the stages that follow build it anew in memory. */
#include "stages.h"

#include "cauda/seg.h"
#include "cauda/vtk.h"

enum { STEPS = 4 };
static const double voxel_mm = 0.5, surface_step_mm = 0.5;

PetscErrorCode stage_seg(Work *w)
{
  char labels[CAUDA_PATH_MAX], names[CAUDA_PATH_MAX], surfaces[CAUDA_PATH_MAX];
  char regions[CAUDA_PATH_MAX], sections[CAUDA_PATH_MAX];
  PetscCall(work_path(w, "anatomy.nii.gz", labels));
  PetscCall(work_path(w, "anatomy_labels.csv", names));
  PetscCall(work_path(w, "surfaces.vtp", surfaces));
  PetscCall(work_path(w, "regions.csv", regions));
  PetscCall(work_path(w, "sections.csv", sections));
  PetscCall(work_anatomy(w));
  progress("seg", 1.0 / STEPS);
  PetscCall(anatomy_write_labels(w->anatomy, voxel_mm, labels, names));
  progress("seg", 2.0 / STEPS);
  PetscCall(anatomy_write_tables(w->anatomy, regions, sections));
  progress("seg", 3.0 / STEPS);
  PetscCall(surfaces_write(w->anatomy, surface_step_mm, surfaces));
  PetscCall(report_set_anatomy(w->report, w->anatomy));
  return 0;
}
