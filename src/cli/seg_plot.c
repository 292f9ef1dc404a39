/* A plot of what comparing segmentations found: one panel a measure, one column a label, one dot a pair. */
#include "seg_tables.h"

#include <math.h>
#include <string.h>

enum { LEFT = 70, TOP = 30, HEIGHT = 150, BELOW = 20, RIGHT = 20, NAMES = 70, LABEL_WIDTH_MIN = 26 };

typedef struct {
  const char *measure, *title;
  bool share; /* the axis goes from 0 to 1 */
} Panel;
static const Panel panels[] = {{"dice", "Dice", true},
                               {"distance_mean_mm", "mean surface distance, mm", false},
                               {"volume_difference_percent", "volume of B less A, %", false},
                               {"centre_mean_mm", "centres slice by slice, mm", false}};
enum { N_PANEL = sizeof panels / sizeof *panels };

static int column_of(const char *name)
{
  int c = 0;
  while (strcmp(seg_column_name(c), name)) c++;
  return c;
}

static const SegMeasure *find(const SegComparison *c, const char *label)
{
  for (int l = 0; l < c->n_label; l++)
    if (!strcmp(c->label[l].name, label)) return &c->label[l];
  return NULL;
}

/* What the axis spans: all values and 0. */
static void range_of(const SegPairs *p, int column, bool share, double *lo, double *hi)
{
  *lo = 0.0, *hi = share ? 1.0 : 0.0;
  for (int i = 0; !share && i < p->n; i++)
    for (int l = 0; l < p->pair[i].measures->n_label; l++) {
      const double value = seg_column_value(&p->pair[i].measures->label[l], column);
      if (isnan(value)) continue;
      *lo = fmin(*lo, value), *hi = fmax(*hi, value);
    }
  if (!(*hi > *lo)) *hi = *lo + 1.0;
}

/* A round step that divides the span into about four. */
static double step_of(double span)
{
  const double raw = span / 4.0, power = pow(10.0, floor(log10(raw))), lead = raw / power;
  return power * (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0);
}

typedef struct {
  double top, lo, hi, label_width, width;
} Axis;

static double height_of(const Axis *a, double value) { return a->top + HEIGHT * (a->hi - value) / (a->hi - a->lo); }

static void draw_axis(FILE *s, const Axis *a, const char *title)
{
  const double step = step_of(a->hi - a->lo);
  fprintf(s, "<text x='%d' y='%.1f' font-weight='bold'>%s</text>\n", LEFT, a->top - 8.0, title);
  for (double v = ceil(a->lo / step - 1e-9) * step; v <= a->hi + 1e-9 * step; v += step) {
    const double y = height_of(a, v), shown = fabs(v) < 1e-9 * step ? 0.0 : v;
    fprintf(s, "<line x1='%d' x2='%.1f' y1='%.1f' y2='%.1f' stroke='%s'/>\n", LEFT, LEFT + a->width, y, y,
            shown == 0.0 ? "#666" : "#ddd");
    fprintf(s, "<text x='%d' y='%.1f' text-anchor='end'>%.4g</text>\n", LEFT - 6, y + 4.0, shown);
  }
}

/* Dots beside one another by pair; a bar at the mean. */
static void draw_label(FILE *s, const Axis *a, const SegPairs *p, const char *label, int l, int column)
{
  const double middle = LEFT + a->label_width * (l + 0.5), room = 0.6 * a->label_width;
  const SegMean mean = seg_mean(p, label, NULL, column);
  for (int i = 0; i < p->n; i++) {
    const SegMeasure *m = find(p->pair[i].measures, label);
    const double value = m ? seg_column_value(m, column) : NAN;
    if (isnan(value)) continue;
    fprintf(s, "<circle cx='%.1f' cy='%.1f' r='3' fill='#1f6fb4' fill-opacity='0.6'><title>%s</title></circle>\n",
            middle + (p->n > 1 ? room * ((double)i / (p->n - 1) - 0.5) : 0.0), height_of(a, value), p->pair[i].subject);
  }
  if (mean.n > 1)
    fprintf(s, "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='#c33' stroke-width='2'/>\n", middle - 0.5 * room,
            middle + 0.5 * room, height_of(a, mean.mean), height_of(a, mean.mean));
}

static void draw(const SegPairs *p, int n_label, const char *const *label, FILE *s)
{
  const double label_width = fmax(LABEL_WIDTH_MIN, fmin(90.0, 720.0 / n_label)), width = label_width * n_label;
  const double total = TOP + N_PANEL * (HEIGHT + TOP + BELOW) + NAMES;
  fprintf(s,
          "<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' height='%.0f' font-family='sans-serif' "
          "font-size='11'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
          LEFT + width + RIGHT, total);
  for (int k = 0; k < N_PANEL; k++) {
    Axis a = {.top = TOP + k * (HEIGHT + TOP + BELOW), .label_width = label_width, .width = width};
    const int column = column_of(panels[k].measure);
    range_of(p, column, panels[k].share, &a.lo, &a.hi);
    draw_axis(s, &a, panels[k].title);
    for (int l = 0; l < n_label; l++) draw_label(s, &a, p, label[l], l, column);
  }
  for (int l = 0; l < n_label; l++) {
    const double x = LEFT + label_width * (l + 0.5), y = total - NAMES;
    fprintf(s, "<text x='%.1f' y='%.1f' text-anchor='end' transform='rotate(-50 %.1f %.1f)'>%s</text>\n", x, y, x, y,
            label[l]);
  }
  fprintf(s, "</svg>\n");
}

typedef struct {
  const SegPairs *p;
  int n_label;
  const char *const *label;
} SegPlot;

static PetscErrorCode put_plot(const void *what, FILE *s)
{
  const SegPlot *plot = what;
  return draw(plot->p, plot->n_label, plot->label, s), 0;
}

PetscErrorCode seg_write_plot(const SegPairs *p, int n_label, const char *const *label, const char *path)
{
  return file_write(path, put_plot, &(SegPlot){p, n_label, label});
}
