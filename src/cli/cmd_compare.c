/* compare: how far two results are from each other, whatever their meshes: impedances, the contacts' potentials in
 * everything that holds fibres, thresholds, ranking. */
#include "commands.h"
#include "compare.h"

#include "cauda/csv.h"
#include "cauda/fem.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples of the potential at most: nodes of A beyond that number are passed over evenly. */
enum { SAMPLES_MAX = 200000 };

/* One of the two. */
typedef struct {
  char folder[CAUDA_PATH_MAX];
  Mesh *mesh;
  LeadField *field;
} Result;

void compare_told(CompareTable *t, const char *what, double value, const char *where)
{
  if (!t->json) {
    printf("%-44s %12.4g  %s\n", what, value, where);
    return;
  }
  json_object *o = json_object_new_object();
  json_object_object_add(o, "what", json_object_new_string(what));
  json_object_object_add(o, "value", isfinite(value) ? json_object_new_double(value) : NULL);
  json_object_object_add(o, "where", json_object_new_string(where));
  json_object_array_add(t->rows, o);
}

static PetscErrorCode result_open(const char *folder, Result *r)
{
  char path[CAUDA_PATH_MAX], mesh[CAUDA_PATH_MAX], sha256[65];
  PetscCall(path_join("", folder, r->folder));
  PetscCall(path_join(folder, "mesh.msh", mesh));
  PetscCheck(file_exists(mesh), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: no such file; expected a folder that `cauda run` has filled", mesh);
  PetscCall(mesh_read_msh(mesh, &r->mesh));
  PetscCall(file_sha256(mesh, sha256));
  PetscCall(path_join(folder, "leadfield.h5", path));
  return lead_field_read(path, sha256, &r->field);
}

static void result_close(Result *r)
{
  mesh_destroy(&r->mesh);
  lead_field_destroy(&r->field);
}

static int contact_find(const LeadField *f, const char *name)
{
  for (int i = 0; i < f->n_contact; i++)
    if (!strcmp(f->contact[i], name)) return i;
  return -1;
}

/* Contacts of b in the order of a's: same [a->n_contact]. */
static PetscErrorCode contacts_match(const Result *a, const Result *b, int *same)
{
  for (int i = 0; i < a->field->n_contact; i++) {
    same[i] = contact_find(b->field, a->field->contact[i]);
    PetscCheck(same[i] >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s has no contact %s, which %s has", b->folder,
               a->field->contact[i], a->folder);
  }
  return 0;
}

static void compare_impedances(const LeadField *a, const LeadField *b, const int *same, CompareTable *t)
{
  double own = 0.0, mutual = 0.0;
  char where[2][2 * CAUDA_NAME_MAX + 4] = {"", ""};
  for (int i = 0; i < a->n_contact; i++)
    for (int j = 0; j < a->n_contact; j++) {
      double za = a->impedance[i * a->n_contact + j], zb = b->impedance[same[i] * b->n_contact + same[j]];
      double difference = fabs(zb / za - 1.0), *worst = i == j ? &own : &mutual;
      if (!(difference > *worst)) continue;
      *worst = difference;
      snprintf(where[i != j], sizeof where[0], i == j ? "%s" : "%s, %s", a->contact[i], a->contact[j]);
    }
  compare_told(t, "impedance of a contact, largest", own, where[0]);
  if (a->n_contact > 1) compare_told(t, "impedance of two contacts, largest", mutual, where[1]);
}

/* ---- potentials -------------------------------------------------------------------------------------------------- */

static bool holds_fibres(Tissue t) { return t == TISSUE_WHITE || t == TISSUE_GREY || t == TISSUE_ROOT; }

/* Nodes of tetrahedra with fibres in them. */
static PetscErrorCode mark_fibres(const Mesh *m, bool **mark, NodeId *count)
{
  PetscCall(mem_alloc((size_t)m->n_node, sizeof **mark, mark));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; holds_fibres(m->regions[m->region[t]].tissue) && i < 4; i++) (*mark)[m->tet[t][i]] = true;
  *count = 0;
  for (NodeId n = 0; n < m->n_node; n++) *count += (*mark)[n];
  return 0;
}

/* Sums over the samples for each contact. */
typedef struct {
  double aa, bb, ab, largest, top;
} Sums;

static void sample_add(const Result *a, const Result *b, const int *same, NodeId n, TetId t, const double w[4], Sums *s)
{
  NodeId node[FIELD_BASIS_MAX];
  double weight[FIELD_BASIS_MAX];
  int count = field_basis(b->mesh, b->field, t, w, node, weight);
  for (int c = 0; c < a->field->n_contact; c++) {
    const double *v = b->field->potential + (size_t)same[c] * (size_t)b->field->n_node;
    double va = a->field->potential[(size_t)c * (size_t)a->field->n_node + (size_t)n], vb = 0.0;
    for (int i = 0; i < count; i++) vb += weight[i] * v[node[i]];
    s[c].aa += va * va, s[c].bb += vb * vb, s[c].ab += va * vb;
    s[c].largest = fmax(s[c].largest, fabs(va - vb));
    s[c].top = fmax(s[c].top, fabs(va));
  }
}

