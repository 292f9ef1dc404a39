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
  return 0;
}
