/* Closing the holes of the dura, and the gaps of all surfaces, at their root: in the sample. */
#include "refine.h"

#include <stdlib.h>

#include "interface.h"
#include "tet_where.h"

/* How near a new point may come to another on the same surface, and to any other, in units of the edge; on the dura not more
 * than these in units of its thickness. */
static const double DURA_OWN = 0.5, DURA_OTHER = 0.4, OWN = 0.5, OTHER = 0.3;

static PetscErrorCode set_point(const Sizing *z, PointStore *store, int shape, const double near[3], int *changed)
{
  const Anatomy *a = z->s->anatomy;
  const double thickness = a->surround.dura_thickness_mm;
  const bool dura = shape == TISSUE_CSF || shape == TISSUE_DURA;
  Foot foot;
  if (!interface_project(z, shape, near, false, edge_length(z, near), &foot) || interface_hidden(z->s, shape, foot.p))
    return 0;
  double own = OWN * foot.edge, other = OTHER * foot.edge;
  if (dura) own = lesser(own, DURA_OWN * thickness), other = lesser(other, DURA_OTHER * thickness);
  if (foot.p[2] < a->z_min + other || foot.p[2] > a->z_max - other) return 0;
  if (point_store_crowded(store, foot.p, shape, foot.edge, own, other)) return 0;
  SamplePoint p = {.edge = foot.edge, .on = (int16_t)shape, .region = -1};
  v3_copy(foot.p, p.p);
  (*changed)++;
  return point_store_add(store, &p);
}

static void drop_volume_points(const TetMesh *m, int t, PointStore *store, int *changed)
{
  for (int k = 0; k < 4; k++) {
    const int p = m->tet[t][k];
    if (m->on[p] != IN_VOLUME || m->sample[p] < 0 || m->point_region[p] >= TISSUE_ROOT) continue;
    if (point_store_at(store, m->sample[p])->edge <= 0.0) continue;
    point_store_drop(store, m->sample[p]);
    (*changed)++;
  }
}

/* The region that a point says its tetrahedra are of; -1 on interfaces. What touches the lead, or lies on the dura's outer
 * face, is beyond the dura; the cord's surface is within it. */
static int region_of(const TetMesh *m, int p)
{
  if (m->on[p] == IN_VOLUME) return m->point_region[p];
  if (m->on[p] == TISSUE_WHITE || m->on[p] == TISSUE_GREY) return TISSUE_CSF;
  return m->on[p] == ON_LEAD || m->on[p] == TISSUE_DURA ? TISSUE_FAT : -1;
}

/* Where the edge passes the surface of `shape`, from a point inside it to one outside, a point is set. */
static PetscErrorCode cut_edge(const TetMesh *m, const Sizing *z, PointStore *store, int shape, int in, int out,
                               int *changed)
{
  const double a = interface_value(z->s, shape, m->x[in]), b = interface_value(z->s, shape, m->x[out]);
  double p[3];
  if (a >= 0.0 || b <= 0.0) return 0;
  for (int k = 0; k < 3; k++) p[k] = (b * m->x[in][k] - a * m->x[out][k]) / (b - a);
  return set_point(z, store, shape, p, changed);
}

/* Does an edge join two regions without a point of the surface between them? Whatever its tetrahedra are, they are a spike of one
 * of the two. */
static bool is_spike(const TetMesh *m, int p, int q)
{
  const int r = region_of(m, p), s = region_of(m, q);
  if (r < 0 || s < 0 || r == s) return false;
  const int higher = r > s ? r : s, lower = r > s ? s : r;
  return (lower < TISSUE_DURA && higher > TISSUE_DURA && higher < TISSUE_ROOT) ||
         (m->on[p] == IN_VOLUME && m->on[q] == IN_VOLUME);
}

static PetscErrorCode cut_spike(const TetMesh *m, const Sizing *z, PointStore *store, int p, int q, int *changed)
{
  const int r = region_of(m, p), s = region_of(m, q);
  const int in = r > s ? p : q, out = r > s ? q : p, higher = r > s ? r : s, lower = r > s ? s : r;
  const bool through = lower < TISSUE_DURA && higher > TISSUE_DURA && higher < TISSUE_ROOT;
  const int shape = through ? TISSUE_CSF : higher < TISSUE_ROOT ? higher : TISSUE_ROOT;
  PetscCall(cut_edge(m, z, store, shape, in, out, changed));
  if (higher <= TISSUE_DURA || lower >= TISSUE_DURA || m->on[out] != IN_VOLUME) return 0;
  return cut_edge(m, z, store, TISSUE_DURA, in, out, changed);
}

/* Is there anything to be done at a tetrahedron? The corners of most are of one region. */
static bool is_open(const void *context, const TetMesh *m, int t)
{
  int region = -1;
  bool several = false;
  (void)context;
  for (int i = 0; i < 4; i++) {
    const int r = region_of(m, m->tet[t][i]);
    if (tag_leaks(m, t, i)) return true;
    several = several || (region >= 0 && r >= 0 && r != region);
    if (r >= 0) region = r;
  }
  for (int i = 0; several && i < 4; i++)
    for (int k = 0; k < i; k++)
      if (is_spike(m, m->tet[t][i], m->tet[t][k])) return true;
  return false;
}

static PetscErrorCode refine_leak(const TetMesh *m, const Sizing *z, PointStore *store, int t, int f, int *changed)
{
  double c[3] = {0, 0, 0};
  for (int k = 0; k < 3; k++) v3_axpy(c, 1.0 / 3.0, m->x[m->tet[t][TET_FACE[f][k]]], c);
  drop_volume_points(m, t, store, changed);
  drop_volume_points(m, m->adj[t][f], store, changed);
  PetscCall(set_point(z, store, TISSUE_CSF, c, changed));
  return set_point(z, store, TISSUE_DURA, c, changed);
}

/* First the leaks of all, then the spikes. */
static PetscErrorCode refine_open(const TetMesh *m, const Sizing *z, PointStore *store, const int *open, int n,
                                  int *changed)
{
  for (int i = 0; i < n; i++)
    for (int f = 0; f < 4; f++)
      if (tag_leaks(m, open[i], f)) PetscCall(refine_leak(m, z, store, open[i], f, changed));
  for (int i = 0; i < n; i++)
    for (int j = 0; j < 4; j++)
      for (int k = 0; k < j; k++) {
        const int p = m->tet[open[i]][j], q = m->tet[open[i]][k];
        if (is_spike(m, p, q)) PetscCall(cut_spike(m, z, store, p, q, changed));
      }
  return 0;
}

PetscErrorCode refine_leaks(const TetMesh *m, const Sizing *z, Team *team, PointStore *store, int *changed)
{
  int n, *open;
  *changed = 0;
  PetscCall(tet_where(m, team, is_open, NULL, &n, &open));
  const PetscErrorCode ierr = refine_open(m, z, store, open, n, changed);
  free(open);
  return ierr;
}
