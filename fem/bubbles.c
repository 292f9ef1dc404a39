/* Bubbles: their matrix, residuals and the solution of their system, element by element. */
#include "bubbles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The system is well conditioned: this many steps leave some per cent. */
enum { STEPS = 6, FUNCTIONS_MAX = 20, GAUSS = 4 };

static const int FACE_OF[4][3] = {{1, 2, 3}, {0, 2, 3}, {0, 1, 3}, {0, 1, 2}};

/* ---- functions on the reference tetrahedron ------------------------------------------------------------------------ */

/* Derivatives by the four barycentric coordinates, taken as independent: the element's own functions, then bubbles. */
static int derivatives(int order, const double w[4], double d[FUNCTIONS_MAX][4])
{
  int n = 0;
  memset(d, 0, FUNCTIONS_MAX * sizeof *d);
  for (int i = 0; i < 4; i++) d[n++][i] = order == 1 ? 1.0 : 4.0 * w[i] - 1.0;
  for (int e = 0; e < 6; e++, n++) {
    int i = ELEMENT_EDGE[e][0], j = ELEMENT_EDGE[e][1];
    d[n][i] = 4.0 * w[j], d[n][j] = 4.0 * w[i];
  }
  for (int e = 0; order == 2 && e < 6; e++, n++) {
    int i = ELEMENT_EDGE[e][0], j = ELEMENT_EDGE[e][1];
    d[n][i] = 2.0 * w[i] * w[j] - w[j] * w[j], d[n][j] = w[i] * w[i] - 2.0 * w[i] * w[j];
  }
  for (int f = 0; order == 2 && f < 4; f++, n++)
    for (int k = 0; k < 3; k++) d[n][FACE_OF[f][k]] = 27.0 * w[FACE_OF[f][(k + 1) % 3]] * w[FACE_OF[f][(k + 2) % 3]];
  return n;
}

void bubbles_basis(const Bubbles *b, const double w[4], double value[BUBBLES_MAX])
{
  for (int e = 0; e < 6; e++) {
    double i = w[ELEMENT_EDGE[e][0]], j = w[ELEMENT_EDGE[e][1]];
    value[e] = b->face ? i * j * (i - j) : 4.0 * i * j;
  }
  for (int f = 0; b->face && f < 4; f++) value[6 + f] = 27.0 * w[FACE_OF[f][0]] * w[FACE_OF[f][1]] * w[FACE_OF[f][2]];
}

/* mean[i][j][4 a + b]: over the tetrahedron of d_a (bubble i) d_b (function j). */
typedef struct {
  int n_own, n_bubble;
  double mean[BUBBLES_MAX][FUNCTIONS_MAX][16];
} Products;

static void products_add(int order, const double w[4], double weight, Products *p)
{
  double d[FUNCTIONS_MAX][4];
  int n = derivatives(order, w, d);
  for (int i = 0; i < p->n_bubble; i++)
    for (int j = 0; j < n; j++)
      for (int a = 0; a < 16; a++) p->mean[i][j][a] += weight * d[p->n_own + i][a / 4] * d[j][a % 4];
}

/* Gauss points on a cube that is folded onto the tetrahedron: exact to degree 5, needed are 2 or 4. */
static void products_make(int order, Products *p)
{
  static const double x[GAUSS] = {-0.86113631159405258, -0.33998104358485626, 0.33998104358485626, 0.86113631159405258};
  static const double g[GAUSS] = {0.34785484513745386, 0.65214515486254614, 0.65214515486254614, 0.34785484513745386};
  *p = (Products){.n_own = order == 1 ? 4 : 10, .n_bubble = order == 1 ? 6 : 10};
  for (int n = 0; n < GAUSS * GAUSS * GAUSS; n++) {
    int i = n / (GAUSS * GAUSS), j = n / GAUSS % GAUSS, k = n % GAUSS;
    double a = 0.5 * (1.0 + x[i]), b = (1.0 - a) * 0.5 * (1.0 + x[j]), c = (1.0 - a - b) * 0.5 * (1.0 + x[k]);
    double w[4] = {1.0 - a - b - c, a, b, c};
    products_add(order, w, 0.75 * g[i] * g[j] * g[k] * (1.0 - a) * (1.0 - a - b), p);
  }
}

