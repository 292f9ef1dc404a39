/* Tables of levels, and the plot of Bland and Altman. */
#include "level_tables.h"

#include <math.h>
#include <stdlib.h>

static const char *const KIND[] = {"", "segment", "vertebra", "vertebra"};

static bool both(const LevelRow *r, int level) { return r->segment[level].found && r->second[level].found; }

/* Positive where the segment lies rostrally of the second. */
static double shift(const LevelRow *r, int level) { return r->segment[level].middle_mm - r->second[level].middle_mm; }

/* Shifts of one level (all of them where it is negative); the caller frees. */
static PetscErrorCode shifts(int n, const LevelRow *row, int level, int *count, double **out)
{
  *count = 0;
  PetscCall(mem_alloc((size_t)n * LEVEL_COUNT, sizeof **out, out));
  for (int i = 0; i < n; i++)
    for (int l = 0; l < LEVEL_COUNT; l++)
      if ((level < 0 || l == level) && both(&row[i], l)) (*out)[(*count)++] = shift(&row[i], l);
  return 0;
}

static PetscErrorCode agreement(int n, const LevelRow *row, int level, Agreement *a)
{
  double *d = NULL;
  int count = 0;
  PetscCall(shifts(n, row, level, &count, &d));
  *a = agreement_of(count, d);
  free(d);
  return 0;
}

/* ---- for people ---- */

void levels_print(LevelKind kind, int n, const LevelRow *row)
{
  for (int i = 0; i < n; i++) {
    if (n > 1) printf("%s\n", row[i].file);
    printf("%-6s %10s %10s %10s %10s", "level", "from_mm", "middle_mm", "to_mm", "length_mm");
    printf(kind == LEVEL_NONE ? "\n" : " %12s %10s\n", KIND[kind], "shift_mm");
    for (int l = 0; l < LEVEL_COUNT; l++) {
      const Level *s = &row[i].segment[l];
      char name[8];
      if (!s->found) continue;
      printf("%-6s %10.2f %10.2f %10.2f %10.2f", level_name(l, name), s->from_mm, s->middle_mm, s->to_mm, s->length_mm);
      if (both(&row[i], l)) printf(" %12.2f %10.2f", row[i].second[l].middle_mm, shift(&row[i], l));
      putchar('\n');
    }
  }
}

/* ---- CSV ---- */

static void level_line(const LevelRow *r, const char *kind, int l, const Level *v, FILE *s)
{
  char name[8];
  if (v->found)
    fprintf(s, "%s,%s,%s,%s,%.4f,%.4f,%.4f,%.4f,%.4f\n", r->file, r->subject, kind, level_name(l, name), v->from_mm,
            v->middle_mm, v->to_mm, v->length_mm, v->middle_z_mm);
}

static PetscErrorCode levels_csv(LevelKind kind, int n, const LevelRow *row, FILE *s)
{
  fprintf(s, "file,subject,kind,level,from_mm,middle_mm,to_mm,length_mm,middle_z_mm\n");
  for (int i = 0; i < n; i++) {
    for (int l = 0; l < LEVEL_COUNT; l++) level_line(&row[i], "segment", l, &row[i].segment[l], s);
    for (int l = 0; kind != LEVEL_NONE && l < LEVEL_COUNT; l++)
      level_line(&row[i], kind == LEVEL_SEGMENT ? "against" : KIND[kind], l, &row[i].second[l], s);
  }
  return 0;
}

static PetscErrorCode shifts_csv(LevelKind kind, int n, const LevelRow *row, FILE *s)
{
  (void)kind;
  fprintf(s, "file,subject,level,segment_mm,second_mm,shift_mm,length_difference_mm\n");
  for (int i = 0; i < n; i++)
    for (int l = 0; l < LEVEL_COUNT; l++) {
      const LevelRow *r = &row[i];
      char name[8];
      if (both(r, l))
        fprintf(s, "%s,%s,%s,%.4f,%.4f,%.4f,%.4f\n", r->file, r->subject, level_name(l, name), r->segment[l].middle_mm,
                r->second[l].middle_mm, shift(r, l), r->segment[l].length_mm - r->second[l].length_mm);
    }
  return 0;
}

static void cell(FILE *s, double value)
{
  if (isfinite(value))
    fprintf(s, ",%.4f", value);
  else
    fputc(',', s);
}

static PetscErrorCode agreement_csv(LevelKind kind, int n, const LevelRow *row, FILE *s)
{
  (void)kind;
  fprintf(s, "level,n,bias_mm,deviation_mm,lower_mm,upper_mm\n");
  for (int l = 0; l <= LEVEL_COUNT; l++) {
    Agreement a;
    char name[8];
    PetscCall(agreement(n, row, l < LEVEL_COUNT ? l : -1, &a));
    if (!a.n) continue;
    fprintf(s, "%s,%d", l < LEVEL_COUNT ? level_name(l, name) : "all", a.n);
    cell(s, a.bias), cell(s, a.deviation), cell(s, a.lower), cell(s, a.upper);
    fputc('\n', s);
  }
  return 0;
}

/* ---- the plot ---- */

enum { WIDTH = 640, HEIGHT = 380, LEFT = 70, RIGHT = 90, TOP = 40, BOTTOM = 50 };

typedef struct {
  double x[2], y[2]; /* what the axes span */
} Frame;

