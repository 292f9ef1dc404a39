/* Ranges of conductivities (cases/uncertainty/). */
#include "cauda/case.h"
#include "cauda/csv.h"
#include "yaml_spec.h"

#include <stdlib.h>
#include <string.h>

static const char *const quantities[] = {"sigma", "longitudinal", "transverse"};

static PetscErrorCode check_tissue(const Case *c, const CsvTable *t, int row, const TissueRange *r)
{
  const TissueEntry *e = case_tissue(c, r->tissue);
  PetscCheck(e, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s:%d: found \"%s\", expected a tissue of the case", t->path,
             t->line[row], r->tissue);
  bool isotropic = e->sigma_S_per_m > 0.0;
  PetscCheck(isotropic == (r->quantity == QUANTITY_SIGMA), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found the %s of %s, which is %s in the case", t->path, t->line[row], quantities[r->quantity],
             r->tissue, isotropic ? "isotropic" : "given along and across its fibres");
  return 0;
}

static PetscErrorCode read_row(const Case *c, const CsvTable *t, int row, TissueRange *r)
{
  int column[4], q = 0;
  static const char *const names[] = {"tissue", "quantity", "low_S_per_m", "high_S_per_m"};
  for (int i = 0; i < 4; i++) PetscCall(csv_column(t, names[i], &column[i]));
  snprintf(r->tissue, sizeof r->tissue, "%s", csv_text(t, row, column[0]));
  while (q < 3 && strcmp(quantities[q], csv_text(t, row, column[1]))) q++;
  PetscCheck(q < 3, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found \"%.60s\", expected sigma, longitudinal or transverse", t->path, t->line[row],
             csv_text(t, row, column[1]));
  r->quantity = (TissueQuantity)q;
  PetscCall(csv_number(t, row, column[2], &r->low_S_per_m));
  PetscCall(csv_number(t, row, column[3], &r->high_S_per_m));
  PetscCheck(r->low_S_per_m > 0.0 && r->high_S_per_m >= r->low_S_per_m, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found %g to %g S/m, expected a range above 0", t->path, t->line[row], r->low_S_per_m,
             r->high_S_per_m);
  return check_tissue(c, t, row, r);
}

static PetscErrorCode read_rows(const Case *c, const CsvTable *t, TissueRanges *r)
{
  PetscCall(mem_alloc((size_t)t->n_row, sizeof *r->range, &r->range));
  for (r->n = 0; r->n < t->n_row; r->n++) PetscCall(read_row(c, t, r->n, &r->range[r->n]));
  return 0;
}

PetscErrorCode tissue_ranges_read(const Case *c, TissueRanges **out)
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t;
  *out = NULL;
  PetscCall(data_path_csv("uncertainty", c->confidence.conductivities, c->folder, path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode ierr = mem_alloc(1, sizeof **out, out);
  if (!ierr) ierr = read_rows(c, t, *out);
  csv_destroy(&t);
  if (ierr) tissue_ranges_destroy(out);
  return ierr;
}

void tissue_ranges_destroy(TissueRanges **r)
{
  if (!*r) return;
  free((*r)->range);
  free(*r);
  *r = NULL;
}