static void tell_sums(const LeadField *f, const Sums *s, CompareTable *t)
{
  double worst[4] = {0.0, 0.0, 1.0, 0.0};
  int where[4] = {0, 0, 0, 0};
  for (int c = 0; c < f->n_contact; c++) {
    double l2 = sqrt(fmax(0.0, s[c].aa - 2.0 * s[c].ab + s[c].bb) / s[c].aa), mag = sqrt(s[c].bb / s[c].aa);
    double rdm = sqrt(fmax(0.0, 2.0 - 2.0 * s[c].ab / sqrt(s[c].aa * s[c].bb))), most = s[c].largest / s[c].top;
    if (l2 > worst[0]) worst[0] = l2, where[0] = c;
    if (rdm > worst[1]) worst[1] = rdm, where[1] = c;
    if (fabs(mag - 1.0) >= fabs(worst[2] - 1.0)) worst[2] = mag, where[2] = c;
    if (most > worst[3]) worst[3] = most, where[3] = c;
  }
  compare_told(t, "potential in cord and roots, L2, largest", worst[0], f->contact[where[0]]);
  compare_told(t, "  topography (RDM), largest", worst[1], f->contact[where[1]]);
  compare_told(t, "  magnitude (MAG), farthest from 1", worst[2], f->contact[where[2]]);
  compare_told(t, "  any node, over the largest, largest", worst[3], f->contact[where[3]]);
}

static PetscErrorCode sample_all(const Result *a, const Result *b, const int *same, const bool *mark, NodeId count,
                                 Sums *s, CompareTable *t)
{
  MeshLocator *l;
  NodeId step = count / SAMPLES_MAX + 1, passed = 0;
  TetId hint = -1;
  double outside = 0.0, all = 0.0;
  PetscCall(mesh_locator_create(b->mesh, &l));
  for (NodeId n = 0; n < a->mesh->n_node; n++) {
    double w[4];
    if (!mark[n] || passed++ % step) continue;
    TetId tet = mesh_locate(l, &a->mesh->xyz[3 * (size_t)n], hint, w);
    all++, outside += tet < 0;
    if (tet < 0) continue;
    sample_add(a, b, same, n, hint = tet, w, s);
  }
  mesh_locator_destroy(&l);
  if (outside < 0.5 * all)
    tell_sums(a->field, s, t);
  else /* two subjects */
    say_note("the meshes do not lie in the same place (%.0f %% of the nodes of A lie outside B): potentials are not "
             "compared",
             100.0 * outside / fmax(1.0, all));
  return 0;
}

