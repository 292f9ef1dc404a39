/* Private to mesh: changes of connection. Each does nothing and says false where it would not help. */
#ifndef CAUDA_MESH_IMPROVE_FLIP_H
#define CAUDA_MESH_IMPROVE_FLIP_H

#include "tet_mesh.h"

/* Removes the edge between vertices i and j (0..3) of t: its ring of n tetrahedra becomes 2 (n - 2). */
PetscErrorCode flip_edge(TetMesh *m, int t, int i, int j, bool *done) CAUDA_CHECKED;
/* Removes face f of t: two tetrahedra become three. */
PetscErrorCode flip_face(TetMesh *m, int t, int f, bool *done) CAUDA_CHECKED;
/* Pulls point p (off all interfaces) onto its neighbour q: the tetrahedra between them vanish. */
PetscErrorCode collapse_edge(TetMesh *m, int p, int q, bool *done) CAUDA_CHECKED;

/* star_pulled: what the star of p becomes as p is pulled onto q, into fresh[STAR_MAX], and the worst quality in it; it is not
 * finished where that is not above `bar`. */
double star_pulled(const TetMesh *m, int p, int q, const int *star, int n, double bar, int (*fresh)[4], int *n_fresh);

/* Is p off every interface and boundary: is its star one region, closed all round? */
bool point_is_free(const TetMesh *m, int p, const int *star, int n);

#endif
