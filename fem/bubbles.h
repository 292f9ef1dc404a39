/* What elements of one order more could do better: functions that vanish where the elements' own nodes are. Vectors hold
 * eight numbers side by side at each function or node, one a potential ([n][BUBBLE_LANES]). All in threads; results do not
 * depend on their number. */
#ifndef FEM_BUBBLES_H
#define FEM_BUBBLES_H

#include "block.h"

enum { BUBBLES_MAX = 10, BUBBLE_LANES = 8 };
enum { BUBBLE_METRIC = 10, BUBBLE_OWN = 104, BUBBLE_BOTH = 56 }; /* filled up to whole eights */

/* Entries of a tetrahedron's matrices over those of its metric, volume grad(l_a) . sigma grad(l_b) with a <= b. */
typedef struct {
  float own[BUBBLE_METRIC][BUBBLE_OWN];   /* a(bubble i, own function j), at own functions * i + j */
  float both[BUBBLE_METRIC][BUBBLE_BOTH]; /* a(bubble i, bubble j), lower triangle */
} BubbleProducts;

/* Above first order, the second order's functions of the edges; above second, the third order's of edges and faces. */
typedef struct {
  const Space *space;
  int per_tet;                    /* 6 or 10 */
  int32_t n;                      /* edges, then faces */
  MeshEdges *edges;               /* own, for first order; NULL where the space has them */
  int32_t (*face)[4];             /* [n_tet] number of each face; NULL for first order */
  int32_t *number;                /* [n_tet][per_tet] */
  float (*metric)[BUBBLE_METRIC]; /* [n_tet] S: what its matrices are made of */
  float *inverse;                 /* [n] of the diagonal, 1/S; 0 on an equipotential contact or a return that is kept */
  BubbleProducts *product;        /* one */
  BlockPieces tets;               /* of one colour: without common nodes */
  BlockPieces rows;               /* of the bubbles, all of one colour */
} Bubbles;

/* bubbles_create: sigma [n_tet][6]. Memory: 64 or 80 bytes a tetrahedron. */
PetscErrorCode bubbles_create(const Space *s, const FieldOptions *o, const double *sigma, Team *team,
                              Bubbles *out) CAUDA_CHECKED;
void bubbles_free(Bubbles *b);

/* Numbers of a tetrahedron's bubbles [per_tet]; their signs; their values at barycentric w, without signs. */
const int32_t *bubbles_number(const Bubbles *b, TetId t);
void bubbles_signs(const Bubbles *b, TetId t, double sign[BUBBLES_MAX]);
void bubbles_basis(const Bubbles *b, const double w[4], double value[BUBBLES_MAX]);

/* bubbles_vector: [n][BUBBLE_LANES] of zeros; freed by free(). bubbles_clear: to zeros again. */
PetscErrorCode bubbles_vector(const Bubbles *b, Team *team, float **out) CAUDA_CHECKED;
void bubbles_clear(const Bubbles *b, Team *team, float *v);

/* bubbles_residual: r[n] -= a(v, bubble) for potentials v[space->n_node]. */
void bubbles_residual(const Bubbles *b, Team *team, double *v, float *r);

/* bubbles_pull: what y [n] does to the element's own functions: load[space->n_node] += a(y, own). */
void bubbles_pull(const Bubbles *b, Team *team, float *y, double *load);

/* bubbles_solve: y += (bubbles' matrix)^-1 r by a few steps of conjugate gradients, which leave the residual in r. */
PetscErrorCode bubbles_solve(const Bubbles *b, Team *team, int steps, float *r, float *y) CAUDA_CHECKED;

/* ---- private to fem/bubbles* -------------------------------------------------------------- */

/* Pieces of tetrahedra in the mesh's order; those of one colour have no node in common. */
PetscErrorCode bubbles_pieces(const Mesh *m, BlockPieces *out) CAUDA_CHECKED;

typedef enum {
  BUBBLES_METRIC,   /* of tetrahedra: metric */
  BUBBLES_DIAGONAL, /* inverse += diagonal */
  BUBBLES_RESIDUAL, /* r -= a(v, bubble) */
  BUBBLES_PULL,     /* load += a(x, own) */
  BUBBLES_MULTIPLY, /* q += matrix x */
  BUBBLES_TURN,     /* of rows: x = inverse r + one x, q = 0 */
  BUBBLES_SIZE,     /* partial = r inverse r */
  BUBBLES_ALONG,    /* partial = x q */
  BUBBLES_STEP      /* y += one x, r -= one q, partial = r inverse r */
} BubblesOp;

/* What a loop works with; only what its operation names need be there. */
typedef struct {
  BubblesOp op;
  const Bubbles *bubbles;
  const double *sigma; /* [n_tet][6] S/m */
  double *v, *load;
  float *r, *x, *q, *y;
  float one[BUBBLE_LANES];
  double *partial; /* [pieces of rows][BUBBLE_LANES] */
} BubblesJob;

/* Tetrahedra, or rows, begin to end - 1, which are piece `piece`. */
typedef void (*BubblesKernel)(const BubblesJob *job, int32_t begin, int32_t end, int piece);
BubblesKernel bubbles_kernel(void);
/* Over all pieces. */
void bubbles_do(const BubblesJob *job, const BlockPieces *pieces, Team *team);

#endif
