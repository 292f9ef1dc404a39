/* Frames of the plots: the picture's element, axes with round ticks. Inside src/report/. */
#ifndef CAUDA_REPORT_SVG_FRAME_H
#define CAUDA_REPORT_SVG_FRAME_H

#include "cauda/base.h"

/* A plot's area in the picture, px, and its values at the right and the top; both axes begin at 0. */
typedef struct {
  double left, top, width, height, x_most, y_most;
} Frame;

/* svg_begin: the element, with a title that is read out and shown under the pointer. */
void svg_begin(FILE *f, double width, double height, const char *title);
void svg_end(FILE *f);
/* svg_label: text at x, y; anchor "start", "middle" or "end"; `more` are further attributes, or "". */
void svg_label(FILE *f, double x, double y, const char *anchor, const char *more, const char *text);

double frame_x(const Frame *r, double value);
double frame_y(const Frame *r, double value);
/* frame_axes: both axes with ticks and their names. y runs in percent. */
void frame_axes(FILE *f, const Frame *r, const char *x_name, const char *y_name);

#endif