/* G[4 a + b] = volume grad(l_a) . sigma grad(l_b) */
static void metric(const Mesh *m, const double *sigma, TetId t, double G[16])
{
  double x[4][3], g[4][3], s[3];
  element_vertices(m, t, x);
  double volume = p1_gradients(x, g);
  for (int b = 0; b < 4; b++) {
    tensor_times(sigma + 6 * (size_t)t, g[b], s);
    for (int a = 0; a < 4; a++) G[4 * a + b] = volume * (g[a][0] * s[0] + g[a][1] * s[1] + g[a][2] * s[2]);
  }
}

static double product(const Products *p, int i, int j, const double G[16])
{
  double sum = 0.0;
  for (int a = 0; a < 16; a++) sum += p->mean[i][j][a] * G[a];
  return sum;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static const MeshEdges *edges_of(const Bubbles *b) { return b->edges ? b->edges : b->space->edges; }

const int32_t *bubbles_number(const Bubbles *b, TetId t) { return b->number + (size_t)b->per_tet * (size_t)t; }

/* A cubic of an edge changes sign with its direction: it runs from the smaller node to the larger. */
void bubbles_signs(const Bubbles *b, TetId t, double sign[BUBBLES_MAX])
{
  const NodeId *v = b->space->mesh->tet[t];
  for (int i = 0; i < b->per_tet; i++)
    sign[i] = b->face && i < 6 && v[ELEMENT_EDGE[i][0]] > v[ELEMENT_EDGE[i][1]] ? -1.0 : 1.0;
}

static PetscErrorCode numbers_fill(Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  const MeshEdges *edges = edges_of(b);
  PetscCall(mem_alloc((size_t)m->n_tet, (size_t)b->per_tet * sizeof *b->number, &b->number));
  for (TetId t = 0; t < m->n_tet; t++) {
    int32_t *to = b->number + (size_t)b->per_tet * (size_t)t;
    for (int e = 0; e < 6; e++)
      to[e] = mesh_edge_find(edges, m->tet[t][ELEMENT_EDGE[e][0]], m->tet[t][ELEMENT_EDGE[e][1]]);
    for (int f = 0; b->face && f < 4; f++) to[6 + f] = edges->n_edge + b->face[t][f];
  }
  return 0;
}

static PetscErrorCode faces_number(Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  TetId(*adj)[4];
  int32_t n = 0;
  PetscCall(mesh_neighbours(m, &adj));
  PetscErrorCode ierr = mem_alloc((size_t)m->n_tet, sizeof *b->face, &b->face);
  for (TetId t = 0; !ierr && t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      TetId other = adj[t][f];
      int back = 0;
      if (other >= 0 && other < t) {
        while (adj[other][back] != t) back++;
        b->face[t][f] = b->face[other][back];
      } else {
        b->face[t][f] = n++;
      }
    }
  free(adj);
  b->n += n;
  return ierr;
}

/* Nothing is gained where the potential is given, or where a contact's or the return's own conditions hold. */
static bool is_kept(const MeshGroup *g, const FieldOptions *o)
{
  return g->kind == GROUP_CONTACT || (g->kind == GROUP_RETURN && o->ret != RETURN_INSULATED);
}

static PetscErrorCode fix_faces(Bubbles *b, const bool *on_kept)
{
  const Mesh *m = b->space->mesh;
  TetId(*adj)[4];
  PetscCall(mesh_neighbours(m, &adj));
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      bool all = adj[t][f] < 0;
      for (int k = 0; k < 3; k++) all = all && on_kept[m->tet[t][FACE_OF[f][k]]];
      if (all) b->fixed[edges_of(b)->n_edge + b->face[t][f]] = true;
    }
  free(adj);
  return 0;
}

static PetscErrorCode fix(const FieldOptions *o, Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  bool *on_kept;
  PetscCall(mem_alloc((size_t)b->n, sizeof *b->fixed, &b->fixed));
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *on_kept, &on_kept));
  for (TriId t = 0; t < m->n_tri; t++) {
    if (!is_kept(&m->groups[m->group[t]], o)) continue;
    for (int e = 0; e < 3; e++) {
      on_kept[m->tri[t][e]] = true;
      b->fixed[mesh_edge_find(edges_of(b), m->tri[t][FACE_EDGE[e][0]], m->tri[t][FACE_EDGE[e][1]])] = true;
    }
  }
  PetscErrorCode ierr = b->face ? fix_faces(b, on_kept) : 0;
  free(on_kept);
  return ierr;
}

