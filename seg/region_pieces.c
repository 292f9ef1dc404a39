/* Pieces and holes of sampled regions: connected cells, and which pieces touch which. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "region_map.h"

/* All pieces of all regions, and the pairs that share a face. */
typedef struct {
  int n;
  int16_t *region; /* [n] */
  double *volume;  /* [n] mm3 */
  bool *border;    /* [n] touches the map's border */
  size_t n_pair, room;
  int32_t (*pair)[2]; /* sorted, each once, first < second */
} Pieces;

static void pieces_clear(Pieces *p) { free(p->region), free(p->volume), free(p->border), free(p->pair); }

static int32_t find(int32_t *up, int32_t i)
{
  while (up[i] != i) i = up[i] = up[up[i]];
  return i;
}

static void join(int32_t *up, int32_t i, int32_t j)
{
  i = find(up, i), j = find(up, j);
  if (i < j)
    up[j] = i;
  else
    up[i] = j;
}

/* Joins each cell with its neighbours of the same region that come before it (13 of 26). Where the cell before it in the
 * row is one of them, that one has been joined with all but four of the others already. */
static void join_cells(const RegionMap *m, int32_t *up)
{
  static const int8_t all[13][3] = {{-1, 0, 0},  {1, -1, 0},  {1, -1, -1},  {1, 0, -1},  {1, 1, -1},
                                    {-1, -1, 0}, {0, -1, 0},  {-1, -1, -1}, {0, -1, -1}, {-1, 0, -1},
                                    {0, 0, -1},  {-1, 1, -1}, {0, 1, -1}};
  const int nx = m->n[0], ny = m->n[1], nz = m->n[2];
  for (int k = 0; k < nz; k++)
    for (int j = 0; j < ny; j++)
      for (int i = 0; i < nx; i++) {
        const int32_t c = (int32_t)(((size_t)k * (size_t)ny + (size_t)j) * (size_t)nx + (size_t)i);
        const int n = i > 0 && m->v[c - 1] == m->v[c] ? 5 : 13;
        for (int b = 0; b < n; b++) {
          const int di = all[b][0], dj = all[b][1], dk = all[b][2];
          if (i + di < 0 || i + di >= nx || j + dj < 0 || j + dj >= ny || k + dk < 0) continue;
          const int32_t before = c + di + nx * (dj + ny * dk);
          if (m->v[before] == m->v[c] && up[before] != up[c]) join(up, before, c);
        }
      }
}

/* Numbers the pieces; up[] becomes the number of each cell's piece. */
static PetscErrorCode number_pieces(const RegionMap *m, size_t cells, int32_t *up, Pieces *p)
{
  for (size_t c = 0; c < cells; c++) p->n += up[c] == (int32_t)c;
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->region, &p->region));
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->volume, &p->volume));
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->border, &p->border));
  int32_t next = 0;
  const double cell = m->step[0] * m->step[1] * m->step[2];
  for (size_t c = 0; c < cells; c++) { /* a root has the least number of its piece, so it is met first */
    const int32_t root = up[c];
    if (root == (int32_t)c) {
      p->region[next] = m->v[c];
      up[c] = next++;
    } else {
      up[c] = up[root];
    }
    p->volume[up[c]] += cell;
  }
  return 0;
}

static PetscErrorCode add_pair(Pieces *p, int32_t a, int32_t b)
{
  const int32_t lo = a < b ? a : b, hi = a < b ? b : a;
  if (p->n_pair && p->pair[p->n_pair - 1][0] == lo && p->pair[p->n_pair - 1][1] == hi) return 0;
  PetscCall(mem_grow(p->n_pair + 1, sizeof *p->pair, &p->room, &p->pair));
  p->pair[p->n_pair][0] = lo, p->pair[p->n_pair++][1] = hi;
  return 0;
}

static int by_pair(const void *a, const void *b)
{
  const int32_t *p = a, *q = b;
  return p[0] != q[0] ? (p[0] > q[0]) - (p[0] < q[0]) : (p[1] > q[1]) - (p[1] < q[1]);
}

