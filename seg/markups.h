/* Private to seg: 3D Slicer markups (.json, .mrk.json; schemas 1.0.x), one markup a file. */
#ifndef CAUDA_SEG_MARKUPS_H
#define CAUDA_SEG_MARKUPS_H

#include "cauda/base.h"

typedef enum { MARKUP_CLOSED_CURVE, MARKUP_CURVE, MARKUP_LINE, MARKUP_POINTS } MarkupType;

typedef struct {
  char path[CAUDA_PATH_MAX];
  MarkupType type;
  int n;
  double (*xyz)[3]; /* [n] RAS+ mm, in the file's order */
} Markup;

/* markup_read: control points as RAS+ mm.
 *   coordinates  "LPS" or "RAS": overrides what the file says; NULL: the file's coordinateSystem (text, or the codes
 *                0 = RAS and 1 = LPS of early versions), LPS where it says nothing, as the schema has it
 * Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT naming the file and the place: not JSON, not one markup, a type
 * that has no points, units other than mm, a point that is undefined, not three numbers or not finite. */
PetscErrorCode markup_read(const char *path, const char *coordinates, Markup **out) CAUDA_CHECKED;
void markup_destroy(Markup **m);

const char *markup_type_name(MarkupType t); /* as in the file: "ClosedCurve", "Curve", "Line", "Fiducial" */

#endif
