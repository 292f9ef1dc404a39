/* Tagging by vertices, and the repairs that make every region whole. */
#include "tag.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 20, REGIONS_MAX = 4096 };

static void centroid(const TetMesh *m, int t, double c[3])
{
  v3_set(c, 0, 0, 0);
  for (int k = 0; k < 4; k++) v3_axpy(c, 0.25, m->x[m->tet[t][k]], c);
}

/* scene_region_at, but never nothing: what fills a chord of the hull or a sliver at the lead takes the nearest tissue */
static int16_t region_near(const Scene *s, const double p[3])
{
  const Anatomy *a = s->anatomy;
  int r = scene_region_at(s, p);
  if (r > TISSUE_OUTSIDE) return (int16_t)r;
  r = anatomy_region_at(a, p);
  if (r > TISSUE_OUTSIDE) return (int16_t)r;
  double q[3] = {p[0], p[1], fmin(fmax(p[2], a->z_min + 1e-6), a->z_max - 1e-6)};
  r = anatomy_region_at(a, q);
  return (int16_t)(r > TISSUE_OUTSIDE ? r : TISSUE_BODY);
}

PetscErrorCode tag_tetrahedra(TetMesh *m, const Scene *s, TagReport *r)
{
  PetscCheck(s->anatomy->n_root + TISSUE_ROOT <= REGIONS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%d roots; at most %d are possible", s->anatomy->n_root, REGIONS_MAX - TISSUE_ROOT);
  r->disagreeing = 0;
  for (int t = 0; t < m->n_tet; t++) {
    int16_t region = -1;
    bool agree = true;
    if (!tet_alive(m, t)) continue;
    for (int k = 0; k < 4; k++) {
      const int16_t v = m->point_region[m->tet[t][k]];
      if (v < 0) continue;
      if (region >= 0 && v != region) agree = false;
      region = v;
    }
    if (!agree) r->disagreeing++;
    if (!agree || region < 0) {
      double c[3];
      centroid(m, t, c);
      region = region_near(s, c);
    }
    m->region[t] = region;
  }
  return 0;
}

static bool outside_dura(int16_t r) { return r == TISSUE_FAT || r == TISSUE_BONE || r == TISSUE_BODY; }
static bool inside_dura(int16_t r) { return r == TISSUE_CSF || r == TISSUE_WHITE || r == TISSUE_GREY; }

bool tag_leaks(const TetMesh *m, int t, int f)
{
  const int u = m->adj[t][f];
  return u >= 0 && ((inside_dura(m->region[t]) && outside_dura(m->region[u])) ||
                    (inside_dura(m->region[u]) && outside_dura(m->region[t])));
}

static bool has_point_of(const TetMesh *m, int t, int16_t region)
{
  for (int k = 0; k < 4; k++)
    if (m->point_region[m->tet[t][k]] == region) return true;
  return false;
}

/* Of the two tetrahedra at a leak the one that is nearer to the dura becomes dura. */
static int which_becomes_dura(const TetMesh *m, const Scene *s, int in, int out)
{
  double c[3], d[TISSUE_COUNT], lead, miss[2];
  const int t[2] = {in, out};
  if (m->region[in] != TISSUE_CSF) return out;
  for (int i = 0; i < 2; i++) {
    centroid(m, t[i], c);
    scene_distances(s, c, d, &lead);
    miss[i] = fmax(d[TISSUE_DURA], -d[TISSUE_CSF]) + (has_point_of(m, t[i], m->region[t[i]]) ? 1.0 : 0.0);
  }
  return miss[0] <= miss[1] ? in : out;
}

static int close_leaks(TetMesh *m, const Scene *s)
{
  int closed = 0;
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    for (int f = 0; f < 4; f++) {
      const int u = m->adj[t][f];
      if (u < 0 || !inside_dura(m->region[t]) || !outside_dura(m->region[u])) continue;
      const int w = which_becomes_dura(m, s, t, u);
      m->region[w] = TISSUE_DURA;
      closed++;
      /* what has changed may have made a leak behind it, of a region that this sweep has passed: the caller repeats */
      if (w == t) break;
    }
  }
  return closed;
}

