/* Private to mesh: tetrahedra that can be changed, while a mesh is being made.
 *
 * Tetrahedra know their neighbours; a change replaces a few of them (a cavity) by others that fill the same space.
 * Slots of removed tetrahedra have tet[t][0] == -1 and are used again. */
#ifndef CAUDA_MESH_TET_MESH_H
#define CAUDA_MESH_TET_MESH_H

#include "fill.h"
#include "sample.h"

typedef struct {
  int n_point;
  double (*x)[3];        /* mm, local */
  int64_t *sample;       /* [n_point] number in the PointStore, or -1 */
  int16_t *on;           /* as SamplePoint.on */
  int16_t *point_region; /* as SamplePoint.region */
  double *edge;          /* mm, wanted at the point */
  int n_tet;             /* slots */
  size_t cap_tet, cap_adj, cap_region, cap_look;
  int (*tet)[4];   /* positively oriented */
  int (*adj)[4];   /* across the face opposite vertex i; -1: boundary */
  int16_t *region; /* as scene_region_at */
  int *tet_of;     /* [n_point] one tetrahedron at the point, or -1 */
  uint8_t *look;   /* [n_tet] while the mesh is bettered, else NULL: set where a tetrahedron is new */
  int slot_limit; /* 0: slots are added as needed; else new ones are those up to here, and the arrays have room for them */
  int n_free;     /* slots to use again */
  size_t cap_free;
  int *free_slot;
} TetMesh;

enum { STAR_MAX = 256, RING_MAX = 64 };
enum { INSIDE_LEAD = -2 }; /* a region that is to be removed */

/* tet_mesh_create: takes the arrays of *fill; finds the sampled point (and its kind) of each of TetGen's points. Points
 * that TetGen added are IN_VOLUME with region -1. */
PetscErrorCode tet_mesh_create(FillOutput *fill, const PointStore *store, TetMesh **out) CAUDA_CHECKED;
void tet_mesh_destroy(TetMesh **m);

static inline bool tet_alive(const TetMesh *m, int t) { return m->tet[t][0] >= 0; }

static inline void tet_centroid(const TetMesh *m, int t, double c[3])
{
  v3_set(c, 0, 0, 0);
  for (int k = 0; k < 4; k++) v3_axpy(c, 0.25, m->x[m->tet[t][k]], c);
}

/* Stretches of slots, each looked at by one thread in one go: stretch i is [i STRETCH, stretch_end(m, i)). */
enum { STRETCH = 1 << 13 };
static inline int stretch_count(const TetMesh *m) { return (m->n_tet + STRETCH - 1) / STRETCH; }
static inline int stretch_end(const TetMesh *m, int i)
{
  return m->n_tet - i * STRETCH < STRETCH ? m->n_tet : (i + 1) * STRETCH;
}

/* Face f of a tetrahedron, the one opposite vertex f: vertices ordered so that the face looks outward. */
static const int TET_FACE[4][3] = {{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}};

/* Smallest sine of the six dihedral angles, negative for an inverted tetrahedron; 0 where it is flat. */
double tet_quality(const double a[3], const double b[3], const double c[3], const double d[3]);
double tet_mesh_quality(const TetMesh *m, int t);

/* All tetrahedra at point p; false if there are more than STAR_MAX. */
bool tet_mesh_star(const TetMesh *m, int p, int star[STAR_MAX], int *n);

/* Is the star of p closed all round: is no face at p on the boundary? */
bool tet_mesh_closed(const TetMesh *m, int p, const int *star, int n);

/* The ring of tetrahedra about edge (a, b), starting with t: ring[i] lies between points p[i] and p[i + 1], and (a, b,
 * p[i], p[i + 1]) is positive. False if the edge is on the boundary or the ring is longer than RING_MAX. */
bool tet_mesh_ring(const TetMesh *m, int t, int a, int b, int ring[RING_MAX], int p[RING_MAX], int *n);

/* Room for n slots more, all empty: they are [n_tet before, n_tet). */
PetscErrorCode tet_mesh_add_slots(TetMesh *m, int n) CAUDA_CHECKED;

/* tet_mesh_replace: replaces tetrahedra by others that fill the same space; all take the region given. */
PetscErrorCode tet_mesh_replace(TetMesh *m, int n_old, const int *old, int n_new, const int (*new_tet)[4],
                                int16_t region) CAUDA_CHECKED;
/* tet_mesh_remove: takes away one tetrahedron at the boundary (its neighbours' faces become boundary). */
PetscErrorCode tet_mesh_remove(TetMesh *m, int t) CAUDA_CHECKED;

#endif
