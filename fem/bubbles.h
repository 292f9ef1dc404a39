/* What elements of one order more could do better: functions that vanish where the elements' own nodes are. */
#ifndef FEM_BUBBLES_H
#define FEM_BUBBLES_H

#include "fem_impl.h"

enum { BUBBLES_MAX = 10 };

/* Above first order, the second order's functions of the edges; above second, the third order's of edges and faces. */
typedef struct {
  const Space *space;
  int per_tet;        /* 6 or 10 */
  int64_t n;          /* edges, then faces */
  MeshEdges *edges;   /* own, for first order; NULL where the space has them */
  int32_t (*face)[4]; /* [n_tet] number of each face; NULL for first order */
  int32_t *number;    /* [n_tet][per_tet] */
  bool *fixed;        /* [n] on an equipotential contact or a return that is kept */
  float *matrix;      /* [n_tet][per_tet (per_tet + 1) / 2] S */
  double *diagonal;   /* [n] S, 1 where fixed */
} Bubbles;

/* bubbles_create: sigma [n_tet][6]. Memory: 108 or 276 bytes a tetrahedron. */
PetscErrorCode bubbles_create(const Space *s, const FieldOptions *o, const double *sigma, Bubbles *out) CAUDA_CHECKED;
void bubbles_free(Bubbles *b);

/* Numbers of a tetrahedron's bubbles [per_tet]; their signs; their values at barycentric w, without signs. */
const int32_t *bubbles_number(const Bubbles *b, TetId t);
void bubbles_signs(const Bubbles *b, TetId t, double sign[BUBBLES_MAX]);
void bubbles_basis(const Bubbles *b, const double w[4], double value[BUBBLES_MAX]);

/* bubbles_residual: r[n][lanes] -= a(v, bubble) for potentials v[lanes][space->n_node]. */
PetscErrorCode bubbles_residual(const Bubbles *b, const double *sigma, int lanes, const double *const *v,
                                float *r) CAUDA_CHECKED;

/* bubbles_pull: what y [n][lanes] does to the element's own functions: load[lanes][space->n_node] += a(y, own). */
PetscErrorCode bubbles_pull(const Bubbles *b, const double *sigma, int lanes, const float *y,
                            double *load) CAUDA_CHECKED;

/* bubbles_solve: y = (bubbles' matrix)^-1 r by a few steps of conjugate gradients; [n][lanes] both. r is used up. */
PetscErrorCode bubbles_solve(const Bubbles *b, int lanes, float *r, float *y) CAUDA_CHECKED;

#endif
