/* Bubbles: which there are, and their matrix, element by element. */
#include "bubbles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS_MAX = 20, GAUSS = 4 };

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

/* Where l_a and l_b (a <= b) stand among the entries of a metric. */
static int metric_entry(int a, int b)
{
  int low = a < b ? a : b, high = a < b ? b : a;
  return low * (9 - low) / 2 + high - low;
}

/* A point's part of the means over the tetrahedron of products of derivatives. */
static void products_add(int order, const double w[4], double weight, BubbleProducts *p)
{
  double d[FUNCTIONS_MAX][4];
  int n = derivatives(order, w, d), own = order == 1 ? 4 : 10;
  for (int i = 0; i < n - own; i++)
    for (int j = 0; j <= own + i; j++)
      for (int a = 0; a < 16; a++) {
        float add = (float)(weight * d[own + i][a / 4] * d[j][a % 4]);
        int entry = metric_entry(a / 4, a % 4);
        if (j < own)
          p->own[entry][own * i + j] += add;
        else
          p->both[entry][i * (i + 1) / 2 + j - own] += add;
      }
}

/* Gauss points on a cube that is folded onto the tetrahedron: exact to degree 5, needed are 2 or 4. */
static void products_fill(int order, BubbleProducts *p)
{
  static const double x[GAUSS] = {-0.86113631159405258, -0.33998104358485626, 0.33998104358485626, 0.86113631159405258};
  static const double g[GAUSS] = {0.34785484513745386, 0.65214515486254614, 0.65214515486254614, 0.34785484513745386};
  for (int n = 0; n < GAUSS * GAUSS * GAUSS; n++) {
    int i = n / (GAUSS * GAUSS), j = n / GAUSS % GAUSS, k = n % GAUSS;
    double a = 0.5 * (1.0 + x[i]), b = (1.0 - a) * 0.5 * (1.0 + x[j]), c = (1.0 - a - b) * 0.5 * (1.0 + x[k]);
    double w[4] = {1.0 - a - b - c, a, b, c};
    products_add(order, w, 0.75 * g[i] * g[j] * g[k] * (1.0 - a) * (1.0 - a - b), p);
  }
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

enum { TETS = 4096 }; /* a piece of work */

static void number_tets(void *context, int piece, int thread)
{
  const Bubbles *b = context;
  const Mesh *m = b->space->mesh;
  const MeshEdges *edges = edges_of(b);
  TetId begin = piece * TETS, end = m->n_tet - begin > TETS ? begin + TETS : m->n_tet;
  (void)thread;
  for (TetId t = begin; t < end; t++) {
    int32_t *to = b->number + (size_t)b->per_tet * (size_t)t;
    for (int e = 0; e < 6; e++)
      to[e] = mesh_edge_find(edges, m->tet[t][ELEMENT_EDGE[e][0]], m->tet[t][ELEMENT_EDGE[e][1]]);
    for (int f = 0; b->face && f < 4; f++) to[6 + f] = edges->n_edge + b->face[t][f];
  }
}

static PetscErrorCode numbers_fill(Team *team, Bubbles *b)
{
  TetId n = b->space->mesh->n_tet;
  PetscCall(mem_alloc((size_t)n, (size_t)b->per_tet * sizeof *b->number, &b->number));
  team_run(team, (n + TETS - 1) / TETS, number_tets, b);
  return 0;
}

static PetscErrorCode faces_number(const TetId (*adj)[4], Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  int32_t n = 0;
  PetscCall(mem_alloc((size_t)m->n_tet, sizeof *b->face, &b->face));
  for (TetId t = 0; t < m->n_tet; t++)
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
  PetscCheck((int64_t)edges_of(b)->n_edge + n < INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "the mesh has too many faces");
  b->n = edges_of(b)->n_edge + n;
  return 0;
}

/* Nothing is gained where the potential is given, or where a contact's or the return's own conditions hold. */
static bool is_kept(const MeshGroup *g, const FieldOptions *o)
{
  return g->kind == GROUP_CONTACT || (g->kind == GROUP_RETURN && o->ret != RETURN_INSULATED);
}

static void fix_faces(const Bubbles *b, const TetId (*adj)[4], const bool *on_kept)
{
  const Mesh *m = b->space->mesh;
  for (TetId t = 0; t < m->n_tet; t++)
    for (int f = 0; f < 4; f++) {
      bool all = adj[t][f] < 0;
      for (int k = 0; k < 3; k++) all = all && on_kept[m->tet[t][FACE_OF[f][k]]];
      if (all) b->inverse[edges_of(b)->n_edge + b->face[t][f]] = 0.0F;
    }
}

static PetscErrorCode fix(const FieldOptions *o, const TetId (*adj)[4], Bubbles *b)
{
  const Mesh *m = b->space->mesh;
  bool *on_kept;
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *on_kept, &on_kept));
  for (TriId t = 0; t < m->n_tri; t++) {
    if (!is_kept(&m->groups[m->group[t]], o)) continue;
    for (int e = 0; e < 3; e++) {
      on_kept[m->tri[t][e]] = true;
      b->inverse[mesh_edge_find(edges_of(b), m->tri[t][FACE_EDGE[e][0]], m->tri[t][FACE_EDGE[e][1]])] = 0.0F;
    }
  }
  if (b->face) fix_faces(b, adj, on_kept);
  free(on_kept);
  return 0;
}

