/* Points on interfaces, by an advancing front: each new point tries to set six neighbours around itself, one edge away,
 * and takes those that are not crowded. The front starts on the curves where interfaces meet the ends of the domain,
 * and from a scan that finds every piece of every interface. */
#include <stdlib.h>

#include "interface.h"

/* How near points may come, in edges: on one interface, and on two. */
static const double OWN = 0.76, OTHER = 0.35, ACROSS_CURVE = 0.7, OWN_OF_OUTER_FACE = 1.1;
static const double SCAN_MM = 1.0, END_SCAN_MM = 0.5;
enum { DIRECTIONS = 12 };

typedef struct {
  const Sizing *z;
  PointStore *store;
  Rng *rng;
} Front;

static bool near_end(const Anatomy *a, const double p[3], double gap)
{
  return p[2] < a->z_min + gap || p[2] > a->z_max - gap;
}

static PetscErrorCode add(Front *f, const double p[3], double edge, int on)
{
  SamplePoint q = {.edge = edge, .on = (int16_t)on, .region = -1};
  v3_copy(p, q.p);
  return point_store_add(f->store, &q);
}

/* The dura is thin: each point of its inner face gets one opposite on the outer face, so that the layer between them is
 * filled with clean prisms however much longer edges are than the dura is thick. */
static PetscErrorCode add_opposite(Front *f, const Foot *inner, bool on_end)
{
  const Sizing *z = f->z;
  Foot outer;
  double p[3];
  double n[3] = {inner->normal[0], inner->normal[1], on_end ? 0.0 : inner->normal[2]};
  v3_normalise(n);
  v3_axpy(inner->p, z->s->anatomy->surround.dura_thickness_mm, n, p);
  if (!interface_project_shifted(z, TISSUE_DURA, p, on_end, inner->outward, &outer)) return 0;
  if (sqrt(v3_distance2(outer.p, p)) > 0.5 * inner->edge) return 0;
  if (interface_hidden(z->s, TISSUE_DURA, outer.p)) return 0;
  /* the inner point itself is not in its way, however long edges are */
  const double other = fmin(0.25 * inner->edge, 0.5 * z->s->anatomy->surround.dura_thickness_mm);
  if (point_store_crowded(f->store, outer.p, TISSUE_DURA, inner->edge, 0.5 * inner->edge, other)) return 0;
  return add(f, outer.p, inner->edge, TISSUE_DURA);
}

static PetscErrorCode try_point(Front *f, int shape, const double p[3], bool on_end, bool *taken)
{
  const Anatomy *a = f->z->s->anatomy;
  Foot foot;
  *taken = false;
  if (!interface_project(f->z, shape, p, on_end, &foot)) return 0;
  if (!on_end && near_end(a, foot.p, 0.4 * foot.edge)) return 0;
  /* the outer face of the dura has its points from the inner one: others only where there are none */
  const double own = (shape == TISSUE_DURA ? OWN_OF_OUTER_FACE : OWN) * foot.edge;
  if (point_store_crowded(f->store, foot.p, shape, foot.edge, own, OTHER * foot.edge)) return 0;
  if (interface_hidden(f->z->s, shape, foot.p)) return 0;
  PetscCall(add(f, foot.p, foot.edge, shape));
  *taken = true;
  return shape == TISSUE_CSF ? add_opposite(f, &foot, on_end) : 0;
}

/* unit vectors that span the plane across n, turned by an angle */
static void tangents(const double n[3], double angle, double u[3], double v[3])
{
  const double e[3] = {fabs(n[0]) < 0.7, fabs(n[0]) >= 0.7, 0.0};
  double a[3], b[3];
  v3_cross(n, e, a);
  v3_normalise(a);
  v3_cross(n, a, b);
  for (int k = 0; k < 3; k++)
    u[k] = cos(angle) * a[k] + sin(angle) * b[k], v[k] = -sin(angle) * a[k] + cos(angle) * b[k];
}

/* One turn of the front: neighbours all around the point, first six a hexagon, then six between and further out. */
static PetscErrorCode spread(Front *f, const SamplePoint *from)
{
  Foot foot;
  double u[3], v[3];
  if (!interface_project(f->z, from->on, from->p, false, &foot)) return 0;
  tangents(foot.normal, 2 * M_PI * rng_uniform(f->rng), u, v);
  for (int i = 0; i < DIRECTIONS; i++) {
    const double angle = 2 * M_PI * (i % 6 + (i < 6 ? 0.0 : 0.5)) / 6.0, r = from->edge * (i < 6 ? 1.0 : 1.25);
    double p[3];
    bool taken;
    v3_axpy(from->p, r * cos(angle), u, p);
    v3_axpy(p, r * sin(angle), v, p);
    if (point_store_crowded(f->store, p, from->on, from->edge, 0.75 * from->edge, 0.0)) continue;
    PetscCall(try_point(f, from->on, p, false, &taken));
  }
  return 0;
}