/* ---- matrix -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode matrix_fill(const double *sigma, Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  int n = b->per_tet, packed = n * (n + 1) / 2;
  Products *p;
  PetscCall(mem_alloc((size_t)m->n_tet, (size_t)packed * sizeof *b->matrix, &b->matrix));
  PetscCall(mem_alloc((size_t)b->n, sizeof *b->diagonal, &b->diagonal));
  PetscCall(mem_alloc(1, sizeof *p, &p));
  products_make(b->space->element->order, p);
  for (TetId t = 0; t < m->n_tet; t++) {
    const int32_t *number = bubbles_number(b, t);
    double G[16], sign[BUBBLES_MAX];
    float *to = b->matrix + (size_t)packed * (size_t)t;
    metric(m, sigma, t, G);
    bubbles_signs(b, t, sign);
    for (int i = 0; i < n; i++)
      for (int j = 0; j <= i; j++) {
        double k = sign[i] * sign[j] * product(p, i, p->n_own + j, G);
        *to++ = (float)k;
        if (i == j) b->diagonal[number[i]] += k;
      }
  }
  for (int64_t i = 0; i < b->n; i++)
    if (b->fixed[i]) b->diagonal[i] = 1.0;
  free(p);
  return 0;
}

static PetscErrorCode create(const Space *s, const FieldOptions *o, const double *sigma, Bubbles *b)
{
  *b = (Bubbles){.space = s, .per_tet = s->element->order == 1 ? 6 : 10};
  if (!s->edges) PetscCall(mesh_edges_create(s->mesh, &b->edges));
  b->n = edges_of(b)->n_edge;
  if (s->element->order == 2) PetscCall(faces_number(b));
  PetscCheck(b->n < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many faces");
  PetscCall(numbers_fill(b));
  PetscCall(fix(o, b));
  return matrix_fill(sigma, b);
}

PetscErrorCode bubbles_create(const Space *s, const FieldOptions *o, const double *sigma, Bubbles *out)
{
  PetscErrorCode ierr = create(s, o, sigma, out);
  if (ierr) bubbles_free(out);
  return ierr;
}

void bubbles_free(Bubbles *b)
{
  mesh_edges_destroy(&b->edges);
  free(b->face), free(b->number), free(b->fixed), free(b->matrix), free(b->diagonal);
  *b = (Bubbles){.n = 0};
}

/* ---- residuals ------------------------------------------------------------------------------------------------------ */

/* How a tetrahedron's bubbles and own functions go together. */
typedef struct {
  const int32_t *number;
  NodeId node[ELEMENT_NODES_MAX];
  double K[BUBBLES_MAX][ELEMENT_NODES_MAX]; /* S, 0 where a bubble is fixed */
} Coupling;

static void coupling_set(const Bubbles *b, const Products *p, const double *sigma, TetId t, Coupling *k)
{
  double G[16], sign[BUBBLES_MAX];
  metric(b->space->mesh, sigma, t, G);
  k->number = bubbles_number(b, t);
  bubbles_signs(b, t, sign);
  space_nodes(b->space, t, k->node);
  for (int i = 0; i < b->per_tet; i++)
    for (int j = 0; j < p->n_own; j++) k->K[i][j] = b->fixed[k->number[i]] ? 0.0 : sign[i] * product(p, i, j, G);
}

PetscErrorCode bubbles_residual(const Bubbles *b, const double *sigma, int lanes, const double *const *v, float *r)
{
  Products *p;
  PetscCall(mem_alloc(1, sizeof *p, &p));
  products_make(b->space->element->order, p);
  for (TetId t = 0; t < b->space->mesh->n_tet; t++) {
    Coupling k;
    coupling_set(b, p, sigma, t, &k);
    for (int i = 0; i < b->per_tet; i++)
      for (int c = 0; c < lanes; c++) {
        double sum = 0.0;
        for (int j = 0; j < p->n_own; j++) sum += k.K[i][j] * v[c][k.node[j]];
        r[(size_t)k.number[i] * (size_t)lanes + (size_t)c] -= (float)sum;
      }
  }
  free(p);
  return 0;
}

PetscErrorCode bubbles_pull(const Bubbles *b, const double *sigma, int lanes, const float *y, double *load)
{
  size_t nodes = (size_t)b->space->n_node;
  Products *p;
  PetscCall(mem_alloc(1, sizeof *p, &p));
  products_make(b->space->element->order, p);
  for (TetId t = 0; t < b->space->mesh->n_tet; t++) {
    Coupling k;
    coupling_set(b, p, sigma, t, &k);
    for (int j = 0; j < p->n_own; j++)
      for (int c = 0; c < lanes; c++) {
        double sum = 0.0;
        for (int i = 0; i < b->per_tet; i++)
          sum += k.K[i][j] * (double)y[(size_t)k.number[i] * (size_t)lanes + (size_t)c];
        load[(size_t)c * nodes + (size_t)k.node[j]] += sum;
      }
  }
  free(p);
  return 0;
}

