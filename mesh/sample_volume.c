/* Points in the volumes between the interfaces: first along the roots' centre lines, so that every root is one piece
 * however thin it is, then outward from the points there are. */
#include <float.h>

#include "sample_round.h"
#include "walls.h"

/* How near points may come, in edges: to other points in a volume, to points on interfaces, to an interface itself. */
static const double OWN = 0.80, TO_INTERFACE_POINT = 0.72, TO_INTERFACE = 0.76;
/* Neighbours are tried between these distances, in edges, where nobody is within these of them: all in NEAR_EDGES. */
static const double NEAREST = 0.85, WIDTH = 0.4, FIRST_OWN = 0.7, FIRST_OTHER = 0.6;
/* Before the shapes are asked, no nearer to an interface than this, as far as it is flat; it is looked for in WALLS. */
static const double FIRST_TO_INTERFACE = 0.6, WALLS = 2.0;
/* Of the points on interfaces one in EACH tries: the front that they start comes by the others. */
enum { TRIES = 20, EACH = 4 };

static bool room_at(const Sizing *z, const double p[3], const Place *at)
{
  const Anatomy *a = z->s->anatomy;
  const double gap = TO_INTERFACE * at->edge, thickness = a->surround.dura_thickness_mm;
  if (p[2] < a->z_min + gap || p[2] > a->z_max - gap || at->d[TISSUE_BODY] > -gap) return false;
  if (at->root >= 0 && fabs(at->root_distance) < gap) return false;
  const bool in_root = at->root >= 0 && at->root_distance < 0.0;
  for (int t = TISSUE_BONE; t <= TISSUE_GREY && !in_root; t++)
    if (fabs(at->d[t]) < gap) return false;
  const double capsule = z->s->capsule_mm;
  if (capsule > 0.0 && at->d[TISSUE_DURA] > 0.0 && fabs(at->lead - capsule) < gap) return false;
  return at->lead > gap && fabs(at->lead - thickness) > lesser(gap, 0.5 * thickness);
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
        const double spacing = fmax(fmin(z->mesh.root_edge_mm, 0.7 * radius), 0.05);
        SamplePoint p = {.edge = spacing, .on = IN_VOLUME};
        if (since < spacing) continue;
        for (int k = 0; k < 3; k++) p.p[k] = (1 - t) * u[k] + t * u[3 + k];
        if (p.p[2] < a->z_min + 0.5 * spacing || p.p[2] > a->z_max - 0.5 * spacing) continue;
        if (anatomy_nearest_root(a, p.p, 0.0, NULL, NULL, NULL) != r) continue;
        if (point_store_crowded(store, p.p, IN_VOLUME, spacing, 0.6 * spacing, 0.3 * radius)) continue;
        p.region = (int16_t)scene_region_at(z->s, p.p);
        if (p.region <= TISSUE_OUTSIDE) continue;
        PetscCall(point_store_add(store, &p));
        since = 0.0;
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

static void propose(const void *context, const Sampler *s, const SamplePoint *from, Rng *rng, Proposal *out)
{
  Near *near = &out->near;
  const double edge = from->edge;
  Walls walls;
  (void)context;
  walls_look(s->z->s->anatomy, from->p, WALLS * edge, &walls);
  for (int i = 0; i < TRIES; i++) {
    double p[3], step[3];
    Place at;
    any_direction(rng, step);
    v3_scale(edge * (NEAREST + WIDTH * rng_uniform(rng)), step);
    v3_axpy(from->p, 1.0, step, p);
    /* the cheap questions first: most tries end here */
    if (walls_near(&walls, step, FIRST_TO_INTERFACE * edge)) continue;
    if (near_crowded(near, p, IN_VOLUME, FIRST_OWN * edge, FIRST_OTHER * edge)) continue;
    place_look(s->z, p, TO_INTERFACE, &at);
    Candidate c = {{.edge = at.edge, .on = IN_VOLUME, .region = (int16_t)place_region(s->z->s, &at)},
                   OWN * at.edge,
                   TO_INTERFACE_POINT * at.edge,
                   false};
    v3_copy(p, c.p.p);
    if (c.p.region <= TISSUE_OUTSIDE || !room_at(s->z, p, &at) || proposal_crowded(s, out, &c)) continue;
    proposal_add(out, &c);
    near_add(near, p, IN_VOLUME);
  }
}

static bool begins(const void *context, const SamplePoint *p, int64_t number)
{
  (void)context;
  return p->on == IN_VOLUME || number % EACH == 0;
}

PetscErrorCode sample_volumes(Sampler *s)
{
  PetscCall(along_roots(s->z, s->store));
  return sample_spread(s, 0, begins, propose, NULL);
}