/* Lets every point of one interface have its turn, those that are set on the way included. One interface after the
 * other: the outer face of the dura must not run ahead of the inner one, which sets its points opposite its own. */
static PetscErrorCode advance(Front *f, int shape)
{
  for (int64_t turn = 0; turn < point_store_count(f->store); turn++) {
    const SamplePoint from = *point_store_at(f->store, turn);
    if (from.on == shape) PetscCall(spread(f, &from));
    if (turn % 4096 == 0)
      PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED,
                 "interrupted while sampling the interfaces");
  }
  return 0;
}

/* Follows the curve in which an interface meets an end of the domain, both ways, until it closes. */
static PetscErrorCode follow_curve(Front *f, int shape, const double start[3])
{
  bool taken;
  PetscCall(try_point(f, shape, start, true, &taken));
  if (!taken) return 0;
  int64_t turn = point_store_count(f->store) - 1;
  for (; turn < point_store_count(f->store); turn++) {
    const SamplePoint from = *point_store_at(f->store, turn);
    Foot foot;
    if (!interface_project(f->z, shape, from.p, true, &foot)) continue;
    double t[3] = {-foot.normal[1], foot.normal[0], 0.0};
    v3_normalise(t);
    for (int way = -1; way <= 1; way += 2) {
      double p[3];
      v3_axpy(from.p, way * from.edge, t, p);
      PetscCall(try_point(f, shape, p, true, &taken));
      if (taken) continue;
      v3_axpy(from.p, way * 0.88 * from.edge, t, p); /* the gap where the curve closes */
      PetscCall(try_point(f, shape, p, true, &taken));
    }
  }
  return 0;
}

static bool exists(const Anatomy *a, int shape)
{
  if (shape == TISSUE_ROOT) return a->n_root > 0;
  return shape != TISSUE_GREY || a->grid->channel[TISSUE_GREY] >= 0;
}

/* Calls follow_curve or try_point wherever the shape's sign changes between neighbours of a scanning grid. */
static PetscErrorCode scan(Front *f, int shape, double step, const double lo[3], const int n[3], bool on_end)
{
  const Scene *s = f->z->s;
  double *row = NULL;
  const size_t plane = (size_t)n[0] * (size_t)n[1];
  PetscCall(mem_alloc(2 * plane, sizeof *row, &row));
  PetscErrorCode ierr = 0;
  for (int k = 0; k < n[2] && !ierr; k++)
    for (size_t at = 0; at < plane && !ierr; at++) {
      const int i = (int)(at % (size_t)n[0]), j = (int)(at / (size_t)n[0]);
      const double p[3] = {lo[0] + step * i, lo[1] + step * j, lo[2] + step * k};
      double *now = row + (k % 2 ? plane : 0), *below = row + (k % 2 ? 0 : plane);
      now[at] = interface_value(s, shape, p);
      const bool crossed = (i && (now[at] < 0) != (now[at - 1] < 0)) ||
                           (j && (now[at] < 0) != (now[at - (size_t)n[0]] < 0)) ||
                           (k && (now[at] < 0) != (below[at] < 0));
      bool taken;
      if (crossed) ierr = on_end ? follow_curve(f, shape, p) : try_point(f, shape, p, false, &taken);
    }
  free(row);
  return ierr;
}

/* The box in which interfaces lie; the body's side is sampled by itself. */
static void scan_box(const Anatomy *a, int shape, double lo[3], double hi[3])
{
  const DistanceGrid *g = a->grid;
  for (int k = 0; k < 2; k++) lo[k] = g->origin[k] - 1.0, hi[k] = g->origin[k] + g->step[k] * (g->n[k] - 1) + 1.0;
  if (shape == TISSUE_BODY || shape == TISSUE_BONE || shape == TISSUE_FAT || shape == TISSUE_ROOT)
    for (int k = 0; k < 2; k++) {
      const double r = a->surround.body_radius_mm + 2.0;
      lo[k] = fmin(lo[k], a->axis_xy[k] - r), hi[k] = fmax(hi[k], a->axis_xy[k] + r);
    }
  lo[2] = a->z_min, hi[2] = a->z_max;
}

