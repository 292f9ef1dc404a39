/* Tables of what comparing segmentations found. */
#include "seg_tables.h"

#include <json-c/json.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "seg_variation.h"

static const struct {
  const char *name;
  ptrdiff_t offset; /* in SegMeasure; -1, -2: made of two */
} columns[] = {
    {"dice", offsetof(SegMeasure, dice)},
    {"iou", offsetof(SegMeasure, iou)},
    {"kappa", offsetof(SegMeasure, kappa)},
    {"distance_mean_mm", offsetof(SegMeasure, distance_mean_mm)},
    {"distance_95_mm", offsetof(SegMeasure, distance_95_mm)},
    {"volume_a_mm3", offsetof(SegMeasure, volume_a_mm3)},
    {"volume_b_mm3", offsetof(SegMeasure, volume_b_mm3)},
    {"volume_difference_mm3", -1},
    {"volume_difference_percent", -2},
    {"area_mean_a_mm2", offsetof(SegMeasure, area_mean_a_mm2)},
    {"area_mean_b_mm2", offsetof(SegMeasure, area_mean_b_mm2)},
    {"area_difference_mm2", offsetof(SegMeasure, area_difference_mm2)},
    {"area_deviation_mm2", offsetof(SegMeasure, area_deviation_mm2)},
    {"centre_mean_mm", offsetof(SegMeasure, centre_mean_mm)},
    {"centre_largest_mm", offsetof(SegMeasure, centre_largest_mm)},
};
enum { N_COLUMN = sizeof columns / sizeof *columns };

int seg_column_count(void) { return N_COLUMN; }
const char *seg_column_name(int column) { return columns[column].name; }

double seg_column_value(const SegMeasure *m, int column)
{
  double value;
  const double difference = m->volume_b_mm3 - m->volume_a_mm3;
  if (columns[column].offset == -1) return difference;
  if (columns[column].offset == -2) return m->n_a ? 100.0 * difference / m->volume_a_mm3 : NAN;
  memcpy(&value, (const char *)m + columns[column].offset, sizeof value);
  return value;
}

/* ---- means ---- */

static bool wanted(const SegMeasure *m, const char *label)
{
  return label ? !strcmp(m->name, label) : strcmp(m->name, "mask") != 0;
}

SegMean seg_mean(const SegPairs *p, const char *label, const char *subject, int column)
{
  SegMean s = {0, 0.0, 0.0};
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < p->n; i++) {
      const SegComparison *c = p->pair[i].measures;
      if (subject && strcmp(p->pair[i].subject, subject)) continue;
      for (int l = 0; l < c->n_label; l++) {
        const double value = seg_column_value(&c->label[l], column);
        if (!wanted(&c->label[l], label) || isnan(value)) continue;
        if (pass)
          s.deviation += (value - s.mean / s.n) * (value - s.mean / s.n);
        else
          s.n++, s.mean += value;
      }
    }
  s.mean = s.n ? s.mean / s.n : NAN;
  s.deviation = s.n > 1 ? sqrt(s.deviation / (s.n - 1)) : NAN;
  return s;
}

PetscErrorCode seg_labels(const SegPairs *p, int *n, const char ***name)
{
  size_t room = 0;
  *n = 0, *name = NULL;
  for (int i = 0; i < p->n; i++)
    for (int l = 0; l + 1 < p->pair[i].measures->n_label; l++) {
      const char *own = p->pair[i].measures->label[l].name;
      int at = 0;
      while (at < *n && strcmp((*name)[at], own)) at++;
      if (at < *n) continue;
      PetscCall(mem_grow((size_t)*n + 1, sizeof **name, &room, name));
      (*name)[(*n)++] = own;
    }
  PetscCall(mem_grow((size_t)*n + 1, sizeof **name, &room, name));
  (*name)[(*n)++] = "mask";
  return 0;
}

/* ---- CSV ---- */