static PetscErrorCode pair_pieces(const RegionMap *m, const int32_t *piece, Pieces *p)
{
  const int n[3] = {m->n[0], m->n[1], m->n[2]};
  const size_t ahead[3] = {1, (size_t)n[0], (size_t)n[0] * (size_t)n[1]};
  for (int e = 0; e < 3; e++) {
    size_t c = 0;
    for (int k = 0; k < n[2]; k++)
      for (int j = 0; j < n[1]; j++)
        for (int i = 0; i < n[0]; i++, c++) {
          const int at[3] = {i, j, k};
          if (at[e] == 0 || at[e] == n[e] - 1) p->border[piece[c]] = true;
          if (at[e] < n[e] - 1 && piece[c] != piece[c + ahead[e]])
            PetscCall(add_pair(p, piece[c], piece[c + ahead[e]]));
        }
  }
  if (p->n_pair) qsort(p->pair, p->n_pair, sizeof *p->pair, by_pair);
  size_t once = 0;
  for (size_t i = 0; i < p->n_pair; i++)
    if (!i || by_pair(p->pair[i], p->pair[once - 1])) memmove(p->pair[once++], p->pair[i], sizeof *p->pair);
  p->n_pair = once;
  return 0;
}

/* Groups of touching pieces of other regions that do not reach the border. */
static int count_holes(const Pieces *p, int region, int32_t *up)
{
  int holes = 0;
  for (int i = 0; i < p->n; i++) up[i] = i;
  int outside = -1; /* all pieces at the border are one */
  for (int i = 0; i < p->n; i++) {
    if (!p->border[i] || p->region[i] == region) continue;
    if (outside >= 0)
      join(up, outside, i);
    else
      outside = i;
  }
  for (size_t k = 0; k < p->n_pair; k++)
    if (p->region[p->pair[k][0]] != region && p->region[p->pair[k][1]] != region)
      join(up, p->pair[k][0], p->pair[k][1]);
  for (int i = 0; i < p->n; i++) holes += up[i] == i && p->region[i] != region;
  return holes - (outside >= 0);
}

static PetscErrorCode find_pieces(const RegionMap *m, Pieces *p)
{
  const size_t cells = (size_t)m->n[0] * (size_t)m->n[1] * (size_t)m->n[2];
  int32_t *up = NULL;
  PetscErrorCode ierr = mem_alloc(cells, sizeof *up, &up);
  if (!ierr) {
    for (size_t c = 0; c < cells; c++) up[c] = (int32_t)c;
    join_cells(m, up);
    for (size_t c = 0; c < cells; c++) up[c] = find(up, (int32_t)c);
    ierr = number_pieces(m, cells, up, p);
  }
  if (!ierr) ierr = pair_pieces(m, up, p);
  free(up);
  return ierr;
}

static void sum_up(const Pieces *p, const Anatomy *a, int n_region, int32_t *up, RegionCount *count)
{
  const double cylinder = M_PI * a->surround.body_radius_mm * a->surround.body_radius_mm * (a->z_max - a->z_min);
  double others = 0.0;
  for (int i = 0; i < p->n; i++) {
    if (p->region[i] >= n_region) continue;
    RegionCount *c = &count[p->region[i]];
    c->pieces++;
    c->volume_mm3 += p->volume[i];
    c->largest_piece_mm3 = fmax(c->largest_piece_mm3, p->volume[i]);
    if (p->region[i] > TISSUE_BODY) others += p->volume[i];
  }
  for (int r = TISSUE_BODY; r < n_region; r++)
    if (count[r].pieces) count[r].holes = count_holes(p, r, up);
  count[TISSUE_BODY].largest_piece_mm3 += cylinder - others - count[TISSUE_BODY].volume_mm3;
  count[TISSUE_BODY].volume_mm3 = cylinder - others;
}

PetscErrorCode region_map_count(const RegionMap *m, const Anatomy *a, int n_region, RegionCount **count)
{
  Pieces p = {0};
  int32_t *up = NULL;
  PetscErrorCode ierr = find_pieces(m, &p);
  *count = NULL;
  if (!ierr) ierr = mem_alloc((size_t)p.n, sizeof *up, &up);
  if (!ierr) ierr = mem_alloc((size_t)n_region, sizeof **count, count);
  if (!ierr) sum_up(&p, a, n_region, up, *count);
  free(up);
  pieces_clear(&p);
  return ierr;
}
