/* Activation of the target against spill, at each set's own amplitude. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a set at the amplitude of its score: what it activates, the mean of what it spills, 0..1. */
typedef struct {
  double activated, spilled;
} Point;

static int row_count(json_object *ranking)
{
  return json_object_is_type(ranking, json_type_array) ? (int)json_object_array_length(ranking) : 0;
}

static json_object *row_at(json_object *ranking, int i) { return json_object_array_get_idx(ranking, (size_t)i); }

static Point point_of(json_object *ranking, int i)
{
  json_object *row = row_at(ranking, i);
  return (Point){json_number(row, "target_recruited"), json_number(row, "spill")};
}

static bool is_point(Point p) { return isfinite(p.activated) && isfinite(p.spilled); }

bool svg_has_pareto(json_object *ranking)
{
  int n = 0;
  for (int i = 0; i < row_count(ranking); i++) n += is_point(point_of(ranking, i));
  return n > 1;
}

/* No other set activates as much and spills less, or activates more and spills as little. */
static bool on_front(const Point *p, int n, int i)
{
  for (int k = 0; k < n; k++) {
    bool as_good = p[k].activated >= p[i].activated && p[k].spilled <= p[i].spilled;
    if (as_good && (p[k].activated > p[i].activated || p[k].spilled < p[i].spilled)) return false;
  }
  return true;
}

static void put_point(FILE *f, const Frame *r, Point p, bool front, const char *name)
{
  fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"%s\" stroke=\"#0072b2\"><title>", frame_x(r, p.spilled),
          frame_y(r, p.activated), front ? 6.0 : 4.0, front ? "#0072b2" : "#ffffff");
  html_textf(f, "%s: %.0f %% of the target, %.0f %% of the others", name, 100.0 * p.activated, 100.0 * p.spilled);
  fputs("</title></circle>\n", f);
}

/* Names of the first sets, one below the other where points lie close: a line's height, or less by no more than rounding. */
static void put_names(FILE *f, json_object *ranking, const Frame *r, const Point *p, int n)
{
  const double line = 13.0;
  double at[SUBJECT_SETS][2];
  for (int i = 0; i < n && i < SUBJECT_SETS; i++) {
    const Point *q = &p[i];
    const bool left = q->spilled > 0.6 * r->x_most;
    double x = frame_x(r, q->spilled) + (left ? -9.0 : 9.0), y = frame_y(r, q->activated) + 4.0;
    for (int k = 0; k < i; k++)
      if (fabs(at[k][0] - x) < 150.0 && fabs(at[k][1] - y) < line - 1e-6) y = at[k][1] + line, k = -1;
    at[i][0] = x, at[i][1] = y;
    svg_label(f, x, y, left ? "end" : "start", "font-size=\"11\"", json_text(row_at(ranking, i), "set"));
  }
}

static double spill_most(const Point *p, int n)
{
  double most = 0.0;
  for (int i = 0; i < n; i++) most = fmax(most, p[i].spilled);
  return most > 0.5 ? 1.0 : most > 0.25 ? 0.5 : 0.25;
}

/* x in percent, too. */
static void put_axes(FILE *f, const Frame *r)
{
  Frame percent = *r;
  percent.x_most *= 100.0;
  frame_axes(f, &percent, "other roots, mean recruited (%)", "target recruited (%)");
}

/* ---- what a search found ------------------------------------------------------------------------------------------ */

/* -1 where a table has no such column. */
static int column_of(const CsvTable *t, const char *name)
{
  int i = t->n_column - 1;
  while (i >= 0 && strcmp(t->column[i], name)) i--;
  return i;
}

static bool front_point(const CsvTable *t, int row, const char *target, Point *p)
{
  const int of = column_of(t, "target"), activated = column_of(t, "target_recruited"), spilled = column_of(t, "spill");
  if (of < 0 || activated < 0 || spilled < 0 || strcmp(csv_text(t, row, of), target)) return false;
  *p = (Point){strtod(csv_text(t, row, activated), NULL), strtod(csv_text(t, row, spilled), NULL)};
  return is_point(*p);
}

static bool has_front(const CsvTable *t, const char *target)
{
  Point p;
  for (int i = 0; t && i < t->n_row; i++)
    if (front_point(t, i, target, &p)) return true;
  return false;
}

/* From much activation to little: as much needs this much spill. */
static void put_front(FILE *f, const Frame *r, const CsvTable *t, const char *target)
{
  bool begun = false;
  Point p;
  fputs("<path fill=\"none\" stroke=\"#d55e00\" stroke-width=\"1.8\" stroke-dasharray=\"5 2\" d=\"", f);
  for (int i = 0; i < t->n_row; i++) {
    if (!front_point(t, i, target, &p)) continue;
    const double x = frame_x(r, fmin(p.spilled, r->x_most)), y = frame_y(r, p.activated);
    fprintf(f, begun ? "V%.1fH%.1f" : "M%.1f %.1f", begun ? y : x, begun ? x : y);
    begun = true;
  }
  fprintf(f, "V%.1f\"><title>the front of the search</title></path>\n", frame_y(r, 0.0));
  fprintf(f, "<path d=\"M%.1f 9h26\" stroke=\"#d55e00\" stroke-width=\"1.8\" stroke-dasharray=\"5 2\"/>", r->left);
  svg_label(f, r->left + 32.0, 13.0, "start", "font-size=\"11\"",
            "front of the search: as much of the target, least spill");
}

void svg_pareto(FILE *f, const Subject *s, json_object *ranking)
{
  const int all = row_count(ranking);
  const char *target = all ? json_text(row_at(ranking, 0), "target") : "";
  const bool front = has_front(s->front, target);
  int n = 0;
  Point *p;
  if (mem_alloc((size_t)all, sizeof *p, &p)) return;
  for (int i = 0; i < all && is_point(point_of(ranking, i)); i++) p[n++] = point_of(ranking, i);
  const Frame r = {54.0, 24.0, 380.0, 260.0, spill_most(p, n), 1.0};
  svg_begin(f, 460.0, 334.0, "Activation of the target against spill, one point a set; filled: on the Pareto front");
  put_axes(f, &r);
  if (front) put_front(f, &r, s->front, target);
  for (int i = 0; i < n; i++) put_point(f, &r, p[i], on_front(p, n, i), json_text(row_at(ranking, i), "set"));
  put_names(f, ranking, &r, p, n);
  svg_end(f);
  free(p);
}