/* A comma and the number; nothing behind the comma where it has no meaning. */
static void cell(FILE *s, double value)
{
  if (isfinite(value))
    fprintf(s, ",%.9g", value);
  else
    fputc(',', s);
}

static void labels_rows(const SegPairs *p, FILE *s)
{
  fprintf(s, "file,subject,session,site,label,voxels_a,voxels_b,voxels_both,slices_a,slices_b,slices_both");
  for (int c = 0; c < N_COLUMN; c++) fprintf(s, ",%s", columns[c].name);
  fputc('\n', s);
  for (int i = 0; i < p->n; i++)
    for (int l = 0; l < p->pair[i].measures->n_label; l++) {
      const SegPair *q = &p->pair[i];
      const SegMeasure *m = &q->measures->label[l];
      fprintf(s, "%s,%s,%s,%s,%s,%zu,%zu,%zu,%d,%d,%d", q->name, q->subject, q->session, q->site, m->name, m->n_a,
              m->n_b, m->n_both, m->slices_a, m->slices_b, m->slices_both);
      for (int c = 0; c < N_COLUMN; c++) cell(s, seg_column_value(m, c));
      fputc('\n', s);
    }
}

static void slices_rows(const SegPairs *p, FILE *s)
{
  fprintf(s, "file,label,slice,z_mm,area_a_mm2,area_b_mm2,centre_distance_mm\n");
  for (int i = 0; i < p->n; i++) {
    const SegComparison *m = p->pair[i].measures;
    for (int k = 0; k < m->n_slice; k++) {
      const SegSlice *q = &m->slice[k];
      fprintf(s, "%s,%s,%d,%.4f,%.9g,%.9g", p->pair[i].name, m->label[q->label].name, q->slice, q->z_mm, q->area_a_mm2,
              q->area_b_mm2);
      cell(s, q->centre_distance_mm);
      fputc('\n', s);
    }
  }
}

static void summary_row(const SegPairs *p, const char *label, const char *subject, int column, FILE *s)
{
  const SegMean m = seg_mean(p, label, subject, column);
  if (!m.n) return;
  fprintf(s, "%s,%s,%s,%d", label ? "label" : "subject", label ? label : subject, columns[column].name, m.n);
  cell(s, m.mean), cell(s, m.deviation);
  fputc('\n', s);
}

static void summary_rows(const SegPairs *p, int n_label, const char *const *label, FILE *s)
{
  fprintf(s, "over,name,measure,n,mean,deviation\n");
  for (int l = 0; l < n_label; l++)
    for (int c = 0; c < N_COLUMN; c++) summary_row(p, label[l], NULL, c, s);
  for (int i = 0; i < p->n; i++) {
    int first = 0;
    while (strcmp(p->pair[first].subject, p->pair[i].subject)) first++;
    for (int c = 0; first == i && c < N_COLUMN; c++) summary_row(p, NULL, p->pair[i].subject, c, s);
  }
}

static void variation_rows(const SegPairs *p, int n_label, const char *const *label, FILE *s)
{
  fprintf(s, "label,image,quantity,subjects,sessions_cv_percent,sites,sites_cv_percent\n");
  for (int l = 0; l < n_label; l++)
    for (int q = 0; q < 4; q++) {
      const SegVariation v = seg_variation(p, label[l], q % 2 != 0, q / 2 != 0);
      fprintf(s, "%s,%s,%s,%d", label[l], q % 2 ? "b" : "a", q / 2 ? "area_mean_mm2" : "volume_mm3", v.n_subject);
      cell(s, v.sessions_percent);
      fprintf(s, ",%d", v.n_site);
      cell(s, v.sites_percent);
      fputc('\n', s);
    }
}

enum { TABLE_LABELS, TABLE_SLICES, TABLE_SUMMARY, TABLE_VARIATION, N_TABLE };

typedef struct {
  const SegPairs *p;
  int n_label;
  const char *const *label;
  int table;
} SegTable;

