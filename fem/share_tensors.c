/* The tensors of the whole mesh, from the parts. */
#include "share_impl.h"

#include <stdlib.h>
#include <string.h>

/* Those of a part, one after another; which [n] in the whole mesh. */
static PetscErrorCode tensors_send(const MeshShare *s)
{
  PetscCall(share_to_first(&s->mesh->n_tet, 1, MPI_INT32_T));
  PetscCall(share_to_first(s->tet_of, (size_t)s->mesh->n_tet, MPI_INT32_T));
  return share_to_first(s->sigma, 6 * (size_t)s->mesh->n_tet, MPI_DOUBLE);
}

static void tensors_place(TetId n, const TetId *which, const double *from, double *sigma)
{
  for (TetId t = 0; t < n; t++) memcpy(sigma + 6 * (size_t)which[t], from + 6 * (size_t)t, 6 * sizeof *from);
}

static PetscErrorCode tensors_receive(int rank, TetId **which, double **part, double *sigma)
{
  TetId n;
  PetscCall(share_from_rank(rank, &n, 1, MPI_INT32_T));
  PetscCall(mem_alloc((size_t)n, sizeof **which, which));
  PetscCall(mem_alloc((size_t)n, 6 * sizeof **part, part));
  PetscCall(share_from_rank(rank, *which, (size_t)n, MPI_INT32_T));
  PetscCall(share_from_rank(rank, *part, 6 * (size_t)n, MPI_DOUBLE));
  tensors_place(n, *which, *part, sigma);
  return 0;
}

PetscErrorCode share_gather_sigma(const MeshShare *s, double **sigma)
{
  int n_rank;
  *sigma = NULL;
  if (s->rank) return tensors_send(s);
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &n_rank));
  PetscCall(mem_alloc((size_t)s->whole_tet, 6 * sizeof **sigma, sigma));
  tensors_place(s->mesh->n_tet, s->tet_of, s->sigma, *sigma);
  for (int r = 1; r < n_rank; r++) {
    TetId *which = NULL;
    double *part = NULL;
    PetscErrorCode ierr = tensors_receive(r, &which, &part, *sigma);
    free(which), free(part);
    PetscCall(ierr);
  }
  return 0;
}