static PetscErrorCode compare_potentials(const Result *a, const Result *b, const int *same, CompareTable *t)
{
  bool *mark = NULL;
  Sums *s = NULL;
  NodeId count = 0;
  PetscErrorCode ierr = mark_fibres(a->mesh, &mark, &count);
  if (!ierr) ierr = mem_alloc((size_t)a->field->n_contact, sizeof *s, &s);
  if (!ierr && count) ierr = sample_all(a, b, same, mark, count, s, t);
  free(mark);
  free(s);
  return ierr;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode read_if_there(const char *folder, const char *name, CsvTable **out)
{
  char path[CAUDA_PATH_MAX];
  *out = NULL;
  PetscCall(path_join(folder, name, path));
  return file_exists(path) ? csv_read(path, out) : 0;
}

/* The row of b that begins with the same cells as row i of a; -1 if there is none. */
static int same_row(const CsvTable *a, int i, const CsvTable *b, int n_key)
{
  for (int j = 0; j < b->n_row; j++) {
    int k = 0;
    while (k < n_key && !strcmp(csv_text(a, i, k), csv_text(b, j, k))) k++;
    if (k == n_key) return j;
  }
  return -1;
}

static int ascending(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

/* A column of thresholds: median and largest difference, and how many are reached in one only. */
static PetscErrorCode compare_column(const CsvTable *a, const CsvTable *b, const char *name, CompareTable *t)
{
  int ca, cb, n = 0, lonely = 0;
  double *difference;
  char what[64], where[3 * CAUDA_NAME_MAX] = "";
  PetscCall(csv_column(a, name, &ca));
  PetscCall(csv_column(b, name, &cb));
  PetscCall(mem_alloc((size_t)a->n_row + 1, sizeof *difference, &difference));
  for (int i = 0; i < a->n_row; i++) {
    int j = same_row(a, i, b, 3);
    if (j < 0) continue;
    double va = strtod(csv_text(a, i, ca), NULL), vb = strtod(csv_text(b, j, cb), NULL);
    lonely += (va > 0.0) != (vb > 0.0);
    if (!(va > 0.0 && vb > 0.0)) continue;
    difference[n] = fabs(vb / va - 1.0);
    bool most = true;
    for (int k = 0; k < n; k++) most = most && difference[k] < difference[n];
    if (most) snprintf(where, sizeof where, "%s, %s, %s", csv_text(a, i, 0), csv_text(a, i, 1), csv_text(a, i, 2));
    n++;
  }
  qsort(difference, (size_t)n, sizeof *difference, ascending);
  snprintf(what, sizeof what, "%s, median of %d", name, n);
  if (n) compare_told(t, what, difference[n / 2], "");
  snprintf(what, sizeof what, "%s, largest", name);
  if (n) compare_told(t, what, difference[n - 1], where);
  snprintf(what, sizeof what, "%s, reached in one only", name);
  if (lonely) compare_told(t, what, lonely, "");
  free(difference);
  return 0;
}

static PetscErrorCode columns(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  static const char *const names[] = {"threshold_10_mA", "threshold_50_mA", "threshold_90_mA"};
  for (int i = 0; i < 3; i++) PetscCall(compare_column(a, b, names[i], t));
  return 0;
}

/* Sets that stand at another rank. */
static PetscErrorCode ranks(const CsvTable *a, const CsvTable *b, CompareTable *t)
{
  int ra, rb, sa, sb, moved = 0;
  char where[256] = "";
  PetscCall(csv_column(a, "rank", &ra));
  PetscCall(csv_column(b, "rank", &rb));
  PetscCall(csv_column(a, "set", &sa));
  PetscCall(csv_column(b, "set", &sb));
  for (int i = 0; i < a->n_row; i++)
    for (int j = 0; j < b->n_row; j++) {
      if (strcmp(csv_text(a, i, sa), csv_text(b, j, sb)) || !strcmp(csv_text(a, i, ra), csv_text(b, j, rb))) continue;
      size_t n = strlen(where);
      snprintf(where + n, sizeof where - n, "%s%s %s -> %s", moved++ ? ", " : "", csv_text(a, i, sa),
               csv_text(a, i, ra), csv_text(b, j, rb));
    }
  compare_told(t, "sets at another rank", moved, where);
  return 0;
}

static PetscErrorCode compare_tables(const char *fa, const char *fb, const char *name,
                                     PetscErrorCode (*compare)(const CsvTable *, const CsvTable *, CompareTable *),
                                     CompareTable *t)
{
  CsvTable *a = NULL, *b = NULL;
  PetscErrorCode ierr = read_if_there(fa, name, &a);
  if (!ierr) ierr = read_if_there(fb, name, &b);
  if (!ierr && a && b) ierr = compare(a, b, t);
  if (!ierr && !(a && b)) say_note("%s is not in %s", name, a ? fb : fa);
  csv_destroy(&a);
  csv_destroy(&b);
  return ierr;
}

static PetscErrorCode compare(Result *a, Result *b, int **same, CompareTable *t)
{
  PetscCall(mem_alloc((size_t)a->field->n_contact, sizeof **same, same));
  PetscCall(contacts_match(a, b, *same));
  for (const Result *r = a;; r = b) {
    char what[64];
    snprintf(what, sizeof what, "%s: unknowns, order %d", r == a ? "A" : "B", r->field->order);
    compare_told(t, what, (double)r->field->unknowns, r->folder);
    if (r == b) break;
  }
  compare_impedances(a->field, b->field, *same, t);
  PetscCall(compare_potentials(a, b, *same, t));
  PetscCall(compare_places(a->mesh, b->mesh, t));
  PetscCall(compare_tables(a->folder, b->folder, "thresholds.csv", columns, t));
  PetscCall(compare_tables(a->folder, b->folder, "thresholds.csv", compare_thresholds, t));
  PetscCall(compare_tables(a->folder, b->folder, "ranking.csv", ranks, t));
  return compare_tables(a->folder, b->folder, "ranking.csv", compare_order, t);
}

PetscErrorCode command_compare(const Args *args)
{
  Result a = {.mesh = NULL}, b = {.mesh = NULL};
  CompareTable t = {.json = args->json, .rows = args->json ? json_object_new_array() : NULL};
  int *same = NULL;
  PetscErrorCode ierr = result_open(args->case_path, &a);
  if (!ierr) ierr = result_open(args->second, &b);
  if (!ierr) ierr = compare(&a, &b, &same, &t);
  if (!ierr && t.json) puts(json_object_to_json_string_ext(t.rows, JSON_C_TO_STRING_PRETTY));
  if (t.rows) json_object_put(t.rows);
  free(same);
  result_close(&a);
  result_close(&b);
  return ierr;
}
