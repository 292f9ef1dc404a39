/* Impedances, and the contacts' potentials in everything that holds fibres, of two results. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>

/* Samples of the potential at most: nodes of A beyond that number are passed over evenly. */
enum { SAMPLES_MAX = 200000 };

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

static void sample_add(const CompareSide *a, const CompareSide *b, const int *same, NodeId n, TetId t,
                       const double w[4], Sums *s)
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

static PetscErrorCode sample_all(const CompareSide *a, const CompareSide *b, const int *same, const bool *mark,
                                 NodeId count, Sums *s, CompareTable *t)
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

static PetscErrorCode compare_potentials(const CompareSide *a, const CompareSide *b, const int *same, CompareTable *t)
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

PetscErrorCode compare_fields(const CompareSide *a, const CompareSide *b, const int *same, CompareTable *t)
{
  compare_impedances(a->field, b->field, same, t);
  return compare_potentials(a, b, same, t);
}
