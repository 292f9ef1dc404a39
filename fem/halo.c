/* Who has what of whom, and moving it. Messages are taken in the order of the ranks, so sums do not depend on which comes
 * first. */
#include "halo.h"

#include <stdlib.h>
#include <string.h>

enum { TAG = 71 };

void halo_destroy(Halo **h)
{
  if (!*h) return;
  free((*h)->begin), free((*h)->global), free((*h)->peer), free((*h)->take), free((*h)->give);
  free((*h)->given), free((*h)->buffer), free((*h)->request);
  free(*h);
  *h = NULL;
}

static PetscErrorCode begins_find(Halo *h)
{
  int64_t n = 0;
  PetscCall(mem_alloc((size_t)h->n_rank + 1, sizeof *h->begin, &h->begin));
  PetscCallMPI(MPI_Allgather(&h->n_own, 1, MPI_INT32_T, h->begin + 1, 1, MPI_INT32_T, PETSC_COMM_WORLD));
  for (int r = 0; r < h->n_rank; r++) {
    n += h->begin[r + 1];
    PetscCheck(n <= INT32_MAX, PETSC_COMM_SELF, PETSC_ERR_SUP, "the mesh has too many unknowns: more than 2^31");
    h->begin[r + 1] = (int32_t)n;
  }
  return 0;
}

/* count [4][n_rank]: how many are taken from each rank, and where they begin; given to each, likewise. */
static PetscErrorCode lists_swap(Halo *h, int *count)
{
  int n = h->n_rank, *take = count, *take_at = count + n, *give = count + 2 * n, *give_at = count + 3 * n, r = 0;
  for (int32_t k = 0; k < h->n_halo; k++) {
    while (h->global[k] >= h->begin[r + 1]) r++;
    take[r]++;
  }
  PetscCallMPI(MPI_Alltoall(take, 1, MPI_INT, give, 1, MPI_INT, PETSC_COMM_WORLD));
  for (r = 1; r < n; r++) take_at[r] = take_at[r - 1] + take[r - 1], give_at[r] = give_at[r - 1] + give[r - 1];
  PetscCall(mem_alloc((size_t)(give_at[n - 1] + give[n - 1]), sizeof *h->given, &h->given));
  PetscCallMPI(
      MPI_Alltoallv(h->global, take, take_at, MPI_INT32_T, h->given, give, give_at, MPI_INT32_T, PETSC_COMM_WORLD));
  for (int32_t k = 0; k < give_at[n - 1] + give[n - 1]; k++) h->given[k] -= h->begin[h->rank];
  return 0;
}

static PetscErrorCode peers_list(Halo *h, const int *count)
{
  size_t n = (size_t)h->n_rank;
  const int *take = count, *give = count + 2 * n;
  PetscCall(mem_alloc(n, sizeof *h->peer, &h->peer));
  PetscCall(mem_alloc(n + 1, sizeof *h->take, &h->take));
  PetscCall(mem_alloc(n + 1, sizeof *h->give, &h->give));
  for (int r = 0; r < h->n_rank; r++) {
    if (!take[r] && !give[r]) continue;
    int p = h->n_peer++;
    h->peer[p] = r;
    h->take[p + 1] = h->take[p] + take[r];
    h->give[p + 1] = h->give[p] + give[r];
  }
  PetscCall(mem_alloc((size_t)h->n_peer * 2, sizeof *h->request, &h->request));
  return mem_alloc((size_t)h->give[h->n_peer], HALO_ROW_MAX, &h->buffer);
}

static PetscErrorCode fill(const int32_t *global, Halo *h)
{
  int *count = NULL;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &h->rank));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &h->n_rank));
  PetscCall(mem_alloc((size_t)h->n_halo, sizeof *h->global, &h->global));
  if (h->n_halo) memcpy(h->global, global, (size_t)h->n_halo * sizeof *global);
  PetscCall(begins_find(h));
  PetscErrorCode ierr = mem_alloc((size_t)h->n_rank, 4 * sizeof *count, &count);
  if (!ierr) ierr = lists_swap(h, count);
  if (!ierr) ierr = peers_list(h, count);
  free(count);
  return ierr;
}

PetscErrorCode halo_create(int32_t n_own, int32_t n_halo, const int32_t *global, Halo **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  (*out)->n_own = n_own, (*out)->n_halo = n_halo;
  PetscErrorCode ierr = fill(global, *out);
  if (ierr) halo_destroy(out);
  return ierr;
}

