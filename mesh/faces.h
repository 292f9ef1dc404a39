/* Faces: which tetrahedra hold a face, and the first fault of a mesh in words. Inside mesh/ only. */
#ifndef CAUDA_MESH_FACES_H
#define CAUDA_MESH_FACES_H

#include "cauda/mesh.h"

enum { MESH_FAULT_MAX = 256 };

typedef uint32_t FaceId; /* 4 t + f: face f of tetrahedron t */

/* All faces of all tetrahedra, sorted by their vertices: 12 bytes a face, made in linear time. */
typedef struct FaceTable FaceTable;

/* Errors: PETSC_ERR_ARG_OUTOFRANGE beyond 2^30 tetrahedra. Ids must be in range. */
PetscErrorCode faces_create(const Mesh *m, FaceTable **out) CAUDA_CHECKED;
void faces_destroy(FaceTable **t);

/* faces_find: the faces with these vertices, in any order; returns how many there are, the first two in `found`. */
int faces_find(const FaceTable *t, const NodeId nodes[3], FaceId found[2]);

void mesh_face_nodes(const Mesh *m, FaceId f, NodeId nodes[3]); /* outward from its tetrahedron */

/* The same three vertices, seen from the same side: two neighbours see their common face from opposite sides. */
bool face_same_turn(const NodeId a[3], const NodeId b[3]);

/* faces_fault: says so where a face belongs to more than two tetrahedra, or to two on the same side of it. */
void faces_fault(const Mesh *m, const FaceTable *t, char fault[MESH_FAULT_MAX]);

/* mesh_first_fault: what mesh_check() checks; fault is "" if there is none. */
PetscErrorCode mesh_first_fault(const Mesh *m, char fault[MESH_FAULT_MAX]) CAUDA_CHECKED;

#endif
