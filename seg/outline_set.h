/* Private to seg: the outlines of one structure: planar closed loops, checked. */
#ifndef CAUDA_SEG_OUTLINE_SET_H
#define CAUDA_SEG_OUTLINE_SET_H

#include "cauda/base.h"
#include "cauda/vec3.h"
#include "markups.h"

typedef struct {
  Markup *markup;
  double centroid[3]; /* of the area, RAS+ mm until outline_set_place(), local mm afterwards */
  double normal[3];   /* unit, RAS+; its sign follows the drawing's sense */
  double area;        /* mm2, positive */
  int n;
  double (*xy)[2]; /* [n] local mm; after outline_set_place() */
} Outline;

typedef struct {
  const char *what; /* "cord" or "dura" */
  int n;
  Outline *loop;  /* ordered by height after outline_set_place() */
  double spacing; /* median distance of neighbouring planes, mm; after outline_set_place() */
} OutlineSet;

/* outline_set_read: all files that match `pattern` (relative to `input`), each a closed curve: at least 3 points, in
 * one plane, not crossing itself.
 * Errors: PETSC_ERR_USER_INPUT naming the pattern and the folder where nothing matches, or the file at fault. */
PetscErrorCode outline_set_read(const char *what, const char *pattern, const char *input, const char *coordinates,
                                OutlineSet **out) CAUDA_CHECKED;
void outline_set_destroy(OutlineSet **s);

/* outline_set_place: into the local frame (world: local to RAS+), ordered by height.
 * Errors: PETSC_ERR_USER_INPUT for a loop whose plane is not that of the frame, or two loops in one plane. */
PetscErrorCode outline_set_place(OutlineSet *s, const Rigid *world) CAUDA_CHECKED;

#endif