static PetscErrorCode put_table(const void *what, FILE *s)
{
  const SegTable *t = what;
  if (t->table == TABLE_LABELS) labels_rows(t->p, s);
  if (t->table == TABLE_SLICES) slices_rows(t->p, s);
  if (t->table == TABLE_SUMMARY) summary_rows(t->p, t->n_label, t->label, s);
  if (t->table == TABLE_VARIATION) variation_rows(t->p, t->n_label, t->label, s);
  return 0;
}

PetscErrorCode seg_write_tables(const SegPairs *p, int n_label, const char *const *label, const char *folder)
{
  static const char *const names[N_TABLE] = {"labels.csv", "slices.csv", "summary.csv", "variation.csv"};
  for (int t = 0; t < N_TABLE; t++) {
    char path[CAUDA_PATH_MAX];
    PetscCall(path_join(folder, names[t], path));
    PetscCall(file_write(path, put_table, &(SegTable){p, n_label, label, t}));
  }
  return 0;
}

/* ---- for people and programs ---- */

static int column_of(const char *name)
{
  int c = 0;
  while (c + 1 < N_COLUMN && strcmp(columns[c].name, name)) c++;
  return c;
}

void seg_print(const SegPairs *p, int n_label, const char *const *label)
{
  static const char *const shown[] = {"dice",           "iou",          "kappa",        "distance_mean_mm",
                                      "distance_95_mm", "volume_a_mm3", "volume_b_mm3", "area_difference_mm2",
                                      "centre_mean_mm"};
  printf("%-14s %5s %7s %7s %7s %9s %9s %11s %11s %9s %9s\n", "label", "pairs", "Dice", "IoU", "kappa", "mean_mm",
         "95%_mm", "A_mm3", "B_mm3", "dA_mm2", "centre_mm");
  for (int l = 0; l < n_label; l++) {
    printf("%-14s %5d", label[l], seg_mean(p, label[l], NULL, column_of("dice")).n);
    for (int c = 0; c < (int)(sizeof shown / sizeof *shown); c++) {
      const double mean = seg_mean(p, label[l], NULL, column_of(shown[c])).mean;
      const int width = c < 3 ? 7 : c == 5 || c == 6 ? 11 : 9, digits = c < 3 ? 4 : c == 5 || c == 6 ? 1 : 3;
      if (isnan(mean))
        printf(" %*s", width, "-");
      else
        printf(" %*.*f", width, digits, mean);
    }
    putchar('\n');
  }
  if (p->n == 1) printf("kappa of all labels together: %.4f\n", p->pair[0].measures->kappa);
}

static json_object *number(double value) { return isfinite(value) ? json_object_new_double(value) : NULL; }

static json_object *label_json(const SegMeasure *m)
{
  json_object *o = json_object_new_object();
  json_object_object_add(o, "label", json_object_new_string(m->name));
  json_object_object_add(o, "voxels_a", json_object_new_int64((int64_t)m->n_a));
  json_object_object_add(o, "voxels_b", json_object_new_int64((int64_t)m->n_b));
  json_object_object_add(o, "voxels_both", json_object_new_int64((int64_t)m->n_both));
  for (int c = 0; c < N_COLUMN; c++) json_object_object_add(o, columns[c].name, number(seg_column_value(m, c)));
  return o;
}

void seg_print_json(const SegPairs *p)
{
  json_object *all = json_object_new_array();
  for (int i = 0; i < p->n; i++) {
    const SegPair *q = &p->pair[i];
    json_object *o = json_object_new_object(), *labels = json_object_new_array();
    json_object_object_add(o, "file", json_object_new_string(q->name));
    json_object_object_add(o, "subject", json_object_new_string(q->subject));
    json_object_object_add(o, "kappa", number(q->measures->kappa));
    for (int l = 0; l < q->measures->n_label; l++) json_object_array_add(labels, label_json(&q->measures->label[l]));
    json_object_object_add(o, "labels", labels);
    json_object_array_add(all, o);
  }
  puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY));
  json_object_put(all);
}
