/* The cost model: linear in what was measured to be linear. */
#include "cost.h"

#include "cauda/csv.h"

#include <math.h>
#include <string.h>

typedef enum {
  SEG,
  SEG_SHARED,
  MESH,
  MESH_TET,
  MESH_SHARED,
  SOLVE,
  SOLVE_TET,
  SOLVE_UNKNOWN_CONTACT,
  SOLVE_SHARED,
  FIBERS,
  FIBERS_FIBER,
  FIBERS_FIBER_SET,
  ERROR_TET,
  ERROR_UNKNOWN,
  FIBERS_SHARED,
  MEMORY,
  MEMORY_MESH_TET,
  MEMORY_SOLVE_TET,
  MEMORY_SOLVE_UNKNOWN_CONTACT,
  MEMORY_ERROR_TET,
  MEMORY_ERROR_UNKNOWN,
  N_QUANTITY
} Quantity;

static const char *const quantity_name[N_QUANTITY] = {
    "seg_s",
    "seg_shared",
    "mesh_s",
    "mesh_s_per_Mtet",
    "mesh_shared",
    "solve_s",
    "solve_s_per_Mtet",
    "solve_s_per_Munknown_contact",
    "solve_shared",
    "fibers_s",
    "fibers_s_per_kfiber",
    "fibers_s_per_kfiber_set",
    "error_s_per_Mtet",
    "error_s_per_Munknown",
    "fibers_shared",
    "memory_MB",
    "mesh_MB_per_Mtet",
    "solve_MB_per_Mtet",
    "solve_MB_per_Munknown_contact",
    "error_MB_per_Mtet",
    "error_MB_per_Munknown",
};

static PetscErrorCode values_from(const CsvTable *t, double value[N_QUANTITY])
{
  int name, number;
  PetscCall(csv_column(t, "quantity", &name));
  PetscCall(csv_column(t, "value", &number));
  for (int q = 0; q < N_QUANTITY; q++) {
    int row = 0;
    while (row < t->n_row && strcmp(csv_text(t, row, name), quantity_name[q])) row++;
    PetscCheck(row < t->n_row, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s: found no row \"%s\"", t->path,
               quantity_name[q]);
    PetscCall(csv_number(t, row, number, &value[q]));
  }
  return 0;
}

static PetscErrorCode values_read(double value[N_QUANTITY])
{
  char path[CAUDA_PATH_MAX];
  CsvTable *t;
  PetscCall(data_find("cost/model.csv", path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode ierr = values_from(t, value);
  csv_destroy(&t);
  PetscCall(ierr);
  return 0;
}

/* Fibres, and the estimate of their thresholds' errors, which needs the most memory. */
static void add_fibers(const CostSize *s, const double v[N_QUANTITY], Cost *out)
{
  double tets = 1e-6 * s->n_tet, unknowns = 1e-6 * s->n_unknown, fibers = 1e-3 * s->n_fiber;
  out->fibers_s = v[FIBERS] + fibers * (v[FIBERS_FIBER] + v[FIBERS_FIBER_SET] * s->n_set) + v[ERROR_TET] * tets +
                  v[ERROR_UNKNOWN] * unknowns;
  out->memory_MB = fmax(out->memory_MB, v[MEMORY] + v[MEMORY_ERROR_TET] * tets + v[MEMORY_ERROR_UNKNOWN] * unknowns);
}

/* Processor seconds of which `shared` is done by all threads, by the clock. */
static double by_clock(double seconds, double shared, int n_thread)
{
  return seconds * (1.0 - shared + shared / n_thread);
}

PetscErrorCode cost_estimate(const CostSize *s, int n_thread, Cost *out)
{
  double v[N_QUANTITY], tets = 1e-6 * s->n_tet, unknown_contacts = 1e-6 * s->n_unknown * s->n_contact;
  PetscCall(values_read(v));
  out->seg_s = by_clock(v[SEG], v[SEG_SHARED], n_thread);
  out->mesh_s = by_clock(v[MESH] + v[MESH_TET] * tets, v[MESH_SHARED], n_thread);
  out->memory_MB = v[MEMORY] + v[MEMORY_MESH_TET] * tets;
  out->solve_s = out->fibers_s = 0.0;
  if (!s->n_contact) return 0;
  out->solve_s =
      by_clock(v[SOLVE] + v[SOLVE_TET] * tets + v[SOLVE_UNKNOWN_CONTACT] * unknown_contacts, v[SOLVE_SHARED], n_thread);
  const double solve_MB = v[MEMORY_SOLVE_TET] * tets + v[MEMORY_SOLVE_UNKNOWN_CONTACT] * unknown_contacts;
  out->memory_MB = fmax(out->memory_MB, v[MEMORY] + solve_MB);
  if (s->n_set) add_fibers(s, v, out);
  out->fibers_s = by_clock(out->fibers_s, v[FIBERS_SHARED], n_thread);
  return 0;
}
