#include "cauda/confidence.h"

#include "name_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double sure = 0.9, near = 1e-9;

PetscErrorCode latin_hypercube(int n, int n_parameter, uint64_t seed, double *u)
{
  int *order;
  PetscCall(mem_alloc((size_t)n, sizeof *order, &order));
  for (int p = 0; p < n_parameter; p++) {
    Rng r = rng_seed(seed, (uint64_t)p);
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
      int k = (int)(rng_uniform(&r) * (i + 1)), swap = order[i];
      order[i] = order[k], order[k] = swap;
    }
    for (int i = 0; i < n; i++) u[i * n_parameter + p] = (order[i] + rng_uniform(&r)) / n;
  }
  free(order);
  return 0;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int rank_in(const double *score, int n, int set)
{
  int rank = 1;
  for (int i = 0; i < n; i++) rank += score[i] > score[set] + near;
  return rank;
}

/* Sets of one rank share the places from it on. */
static int last_place(const Ranking *r, int row)
{
  int n = 0;
  for (int i = 0; i < r->n; i++) n += r->row[i].rank == r->row[row].rank;
  return r->row[row].rank + n - 1;
}

static void count_ranks(const Ranking *r, int n_draw, const double *score, int row, ConfidenceRow *out)
{
  int set = r->row[row].set;
  for (int d = 0; d < n_draw; d++) {
    int rank = rank_in(score + (size_t)d * (size_t)r->n, r->n, set);
    out->first += rank == 1 && isfinite(score[(size_t)d * (size_t)r->n + (size_t)set]) ? 1.0 / n_draw : 0.0;
    out->holds += rank >= r->row[row].rank && rank <= last_place(r, row) ? 1.0 / n_draw : 0.0;
  }
}

static void name_tied(const Ranking *r, int n_draw, const double *score, int row, ConfidenceRow *out)
{
  int set = r->row[row].set;
  for (int i = 0; i < r->n; i++) {
    int other = r->row[i].set;
    double better = 0.0;
    for (int d = 0; d < n_draw; d++) {
      double a = score[d * r->n + set], b = score[d * r->n + other];
      better += a > b + near ? 1.0 : b > a + near ? 0.0 : 0.5;
    }
    better /= n_draw;
    if (other == set || better >= sure || better <= 1.0 - sure) continue;
    name_list_add(out->tied_with, sizeof out->tied_with, ";", r->set[other]);
  }
}

/* Draws in which the set is beyond a limit count as the lowest score that there is. */
static void find_range(const Ranking *r, int n_draw, const double *score, int set, double *sorted, ConfidenceRow *out)
{
  for (int d = 0; d < n_draw; d++) sorted[d] = score[d * r->n + set];
  qsort(sorted, (size_t)n_draw, sizeof *sorted, ascending);
  out->low = sorted[0], out->high = sorted[n_draw - 1];
  out->median = 0.5 * (sorted[(n_draw - 1) / 2] + sorted[n_draw / 2]);
}

PetscErrorCode confidence_rows(const Ranking *r, int n_draw, const double *score, ConfidenceRow **out)
{
  double *sorted;
  PetscCall(mem_alloc((size_t)r->n, sizeof **out, out));
  PetscErrorCode ierr = mem_alloc((size_t)n_draw, sizeof *sorted, &sorted);
  for (int i = 0; i < r->n && !ierr; i++) {
    ConfidenceRow *row = &(*out)[i];
    row->score = r->row[i].score;
    find_range(r, n_draw, score, r->row[i].set, sorted, row);
    count_ranks(r, n_draw, score, i, row);
    name_tied(r, n_draw, score, i, row);
  }
  free(sorted);
  if (ierr) free(*out), *out = NULL;
  return ierr;
}

static void put(double v, FILE *s)
{
  if (isfinite(v))
    fprintf(s, ",%.6g", v);
  else
    fputc(',', s);
}

typedef struct {
  const Ranking *r;
  const ConfidenceRow *rows;
} Ranges;

static PetscErrorCode put_ranges(const void *what, FILE *s)
{
  const Ranking *r = ((const Ranges *)what)->r;
  fputs("rank,set,score,score_low,score_median,score_high,first_probability,rank_probability,tied_with\n", s);
  for (int i = 0; i < r->n; i++) {
    const ConfidenceRow *row = &((const Ranges *)what)->rows[i];
    const double v[] = {row->score, row->low, row->median, row->high, row->first, row->holds};
    fprintf(s, "%d,%s", r->row[i].rank, r->set[r->row[i].set]);
    for (size_t k = 0; k < sizeof v / sizeof *v; k++) put(v[k], s);
    fprintf(s, ",%s\n", row->tied_with);
  }
  return 0;
}

PetscErrorCode confidence_write_csv(const Ranking *r, const ConfidenceRow *rows, const char *path)
{
  return file_write(path, put_ranges, &(Ranges){r, rows});
}

void confidence_sentence(const Ranking *r, const ConfidenceRow *rows, int n_draw, char *text, size_t room)
{
  const ConfidenceRow *best = &rows[0];
  const char *name = r->set[r->row[0].set];
  char low[32] = "over a limit";
  if (isfinite(best->low)) snprintf(low, sizeof low, "%.3f", best->low);
  if (!isfinite(best->high)) {
    snprintf(text, room, "How sure: in all of %d draws of what is uncertain, %s is over a limit.", n_draw, name);
    return;
  }
  int n = snprintf(text, room,
                   "How sure: in %d draws of what is uncertain, %s is first in %.0f %%, and its "
                   "score goes from %s to %.3f (%.3f in the case as it is).",
                   n_draw, name, 100.0 * best->first, low, best->high, best->score);
  if (n < 0 || (size_t)n >= room) return;
  text += n, room -= (size_t)n;
  if (best->tied_with[0])
    snprintf(text, room, " It cannot be told apart from %s.", best->tied_with);
  else
    snprintf(text, room, " It is better than each other set in nine of ten draws or more.");
}
