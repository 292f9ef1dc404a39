/* Rows of matrices on their way between ranks: how long they are, then their columns, then their values. */
#include "halo.h"

#include <stdlib.h>
#include <string.h>

enum { TAG = 72 };

/* Rows that go out and come in, peer by peer. */
typedef struct {
  const Halo *h;
  const int32_t *out_first, *in_first; /* [n_peer + 1] */
  const Csr *out;
  Csr *in;
} Move;

static PetscErrorCode lengths_move(const Move *m, int32_t *out_length, int32_t *in_length)
{
  const Halo *h = m->h;
  for (int32_t i = 0; i < m->out->n; i++) out_length[i] = m->out->start[i + 1] - m->out->start[i];
  for (int p = 0; p < h->n_peer; p++) {
    PetscCallMPI(MPI_Irecv(in_length + m->in_first[p], m->in_first[p + 1] - m->in_first[p], MPI_INT32_T, h->peer[p],
                           TAG, PETSC_COMM_WORLD, &h->request[p]));
    PetscCallMPI(MPI_Isend(out_length + m->out_first[p], m->out_first[p + 1] - m->out_first[p], MPI_INT32_T, h->peer[p],
                           TAG, PETSC_COMM_WORLD, &h->request[h->n_peer + p]));
  }
  PetscCallMPI(MPI_Waitall(2 * h->n_peer, h->request, MPI_STATUSES_IGNORE));
  return 0;
}

/* Columns or values. */
static PetscErrorCode entries_move(const Move *m, MPI_Datatype type, size_t size, const void *out, void *in)
{
  const Halo *h = m->h;
  for (int p = 0; p < h->n_peer; p++) {
    int32_t from = m->in->start[m->in_first[p]], to = m->in->start[m->in_first[p + 1]];
    PetscCallMPI(MPI_Irecv((char *)in + (size_t)from * size, to - from, type, h->peer[p], TAG, PETSC_COMM_WORLD,
                           &h->request[p]));
    from = m->out->start[m->out_first[p]], to = m->out->start[m->out_first[p + 1]];
    PetscCallMPI(MPI_Isend((const char *)out + (size_t)from * size, to - from, type, h->peer[p], TAG, PETSC_COMM_WORLD,
                           &h->request[h->n_peer + p]));
  }
  PetscCallMPI(MPI_Waitall(2 * h->n_peer, h->request, MPI_STATUSES_IGNORE));
  return 0;
}

static PetscErrorCode move(const Move *m, int32_t *out_length, int32_t *in_length)
{
  int32_t n = m->in_first[m->h->n_peer], *start, *column;
  int64_t n_entry = 0;
  double *value;
  PetscCall(lengths_move(m, out_length, in_length));
  for (int32_t i = 0; i < n; i++) n_entry += in_length[i];
  PetscCall(csr_alloc(n, m->out->n_column, n_entry, m->in, &start, &column, &value));
  for (int32_t i = 0; i < n; i++) start[i + 1] = start[i] + in_length[i];
  PetscCall(entries_move(m, MPI_INT32_T, sizeof *column, m->out->column, column));
  return entries_move(m, MPI_DOUBLE, sizeof *value, m->out->value, value);
}

static PetscErrorCode rows_move(const Move *m)
{
  int32_t *out_length = NULL, *in_length = NULL;
  *m->in = (Csr){.n = 0};
  PetscErrorCode ierr = mem_alloc((size_t)m->out_first[m->h->n_peer], sizeof *out_length, &out_length);
  if (!ierr) ierr = mem_alloc((size_t)m->in_first[m->h->n_peer], sizeof *in_length, &in_length);
  if (!ierr) ierr = move(m, out_length, in_length);
  free(out_length);
  free(in_length);
  return ierr;
}

/* The rows that others want, one after another. */
static PetscErrorCode given_pack(const Halo *h, const Csr *own, Csr *out)
{
  int32_t n = h->give[h->n_peer], *start, *column;
  int64_t n_entry = 0;
  double *value;
  for (int32_t k = 0; k < n; k++) n_entry += own->start[h->given[k] + 1] - own->start[h->given[k]];
  PetscCall(csr_alloc(n, own->n_column, n_entry, out, &start, &column, &value));
  for (int32_t k = 0; k < n; k++) {
    int32_t from = own->start[h->given[k]], length = own->start[h->given[k] + 1] - from;
    memcpy(column + start[k], own->column + from, (size_t)length * sizeof *column);
    memcpy(value + start[k], own->value + from, (size_t)length * sizeof *value);
    start[k + 1] = start[k] + length;
  }
  return 0;
}

PetscErrorCode rows_fetch(const Halo *h, const Csr *own, Csr *out)
{
  Csr packed = {.n = 0};
  *out = (Csr){.n = 0};
  PetscErrorCode ierr = given_pack(h, own, &packed);
  if (!ierr) ierr = rows_move(&(Move){h, h->give, h->take, &packed, out});
  csr_free(&packed);
  return ierr;
}

PetscErrorCode rows_return(const Halo *h, const Csr *halo, Csr *out)
{
  return rows_move(&(Move){h, h->take, h->give, halo, out});
}
