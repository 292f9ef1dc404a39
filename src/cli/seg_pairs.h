/* Pairs of segmentations to be compared: two files, or the files of the same relative path in two folders. */
#ifndef CAUDA_CLI_SEG_PAIRS_H
#define CAUDA_CLI_SEG_PAIRS_H

#include "cauda/measure.h"

typedef struct {
  char name[CAUDA_PATH_MAX]; /* relative path, or B's name for two files */
  char a[CAUDA_PATH_MAX], b[CAUDA_PATH_MAX];
  char cord[CAUDA_PATH_MAX];                                                   /* "" without */
  char subject[CAUDA_NAME_MAX], session[CAUDA_NAME_MAX], site[CAUDA_NAME_MAX]; /* "" where not known */
  SegComparison *measures;
} SegPair;

typedef struct {
  int n;
  size_t room;
  SegPair *pair; /* by name */
  int n_alone_a, n_alone_b;
} SegPairs;

/* seg_pairs_find: `cord` is NULL, a file, or for folders a folder with files of the same relative paths. Subject,
 * session and site come from the path (sub-, ses-, site-), or from the table `groups` with the columns file (relative
 * path), subject and, if wanted, session and site.
 * Errors: PETSC_ERR_FILE_OPEN, PETSC_ERR_USER_INPUT where a file and a folder are given, no path is in both, or the
 * table lacks a file. Free with seg_pairs_destroy (safe on a zeroed one). */
PetscErrorCode seg_pairs_find(const char *a, const char *b, const char *cord, const char *groups,
                              SegPairs *out) CAUDA_CHECKED;
void seg_pairs_destroy(SegPairs *p);

#endif
