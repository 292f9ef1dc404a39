/* Private to mesh: pieces of regions: tetrahedra of one region that hang together by faces. */
#ifndef CAUDA_MESH_PIECES_H
#define CAUDA_MESH_PIECES_H

#include "cauda/team.h"
#include "tet_mesh.h"

typedef struct {
  int16_t region;
  int n;         /* tetrahedra */
  double volume; /* mm3; of more than PIECE_LARGE tetrahedra as many as there are, times 1e6 */
  bool sampled;  /* does it hold a point that was sampled in its region? A large one counts as such. */
} Piece;
enum { PIECE_LARGE = 20000 };

typedef struct {
  int *of;     /* [m->n_tet] number of its piece; of empty slots any */
  int n;       /* pieces, in the order of their first tetrahedra */
  Piece *list; /* [n] */
} Pieces;

/* pieces_find: the caller calls pieces_free(), after an error, too. */
PetscErrorCode pieces_find(const TetMesh *m, Team *team, Pieces *out) CAUDA_CHECKED;
void pieces_free(Pieces *p);

#endif
