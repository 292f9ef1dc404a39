/* A run's tensors, and plain arrays for other codes to read. */
#ifndef CAUDA_TESTS_RUN_ARRAYS_H
#define CAUDA_TESTS_RUN_ARRAYS_H

#include "cauda/base.h"

#include <hdf5.h>
#include <stdio.h>

/* /sigma of the run's leadfield.h5 at `path`: *sigma [n_tet][6] S/m, owned by the caller. */
static inline PetscErrorCode read_sigma(const char *path, size_t n_tet, double **sigma)
{
  PetscCall(mem_alloc(n_tet, 6 * sizeof **sigma, sigma));
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "sigma", H5P_DEFAULT);
  PetscCheck(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *sigma) >= 0, PETSC_COMM_SELF,
             PETSC_ERR_FILE_READ, "%s: no /sigma", path);
  H5Dclose(set);
  H5Fclose(file);
  return 0;
}

/* dump: n items of `size` bytes as they lie in memory into folder/name. */
static inline PetscErrorCode dump(const char *folder, const char *name, size_t n, size_t size, const void *v)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, name, path));
  FILE *s = fopen(path, "wb");
  PetscCheck(s && fwrite(v, size, n, s) == n && !fclose(s), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: cannot be written", path);
  return 0;
}

#endif