/* A node where what lies inside the dura touches what lies outside it, or the lead, is a pinhole: current passes there
 * although no face leaks. On the inner side of the dura, and at the cord, what is outside gives way, elsewhere
 * the CSF does. */
static PetscErrorCode close_pinholes(TetMesh *m, int *closed)
{
  enum { IN = 1, OUT = 2, CORD = 4 };
  unsigned char *touch = NULL;
  PetscCall(mem_alloc((size_t)m->n_point, sizeof *touch, &touch));
  for (int p = 0; p < m->n_point; p++)
    if (m->on[p] == ON_LEAD) touch[p] = OUT;
  for (int t = 0; t < m->n_tet; t++) {
    const int16_t r = m->region[t];
    const int side = inside_dura(r) ? r == TISSUE_CSF ? IN : IN | CORD : outside_dura(r) ? OUT : 0;
    for (int k = 0; tet_alive(m, t) && k < 4; k++) touch[m->tet[t][k]] |= (unsigned char)side;
  }
  *closed = 0;
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    const bool in = m->region[t] == TISSUE_CSF, out = outside_dura(m->region[t]);
    for (int k = 0; (in || out) && k < 4; k++) {
      const int p = m->tet[t][k];
      if ((touch[p] & (IN | OUT)) != (IN | OUT)) continue;
      const bool inner = m->on[p] == TISSUE_CSF || m->on[p] == TISSUE_WHITE || m->on[p] == TISSUE_GREY ||
                         (m->on[p] == IN_VOLUME && m->point_region[p] >= TISSUE_CSF);
      if (inner != out && !(out && (touch[p] & CORD))) continue;
      m->region[t] = TISSUE_DURA;
      (*closed)++;
      break;
    }
  }
  free(touch);
  return 0;
}

/* Pieces: piece[t] for each tetrahedron. Of a piece of at most LARGE tetrahedra, its volume and whether it holds a sampled point of
 * its region; a larger one counts as sampled and as large as its number. */
enum { LARGE = 20000 };
typedef struct {
  int16_t region;
  double volume;
  bool sampled;
} Piece;

static Piece measure_piece(const TetMesh *m, const int *tet, int n)
{
  Piece p = {m->region[tet[0]], 0.0, false};
  if (n > LARGE) return (Piece){p.region, 1e6 * n, true};
  for (int i = 0; i < n; i++) {
    const int *v = m->tet[tet[i]];
    p.volume += v3_volume6(m->x[v[0]], m->x[v[1]], m->x[v[2]], m->x[v[3]]) / 6.0;
    p.sampled = p.sampled || has_point_of(m, tet[i], p.region);
  }
  return p;
}

/* queue [n_tet]: room for the tetrahedra of one piece after the other. */
static PetscErrorCode find_pieces(const TetMesh *m, int *piece, int *queue, size_t *capacity, Piece **list,
                                  int *n_piece)
{
  int begin = 0, end = 0, n = 0;
  memset(piece, 0xff, (size_t)m->n_tet * sizeof *piece);
  for (int seed = 0; seed < m->n_tet; seed++, begin = end) {
    if (!tet_alive(m, seed) || piece[seed] >= 0) continue;
    queue[end++] = seed, piece[seed] = n;
    for (int at = begin; at < end; at++)
      for (int f = 0; f < 4; f++) {
        const int u = m->adj[queue[at]][f];
        if (u < 0 || piece[u] >= 0 || m->region[u] != m->region[seed]) continue;
        piece[u] = n, queue[end++] = u;
      }
    PetscCall(mem_grow((size_t)n + 1, sizeof **list, capacity, list));
    (*list)[n++] = measure_piece(m, queue + begin, end - begin);
  }
  *n_piece = n;
  return 0;
}

