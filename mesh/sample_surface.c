/* Points on interfaces, by an advancing front: each new point tries to set six neighbours around itself, one edge away,
 * and takes those that are not crowded. The front starts on the curves where interfaces meet the ends of the domain,
 * and from a scan that finds every piece of every interface. */
#include <stdlib.h>

#include "interface.h"
#include "sample_scan.h"

/* How near points may come, in edges: on one interface, and on two. */
static const double OWN = 0.76, OTHER = 0.35, ACROSS_CURVE = 0.7, OWN_OF_OUTER_FACE = 1.1;
static const double SCAN_MM = 1.0, END_SCAN_MM = 0.5;
/* Sampled distances may fall short of true ones by far less than this factor. */
static const double SLACK = 1.5;
/* Neighbours are tried this far away, in edges, where none on the interface is within FIRST_OWN of them: all in
 * NEAR_EDGES. */
static const double NEXT = 1.0, SECOND = 1.25, FIRST_OWN = 0.75;
enum { DIRECTIONS = 12 };

static bool near_end(const Anatomy *a, const double p[3], double gap)
{
  return p[2] < a->z_min + gap || p[2] > a->z_max - gap;
}

static Candidate candidate(const double p[3], double edge, int on, double own, double other)
{
  Candidate c = {{.edge = edge, .on = (int16_t)on, .region = -1}, own * edge, other * edge, false};
  v3_copy(p, c.p.p);
  return c;
}

/* The dura is thin: each point of its inner face gets one opposite on the outer face, so that the layer between them is
 * filled with clean prisms however much longer edges are than the dura is thick. */
static void add_opposite(const Sampler *s, const Foot *inner, bool on_end, Proposal *out)
{
  const Sizing *z = s->z;
  Foot outer;
  double p[3];
  double n[3] = {inner->normal[0], inner->normal[1], on_end ? 0.0 : inner->normal[2]};
  v3_normalise(n);
  v3_axpy(inner->p, z->s->anatomy->surround.dura_thickness_mm, n, p);
  if (!interface_project_shifted(z->s, TISSUE_DURA, p, on_end, inner->edge, inner->outward, &outer)) return;
  if (sqrt(v3_distance2(outer.p, p)) > 0.5 * inner->edge) return;
  if (interface_hidden(z->s, TISSUE_DURA, outer.p)) return;
  Candidate c = candidate(outer.p, inner->edge, TISSUE_DURA, 0.5, 0.25);
  /* the inner point itself is not in its way, however long edges are */
  c.other = fmin(c.other, 0.5 * z->s->anatomy->surround.dura_thickness_mm);
  c.after = true;
  proposal_add(out, &c);
}

/* The outer face of the dura has its points from the inner one: others only where there are none. */
static double own_gap(int shape) { return shape == TISSUE_DURA ? OWN_OF_OUTER_FACE : OWN; }

