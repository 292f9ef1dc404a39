/* Private to seg/root_index.c and seg/root_nearest.c: a tree of boxes over the pieces of the centre lines, four to a box. Each piece
 * is a cone with round ends: the distance to a root's surface is the distance to its line less the radius there. */
#ifndef CAUDA_SEG_ROOT_INDEX_IMPL_H
#define CAUDA_SEG_ROOT_INDEX_IMPL_H

#include "root_index.h"

typedef struct {
  int root, segment;
} Piece;

enum { FOUR = 4 };
/* Four pieces, by coordinates: the distances to all are one calculation. */
typedef struct {
  double from[3][FOUR], to[3][FOUR]; /* mm; `to` as seen from `from` */
  double per_length2[FOUR];          /* 1 / length^2, or 0 */
  double radius[FOUR], growth[FOUR]; /* mm; what is added along the piece */
  int n;
  Piece piece[FOUR];
} Leaf;

/* Four boxes that hold the surfaces of what is in them, a little too large rather than too small. */
typedef struct {
  float middle[3][FOUR], half[3][FOUR]; /* mm; places without a child: far away */
  int child[FOUR];                      /* a node, or ~leaf */
} Node;

struct AnatomyIndex {
  int n_piece, n_node, n_leaf, root; /* root: as Node.child */
  Piece *piece;
  Node *node;
  Leaf *leaf;
};

#endif
