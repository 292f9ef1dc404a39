/* Levels: where the segments of the cord and the vertebrae lie along the cord.
 *
 * Places are mm along the middle of the cord, from its caudal end, where a mask of the cord is given; else heights in
 * the world (RAS+ z). A slice of labels lies where the middle of the cord is nearest to the middle of the labels; a
 * level reaches half a slice beyond its first and its last one. */
#ifndef CAUDA_LEVELS_H
#define CAUDA_LEVELS_H

#include "cauda/image.h"

enum { LEVEL_COUNT = 30 }; /* C1 to C8, T1 to T12, L1 to L5, S1 to S5 */

typedef struct {
  bool found;
  double from_mm, to_mm; /* caudal and rostral end */
  double middle_mm, length_mm;
  double middle_z_mm; /* height of the middle in the world */
} Level;

typedef struct {
  const char *table;               /* label table */
  const char *cord;                /* mask of the cord, or NULL */
  const char *folder;              /* that a path of a table is relative to */
  const char *orientation, *units; /* as in image_read(), or NULL */
  bool discs; /* levels_of_vertebrae: labels are discs, each named as the vertebra below it: a vertebra reaches from its
               * disc to the next one */
} LevelOptions;

const char *level_name(int level, char name[8]);

/* levels_of_segments: `path` is a map of segments in the cord, or of roots by level (or single roots, all of a level
 * together): of roots that lie outside the cord, only the voxels beside it count: the entries.
 * levels_of_vertebrae: `path` is a map of vertebrae, of the cord by vertebra, or of discs.
 * Errors: those of image_read(); PETSC_ERR_USER_INPUT for a value that the table lacks, an empty cord, a cord on
 * another grid than the roots, no level at all. */
PetscErrorCode levels_of_segments(const char *path, const LevelOptions *o, Level level[LEVEL_COUNT]) CAUDA_CHECKED;
PetscErrorCode levels_of_vertebrae(const char *path, const LevelOptions *o, Level level[LEVEL_COUNT]) CAUDA_CHECKED;

/* Agreement of two measurements of the same thing: mean and deviation (of the sample) of the differences, and the limits
 * within which 95 % of them lie if they are normal: bias -+ 1.96 deviations. NAN below two. Source: Bland and Altman,
 * Lancet 1 (1986) 307. */
typedef struct {
  int n;
  double bias, deviation, lower, upper;
} Agreement;
Agreement agreement_of(int n, const double *difference);

#endif
