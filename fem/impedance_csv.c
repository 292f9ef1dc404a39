/* impedance.csv: a header of contact names, then one row a contact, ohm. */
#include "fem_impl.h"

static void print_row(FILE *s, const LeadField *f, int row)
{
  for (int i = 0; i < f->n_contact; i++) {
    if (i) fputc(',', s);
    if (row < 0)
      fputs(f->contact[i], s);
    else
      fprintf(s, "%.9g", f->impedance[row * f->n_contact + i]);
  }
  fputc('\n', s);
}

static PetscErrorCode put_rows(const void *what, FILE *s)
{
  const LeadField *f = what;
  for (int row = -1; row < f->n_contact; row++) print_row(s, f, row);
  return 0;
}

PetscErrorCode impedance_write_csv(const LeadField *f, const char *path)
{
  PetscMPIInt rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  return rank ? 0 : file_write(path, put_rows, f);
}