/* ---- solution ------------------------------------------------------------------------------------------------------- */

/* q = A x, x 0 where fixed */
static void multiply(const Bubbles *b, size_t lanes, const float *x, float *q)
{
  int n = b->per_tet, packed = n * (n + 1) / 2;
  memset(q, 0, (size_t)b->n * lanes * sizeof *q);
  for (TetId t = 0; t < b->space->mesh->n_tet; t++) {
    const float *k = b->matrix + (size_t)packed * (size_t)t;
    const int32_t *number = bubbles_number(b, t);
    for (int i = 0; i < n; i++)
      for (int j = 0; j <= i; j++, k++) {
        float a = *k;
        const float *xi = x + (size_t)number[i] * lanes, *xj = x + (size_t)number[j] * lanes;
        float *qi = q + (size_t)number[i] * lanes, *qj = q + (size_t)number[j] * lanes;
        for (size_t c = 0; c < lanes; c++) qi[c] += a * xj[c];
        for (size_t c = 0; c < lanes && j < i; c++) qj[c] += a * xi[c];
      }
  }
  for (int64_t i = 0; i < b->n; i++)
    if (b->fixed[i]) memset(q + (size_t)i * lanes, 0, lanes * sizeof *q);
}

static void dots(int64_t n, size_t lanes, const float *x, const float *y, const double *weight, double *out)
{
  memset(out, 0, lanes * sizeof *out);
  for (int64_t i = 0; i < n; i++)
    for (size_t c = 0; c < lanes; c++)
      out[c] += (double)x[(size_t)i * lanes + c] * (double)y[(size_t)i * lanes + c] / (weight ? weight[i] : 1.0);
}

/* Vectors of [n][lanes], and numbers of [lanes]. */
typedef struct {
  float *r, *p, *q;
  double *rho, *next, *step;
} Iteration;

/* p = r / diagonal + turn p */
static void direction(const Bubbles *b, size_t lanes, const double *turn, Iteration *k)
{
  for (int64_t i = 0; i < b->n; i++)
    for (size_t c = 0, at = (size_t)i * lanes; c < lanes; c++, at++)
      k->p[at] = (float)((double)k->r[at] / b->diagonal[i] + (turn ? turn[c] * (double)k->p[at] : 0.0));
}

static void iterate(const Bubbles *b, size_t lanes, float *y, Iteration *k)
{
  size_t all = (size_t)b->n * lanes;
  memset(y, 0, all * sizeof *y);
  direction(b, lanes, NULL, k);
  dots(b->n, lanes, k->r, k->r, b->diagonal, k->rho);
  for (int step = 0; step < STEPS; step++) {
    multiply(b, lanes, k->p, k->q);
    dots(b->n, lanes, k->p, k->q, NULL, k->step);
    for (size_t c = 0; c < lanes; c++) k->step[c] = k->step[c] > 0.0 ? k->rho[c] / k->step[c] : 0.0;
    for (size_t i = 0; i < all; i++) {
      y[i] += (float)k->step[i % lanes] * k->p[i];
      k->r[i] -= (float)k->step[i % lanes] * k->q[i];
    }
    dots(b->n, lanes, k->r, k->r, b->diagonal, k->next);
    for (size_t c = 0; c < lanes; c++) {
      k->step[c] = k->rho[c] > 0.0 ? k->next[c] / k->rho[c] : 0.0;
      k->rho[c] = k->next[c];
    }
    direction(b, lanes, k->step, k);
  }
}

PetscErrorCode bubbles_solve(const Bubbles *b, int lanes, float *r, float *y)
{
  size_t n = (size_t)lanes, all = (size_t)b->n * n;
  Iteration k = {.r = r};
  PetscErrorCode ierr = mem_alloc(2 * all, sizeof *k.p, &k.p);
  if (!ierr) ierr = mem_alloc(3 * n, sizeof *k.rho, &k.rho);
  k.q = k.p + all, k.next = k.rho + n, k.step = k.next + n;
  if (!ierr) iterate(b, n, y, &k);
  free(k.p);
  free(k.rho);
  return ierr;
}