static double face_area(const TetMesh *m, int t, int f)
{
  double u[3], v[3], n[3];
  const double *a = m->x[m->tet[t][TET_FACE[f][0]]];
  v3_sub(m->x[m->tet[t][TET_FACE[f][1]]], a, u);
  v3_sub(m->x[m->tet[t][TET_FACE[f][2]]], a, v);
  v3_cross(u, v, n);
  return 0.5 * v3_norm(n);
}

/* The region that tetrahedron t shares most of its faces' area with, its own aside. */
static int16_t surrounding(const TetMesh *m, int t)
{
  double best = 0.0;
  int16_t region = -1;
  for (int f = 0; f < 4; f++) {
    const int u = m->adj[t][f];
    if (u < 0 || m->region[u] == m->region[t]) continue;
    double area = 0.0;
    for (int g = 0; g < 4; g++)
      if (m->adj[t][g] >= 0 && m->region[m->adj[t][g]] == m->region[u]) area += face_area(m, t, g);
    if (area > best) best = area, region = m->region[u];
  }
  return region;
}

static int remove_crumbs(TetMesh *m, const int *piece, const Piece *list, int n_piece)
{
  static const double CRUMB_MM3 = 1.0;
  int largest[REGIONS_MAX], removed = 0;
  memset(largest, 0xff, sizeof largest);
  for (int i = 0; i < n_piece; i++) {
    int *l = &largest[list[i].region];
    if (*l < 0 || list[i].volume > list[*l].volume) *l = i;
  }
  for (int t = 0; t < m->n_tet; t++) {
    if (!tet_alive(m, t)) continue;
    const Piece *p = &list[piece[t]];
    /* roots, cord and CSF are one piece each; a tissue around them may have several, if they are more than crumbs */
    const bool one = p->region >= TISSUE_CSF;
    if (piece[t] == largest[p->region] || (p->sampled && p->volume > CRUMB_MM3 && !one) ||
        (one && p->region < TISSUE_ROOT && p->volume > CRUMB_MM3))
      continue;
    const int16_t to = surrounding(m, t);
    if (to < 0) continue;
    m->region[t] = to;
    removed++;
  }
  return removed;
}

/* Rounds of both repairs until nothing changes; *left: whether the last round still changed something. */
static PetscErrorCode repair_rounds(TetMesh *m, const Scene *s, int *piece, int *queue, size_t *capacity, Piece **list,
                                    TagReport *r, bool *left)
{
  *left = true;
  for (int round = 0; round < ROUNDS_MAX && *left; round++) {
    int changed = 0, now, n_piece = 0;
    while ((now = close_leaks(m, s)) > 0) r->leaks_closed += now, changed += now;
    PetscCall(close_pinholes(m, &now));
    r->leaks_closed += now, changed += now;
    PetscCall(find_pieces(m, piece, queue, capacity, list, &n_piece));
    now = remove_crumbs(m, piece, *list, n_piece);
    r->crumbs_removed += now;
    *left = changed + now > 0;
  }
  return 0;
}

PetscErrorCode tag_repair(TetMesh *m, const Scene *s, TagReport *r)
{
  int *piece = NULL, *queue = NULL;
  Piece *list = NULL;
  size_t capacity = 0;
  bool left = false;
  PetscErrorCode ierr = mem_alloc((size_t)m->n_tet, sizeof *piece, &piece);
  if (!ierr) ierr = mem_alloc((size_t)m->n_tet, sizeof *queue, &queue);
  if (!ierr) ierr = repair_rounds(m, s, piece, queue, &capacity, &list, r, &left);
  /* whatever else, the dura is whole; each of these makes some tetrahedra dura and none anything else: it ends */
  for (int now = 1; now && left && !ierr;) {
    now = close_leaks(m, s);
    int holes = 0;
    ierr = close_pinholes(m, &holes);
    now += holes;
  }
  free(piece);
  free(queue);
  free(list);
  return ierr;
}
