/* The matrix of the next level where rows are divided among ranks: P' A P with P's rows of the halo fetched, and what comes
 * out for others' rows sent to them. Columns have three numberings on the way: of P as it came (own, then those of others
 * that its rows have), wide (those that the fetched rows have, too), and in the end that of the next level's halo. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1024 };

typedef struct {
  const Csr *A;
  const Halo *fine, *coarse; /* of A's columns; of P's as they came */
  Team *team;
  Csr *up;
  Csr beside; /* P's rows of the fine halo, columns over all ranks */
  Halo wide;  /* numbers only: nothing is exchanged by it, all but `global` is of `coarse` */
  Csr whole;  /* P with the halo's rows; columns wide */
  BlockPieces pieces;
  BlockRows wide_up; /* the same */
  Csr down, product; /* P'; P'AP, rows of coarse unknowns, own and beside; columns wide */
  Csr returned;      /* what others have for own rows: rows of coarse->given, columns over all ranks */
  int32_t *first;    /* [n_own + 1] of a row in `which` */
  int32_t *which;    /* rows of `returned` */
  Halo *next;
  int32_t *place;    /* [wide.n_halo] in the next level's numbering, -1 where it is not there */
  CsrSlot **scratch; /* as csr_row_add() */
} Work;

static void work_free(Work *w)
{
  csr_free(&w->beside), csr_free(&w->whole), block_pieces_free(&w->pieces), block_rows_free(&w->wide_up);
  csr_free(&w->down), csr_free(&w->product), csr_free(&w->returned);
  free(w->wide.global), free(w->first), free(w->which), free(w->place);
  csr_slots_free(w->team, &w->scratch);
}

/* Rows begin to end - 1 of m with the numbers over all ranks for columns. */
static PetscErrorCode rows_global(const Csr *m, int32_t begin, int32_t end, const Halo *columns, Csr *out)
{
  int32_t *start, *column, from = m->start[begin];
  double *value;
  PetscCall(csr_alloc(end - begin, m->n_column, m->start[end] - from, out, &start, &column, &value));
  for (int32_t i = begin; i < end; i++) start[i - begin + 1] = m->start[i + 1] - from;
  for (int32_t k = 0; k < start[end - begin]; k++) {
    column[k] = halo_global(columns, m->column[from + k]);
    value[k] = m->value[from + k];
  }
  return 0;
}

static PetscErrorCode beside_fetch(Work *w)
{
  Csr global = {.n = 0};
  PetscErrorCode ierr = rows_global(w->up, 0, w->up->n, w->coarse, &global);
  if (!ierr) ierr = rows_fetch(w->fine, &global, &w->beside);
  csr_free(&global);
  return ierr;
}

static bool is_own(const Halo *h, int32_t global)
{
  return global >= h->begin[h->rank] && global < h->begin[h->rank + 1];
}

static PetscErrorCode wide_number(Work *w)
{
  int32_t n = w->coarse->n_halo, n_entry = w->beside.start[w->beside.n], *all;
  PetscCall(mem_alloc((size_t)n + (size_t)n_entry, sizeof *all, &all));
  if (n) memcpy(all, w->coarse->global, (size_t)n * sizeof *all);
  for (int32_t k = 0; k < n_entry; k++)
    if (!is_own(w->coarse, w->beside.column[k])) all[n++] = w->beside.column[k];
  w->wide = *w->coarse;
  w->wide.global = all;
  w->wide.n_halo = halo_sort(n, all);
  return 0;
}

static PetscErrorCode whole_make(Work *w)
{
  const Csr *P = w->up, *more = &w->beside;
  int32_t n = P->start[P->n], n_more = more->start[more->n], *start, *column;
  double *value;
  PetscCall(csr_alloc(P->n + more->n, w->wide.n_own + w->wide.n_halo, (int64_t)n + n_more, &w->whole, &start, &column,
                      &value));
  memcpy(start, P->start, ((size_t)P->n + 1) * sizeof *start);
  for (int32_t i = 0; i < more->n; i++) start[P->n + i + 1] = n + more->start[i + 1];
  for (int32_t k = 0; k < n; k++) {
    int32_t c = P->column[k];
    column[k] = c < w->coarse->n_own ? c : halo_local(&w->wide, halo_global(w->coarse, c));
    value[k] = P->value[k];
  }
  for (int32_t k = 0; k < n_more; k++) {
    column[n + k] = halo_local(&w->wide, more->column[k]);
    value[n + k] = more->value[k];
  }
  return 0;
}

static PetscErrorCode products_make(Work *w)
{
  Csr rest = {.n = 0};
  int32_t n_column = w->whole.n_column;
  PetscCall(block_pieces_create(w->whole.n, NULL, w->team, &w->pieces));
  PetscCall(block_rows_from(&w->whole, &w->pieces, w->team, &w->wide_up));
  csr_free(&w->whole);
  PetscCall(csr_transpose(w->up, w->team, &w->down));
  PetscCall(block_product(&w->down, w->A, &w->wide_up, n_column, false, w->team, &w->product));
  block_rows_free(&w->wide_up);
  PetscErrorCode ierr = rows_global(&w->product, w->coarse->n_own, w->product.n, &w->wide, &rest);
  if (!ierr) ierr = rows_return(w->coarse, &rest, &w->returned);
  csr_free(&rest);
  return ierr;
}

