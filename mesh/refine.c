/* Closing the holes of the dura at their root: in the sample. */
#include "refine.h"

#include "interface.h"

/* How near a new point may come to another on the same face of the dura, and to any other, in units of its thickness. */
static const double OWN = 0.8, OTHER = 0.4;

static PetscErrorCode set_point(const Sizing *z, PointStore *store, int shape, const double near[3], int *changed)
{
  const double thickness = z->s->anatomy->surround.dura_thickness_mm;
  Foot foot;
  if (!interface_project(z, shape, near, false, &foot) || interface_hidden(z->s, shape, foot.p)) return 0;
  if (foot.p[2] < z->s->anatomy->z_min + OTHER * thickness || foot.p[2] > z->s->anatomy->z_max - OTHER * thickness)
    return 0;
  if (point_store_crowded(store, foot.p, shape, foot.edge, OWN * thickness, OTHER * thickness)) return 0;
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

static bool in_csf(const TetMesh *m, int p) { return m->on[p] == IN_VOLUME && m->point_region[p] == TISSUE_CSF; }

static bool beyond(const TetMesh *m, int p)
{
  return m->on[p] == ON_LEAD || m->on[p] == TISSUE_DURA ||
         (m->on[p] == IN_VOLUME && m->point_region[p] >= 0 && m->point_region[p] < TISSUE_DURA);
}

/* An edge from the CSF through the dura: whatever its tetrahedra are, they are a spike of the dura or a hole in it. A
 * point where it passes the inner face ends that. */
static PetscErrorCode cut_edge(const TetMesh *m, const Sizing *z, PointStore *store, int in, int out, int *changed)
{
  const double a = interface_value(z->s, TISSUE_CSF, m->x[in]), b = interface_value(z->s, TISSUE_CSF, m->x[out]);
  double p[3];
  if (a >= 0.0 || b <= 0.0) return 0;
  for (int k = 0; k < 3; k++) p[k] = (b * m->x[in][k] - a * m->x[out][k]) / (b - a);
  return set_point(z, store, TISSUE_CSF, p, changed);
}

static PetscErrorCode refine_spikes(const TetMesh *m, const Sizing *z, PointStore *store, int *changed)
{
  for (int t = 0; t < m->n_tet; t++)
    for (int i = 0; i < 4 && tet_alive(m, t); i++)
      for (int k = 0; in_csf(m, m->tet[t][i]) && k < 4; k++)
        if (beyond(m, m->tet[t][k])) PetscCall(cut_edge(m, z, store, m->tet[t][i], m->tet[t][k], changed));
  return 0;
}

PetscErrorCode refine_leaks(const TetMesh *m, const Sizing *z, PointStore *store, int *changed)
{
  *changed = 0;
  for (int t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      double c[3] = {0, 0, 0};
      if (!tet_alive(m, t) || m->adj[t][f] < t || !tag_leaks(m, t, f)) continue;
      for (int k = 0; k < 3; k++) v3_axpy(c, 1.0 / 3.0, m->x[m->tet[t][TET_FACE[f][k]]], c);
      drop_volume_points(m, t, store, changed);
      drop_volume_points(m, m->adj[t][f], store, changed);
      PetscCall(set_point(z, store, TISSUE_CSF, c, changed));
      PetscCall(set_point(z, store, TISSUE_DURA, c, changed));
    }
  return refine_spikes(m, z, store, changed);
}
