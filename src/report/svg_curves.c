/* Recruitment curves: exact steps, one at each fibre's threshold. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* After Okabe and Ito (2008), "Color universal design"; its yellow, which white paper swallows, is a brown here. */
static const char *const hue[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a5c00"};
static const char *const dash[] = {"none", "6 3", "2 2", "8 2 2 2", "none", "12 3", "2 5"};
enum { N_HUE = sizeof hue / sizeof *hue };

/* "L1" of "L1_L_dorsal" has one look on both sides. */
static int segment_look(const ThresholdTable *t, int root)
{
  int n = 0;
  size_t length = strcspn(t->root[root], "_");
  for (int r = 0; r < root; r++) {
    size_t own = strcspn(t->root[r], "_");
    bool same = own == length && !strncmp(t->root[r], t->root[root], length), before = false;
    if (same) return segment_look(t, r);
    for (int q = 0; q < r; q++)
      before = before || (strcspn(t->root[q], "_") == own && !strncmp(t->root[q], t->root[r], own));
    n += !before;
  }
  return n % N_HUE;
}

static bool on_side(const char *root, char side)
{
  const char *mark = strchr(root, '_');
  return mark && mark[1] == side;
}

static int ascending(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* Up by one fibre's share at each threshold. */
static void put_steps(FILE *f, const Frame *r, const double *threshold, int n)
{
  fprintf(f, "M%.1f %.1f", frame_x(r, 0.0), frame_y(r, 0.0));
  for (int i = 0; i < n && threshold[i] <= r->x_most; i++)
    fprintf(f, "H%.1fV%.1f", frame_x(r, threshold[i]), frame_y(r, (i + 1.0) / n));
  fprintf(f, "H%.1f", frame_x(r, r->x_most));
}

static void put_curve(FILE *f, const Frame *r, const Subject *s, int set, int root, double *room)
{
  const ThresholdTable *t = s->thresholds;
  const bool is_target = s->is_target[root];
  const int look = segment_look(t, root);
  int n = 0;
  for (int i = 0; i < t->n_fiber; i++)
    if (t->fiber_root[i] == root) room[n++] = t->threshold_mA[(size_t)set * (size_t)t->n_fiber + (size_t)i];
  qsort(room, (size_t)n, sizeof *room, ascending);
  fputs("<path data-root=\"", f);
  html_text(f, t->root[root]);
  fprintf(f, "\" fill=\"none\" stroke=\"%s\" stroke-width=\"%g\" stroke-dasharray=\"%s\" d=\"",
          is_target ? "#000000" : hue[look], is_target ? 3.2 : 1.7, is_target ? "none" : dash[look]);
  put_steps(f, r, room, n);
  fputs("\">", f);
  html_element(f, "title", t->root[root]);
  fputs("</path>\n", f);
}

static void put_key(FILE *f, double x, double y, const Subject *s, int root)
{
  const bool is_target = s->is_target[root];
  const int look = segment_look(s->thresholds, root);
  fprintf(f, "<path d=\"M%.1f %.1fh22\" stroke=\"%s\" stroke-width=\"%g\" stroke-dasharray=\"%s\"/>", x, y - 4.0,
          is_target ? "#000000" : hue[look], is_target ? 3.2 : 1.7, is_target ? "none" : dash[look]);
  svg_label(f, x + 28.0, y, "start", is_target ? "font-weight=\"bold\"" : "", s->thresholds->root[root]);
}

/* The targets last, over the others. */
static void put_side(FILE *f, const Frame *r, const Subject *s, int set, char side, double *room)
{
  const ThresholdTable *t = s->thresholds;
  double y = r->top + 10.0;
  for (int root = 0; root < t->n_root; root++) {
    if (!on_side(t->root[root], side)) continue;
    if (!s->is_target[root]) put_curve(f, r, s, set, root, room);
    put_key(f, r->left + r->width + 12.0, y, s, root);
    y += 16.0;
  }
  for (int root = 0; root < t->n_root; root++)
    if (s->is_target[root] && on_side(t->root[root], side)) put_curve(f, r, s, set, root, room);
}

static int count_side(const ThresholdTable *t, char side)
{
  int n = 0;
  for (int root = 0; root < t->n_root; root++) n += on_side(t->root[root], side);
  return n;
}

static void put_amplitude(FILE *f, const Frame *r, double mA)
{
  char text[48];
  fprintf(f, "<path d=\"M%.1f %.1fv%.1f\" stroke=\"#1a1a1a\" stroke-dasharray=\"1 3\"/>", frame_x(r, mA), r->top,
          r->height);
  snprintf(text, sizeof text, "%.3g mA", mA);
  svg_label(f, frame_x(r, mA), r->top - 4.0, "middle", "font-size=\"11\"", text);
}

void svg_curves(FILE *f, const Subject *s, int set, char side)
{
  const ThresholdTable *t = s->thresholds;
  const double keys = 16.0 * count_side(t, side);
  const Frame r = {50.0, 36.0, 226.0, fmax(170.0, keys), subject_axis_mA(s, set), 1.0};
  const char *name = side == 'L' ? "Left" : "Right";
  char title[CAUDA_NAME_MAX + 64];
  double *room;
  if (mem_alloc((size_t)t->n_fiber + 1, sizeof *room, &room)) return;
  snprintf(title, sizeof title, "%s: recruitment of the roots of the %s side", t->set[set],
           side == 'L' ? "left" : "right");
  svg_begin(f, 402.0, r.top + r.height + 44.0, title);
  svg_label(f, r.left, 14.0, "start", "font-weight=\"bold\"", name);
  frame_axes(f, &r, "amplitude (mA)", "recruited (%)");
  put_side(f, &r, s, set, side, room);
  if (subject_rank(s, set)) put_amplitude(f, &r, subject_amplitude_mA(s, set));
  svg_end(f);
  free(room);
}