/* ---- what the ranks have, put together ------------------------------------------------------------------------------ */

/* Which of the returned rows belong to each own one, in the order of the ranks. */
static PetscErrorCode returned_sort(Work *w)
{
  int32_t n = w->coarse->n_own, n_row = w->returned.n;
  const int32_t *given = w->coarse->given;
  PetscCall(mem_alloc((size_t)n + 2, sizeof *w->first, &w->first));
  PetscCall(mem_alloc((size_t)n_row, sizeof *w->which, &w->which));
  for (int32_t k = 0; k < n_row; k++) w->first[given[k] + 2]++;
  for (int32_t i = 2; i <= n; i++) w->first[i + 1] += w->first[i];
  for (int32_t k = 0; k < n_row; k++) w->which[w->first[given[k] + 1]++] = k;
  return 0;
}

/* The columns of own rows that are others', and those of P. */
static PetscErrorCode next_number(Work *w)
{
  int32_t own = w->coarse->n_own, n = w->coarse->n_halo, *all;
  int32_t n_product = w->product.start[own], n_returned = w->returned.start[w->returned.n];
  PetscCall(mem_alloc((size_t)n + (size_t)w->wide.n_halo + (size_t)n_returned, sizeof *all, &all));
  PetscErrorCode ierr = mem_alloc((size_t)w->wide.n_halo, sizeof *w->place, &w->place);
  if (n) memcpy(all, w->coarse->global, (size_t)n * sizeof *all);
  for (int32_t k = 0; k < n_product && !ierr; k++)
    if (w->product.column[k] >= own) w->place[w->product.column[k] - own] = 1;
  for (int32_t k = 0; k < w->wide.n_halo && !ierr; k++)
    if (w->place[k]) all[n++] = w->wide.global[k];
  for (int32_t k = 0; k < n_returned; k++)
    if (!is_own(w->coarse, w->returned.column[k])) all[n++] = w->returned.column[k];
  if (!ierr) ierr = halo_create(own, halo_sort(n, all), all, &w->next);
  for (int32_t k = 0; k < w->wide.n_halo && !ierr; k++) w->place[k] = halo_local(w->next, w->wide.global[k]);
  free(all);
  return ierr;
}

static size_t row_room(const Work *w, int32_t i)
{
  size_t n = (size_t)(w->product.start[i + 1] - w->product.start[i]);
  for (int32_t k = w->first[i]; k < w->first[i + 1]; k++)
    n += (size_t)(w->returned.start[w->which[k] + 1] - w->returned.start[w->which[k]]);
  return n;
}

/* Row i, with its entries in `column` and `slot`; returns how many there are. */
static int32_t row_sum(const Work *w, int32_t i, CsrSlot *slot, int32_t *column)
{
  int32_t n = 0, own = w->coarse->n_own;
  for (int32_t k = w->product.start[i]; k < w->product.start[i + 1]; k++) {
    int32_t c = w->product.column[k];
    n = csr_row_add(c < own ? c : w->place[c - own], w->product.value[k], n, slot, column);
  }
  for (int32_t r = w->first[i]; r < w->first[i + 1]; r++)
    for (int32_t k = w->returned.start[w->which[r]]; k < w->returned.start[w->which[r] + 1]; k++)
      n = csr_row_add(halo_local(w->next, w->returned.column[k]), w->returned.value[k], n, slot, column);
  return n;
}

static PetscErrorCode rows_make(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length)
{
  const Work *w = context;
  CsrSlot *slot = w->scratch[thread];
  for (int32_t i = begin; i < end; i++) {
    PetscCall(csr_strip_room(s, row_room(w, i) + 1));
    int32_t *column = s->column + s->n, n = length[i - begin] = row_sum(w, i, slot, column);
    PetscCall(csr_row_end_sorted(n, column, slot, s->value + s->n));
    s->n += (size_t)n;
  }
  return 0;
}

/* P's columns by the next level's halo. */
static void up_number(Work *w)
{
  int32_t *column = w->up->own[1];
  for (int32_t k = 0; k < w->up->start[w->up->n]; k++)
    if (column[k] >= w->coarse->n_own) column[k] = halo_local(w->next, halo_global(w->coarse, column[k]));
  w->up->n_column = w->next->n_own + w->next->n_halo;
}

static PetscErrorCode galerkin(Work *w, Csr *out)
{
  PetscCall(beside_fetch(w));
  PetscCall(wide_number(w));
  PetscCall(whole_make(w));
  PetscCall(products_make(w));
  PetscCall(returned_sort(w));
  PetscCall(next_number(w));
  PetscCall(csr_slots(w->next->n_own + w->next->n_halo, w->team, &w->scratch));
  PetscCall(csr_build(w->next->n_own, w->next->n_own + w->next->n_halo, ROWS, rows_make, w, w->team, out));
  up_number(w);
  return 0;
}

PetscErrorCode block_galerkin(const Csr *A, const Halo *fine, const Halo *coarse, Team *team, Csr *up, Csr *out,
                              Halo **next)
{
  Work w = {.A = A, .fine = fine, .coarse = coarse, .team = team, .up = up};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = galerkin(&w, out);
  if (ierr) csr_free(out), halo_destroy(&w.next);
  *next = w.next;
  work_free(&w);
  return ierr;
}