/* ---- vectors ------------------------------------------------------------------------------------------------------ */

static void send(const Halo *h, int p, const char *from, const int32_t *place, size_t bytes, MPI_Request *request)
{
  int n = (int)((size_t)(place[p + 1] - place[p]) * bytes);
  (void)MPI_Isend(from + (size_t)place[p] * bytes, n, MPI_BYTE, h->peer[p], TAG, PETSC_COMM_WORLD, request);
}

static void receive(const Halo *h, int p, char *to, const int32_t *place, size_t bytes, MPI_Request *request)
{
  int n = (int)((size_t)(place[p + 1] - place[p]) * bytes);
  (void)MPI_Irecv(to + (size_t)place[p] * bytes, n, MPI_BYTE, h->peer[p], TAG, PETSC_COMM_WORLD, request);
}

void halo_exchange(Halo *h, void *v, size_t bytes)
{
  char *row = v, *beside = row + (size_t)h->n_own * bytes;
  for (int p = 0; p < h->n_peer; p++) receive(h, p, beside, h->take, bytes, &h->request[p]);
  for (int32_t k = 0; k < h->give[h->n_peer]; k++)
    memcpy(h->buffer + (size_t)k * bytes, row + (size_t)h->given[k] * bytes, bytes);
  for (int p = 0; p < h->n_peer; p++) send(h, p, h->buffer, h->give, bytes, &h->request[h->n_peer + p]);
  (void)MPI_Waitall(2 * h->n_peer, h->request, MPI_STATUSES_IGNORE);
}

void halo_collect(Halo *h, float *v, int lanes)
{
  size_t width = (size_t)lanes, bytes = width * sizeof *v;
  const char *beside = (const char *)(v + (size_t)h->n_own * width);
  for (int p = 0; p < h->n_peer; p++) receive(h, p, h->buffer, h->give, bytes, &h->request[p]);
  for (int p = 0; p < h->n_peer; p++) send(h, p, beside, h->take, bytes, &h->request[h->n_peer + p]);
  (void)MPI_Waitall(2 * h->n_peer, h->request, MPI_STATUSES_IGNORE);
  for (int32_t k = 0; k < h->give[h->n_peer]; k++) {
    float *to = v + (size_t)h->given[k] * width;
    const float *from = (const float *)(h->buffer + (size_t)k * bytes);
    for (size_t j = 0; j < width; j++) to[j] += from[j];
  }
}

/* ---- numbers and sums ---------------------------------------------------------------------------------------------- */

int32_t halo_global(const Halo *h, int32_t i) { return i < h->n_own ? h->begin[h->rank] + i : h->global[i - h->n_own]; }

static int ascending(const void *a, const void *b)
{
  int32_t p = *(const int32_t *)a, q = *(const int32_t *)b;
  return (p > q) - (p < q);
}

int32_t halo_local(const Halo *h, int32_t global)
{
  if (global >= h->begin[h->rank] && global < h->begin[h->rank + 1]) return global - h->begin[h->rank];
  const int32_t *found = h->n_halo ? bsearch(&global, h->global, (size_t)h->n_halo, sizeof global, ascending) : NULL;
  return found ? h->n_own + (int32_t)(found - h->global) : -1;
}

int32_t halo_sort(int32_t n, int32_t *v)
{
  int32_t kept = 0;
  if (n) qsort(v, (size_t)n, sizeof *v, ascending);
  for (int32_t k = 0; k < n; k++)
    if (!kept || v[kept - 1] != v[k]) v[kept++] = v[k];
  return kept;
}

int halo_threads(const Halo *h) { return h && !team_limited() ? 1 : 0; }

/* What one rank has added up all get: each by itself might round otherwise. */
void sum_over_ranks(int n, double *v)
{
  int rank = 0;
  (void)MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  (void)MPI_Reduce(rank ? v : MPI_IN_PLACE, v, n, MPI_DOUBLE, MPI_SUM, 0, PETSC_COMM_WORLD);
  (void)MPI_Bcast(v, n, MPI_DOUBLE, 0, PETSC_COMM_WORLD);
}

void halo_sum(const Halo *h, int n, double *v)
{
  if (h) sum_over_ranks(n, v);
}

bool halo_any(const Halo *h, bool here)
{
  int any = here;
  if (h) (void)MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD);
  return any != 0;
}
