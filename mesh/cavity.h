/* Private to mesh: one point set into the tetrahedra. */
#ifndef CAUDA_MESH_CAVITY_H
#define CAUDA_MESH_CAVITY_H

#include "tet_mesh.h"

/* A face around the cavity, corners so that (a, c, b) and the new point are positive; what lies behind it. */
typedef struct {
  int corner[3], behind, behind_face; /* -1: the boundary */
} CavityFace;

typedef struct {
  int a, b, tet, face;
  unsigned stamp;
} CavityEdge;

/* One who sets points, in the part of the mesh that lies between two heights. */
typedef struct {
  TetMesh *m;
  unsigned *mark;        /* [slots] of all who set points: `round` in the cavity, `round + 1` looked at and outside */
  unsigned round;        /* even; of the point being set */
  double z_from, z_to;   /* corners of all that is touched lie strictly between */
  int next_slot, n_slot; /* free slots [next_slot, n_slot) */
  int last;              /* a tetrahedron to start from, or -1 */
  int n_cavity, n_face;
  size_t cavity_room, face_room;
  int *cavity;
  CavityFace *face;
  size_t spare_room;
  int n_spare, *spare; /* slots that cavities left over */
  size_t n_edge;       /* a power of two */
  CavityEdge *edge;
} Setter;

typedef enum { SET, NOT_HERE, NOWHERE } Outcome;

/* cavity_set: sets point p of the mesh, whose tetrahedra are not there yet. NOT_HERE: it would touch what lies beyond the
 * setter's heights, or needs more slots than it has; nothing was changed. NOWHERE: it is outside or on others. */
PetscErrorCode cavity_set(Setter *s, int p, Outcome *outcome) CAUDA_CHECKED;
void setter_free(Setter *s); /* its arrays */

#endif
