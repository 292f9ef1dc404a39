/* Sparse matrices by rows, made in threads. Private to fem/. */
#ifndef FEM_CSR_H
#define FEM_CSR_H

#include "cauda/team.h"

/* In double precision. */
typedef struct {
  int32_t n, n_column;
  const int32_t *start; /* [n + 1] */
  const int32_t *column;
  const double *value;
  void *own[3]; /* what csr_free() frees: start, column, value, or NULL */
} Csr;

void csr_free(Csr *m);
PetscErrorCode csr_alloc(int32_t n, int32_t n_column, int64_t n_entry, Csr *m, int32_t **start, int32_t **column,
                         double **value) CAUDA_CHECKED;

/* ---- making one: rows in order, strip by strip, so that there is never more than one copy of it ----------------- */

/* Some rows, one after another. */
typedef struct {
  size_t n, room_column, room_value;
  int32_t *column; /* [n] */
  double *value;   /* [n] */
} CsrStrip;

/* Room for `more` entries in a strip. */
PetscErrorCode csr_strip_room(CsrStrip *s, size_t more) CAUDA_CHECKED;

/* What a row has in a column while it is made; all 0 between rows. */
typedef struct {
  double sum;
  int64_t used;
} CsrSlot;

/* Adds v to column c of a row of n entries; returns how many it has then. slot [columns]. One entry more than there are is
 * written. There is no branch: whether a column is new cannot be foretold; and where a sum is depends on c alone, so that
 * the next one need not wait for this. */
static inline int32_t csr_row_add(int32_t c, double v, int32_t n, CsrSlot *slot, int32_t *column)
{
  int32_t more = (int32_t)(1 - slot[c].used);
  column[n] = c;
  slot[c].used = 1;
  slot[c].sum += v;
  return n + more;
}

/* The row's values. */
static inline void csr_row_end(int32_t n, const int32_t *column, CsrSlot *slot, double *value)
{
  for (int32_t k = 0; k < n; k++) {
    value[k] = slot[column[k]].sum;
    slot[column[k]] = (CsrSlot){0.0, 0};
  }
}

/* The same in the order of the columns. */
PetscErrorCode csr_row_end_sorted(int32_t n, int32_t *column, CsrSlot *slot, double *value) CAUDA_CHECKED;

/* csr_slots: `slot` for each thread of a team: [threads][n_column]. */
PetscErrorCode csr_slots(int32_t n_column, Team *team, CsrSlot ***out) CAUDA_CHECKED;
void csr_slots_free(Team *team, CsrSlot ***slot);

/* Adds rows begin to end - 1 to a strip; length [end - begin] of each. */
typedef PetscErrorCode (*CsrFill)(void *context, int32_t begin, int32_t end, int thread, CsrStrip *s, int32_t *length);

/* csr_build: `rows` rows a strip; the matrix does not depend on it. */
PetscErrorCode csr_build(int32_t n, int32_t n_column, int32_t rows, CsrFill fill, void *context, Team *team,
                         Csr *out) CAUDA_CHECKED;

/* csr_sort_row: by column. */
PetscErrorCode csr_sort_row(size_t n, int32_t *column, double *value) CAUDA_CHECKED;

/* csr_transpose: without the zeros. */
PetscErrorCode csr_transpose(const Csr *m, Team *team, Csr *out) CAUDA_CHECKED;

#endif
