/* Private to mesh: from the scene to points.
 *
 * Points lie on every interface (where two tissues meet, on the ends and the side of the domain) and in the volumes
 * between, apart from one another by about the edge length wanted there. Points on an interface know its shape, points
 * in a volume their region; TetGen's tetrahedra are tagged by that. */
#ifndef CAUDA_MESH_SAMPLE_H
#define CAUDA_MESH_SAMPLE_H

#include "cauda/scene.h"
#include "lead_surface.h"

/* What a point lies on. Values below TISSUE_COUNT are the shape whose surface it is (TISSUE_ROOT: any root). */
enum { ON_LEAD = TISSUE_COUNT, ON_END, ON_CAPSULE, IN_VOLUME };

typedef struct {
  double p[3];    /* mm, local */
  double edge;    /* mm, wanted there */
  int16_t on;     /* shape, ON_LEAD, ON_END, ON_CAPSULE or IN_VOLUME */
  int16_t region; /* IN_VOLUME: as scene_region_at; else -1 */
} SamplePoint;

/* ---- edge lengths ------------------------------------------------------------------------------------------ */
typedef struct {
  const Scene *s;
  CaseMesh mesh;
} Sizing;

/* All that is asked of one place. */
typedef struct {
  double d[TISSUE_COUNT]; /* as anatomy_shell_distances */
  double lead;            /* as scene_lead_distance */
  int root;               /* the nearest one, as far as it was looked for, or -1 */
  double root_distance;   /* mm to its surface */
  double edge;            /* as edge_length */
} Place;

/* place_look: fills *at; the nearest root at least within near_edges edges. Safe from several threads. */
void place_look(const Sizing *z, const double p[3], double near_edges, Place *at);
/* scene_region_at of that place. */
int place_region(const Scene *s, const Place *at);

/* Edge length wanted at p, mm: the case's edges at roots, dura and contacts, growing by `growth` mm a mm. */
double edge_length(const Sizing *z, const double p[3]);

/* ---- a store of points that finds neighbours ---------------------------------------------------------------- */
/* It compares in single precision: distances are right to some 1e-5 mm. */
typedef struct PointStore PointStore;
PetscErrorCode point_store_create(PointStore **out) CAUDA_CHECKED;
void point_store_destroy(PointStore **s);
PetscErrorCode point_store_add(PointStore *s, const SamplePoint *p) CAUDA_CHECKED;
int64_t point_store_count(const PointStore *s);
const SamplePoint *point_store_at(const PointStore *s, int64_t i);
/* A dropped point (edge 0) keeps its number but is in nobody's way and is not meshed. */
void point_store_drop(PointStore *s, int64_t i);
/* Is there a point on the same shape within `own`, or on another one within `other` mm of p? */
bool point_store_crowded(const PointStore *s, const double p[3], int on, double edge, double own, double other);

/* Some points of the store, for many questions about one neighbourhood. */
enum { NEAR_MAX = 400 };
typedef struct {
  int n;
  float x[NEAR_MAX], y[NEAR_MAX], z[NEAR_MAX]; /* mm */
  int16_t on[NEAR_MAX];
} Near;
/* The points within `radius` mm of p, at most NEAR_MAX, whose edges are about `edge`. */
void point_store_near(const PointStore *s, const double p[3], double edge, double radius, Near *out);
void near_add(Near *near, const double p[3], int on);
/* As point_store_crowded, among these. */
bool near_crowded(Near *near, const double p[3], int on, double own, double other);

/* ---- samplers ------------------------------------------------------------------------------------------------ */
/* The value whose zero is interface `shape` (a Tissue up to TISSUE_ROOT, or ON_CAPSULE: the outer face of the scar around the
 * lead), mm. */
double interface_value(const Scene *s, int shape, const double p[3]);
/* Does a higher tissue, the lead or the domain's end hide interface `shape` at p? */
bool interface_hidden(const Scene *s, int shape, const double p[3]);

/* Both by a team of threads; what they set does not depend on it. */
typedef struct Sampler Sampler;
PetscErrorCode sample_look(Sampler *s) CAUDA_CHECKED; /* finds the interfaces; sets no point yet. sample_surface.c */
PetscErrorCode sample_interfaces(Sampler *s) CAUDA_CHECKED;
PetscErrorCode sample_volumes(Sampler *s) CAUDA_CHECKED; /* sample_volume.c */
void sample_forget(Sampler *s);                          /* what sample_look() has found */

#endif
