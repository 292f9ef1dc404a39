/* Thresholds of many sparse sets by the linear predictor. Sixteen fibres stand side by side; for each contact of a set
 * the responses of their n-th nodes are one vector of numbers. Fibres go outside, sets inside: a group's responses stay
 * in the cache while all sets of a call pass over them. */
#include "cauda/screen.h"

#include "pack.h"
#include "screen_group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { END_NODES = 3 }; /* as in fiber_threshold() */

struct Screen {
  ScreenGroup *group;
  float *block; /* what the groups' rows point into */
  size_t size;  /* numbers in it */
  int n_fiber, n_group, n_contact;
  float least; /* a response below fires at no amplitude allowed */
  double kept;
};

/* ---- making ------------------------------------------------------------------------------------------------------- */

/* Cathodes sum to -1 and anodes, the case included, to 1: no set makes more of a node than its largest response, or 0,
 * less its smallest, or 0. */
static bool can_fire(const double *row, int n_contact, double least)
{
  double low = 0.0, high = 0.0;
  for (int c = 0; c < n_contact; c++) low = fmin(low, row[c]), high = fmax(high, row[c]);
  return high - low >= least;
}

static int count_nodes(const FiberResponse *r, int fiber, double least)
{
  int n = 0;
  for (int e = 0; e < r->n_event; e++)
    for (int i = r->first_node[fiber]; i < r->n_node[fiber] - END_NODES; i++)
      n += can_fire(r->response[e][fiber] + (size_t)i * (size_t)r->n_contact, r->n_contact, least);
  return n;
}

/* Rows of the nodes that can fire, all phases after one another, into one lane of a group. */
static void fill_fiber(const FiberResponse *r, int fiber, double least, int width, float *lane)
{
  int n = 0;
  for (int e = 0; e < r->n_event; e++)
    for (int i = r->first_node[fiber]; i < r->n_node[fiber] - END_NODES; i++) {
      const double *row = r->response[e][fiber] + (size_t)i * (size_t)r->n_contact;
      if (!can_fire(row, r->n_contact, least)) continue;
      for (int c = 0; c < r->n_contact; c++) lane[((size_t)c * (size_t)width + (size_t)n) * GROUP] = (float)row[c];
      n++;
    }
}

/* Widths of the groups; returns how many numbers they hold. */
static size_t measure(const FiberResponse *r, double least, Screen *s)
{
  double all = 0.0, kept = 0.0;
  size_t size = 0;
  for (int i = 0; i < r->n_fiber; i++) {
    int n = count_nodes(r, i, least), *width = &s->group[i / GROUP].width;
    all += (double)r->n_node[i] * r->n_event, kept += n;
    if (n > *width) *width = n + n % 2;
  }
  for (int g = 0; g < s->n_group; g++) size += (size_t)s->group[g].width * GROUP * (size_t)(r->n_contact + 1);
  s->kept = all > 0.0 ? kept / all : 0.0;
  return size;
}