static double px(const Frame *f, double x)
{
  return LEFT + (WIDTH - LEFT - RIGHT) * (x - f->x[0]) / (f->x[1] - f->x[0]);
}
static double py(const Frame *f, double y)
{
  return TOP + (HEIGHT - TOP - BOTTOM) * (f->y[1] - y) / (f->y[1] - f->y[0]);
}

static double mean_place(const LevelRow *r, int l) { return 0.5 * (r->segment[l].middle_mm + r->second[l].middle_mm); }

static void widen(double range[2], double value) { range[0] = fmin(range[0], value), range[1] = fmax(range[1], value); }

static Frame frame_of(int n, const LevelRow *row, const Agreement *all)
{
  Frame f = {{HUGE_VAL, -HUGE_VAL}, {0.0, 0.0}};
  for (int i = 0; i < n; i++)
    for (int l = 0; l < LEVEL_COUNT; l++)
      if (both(&row[i], l)) widen(f.x, mean_place(&row[i], l)), widen(f.y, shift(&row[i], l));
  if (isfinite(all->lower)) widen(f.y, all->lower), widen(f.y, all->upper);
  const double mx = 0.05 * fmax(1.0, f.x[1] - f.x[0]), my = 0.1 * fmax(1.0, f.y[1] - f.y[0]);
  f.x[0] -= mx, f.x[1] += mx, f.y[0] -= my, f.y[1] += my;
  return f;
}

static void across(FILE *s, const Frame *f, double y, const char *colour, const char *dash, const char *name)
{
  if (!isfinite(y)) return;
  fprintf(s, "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='%s' stroke-dasharray='%s'/>\n", LEFT, WIDTH - RIGHT,
          py(f, y), py(f, y), colour, dash);
  fprintf(s, "<text x='%d' y='%.1f' fill='%s'>%s %.2f</text>\n", WIDTH - RIGHT + 4, py(f, y) + 4, colour, name, y);
}

static void ticks(FILE *s, const Frame *f)
{
  for (int k = 0; k <= 4; k++) {
    const double x = f->x[0] + 0.25 * k * (f->x[1] - f->x[0]), y = f->y[0] + 0.25 * k * (f->y[1] - f->y[0]);
    fprintf(s, "<text x='%.1f' y='%d' text-anchor='middle'>%.0f</text>\n", px(f, x), HEIGHT - BOTTOM + 16, x);
    fprintf(s, "<text x='%d' y='%.1f' text-anchor='end'>%.1f</text>\n", LEFT - 6, py(f, y) + 4, y);
  }
}

static PetscErrorCode agreement_svg(LevelKind kind, int n, const LevelRow *row, FILE *s)
{
  Agreement all;
  PetscCall(agreement(n, row, -1, &all));
  const Frame f = frame_of(n, row, &all);
  fprintf(s,
          "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='11'>\n"
          "<rect width='100%%' height='100%%' fill='white'/>\n<text x='%d' y='20' font-weight='bold'>Segment less %s, "
          "by level</text>\n<rect x='%d' y='%d' width='%d' height='%d' fill='none' stroke='#999'/>\n",
          WIDTH, HEIGHT, LEFT, kind == LEVEL_SEGMENT ? "the other's segment" : "vertebra", LEFT, TOP,
          WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
  if (all.n) {
    ticks(s, &f);
    across(s, &f, all.bias, "#c33", "none", "bias");
    across(s, &f, all.lower, "#888", "4 3", "-1.96 SD"), across(s, &f, all.upper, "#888", "4 3", "+1.96 SD");
  }
  for (int i = 0; i < n; i++)
    for (int l = 0; l < LEVEL_COUNT; l++) {
      char name[8];
      if (!both(&row[i], l)) continue;
      const double x = px(&f, mean_place(&row[i], l)), y = py(&f, shift(&row[i], l));
      fprintf(s, "<circle cx='%.1f' cy='%.1f' r='3' fill='#1f6fb4'/><text x='%.1f' y='%.1f' font-size='9'>%s</text>\n",
              x, y, x + 4, y - 3, level_name(l, name));
    }
  fprintf(s, "<text x='%d' y='%d'>mean of the two middles along the cord, mm</text>\n</svg>\n", LEFT, HEIGHT - 12);
  return 0;
}

typedef struct {
  LevelKind kind;
  int n;
  const LevelRow *row;
  PetscErrorCode (*put)(LevelKind, int, const LevelRow *, FILE *);
} LevelFile;

static PetscErrorCode put_levels(const void *what, FILE *s)
{
  const LevelFile *f = what;
  return f->put(f->kind, f->n, f->row, s);
}

PetscErrorCode levels_write(LevelKind kind, int n, const LevelRow *row, const char *folder)
{
  static const char *const name[] = {"levels.csv", "shifts.csv", "agreement.csv", "agreement.svg"};
  const LevelFile file[] = {{kind, n, row, levels_csv},
                            {kind, n, row, shifts_csv},
                            {kind, n, row, agreement_csv},
                            {kind, n, row, agreement_svg}};
  for (int i = 0; i < (kind == LEVEL_NONE ? 1 : 4); i++) {
    char path[CAUDA_PATH_MAX];
    PetscCall(path_join(folder, name[i], path));
    PetscCall(file_write(path, put_levels, &file[i]));
  }
  return 0;
}
