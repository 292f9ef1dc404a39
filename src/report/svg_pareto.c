/* Activation of the target against spill, at each set's own amplitude. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>
#include <stdlib.h>

/* Of a set at the amplitude of its score: what it activates, the mean of what it spills, 0..1. */
typedef struct {
  double activated, spilled;
} Point;

static json_object *ranking_of(const Subject *s) { return json_get(s->report, "ranking"); }

static int row_count(const Subject *s)
{
  json_object *all = ranking_of(s);
  return json_object_is_type(all, json_type_array) ? (int)json_object_array_length(all) : 0;
}

static json_object *row_at(const Subject *s, int i) { return json_object_array_get_idx(ranking_of(s), (size_t)i); }

static Point point_of(const Subject *s, int i)
{
  return (Point){json_number(row_at(s, i), "target_recruited"), json_number(row_at(s, i), "spill")};
}

static bool is_point(Point p) { return isfinite(p.activated) && isfinite(p.spilled); }

bool svg_has_pareto(const Subject *s)
{
  int n = 0;
  for (int i = 0; i < row_count(s); i++) n += is_point(point_of(s, i));
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

/* Names of the first sets, one below the other where points lie close. */
static void put_names(FILE *f, const Subject *s, const Frame *r, const Point *p, int n)
{
  double at[SUBJECT_SETS][2];
  for (int i = 0; i < n && i < SUBJECT_SETS; i++) {
    const Point *q = &p[i];
    const bool left = q->spilled > 0.6 * r->x_most;
    double x = frame_x(r, q->spilled) + (left ? -9.0 : 9.0), y = frame_y(r, q->activated) + 4.0;
    for (int k = 0; k < i; k++)
      if (fabs(at[k][0] - x) < 150.0 && fabs(at[k][1] - y) < 13.0) y = at[k][1] + 13.0, k = -1;
    at[i][0] = x, at[i][1] = y;
    svg_label(f, x, y, left ? "end" : "start", "font-size=\"11\"", json_text(row_at(s, i), "set"));
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

void svg_pareto(FILE *f, const Subject *s)
{
  const int all = row_count(s);
  int n = 0;
  Point *p;
  if (mem_alloc((size_t)all, sizeof *p, &p)) return;
  for (int i = 0; i < all && is_point(point_of(s, i)); i++) p[n++] = point_of(s, i);
  const Frame r = {54.0, 20.0, 380.0, 260.0, spill_most(p, n), 1.0};
  svg_begin(f, 460.0, 330.0, "Activation of the target against spill, one point a set; filled: on the Pareto front");
  put_axes(f, &r);
  for (int i = 0; i < n; i++) put_point(f, &r, p[i], on_front(p, n, i), json_text(row_at(s, i), "set"));
  put_names(f, s, &r, p, n);
  svg_end(f);
  free(p);
}
