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

PetscErrorCode impedance_write_csv(const LeadField *f, const char *path)
{
  OutFile out;
  FILE *s;
  PetscMPIInt rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) return 0;
  PetscCall(file_begin(path, &out));
  PetscCall(file_open(&out, &s));
  for (int row = -1; row < f->n_contact; row++) print_row(s, f, row);
  PetscCall(file_close(&out, &s));
  return file_commit(&out);
}
