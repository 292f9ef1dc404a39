/* Work: what the commands share. Everything is made or read when it is first asked for, and kept. */
#ifndef CAUDA_CLI_WORK_H
#define CAUDA_CLI_WORK_H

#include "args.h"
#include "ranks.h"

#include "cauda/report.h"
#include "cauda/scene.h"
#include "cauda/select.h"

typedef struct {
  const Args *args;
  Case *c;
  char out[CAUDA_PATH_MAX], input[CAUDA_PATH_MAX]; /* folders */
  char sets_path[CAUDA_PATH_MAX];
  /* NULL until asked for through work_*() */
  LeadModel *lead;
  SetTable *sets;
  FiberPopulations *populations;
  Anatomy *anatomy; /* stays NULL for a mesh from elsewhere without cord or CSF */
  Scene *scene;     /* likewise */
  Mesh *given;      /* the mesh from elsewhere, until it is the run's */
  bool no_shapes;   /* it has no cord or no CSF */
  Mesh *mesh;
  MeshLocator *locator; /* of mesh */
  double *sigma;        /* [mesh->n_tet][6] S/m */
  bool mesh_ends;       /* nothing comes after the solve stage: ranks that solve need not keep the mesh for it */
  LeadField *field;
  FiberSet *fibers;
  ThresholdTable *thresholds;
  FiberResponse *response; /* to pulses of response_us */
  double response_us;
  RanksFibers shared; /* what made it */
  char stage_key[65]; /* of the stage that runs */
  int n_error;
  RootError *errors; /* [n_error] by root_errors() */
  bool refined;      /* mesh and field were made anew by adapt() */
  double *indicator; /* [mesh->n_tet] what each tetrahedron adds to them */
  Report *report;
} Work;

/* work_open: reads the case and the small tables it names (lead, sets, fibres). Makes nothing on the disk. */
PetscErrorCode work_open(const Args *args, Work *w) CAUDA_CHECKED;
void work_close(Work *w);

/* work_begin_output: makes the output folder and opens the report in it. */
PetscErrorCode work_begin_output(Work *w) CAUDA_CHECKED;

/* work_path: a file in the output folder. */
PetscErrorCode work_path(const Work *w, const char *name, char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;

/* work_beside_case: a file that the case names stands beside the case or in the input folder. */
PetscErrorCode work_beside_case(const Work *w, const char *name, char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;

PetscErrorCode work_populations(Work *w) CAUDA_CHECKED;
/* work_given: the mesh from elsewhere that the case names: read and questioned, and the lead that it shows. */
PetscErrorCode work_given(Work *w) CAUDA_CHECKED; /* given_mesh.c */
PetscErrorCode work_anatomy(Work *w) CAUDA_CHECKED;
PetscErrorCode work_goal(Work *w, const CaseRank *rank, Goal **out) CAUDA_CHECKED; /* after work_anatomy */
PetscErrorCode work_scene(Work *w) CAUDA_CHECKED;
PetscErrorCode work_mesh(Work *w) CAUDA_CHECKED;    /* from mesh.msh */
PetscErrorCode work_locator(Work *w) CAUDA_CHECKED; /* after work_mesh */
PetscErrorCode work_sigma(Work *w) CAUDA_CHECKED;   /* likewise; of the case's conductivities */
void work_drop_mesh(Work *w);                       /* the mesh, and what hangs on it */
PetscErrorCode work_field(Work *w) CAUDA_CHECKED;   /* from leadfield.h5 */
PetscErrorCode work_fibers(Work *w) CAUDA_CHECKED;
PetscErrorCode work_thresholds(Work *w) CAUDA_CHECKED; /* from fiber_thresholds.csv */
/* work_response: the fibres' linear responses; that of the last pulse width is kept, with w->shared. */
PetscErrorCode work_response(Work *w, double width_us, const FiberResponse **out) CAUDA_CHECKED;

/* Errors: PETSC_ERR_USER_INPUT where the case names none. `why` says what needs it: "the solve stage". */
PetscErrorCode work_need_lead(const Work *w, const char *why) CAUDA_CHECKED;
PetscErrorCode work_need_sets(const Work *w, const char *why) CAUDA_CHECKED;

#endif
