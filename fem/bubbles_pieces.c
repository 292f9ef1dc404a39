/* Tetrahedra in pieces, and pieces in colours. Tetrahedra are in order (mesh_reorder()), so a piece has few neighbours and
 * some colours do; in any other order the answer is the same, only less is done at once. */
#include "bubbles.h"

#include <stdlib.h>

enum { TETS = 2048, COLOURS = 64 };

/* Colours that the nodes of a piece have met. */
static uint64_t taken_by(const Mesh *m, TetId begin, TetId end, const uint64_t *met)
{
  uint64_t taken = 0;
  for (TetId t = begin; t < end; t++)
    for (int i = 0; i < 4; i++) taken |= met[m->tet[t][i]];
  return taken;
}

/* The first colour that no neighbour has; where there is none, a colour of its own. */
static int colour_of(const Mesh *m, TetId begin, TetId end, int *n_own, uint64_t *met)
{
  uint64_t taken = taken_by(m, begin, end, met);
  int colour = 0;
  while (colour < COLOURS && taken >> colour & 1) colour++;
  if (colour == COLOURS) return COLOURS + (*n_own)++;
  for (TetId t = begin; t < end; t++)
    for (int i = 0; i < 4; i++) met[m->tet[t][i]] |= (uint64_t)1 << colour;
  return colour;
}

/* Counting sort; colours that nobody has stay empty. */
static void sort_by_colour(BlockPieces *p)
{
  for (int i = 0; i < p->n; i++) p->of_colour[p->colour[i] + 1]++;
  for (int c = 0; c < p->n_colour; c++) p->of_colour[c + 1] += p->of_colour[c];
  for (int i = p->n - 1; i >= 0; i--) p->order[--p->of_colour[p->colour[i] + 1]] = i;
  for (int c = 0; c < p->n_colour; c++) p->of_colour[c] = p->of_colour[c + 1];
  p->of_colour[p->n_colour] = p->n;
}

static PetscErrorCode fill(const Mesh *m, uint64_t *met, BlockPieces *p)
{
  int n_own = 0;
  p->n = (m->n_tet + TETS - 1) / TETS;
  PetscCall(mem_alloc((size_t)p->n + 1, sizeof *p->row, &p->row));
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->colour, &p->colour));
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->order, &p->order));
  for (int i = 1; i <= p->n; i++) p->row[i] = m->n_tet - p->row[i - 1] > TETS ? p->row[i - 1] + TETS : m->n_tet;
  for (int i = 0; i < p->n; i++) p->colour[i] = colour_of(m, p->row[i], p->row[i + 1], &n_own, met);
  p->n_colour = COLOURS + n_own;
  PetscCall(mem_alloc((size_t)p->n_colour + 1, sizeof *p->of_colour, &p->of_colour));
  sort_by_colour(p);
  return 0;
}

PetscErrorCode bubbles_pieces(const Mesh *m, BlockPieces *out)
{
  uint64_t *met;
  *out = (BlockPieces){.n = 0};
  PetscCall(mem_alloc((size_t)m->n_node, sizeof *met, &met));
  PetscErrorCode ierr = fill(m, met, out);
  free(met);
  if (ierr) block_pieces_free(out);
  return ierr;
}
