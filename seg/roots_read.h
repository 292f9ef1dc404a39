/* Private to seg: annotated root lines. */
#ifndef CAUDA_SEG_ROOTS_READ_H
#define CAUDA_SEG_ROOTS_READ_H

#include "cauda/anatomy.h"

/* One file of points along a root, any order. */
typedef struct {
  char path[CAUDA_PATH_MAX];
  char segment[8]; /* "L1" */
  char side;       /* 'L' or 'R' */
  int n;
  double (*xyz)[3]; /* [n] RAS+ mm */
  bool exact;       /* from voxels: the line is smooth, and its ways through the dura and into the cord are as seen */
  bool has_ganglion;
  double ganglion[3]; /* RAS+ mm */
} RootLine;

/* root_lines_read: every file that exists of `pattern` with {root} = T1..T12, L1..L5, S1..S5 and {side} = L, R,
 * relative to `input`, and the ganglia beside them (`ganglia` is such a pattern, too, or NULL).
 * Errors: PETSC_ERR_USER_INPUT where no file exists, a pattern lacks {root} or {side}, or a file is at fault. */
PetscErrorCode root_lines_read(const char *pattern, const char *ganglia, const char *input, const char *coordinates,
                               int *n, RootLine **out) CAUDA_CHECKED;
void root_lines_destroy(int n, RootLine **lines);

/* roots_from_lines: adds a dorsal root for each line to an anatomy whose frame, z-range, surround and grid (cord and
 * CSF) are set: ordered, smoothed, joined to the cord, led on to the ganglion or off the image's end, and kept inside
 * the dura (roots_repair.h). The lines are left as they are.
 * Errors: PETSC_ERR_USER_INPUT for a root that never reaches the cord. */
PetscErrorCode roots_from_lines(Anatomy *a, int n, const RootLine *lines, double radius_mm) CAUDA_CHECKED;

#endif