/* The point of the interface nearest to p, if that is within 2 reach. */
static void try_point(const Sampler *s, int shape, const double p[3], bool on_end, double reach, Proposal *out)
{
  const Anatomy *a = s->z->s->anatomy;
  Foot foot;
  if (!interface_project(s->z, shape, p, on_end, reach, &foot)) return;
  if (!on_end && near_end(a, foot.p, 0.4 * foot.edge)) return;
  const Candidate c = candidate(foot.p, foot.edge, shape, own_gap(shape), OTHER);
  if (proposal_crowded(s, out, &c) || interface_hidden(s->z->s, shape, foot.p)) return;
  proposal_add(out, &c);
  if (shape == TISSUE_CSF) add_opposite(s, &foot, on_end, out);
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

/* Direction i of the neighbours around a point: first six a hexagon, then six between and further out. */
static double direction(int i, double *edges)
{
  *edges = i < 6 ? NEXT : SECOND;
  return 2 * M_PI * (i % 6 + (i < 6 ? 0.0 : 0.5)) / 6.0;
}

/* ---- fronts ---------------------------------------------------------------------------------------------------------- */

/* One turn of the front: neighbours all around the point. */
static void spread(const void *context, const Sampler *s, const SamplePoint *from, Rng *rng, Proposal *out)
{
  const int shape = *(const int *)context;
  double n[3], u[3], v[3];
  if (!interface_normal(s->z->s, shape, from->p, n)) return;
  tangents(n, 2 * M_PI * rng_uniform(rng), u, v);
  for (int i = 0; i < DIRECTIONS; i++) {
    double edges, p[3];
    const double angle = direction(i, &edges), r = edges * from->edge;
    const int before = out->n;
    v3_axpy(from->p, r * cos(angle), u, p);
    v3_axpy(p, r * sin(angle), v, p);
    if (near_crowded(&out->near, p, shape, FIRST_OWN * from->edge, 0.0)) continue;
    try_point(s, shape, p, false, from->edge, out);
    if (out->n > before) near_add(&out->near, out->c[before].p.p, shape);
  }
}

static bool on_shape(const void *context, const SamplePoint *p, int64_t number)
{
  (void)number;
  return p->on == *(const int *)context;
}

/* Lets every point of one interface from number `first` on have its turn, those that are set on the way included. One interface
 * after the other: the outer face of the dura must not run ahead of the inner one, which sets its points opposite its own. */
static PetscErrorCode advance(Sampler *s, int shape, int64_t first)
{
  return sample_spread(s, first, on_shape, spread, &shape);
}

/* Starts a front near `from` where none has passed yet. */
static void try_here(const void *context, const Sampler *s, const SamplePoint *from, Rng *rng, Proposal *out)
{
  const int shape = *(const int *)context;
  const double edge = edge_length(s->z, from->p), away = SLACK * fabs(interface_value(s->z->s, shape, from->p));
  const double passed = own_gap(shape) * (edge - s->z->mesh.growth * away) - away;
  (void)rng;
  if (passed > 0.0 && point_store_crowded(s->store, from->p, shape, edge, passed, 0.0)) return;
  try_point(s, shape, from->p, false, edge, out);
}

static PetscErrorCode take_at(Sampler *s, int shape, const double p[3], bool on_end)
{
  Proposal out;
  out.n = 0;
  try_point(s, shape, p, on_end, edge_length(s->z, p), &out);
  return sample_take(s, &out);
}

static PetscErrorCode take_on_end(Sampler *s, int shape, const double p[3], bool *taken)
{
  const int64_t before = point_store_count(s->store);
  PetscCall(take_at(s, shape, p, true));
  *taken = point_store_count(s->store) > before;
  return 0;
}

/* Follows the curve in which an interface meets an end of the domain, both ways, until it closes. */
static PetscErrorCode follow_curve(Sampler *s, int shape, const double start[3])
{
  bool taken;
  int64_t turn = point_store_count(s->store);
  PetscCall(take_on_end(s, shape, start, &taken));
  for (; turn < point_store_count(s->store); turn++) {
    const SamplePoint from = *point_store_at(s->store, turn);
    Foot foot;
    if (from.on != shape || !interface_project(s->z, shape, from.p, true, from.edge, &foot)) continue;
    double t[3] = {-foot.normal[1], foot.normal[0], 0.0};
    v3_normalise(t);
    for (int way = -1; way <= 1; way += 2) {
      double p[3];
      v3_axpy(from.p, way * from.edge, t, p);
      PetscCall(take_on_end(s, shape, p, &taken));
      if (taken) continue;
      v3_axpy(from.p, way * 0.88 * from.edge, t, p); /* the gap where the curve closes */
      PetscCall(take_on_end(s, shape, p, &taken));
    }
  }
  return 0;
}

/* ---- where fronts begin ------------------------------------------------------------------------------------------------ */

static bool exists(const Scene *s, int shape)
{
  const Anatomy *a = s->anatomy;
  if (shape == ON_CAPSULE) return s->capsule_mm > 0.0;
  if (shape == TISSUE_ROOT) return a->n_root > 0;
  return shape != TISSUE_GREY || a->grid->channel[TISSUE_GREY] >= 0;
}

/* The box in which interfaces lie; the body's side is sampled by itself. */
static void scan_grid(const Anatomy *a, int shape, double step, ScanGrid *out)
{
  const DistanceGrid *g = a->grid;
  double hi[3];
  for (int k = 0; k < 2; k++) out->lo[k] = g->origin[k] - 1.0, hi[k] = g->origin[k] + g->step[k] * (g->n[k] - 1) + 1.0;
  if (shape <= TISSUE_FAT || shape >= TISSUE_ROOT)
    for (int k = 0; k < 2; k++) {
      const double r = a->surround.body_radius_mm + 2.0;
      out->lo[k] = fmin(out->lo[k], a->axis_xy[k] - r), hi[k] = fmax(hi[k], a->axis_xy[k] + r);
    }
  out->lo[2] = a->z_min, hi[2] = a->z_max;
  out->step = step;
  for (int k = 0; k < 3; k++) out->n[k] = (int)((hi[k] - out->lo[k]) / step) + 1;
}

static PetscErrorCode begin_on_end(Sampler *s, int shape, double z)
{
  ScanGrid g;
  SamplePoint *at;
  int64_t n;
  scan_grid(s->z->s->anatomy, shape, END_SCAN_MM, &g);
  g.lo[2] = z, g.n[2] = 1;
  PetscCall(sample_scan(s, shape, &g, &n, &at));
  PetscErrorCode ierr = 0;
  for (int64_t i = 0; i < n && !ierr; i++) ierr = follow_curve(s, shape, at[i].p);
  free(at);
  return ierr;
}

static PetscErrorCode begin_inside(Sampler *s, int shape)
{
  return sample_from(s, s->inside[shape].at, s->inside[shape].n, try_here, &shape);
}

/* Points beside each root's centre line start its front, so that no thin root is missed by a scan. */
static PetscErrorCode begin_roots(Sampler *s)
{
  const Anatomy *a = s->z->s->anatomy;
  for (int r = 0; r < a->n_root; r++)
    for (int i = 0; i + 1 < a->root[r].n; i++) {
      const double *p = a->root[r].xyz + 3 * i;
      double e[3], u[3], v[3], q[3];
      if (near_end(a, p, 0.0)) continue;
      v3_sub(p + 3, p, e);
      if (v3_normalise(e) <= 0.0) continue;
      tangents(e, 0.0, u, v);
      v3_axpy(p, a->root[r].radius[i], u, q);
      PetscCall(take_at(s, TISSUE_ROOT, q, false));
    }
  return 0;
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

static bool on_plane(const void *context, const SamplePoint *p, int64_t number)
{
  (void)number;
  return fabs(p->p[2] - *(const double *)context) < 1e-9;
}

static void spread_on_end(const void *context, const Sampler *s, const SamplePoint *from, Rng *rng, Proposal *out)
{
  const double z = *(const double *)context, offset = 2 * M_PI * rng_uniform(rng);
  for (int i = 0; i < DIRECTIONS; i++) {
    double edges;
    const double angle = offset + direction(i, &edges), r = edges * from->edge;
    const double p[3] = {from->p[0] + r * cos(angle), from->p[1] + r * sin(angle), z};
    if (point_store_crowded(s->store, p, ON_END, from->edge, FIRST_OWN * from->edge, 0.0)) continue;
    const double edge = edge_length(s->z, p);
    const Candidate c = candidate(p, edge, ON_END, OWN, ACROSS_CURVE);
    if (anatomy_distance(s->z->s->anatomy, TISSUE_BODY, p) > -0.5 * edge || proposal_crowded(s, out, &c)) continue;
    proposal_add(out, &c);
  }
}

/* Points on an end plane between the curves: the centre first, then outward from every curve point and every point set
 * since. */
static PetscErrorCode fill_end(Sampler *s, double z)
{
  const Anatomy *a = s->z->s->anatomy;
  const double centre[3] = {a->axis_xy[0], a->axis_xy[1], z}, first = edge_length(s->z, centre);
  const Candidate c = candidate(centre, first, ON_END, OWN, ACROSS_CURVE);
  if (!point_store_crowded(s->store, centre, ON_END, first, c.own, c.other)) PetscCall(point_store_add(s->store, &c.p));
  return sample_spread(s, 0, on_plane, spread_on_end, &z);
}

static const int ORDER[] = {TISSUE_ROOT, TISSUE_GREY, TISSUE_WHITE, TISSUE_CSF, TISSUE_DURA,
                            ON_CAPSULE,  TISSUE_FAT,  TISSUE_BONE,  TISSUE_BODY};
enum { N_ORDER = sizeof ORDER / sizeof *ORDER };

PetscErrorCode sample_look(Sampler *s)
{
  for (int i = 0; i < N_ORDER; i++) {
    const int shape = ORDER[i];
    ScanGrid g;
    /* fronts on roots begin at their centre lines */
    if (shape == TISSUE_ROOT || !exists(s->z->s, shape)) continue;
    scan_grid(s->z->s->anatomy, shape, shape == TISSUE_BODY ? 4 * SCAN_MM : SCAN_MM, &g);
    PetscCall(sample_scan(s, shape, &g, &s->inside[shape].n, &s->inside[shape].at));
  }
  return 0;
}

void sample_forget(Sampler *s)
{
  for (int i = 0; i < N_ORDER; i++) {
    free(s->inside[ORDER[i]].at);
    s->inside[ORDER[i]] = (Starts){0};
  }
}

PetscErrorCode sample_interfaces(Sampler *s)
{
  const Anatomy *a = s->z->s->anatomy;
  for (int i = 0; i < N_ORDER; i++)
    for (int end = 0; exists(s->z->s, ORDER[i]) && end < 2; end++)
      PetscCall(begin_on_end(s, ORDER[i], end ? a->z_max : a->z_min));
  for (int i = 0; i < N_ORDER; i++) {
    if (!exists(s->z->s, ORDER[i])) continue;
    progress("sample", 0.5 * i / N_ORDER);
    if (ORDER[i] == TISSUE_ROOT) PetscCall(begin_roots(s));
    PetscCall(advance(s, ORDER[i], 0));
    if (ORDER[i] == TISSUE_ROOT) continue;
    const int64_t first = point_store_count(s->store);
    PetscCall(begin_inside(s, ORDER[i]));
    PetscCall(advance(s, ORDER[i], first));
  }
  for (int end = 0; end < 2; end++) PetscCall(fill_end(s, end ? a->z_max : a->z_min));
  return 0;
}