/* ---- matrix -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode matrix_fill(const double *sigma, Team *team, Bubbles *b)
{
  BubblesJob job = {.op = BUBBLES_METRIC, .bubbles = b, .sigma = sigma};
  PetscCall(mem_alloc((size_t)b->space->mesh->n_tet, sizeof *b->metric, &b->metric));
  PetscCall(mem_alloc((size_t)b->n, sizeof *b->inverse, &b->inverse));
  PetscCall(mem_alloc(1, sizeof *b->product, &b->product));
  products_fill(b->space->element->order, b->product);
  bubbles_do(&job, &b->tets, team);
  job.op = BUBBLES_DIAGONAL;
  bubbles_do(&job, &b->tets, team);
  for (int32_t i = 0; i < b->n; i++) b->inverse[i] = 1.0F / b->inverse[i];
  return 0;
}

static PetscErrorCode create(const FieldOptions *o, const double *sigma, Team *team, TetId (**adj)[4], Bubbles *b)
{
  const Space *s = b->space;
  if (!s->edges) PetscCall(mesh_edges_create(s->mesh, &b->edges));
  b->n = edges_of(b)->n_edge;
  if (s->element->order == 2) PetscCall(mesh_neighbours(s->mesh, adj));
  if (s->element->order == 2) PetscCall(faces_number((const TetId(*)[4]) * adj, b));
  PetscCall(numbers_fill(team, b));
  PetscCall(bubbles_pieces(s->mesh, &b->tets));
  PetscCall(block_pieces_create(b->n, NULL, NULL, &b->rows));
  PetscCall(matrix_fill(sigma, team, b));
  return fix(o, (const TetId(*)[4]) * adj, b);
}

PetscErrorCode bubbles_create(const Space *s, const FieldOptions *o, const double *sigma, Team *team, Bubbles *out)
{
  TetId(*adj)[4] = NULL;
  *out = (Bubbles){.space = s, .per_tet = s->element->order == 1 ? 6 : 10};
  PetscErrorCode ierr = create(o, sigma, team, &adj, out);
  free(adj);
  if (ierr) bubbles_free(out);
  return ierr;
}

void bubbles_free(Bubbles *b)
{
  mesh_edges_destroy(&b->edges);
  block_pieces_free(&b->tets);
  block_pieces_free(&b->rows);
  free(b->face), free(b->number), free(b->metric), free(b->inverse), free(b->product);
  *b = (Bubbles){.n = 0};
}
