/* Points in the volumes between the interfaces: first along the roots' centre lines, so that every root is one piece
 * however thin it is, then outward from all points there are. */
#include <float.h>

#include "lead_pose.h"
#include "sample.h"

/* How near points may come, in edges: to other points in a volume, to points on interfaces, to an interface itself. */
static const double OWN = 0.80, TO_INTERFACE_POINT = 0.72, TO_INTERFACE = 0.76;
enum { TRIES = 16 };

static bool room_at(const Sizing *z, const double p[3], double edge)
{
  const Scene *s = z->s;
  const Anatomy *a = s->anatomy;
  const double gap = TO_INTERFACE * edge;
  double d[TISSUE_COUNT], root;
  if (p[2] < a->z_min + gap || p[2] > a->z_max - gap) return false;
  anatomy_shell_distances(a, p, d);
  if (d[TISSUE_BODY] > -gap) return false;
  if (anatomy_nearest_root(a, p, gap, &root, NULL, NULL) >= 0 && fabs(root) < gap) return false;
  const bool in_root = anatomy_nearest_root(a, p, 0.0, NULL, NULL, NULL) >= 0;
  for (int t = TISSUE_BONE; t <= TISSUE_GREY && !in_root; t++)
    if (fabs(d[t]) < gap) return false;
  const double lead = scene_lead_distance(s, p);
  return lead > gap && fabs(lead - a->surround.dura_thickness_mm) > fmin(gap, 0.5 * a->surround.dura_thickness_mm);
}

static PetscErrorCode add(const Sizing *z, PointStore *store, const double p[3], double edge, bool *taken)
{
  SamplePoint q = {.edge = edge, .on = IN_VOLUME, .region = (int16_t)scene_region_at(z->s, p)};
  *taken = q.region > TISSUE_OUTSIDE;
  v3_copy(p, q.p);
  return *taken ? point_store_add(store, &q) : 0;
}

/* Points on the centre lines, at most 0.7 of a radius apart where that is less than an edge. */
static PetscErrorCode along_roots(const Sizing *z, PointStore *store)
{
  const Anatomy *a = z->s->anatomy;
  for (int r = 0; r < a->n_root; r++) {
    const Root *root = &a->root[r];
    double since = DBL_MAX;
    for (int i = 0; i + 1 < root->n; i++) {
      const double *u = root->xyz + 3 * i, length = sqrt(v3_distance2(u, u + 3));
      const int n = (int)ceil(length / 0.05);
      for (int j = 0; j < n; j++, since += length / n) {
        const double t = (j + 0.5) / n, radius = (1 - t) * root->radius[i] + t * root->radius[i + 1];
        double p[3];
        const double spacing = fmax(fmin(z->mesh.root_edge_mm, 0.7 * radius), 0.05);
        bool taken;
        if (since < spacing) continue;
        for (int k = 0; k < 3; k++) p[k] = (1 - t) * u[k] + t * u[3 + k];
        if (p[2] < a->z_min + 0.5 * spacing || p[2] > a->z_max - 0.5 * spacing) continue;
        if (anatomy_nearest_root(a, p, 0.0, NULL, NULL, NULL) != r) continue;
        if (point_store_crowded(store, p, IN_VOLUME, spacing, 0.6 * spacing, 0.3 * radius)) continue;
        PetscCall(add(z, store, p, spacing, &taken));
        if (taken) since = 0.0;
      }
    }
  }
  return 0;
}

/* a direction that is even over the sphere */
static void any_direction(Rng *rng, double d[3])
{
  const double z = 2 * rng_uniform(rng) - 1, phi = 2 * M_PI * rng_uniform(rng), r = sqrt(1 - z * z);
  v3_set(d, r * cos(phi), r * sin(phi), z);
}

PetscErrorCode sample_volumes(const Sizing *z, PointStore *store, Rng *rng)
{
  PetscCall(along_roots(z, store));
  for (int64_t turn = 0; turn < point_store_count(store); turn++) {
    const SamplePoint from = *point_store_at(store, turn);
    for (int i = 0; i < TRIES; i++) {
      double p[3], dir[3];
      bool taken;
      any_direction(rng, dir);
      v3_axpy(from.p, from.edge * (0.85 + 0.4 * rng_uniform(rng)), dir, p);
      /* the cheap question first: most tries end here */
      if (point_store_crowded(store, p, IN_VOLUME, from.edge, 0.7 * from.edge, 0.6 * from.edge)) continue;
      const double edge = edge_length(z, p);
      if (point_store_crowded(store, p, IN_VOLUME, edge, OWN * edge, TO_INTERFACE_POINT * edge)) continue;
      if (!room_at(z, p, edge)) continue;
      PetscCall(add(z, store, p, edge, &taken));
    }
    if (turn % 4096) continue;
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while sampling the volumes");
    progress("sample", 0.5 + 0.5 * (double)turn / (double)point_store_count(store));
  }
  return 0;
}
