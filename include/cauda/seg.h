/* Seg: from files or published dimensions to an Anatomy, and back to files. */
#ifndef CAUDA_SEG_H
#define CAUDA_SEG_H

#include "cauda/anatomy.h"
#include "cauda/case.h"

/* anatomy_read: the anatomy that the case names: outlines, labels or phantom. Calls the one that fits, then
 * anatomy_finish(). `input` is the folder that paths are relative to.
 * Errors: PETSC_ERR_USER_INPUT, PETSC_ERR_FILE_* naming the file and the place. */
PetscErrorCode anatomy_read(const Case *c, const char *input, Anatomy **out) CAUDA_CHECKED;

/* One for each kind of source; each fills frame, grid, z-range, surround and roots but does not finish. */
PetscErrorCode anatomy_from_outlines(const Case *c, const char *input, Anatomy *a) CAUDA_CHECKED; /* seg/outlines.c */
PetscErrorCode anatomy_from_labels(const Case *c, const char *input, Anatomy *a) CAUDA_CHECKED;   /* seg/labels.c */
PetscErrorCode anatomy_from_phantom(const Case *c, Anatomy *a) CAUDA_CHECKED;                     /* seg/phantom.c */

/* Voxels: what lies where, in cubes along the world's axes, as something other than an image tells it. */
typedef struct {
  int n[3];
  double step_mm, first_mm[3]; /* edge of a cube; middle of the first one, world RAS+ */
  uint8_t *tissue;             /* [n2][n1][n0] a Tissue; TISSUE_OUTSIDE where nothing is told */
  uint8_t *root;               /* [n2][n1][n0] where the tissue is TISSUE_ROOT: 1 + index of its name */
  int n_root;                  /* at most 255 */
  const char *const *root_name;
  const char *from; /* what told it, for messages */
} Voxels;

/* anatomy_from_voxels: shapes by the path of label maps. Roots are the case's lines (anatomy.roots) where it names them,
 * else the centre lines of the voxels' roots; nothing is added beyond what the voxels show. Does not finish.
 * Errors: PETSC_ERR_USER_INPUT where cord or CSF are missing. seg/labels_voxels.c */
PetscErrorCode anatomy_from_voxels(const Case *c, const char *input, const Voxels *x, Anatomy *a) CAUDA_CHECKED;

/* roots_make: adds the dorsal (and, if asked, ventral) roots of segment `segment`, left and right, to an anatomy
 * whose grid (cord and CSF) is set: entry on the dorsolateral (ventrolateral) cord at height `entry_z`, then down
 * through the CSF between cord and dura, more caudal segments nearer the midline, apart from one another, and out
 * through the dura at `exit_z` (or off the domain's caudal end if it lies below). Used by the phantom and by label
 * maps with spinal levels. seg/roots_made.c */
typedef struct {
  char segment[8];                            /* "L1" */
  double entry_z;                             /* mm, local */
  double exit_z;                              /* mm, local; -HUGE_VAL: runs off the domain's end */
  double exit_angle_deg;                      /* between the root and the sac's axis at the exit */
  double radius_dorsal_mm, radius_ventral_mm; /* 0: none of that kind */
} RootPlan;
PetscErrorCode roots_make(Anatomy *a, const RootPlan *plan, int n_plan) CAUDA_CHECKED;

/* seg_write: anatomy.nii.gz (int16 labels in the world frame: the tissue's number, 100 + index for a root, table in
 * the header's description and in anatomy_labels.csv), surfaces.vtp is written by src/vtk. */
PetscErrorCode anatomy_write_labels(const Anatomy *a, double voxel_mm, const char *path,
                                    const char *table_path) CAUDA_CHECKED;

/* The table of `cauda seg`: volume by sampling, pieces, holes, length, mean radius ... one row a region; and
 * cross-sections by level (cord, sac area; diameters) every 5 mm. Written as CSV. */
PetscErrorCode anatomy_write_tables(const Anatomy *a, const char *regions_csv, const char *sections_csv) CAUDA_CHECKED;

#endif
