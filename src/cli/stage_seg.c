/* seg: the anatomy, written for the user to look at; the stages that follow build it anew in memory. */
#include "stages.h"

#include "cauda/seg.h"
#include "cauda/team.h"
#include "cauda/vtk.h"

/* Half a millimetre, more where a domain as large as a head would have more points than this. */
static const double STEP_MM = 0.5, MOST_POINTS = 12e6;

typedef struct {
  const Anatomy *a;
  double step_mm;
  char labels[CAUDA_PATH_MAX], names[CAUDA_PATH_MAX], surfaces[CAUDA_PATH_MAX];
  char regions[CAUDA_PATH_MAX], sections[CAUDA_PATH_MAX];
} Outputs;

enum { IMAGE_AND_TABLES, SURFACES, PIECES };

/* The two take about the same time, and each is hardly parallel by itself. */
static PetscErrorCode write_piece(void *context, int piece)
{
  const Outputs *o = context;
  if (piece == SURFACES) return surfaces_write(o->a, o->step_mm, o->surfaces);
  PetscCall(anatomy_write_labels(o->a, o->step_mm, o->labels, o->names));
  return anatomy_write_tables(o->a, o->regions, o->sections);
}

static double step_for(const Anatomy *a)
{
  const DistanceGrid *g = a->grid;
  double points = (a->z_max - a->z_min) / STEP_MM;
  for (int e = 0; e < 2; e++) points *= g->step[e] * g->n[e] / STEP_MM;
  return STEP_MM * fmax(1.0, cbrt(points / MOST_POINTS));
}

PetscErrorCode stage_seg(Work *w)
{
  Outputs o;
  PetscCall(work_path(w, "anatomy.nii.gz", o.labels));
  PetscCall(work_path(w, "anatomy_labels.csv", o.names));
  PetscCall(work_path(w, "surfaces.vtp", o.surfaces));
  PetscCall(work_path(w, "regions.csv", o.regions));
  PetscCall(work_path(w, "sections.csv", o.sections));
  PetscCall(work_anatomy(w));
  o.a = w->anatomy, o.step_mm = step_for(w->anatomy);
  /* of a large domain one after the other, for the memory */
  PetscCall(parallel_run("seg", PIECES, o.step_mm > STEP_MM ? 1 : 0, write_piece, &o));
  return report_set_anatomy(w->report, w->anatomy);
}