/* Points on both end planes between the curves. */
static PetscErrorCode fill_end(Front *f, double z)
{
  const Anatomy *a = f->z->s->anatomy;
  /* the centre first, then outward from every curve point and every point set since */
  const double centre[3] = {a->axis_xy[0], a->axis_xy[1], z};
  const double first = edge_length(f->z, centre);
  if (!point_store_crowded(f->store, centre, ON_END, first, OWN * first, ACROSS_CURVE * first))
    PetscCall(add(f, centre, first, ON_END));
  for (int64_t turn = 0; turn < point_store_count(f->store); turn++) {
    const SamplePoint from = *point_store_at(f->store, turn);
    if (fabs(from.p[2] - z) > 1e-9) continue;
    const double offset = 2 * M_PI * rng_uniform(f->rng);
    for (int i = 0; i < DIRECTIONS; i++) {
      const double angle = offset + 2 * M_PI * (i % 6 + (i < 6 ? 0.0 : 0.5)) / 6.0,
                   r = from.edge * (i < 6 ? 1.0 : 1.25);
      const double p[3] = {from.p[0] + r * cos(angle), from.p[1] + r * sin(angle), z};
      const double edge = edge_length(f->z, p);
      if (anatomy_distance(a, TISSUE_BODY, p) > -0.5 * edge) continue;
      if (point_store_crowded(f->store, p, ON_END, edge, OWN * edge, ACROSS_CURVE * edge)) continue;
      PetscCall(add(f, p, edge, ON_END));
    }
  }
  return 0;
}

/* Rings of points about each root's centre line start its front, so that no thin root is missed by a scan. */
static PetscErrorCode seed_roots(Front *f)
{
  const Anatomy *a = f->z->s->anatomy;
  bool taken;
  for (int r = 0; r < a->n_root; r++)
    for (int i = 0; i + 1 < a->root[r].n; i++) {
      const double *p = a->root[r].xyz + 3 * i;
      double e[3], u[3], v[3], q[3];
      if (near_end(a, p, 0.0)) continue;
      v3_sub(p + 3, p, e);
      if (v3_normalise(e) <= 0.0) continue;
      tangents(e, 0.0, u, v);
      v3_axpy(p, a->root[r].radius[i], u, q);
      PetscCall(try_point(f, TISSUE_ROOT, q, false, &taken));
    }
  return 0;
}

PetscErrorCode sample_interfaces(const Sizing *z, PointStore *store, Rng *rng)
{
  const Anatomy *a = z->s->anatomy;
  Front f = {z, store, rng};
  static const int order[] = {TISSUE_ROOT, TISSUE_GREY, TISSUE_WHITE, TISSUE_CSF,
                              TISSUE_DURA, TISSUE_FAT,  TISSUE_BONE,  TISSUE_BODY};
  enum { N_ORDER = sizeof order / sizeof *order };
  for (int i = 0; i < N_ORDER; i++) {
    double lo[3], hi[3];
    if (!exists(a, order[i])) continue;
    scan_box(a, order[i], lo, hi);
    for (int end = 0; end < 2; end++) {
      const double from[3] = {lo[0], lo[1], end ? a->z_max : a->z_min};
      const int n[3] = {(int)((hi[0] - lo[0]) / END_SCAN_MM) + 1, (int)((hi[1] - lo[1]) / END_SCAN_MM) + 1, 1};
      PetscCall(scan(&f, order[i], END_SCAN_MM, from, n, true));
    }
  }
  for (int i = 0; i < N_ORDER; i++) {
    double lo[3], hi[3];
    if (!exists(a, order[i])) continue;
    progress("sample", 0.5 * i / N_ORDER);
    if (order[i] == TISSUE_ROOT) PetscCall(seed_roots(&f));
    PetscCall(advance(&f, order[i]));
    if (order[i] == TISSUE_ROOT) continue;
    scan_box(a, order[i], lo, hi);
    const double step = order[i] == TISSUE_BODY ? 4 * SCAN_MM : SCAN_MM;
    const int n[3] = {(int)((hi[0] - lo[0]) / step) + 1, (int)((hi[1] - lo[1]) / step) + 1,
                      (int)((hi[2] - lo[2]) / step) + 1};
    PetscCall(scan(&f, order[i], step, lo, n, false));
    PetscCall(advance(&f, order[i]));
  }
  for (int end = 0; end < 2; end++) PetscCall(fill_end(&f, end ? a->z_max : a->z_min));
  return 0;
}
