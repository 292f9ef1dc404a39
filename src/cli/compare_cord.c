/* Contacts in cord coordinates, from the mesh alone. Heights are those of the world's frame. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MAX = 40 };
static const double bin_mm = 1.0;

/* The cord's centre by height, and where roots enter it. */
typedef struct {
  double low; /* mm: of the first bin */
  int n;
  double (*centre)[2]; /* [n] mm; NAN where the cord is not */
  int n_segment;
  char segment[SEGMENTS_MAX][8];
  double entry[SEGMENTS_MAX], weight[SEGMENTS_MAX];
} Cord;

static bool is_cord(Tissue t) { return t == TISSUE_WHITE || t == TISSUE_GREY; }

static void tet_centre(const Mesh *m, TetId t, double x[3])
{
  for (int k = 0; k < 3; k++) {
    x[k] = 0.0;
    for (int i = 0; i < 4; i++) x[k] += 0.25 * m->xyz[3 * (size_t)m->tet[t][i] + (size_t)k];
  }
}

static PetscErrorCode find_centres(const Mesh *m, Cord *c)
{
  double high = -HUGE_VAL, x[3], *volume;
  c->low = HUGE_VAL;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (!is_cord(m->regions[m->region[t]].tissue)) continue;
    tet_centre(m, t, x);
    c->low = fmin(c->low, x[2]), high = fmax(high, x[2]);
  }
  if (!(high > c->low)) return 0;
  int n = (int)((high - c->low) / bin_mm) + 1;
  PetscCall(mem_alloc((size_t)n, sizeof *c->centre, &c->centre));
  PetscCall(mem_alloc((size_t)n, sizeof *volume, &volume));
  c->n = n;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (!is_cord(m->regions[m->region[t]].tissue)) continue;
    tet_centre(m, t, x);
    int i = (int)((x[2] - c->low) / bin_mm);
    double v = mesh_tet_volume(m, t);
    volume[i] += v, c->centre[i][0] += v * x[0], c->centre[i][1] += v * x[1];
  }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 2; k++) c->centre[i][k] = volume[i] > 0.0 ? c->centre[i][k] / volume[i] : NAN;
  free(volume);
  return 0;
}

static int segment_of(Cord *c, const char *root)
{
  char name[8];
  int i = 0;
  snprintf(name, sizeof name, "%.*s", (int)strcspn(root, "_"), root);
  while (i < c->n_segment && strcmp(c->segment[i], name)) i++;
  if (i == c->n_segment && i < SEGMENTS_MAX) strcpy(c->segment[c->n_segment++], name);
  return i < SEGMENTS_MAX ? i : -1;
}

/* The mean height of the nodes at which the roots of a segment, left and right, meet the cord. */
static PetscErrorCode find_entries(const Mesh *m, Cord *c)
{
  bool *mark;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *mark, &mark));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 4; i++)
      if (is_cord(m->regions[m->region[t]].tissue)) mark[m->tet[t][i]] = true;
  for (TetId t = 0; t < m->n_tet; t++) {
    const MeshRegion *r = &m->regions[m->region[t]];
    for (int i = 0; i < 4 && r->tissue == TISSUE_ROOT; i++) {
      int s = mark[m->tet[t][i]] ? segment_of(c, r->name) : -1;
      if (s >= 0) c->entry[s] += m->xyz[3 * (size_t)m->tet[t][i] + 2], c->weight[s]++;
    }
  }
  for (int s = 0; s < c->n_segment; s++) c->entry[s] /= c->weight[s];
  free(mark);
  return 0;
}

static bool contact_centre(const Mesh *m, const char *name, double x[3])
{
  double area = 0.0;
  memset(x, 0, 3 * sizeof *x);
  for (TriId t = 0; t < m->n_tri; t++) {
    if (strcmp(m->groups[m->group[t]].name, name)) continue;
    double a = mesh_tri_area(m, t);
    area += a;
    for (int i = 0; i < 3; i++)
      for (int k = 0; k < 3; k++) x[k] += a / 3.0 * m->xyz[3 * (size_t)m->tri[t][i] + (size_t)k];
  }
  for (int k = 0; k < 3; k++) x[k] /= area;
  return area > 0.0;
}

/* "L1 +2.3 mm, -15 deg"; the angle in *angle_deg, the height in segments' entries in *height_mm. */
static bool describe(const Mesh *m, const Cord *c, const char *contact, char words[64])
{
  double x[3];
  int best = 0;
  if (!contact_centre(m, contact, x)) return false;
  int i = (int)floor((x[2] - c->low) / bin_mm);
  i = i < 0 ? 0 : i >= c->n ? c->n - 1 : i;
  for (int s = 1; s < c->n_segment; s++)
    if (fabs(c->entry[s] - x[2]) < fabs(c->entry[best] - x[2])) best = s;
  double angle = atan2(x[0] - c->centre[i][0], -(x[1] - c->centre[i][1])) * 180.0 / 3.14159265358979323846;
  snprintf(words, 64, "%s %+.1f mm, %+.0f deg", c->segment[best], x[2] - c->entry[best], angle);
  return isfinite(angle);
}

static PetscErrorCode cord_make(const Mesh *m, Cord *c)
{
  memset(c, 0, sizeof *c);
  PetscCall(find_centres(m, c));
  return find_entries(m, c);
}

PetscErrorCode compare_places(const Mesh *a, const Mesh *b, CompareTable *t)
{
  Cord ca, cb = {.n = 0};
  PetscErrorCode ierr = cord_make(a, &ca);
  if (!ierr) ierr = cord_make(b, &cb);
  for (int g = 0; g < a->n_group && !ierr; g++) {
    char wa[64], wb[64], what[CAUDA_NAME_MAX + 32], where[160];
    const char *name = a->groups[g].name;
    if (a->groups[g].kind != GROUP_CONTACT || !ca.n_segment || !cb.n_segment) continue;
    if (!describe(a, &ca, name, wa) || !describe(b, &cb, name, wb)) continue;
    double xa[3], xb[3];
    snprintf(what, sizeof what, "%s by the cord, mm apart", name);
    snprintf(where, sizeof where, "%s | %s", wa, wb);
    contact_centre(a, name, xa), contact_centre(b, name, xb);
    int s = 0;
    for (int k = 1; k < ca.n_segment; k++)
      if (fabs(ca.entry[k] - xa[2]) < fabs(ca.entry[s] - xa[2])) s = k;
    int same = segment_of(&cb, ca.segment[s]);
    bool shared = same >= 0 && cb.weight[same] > 0.0;
    compare_told(t, what, shared ? (xb[2] - cb.entry[same]) - (xa[2] - ca.entry[s]) : NAN, where);
  }
  free(ca.centre), free(cb.centre);
  return ierr;
}