static PetscErrorCode allocate_block(Screen *s)
{
  s->block = aligned_alloc(64, (s->size + GROUP) * sizeof *s->block);
  PetscCheck(s->block, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the fibres' responses");
  return 0;
}

static PetscErrorCode make(const FiberResponse *r, double largest_mA, Screen *s)
{
  double least = 1.0 / largest_mA;
  s->n_fiber = r->n_fiber, s->n_contact = r->n_contact, s->least = (float)least;
  s->n_group = (r->n_fiber + GROUP - 1) / GROUP;
  PetscCall(mem_alloc((size_t)s->n_group, sizeof *s->group, &s->group));
  s->size = measure(r, least, s);
  PetscCall(allocate_block(s));
  memset(s->block, 0, s->size * sizeof *s->block);
  float *to = s->block;
  for (int g = 0; g < s->n_group; g++) {
    s->group[g].row = to;
    for (int i = g * GROUP; i < (g + 1) * GROUP && i < r->n_fiber; i++)
      fill_fiber(r, i, least, s->group[g].width, to + i % GROUP);
    to += (size_t)s->group[g].width * GROUP * (size_t)(r->n_contact + 1);
  }
  return 0;
}

PetscErrorCode screen_create(const FiberResponse *r, double largest_mA, Screen **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = make(r, largest_mA, *out);
  if (ierr) screen_destroy(out);
  return ierr;
}

void screen_destroy(Screen **s)
{
  if (!*s) return;
  free((*s)->group), free((*s)->block);
  free(*s);
  *s = NULL;
}

static PetscErrorCode fill_copy(const Screen *s, Screen *to)
{
  *to = *s;
  to->group = NULL, to->block = NULL;
  PetscCall(mem_alloc((size_t)s->n_group, sizeof *to->group, &to->group));
  PetscCall(allocate_block(to));
  memcpy(to->block, s->block, s->size * sizeof *s->block);
  for (int g = 0; g < s->n_group; g++)
    to->group[g] = (ScreenGroup){s->group[g].width, to->block + (s->group[g].row - s->block)};
  return 0;
}

PetscErrorCode screen_copy(const Screen *s, Screen **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill_copy(s, *out);
  if (ierr) screen_destroy(out);
  return ierr;
}

static PetscErrorCode carry_into(Pack *p, Screen *s)
{
  PetscCall(pack_carry(p, &s->n_fiber, sizeof s->n_fiber));
  PetscCall(pack_carry(p, &s->n_group, sizeof s->n_group));
  PetscCall(pack_carry(p, &s->n_contact, sizeof s->n_contact));
  PetscCall(pack_carry(p, &s->least, sizeof s->least));
  PetscCall(pack_carry(p, &s->size, sizeof s->size));
  PetscCall(pack_carry_array(p, (size_t)s->n_group, sizeof *s->group, &s->group));
  if (p->reading) PetscCall(allocate_block(s));
  PetscCall(pack_carry(p, s->block, s->size * sizeof *s->block));
  const float *row = s->block; /* pointers of another process mean nothing */
  for (int g = 0; p->reading && g < s->n_group; g++) {
    s->group[g].row = row;
    row += (size_t)s->group[g].width * GROUP * (size_t)(s->n_contact + 1);
  }
  return 0;
}

PetscErrorCode screen_carry(Pack *p, Screen **s)
{
  if (!p->reading) return carry_into(p, *s);
  PetscCall(mem_alloc(1, sizeof **s, s));
  PetscErrorCode ierr = carry_into(p, *s);
  if (ierr) screen_destroy(s);
  return ierr;
}

int screen_fibers(const Screen *s) { return s->n_fiber; }
double screen_kept(const Screen *s) { return s->kept; }

/* ---- using -------------------------------------------------------------------------------------------------------- */

bool screen_code_runs(ScreenCode code)
{
#if defined(__x86_64__)
  if (code == SCREEN_AVX512) return __builtin_cpu_supports("avx512f");
  if (code == SCREEN_AVX2) return __builtin_cpu_supports("avx2");
#endif
  return code == SCREEN_BEST || code == SCREEN_PLAIN;
}

static ScreenPeaks choose(ScreenCode code)
{
#if defined(__x86_64__)
  if (code == SCREEN_AVX512 || (code == SCREEN_BEST && screen_code_runs(SCREEN_AVX512))) return screen_peaks_avx512;
  if (code == SCREEN_AVX2 || (code == SCREEN_BEST && screen_code_runs(SCREEN_AVX2))) return screen_peaks_avx2;
#endif
  return screen_peaks_plain;
}

static void put_thresholds(const Screen *s, int group, int n, const float *peak, double *threshold_mA)
{
  int first = group * GROUP, last = first + GROUP < s->n_fiber ? first + GROUP : s->n_fiber;
  for (int k = 0; k < n; k++)
    for (int i = first; i < last; i++) {
      float p = peak[k * GROUP + i - first];
      threshold_mA[(size_t)k * (size_t)s->n_fiber + (size_t)i] = p >= s->least ? (double)(1.0F / p) : HUGE_VAL;
    }
}

void screen_sets(const Screen *s, ScreenCode code, int n, const SparseSet *set, double *threshold_mA)
{
  enum { BATCH = 64 };
  float peak[BATCH * GROUP] __attribute__((aligned(64)));
  ScreenPeaks find = choose(code);
  for (int first = 0; first < n; first += BATCH) {
    int count = n - first < BATCH ? n - first : BATCH;
    for (int g = 0; g < s->n_group; g++) {
      find(&s->group[g], set + first, count, peak);
      put_thresholds(s, g, count, peak, threshold_mA + (size_t)first * (size_t)s->n_fiber);
    }
  }
}

/* ---- for a search ------------------------------------------------------------------------------------------------- */

void screen_base(Screen *s, const double *fraction)
{
  for (int g = 0; g < s->n_group; g++) {
    size_t n = (size_t)s->group[g].width * GROUP;
    const float *row = s->group[g].row;
    float *base = s->block + (row - s->block) + (size_t)s->n_contact * n;
    memset(base, 0, n * sizeof *base);
    for (int c = 0; c < s->n_contact; c++) {
      float share = (float)fraction[c];
      for (size_t i = 0; share != 0.0F && i < n; i++) base[i] += share * row[(size_t)c * n + i];
    }
  }
}

double screen_peak(const Screen *s, int fiber, const double *current_mA, double *row)
{
  const ScreenGroup *g = &s->group[fiber / GROUP];
  size_t n = (size_t)g->width * GROUP, lane = (size_t)(fiber % GROUP), best = n;
  double most = 0.0;
  for (size_t i = lane; i < n; i += GROUP) {
    double v = 0.0;
    for (int c = 0; c < s->n_contact; c++) v += current_mA[c] * (double)g->row[(size_t)c * n + i];
    if (v > most || best == n) most = v, best = i;
  }
  for (int c = 0; c < s->n_contact; c++) row[c] = best < n ? (double)g->row[(size_t)c * n + best] : 0.0;
  return most;
}
