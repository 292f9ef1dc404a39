/* Unknowns divided among ranks. Each rank has consecutive ones, its own, and beside them a halo: those of others that its
 * rows have entries for. Arrays over them have the own ones first, then the halo, which is sorted by the numbers that the
 * unknowns have over all ranks, so by ranks. Private to fem/.
 * All functions are collective over PETSC_COMM_WORLD. A fault of the network ends the program (MPI's own handler). */
#ifndef FEM_HALO_H
#define FEM_HALO_H

#include "csr.h"

enum { HALO_ROW_MAX = 128 }; /* bytes of an array's row */

typedef struct {
  int rank, n_rank;
  int32_t n_own, n_halo;
  int32_t *begin;  /* [n_rank + 1] number over all ranks of each rank's first unknown */
  int32_t *global; /* [n_halo] numbers over all ranks, ascending */
  int n_peer;
  int *peer;      /* [n_peer] ranks to exchange with, ascending */
  int32_t *take;  /* [n_peer + 1] where in the halo a peer's unknowns are */
  int32_t *give;  /* [n_peer + 1] where in `given` those are that a peer has in its halo */
  int32_t *given; /* [give[n_peer]] own unknowns */
  char *buffer;   /* [give[n_peer]] rows */
  MPI_Request *request;
} Halo;

/* halo_create: from the numbers over all ranks of what is to be the halo, ascending, none of them own.
 * Errors: PETSC_ERR_SUP beyond 2^31 unknowns. halo_destroy(): safe on NULL; not collective. */
PetscErrorCode halo_create(int32_t n_own, int32_t n_halo, const int32_t *global, Halo **out) CAUDA_CHECKED;
void halo_destroy(Halo **h);

/* Rows of own unknowns to all halos that they are in: v [n_own + n_halo] rows of `bytes` each. */
void halo_exchange(Halo *h, void *v, size_t bytes);
/* The other way: rows of halos are added to those of their owners, in the order of the ranks: v [n_own + n_halo][lanes]. */
void halo_collect(Halo *h, float *v, int lanes);

/* Number over all ranks of an own unknown or one of the halo; and what it is here, -1 if it is neither. */
int32_t halo_global(const Halo *h, int32_t i);
int32_t halo_local(const Halo *h, int32_t global);

/* Sums over all ranks, the same bits on each. NULL: of this process alone. */
void halo_sum(const Halo *h, int n, double *v);
/* Whether it is so on any rank. */
bool halo_any(const Halo *h, bool here);

/* halo_threads: of a rank's teams, as team_create() takes it: where there are several ranks, they have the processors already,
 * and unless team_limit() said otherwise, it is one. */
int halo_threads(const Halo *h);

/* halo_sort: ascending, one of each; returns how many are left. */
int32_t halo_sort(int32_t n, int32_t *v);

/* ---- rows of matrices --------------------------------------------------------------------------------------------- */

/* rows_fetch: of a matrix by own unknowns [n_own] the rows of those in the halo, out [n_halo]. Columns are numbers over all
 * ranks, of whatever columns stand for.
 * rows_return: of a matrix by the halo's unknowns [n_halo] to their owners, out [give[n_peer]]: rows of `given`. */
PetscErrorCode rows_fetch(const Halo *h, const Csr *own, Csr *out) CAUDA_CHECKED;
PetscErrorCode rows_return(const Halo *h, const Csr *halo, Csr *out) CAUDA_CHECKED;

#endif
