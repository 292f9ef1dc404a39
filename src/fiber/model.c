/* Reads the constants of the MRG axon and picks its geometry. */
#include "cauda/csv.h"
#include "mrg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static PetscErrorCode data_table(const char *name, CsvTable **out)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(data_find(name, path));
  PetscCall(csv_read(path, out));
  return 0;
}

static PetscErrorCode read_membrane(const CsvTable *t, MrgModel *m)
{
  const struct {
    const char *name;
    double *value;
  } entry[] = {{"celsius", &m->celsius},
               {"rest_mV", &m->rest_mV},
               {"axoplasm_ohm_cm", &m->axoplasm_ohm_cm},
               {"capacitance_uF_per_cm2", &m->capacitance_uF_per_cm2},
               {"node_length_um", &m->node_length_um},
               {"mysa_length_um", &m->mysa_length_um},
               {"mysa_g_S_per_cm2", &m->mysa_g_S_per_cm2},
               {"flut_g_S_per_cm2", &m->flut_g_S_per_cm2},
               {"stin_g_S_per_cm2", &m->stin_g_S_per_cm2},
               {"mysa_gap_um", &m->mysa_gap_um},
               {"flut_gap_um", &m->flut_gap_um},
               {"stin_gap_um", &m->stin_gap_um},
               {"myelin_g_S_per_cm2", &m->myelin_g_S_per_cm2},
               {"myelin_c_uF_per_cm2", &m->myelin_c_uF_per_cm2},
               {"node_fast_sodium_S_per_cm2", &m->fast_sodium_S_per_cm2},
               {"node_persistent_sodium_S_per_cm2", &m->persistent_sodium_S_per_cm2},
               {"node_slow_potassium_S_per_cm2", &m->slow_potassium_S_per_cm2},
               {"node_leak_S_per_cm2", &m->leak_S_per_cm2},
               {"node_sodium_mV", &m->sodium_mV},
               {"node_potassium_mV", &m->potassium_mV},
               {"node_leak_mV", &m->leak_mV},
               {"end_g_S_per_cm2", &m->end_g_S_per_cm2}};
  for (size_t i = 0; i < sizeof entry / sizeof *entry; i++)
    PetscCall(model_constant(t, entry[i].name, m->variant, entry[i].value));
  return 0;
}

static const char *const geometry_column[] = {"axon_um", "node_um", "internode_um", "flut_um", "lamellae"};

static double *geometry_field(MrgGeometry *g, int i)
{
  double *field[] = {&g->axon_um, &g->node_um, &g->internode_um, &g->flut_um, &g->lamellae};
  return field[i];
}

static PetscErrorCode read_table(const CsvTable *t, MrgModel *m)
{
  int diameter, column[5];
  PetscCall(csv_column(t, "diameter_um", &diameter));
  for (int i = 0; i < 5; i++) PetscCall(csv_column(t, geometry_column[i], &column[i]));
  PetscCheck(t->n_row >= 2 && t->n_row <= MRG_TABLE_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: found %d rows, expected 2 to %d", t->path, t->n_row, MRG_TABLE_MAX);
  for (int r = 0; r < t->n_row; r++) {
    MrgGeometry *g = &m->table[r];
    PetscCall(csv_number(t, r, diameter, &g->diameter_um));
    for (int i = 0; i < 5; i++) PetscCall(csv_number(t, r, column[i], geometry_field(g, i)));
    PetscCheck(r == 0 || g->diameter_um > g[-1].diameter_um, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s:%d: found a diameter not above the one before, expected ascending diameters", t->path, t->line[r]);
  }
  m->n_table = t->n_row;
  return 0;
}

static PetscErrorCode read_polynomial(const CsvTable *t, int row, MrgModel *m)
{
  const char *const name[] = {"from_um", "to_um", "quadratic", "linear", "constant"};
  int quantity, column, which = 0;
  MrgPolynomial p;
  double *value[] = {&p.from_um, &p.to_um, &p.quadratic, &p.linear, &p.constant};
  PetscCall(csv_column(t, "quantity", &quantity));
  while (which < 5 && strcmp(csv_text(t, row, quantity), geometry_column[which])) which++;
  PetscCheck(which < 5 && m->n_polynomial[which] < 4, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s:%d: found quantity \"%s\", expected axon_um, node_um, internode_um, flut_um or lamellae, each at "
             "most four times",
             t->path, t->line[row], csv_text(t, row, quantity));
  for (int i = 0; i < 5; i++) {
    PetscCall(csv_column(t, name[i], &column));
    PetscCall(csv_number(t, row, column, value[i]));
  }
  PetscCall(csv_column(t, "whole", &column));
  p.whole = !strcmp(csv_text(t, row, column), "yes");
  m->polynomial[which][m->n_polynomial[which]++] = p;
  return 0;
}

static PetscErrorCode read_interpolation(const CsvTable *t, MrgModel *m)
{
  for (int r = 0; r < t->n_row; r++) PetscCall(read_polynomial(t, r, m));
  return 0;
}

static PetscErrorCode read_file(const char *name, PetscErrorCode (*use)(const CsvTable *, MrgModel *), MrgModel *m)
{
  CsvTable *t = NULL;
  PetscErrorCode error = data_table(name, &t);
  if (!error) error = use(t, m);
  csv_destroy(&t);
  return error;
}

static void rest_conductance(MrgModel *m)
{
  double open[GATES];
  for (int i = 0; i < GATES; i++) open[i] = gate_steady(&m->gates, i, m->rest_mV);
  m->node_g_rest_S_per_cm2 = m->fast_sodium_S_per_cm2 * pow(open[GATE_M], 3.0) * open[GATE_H] +
                             m->persistent_sodium_S_per_cm2 * pow(open[GATE_P], 3.0) +
                             m->slow_potassium_S_per_cm2 * open[GATE_S] + m->leak_S_per_cm2;
}

PetscErrorCode mrg_model_read(const char *geometry, const char *variant, MrgModel *model)
{
  static const char *const gate[GATES] = {[GATE_M] = "m", [GATE_H] = "h", [GATE_P] = "p", [GATE_S] = "s"};
  bool small = !strcmp(geometry, "small");
  memset(model, 0, sizeof *model);
  model->formulas = small || !strcmp(geometry, "interpolated");
  PetscCheck(model->formulas || !strcmp(geometry, "table"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "fibers.geometry: found \"%s\", expected table, interpolated or small", geometry);
  model->variant = small ? "small" : variant;
  PetscCall(read_file("fibers/mrg_membrane.csv", read_membrane, model));
  PetscCall(read_file("fibers/mrg_geometry.csv", read_table, model));
  PetscCall(read_file(small ? "fibers/mrg_small.csv" : "fibers/mrg_interpolation.csv", read_interpolation, model));
  PetscCall(gates_read("mrg_gates.csv", gate, model->variant, model->celsius, &model->gates));
  rest_conductance(model);
  return 0;
}

static void from_table(const MrgModel *m, MrgGeometry *g)
{
  int i = 0;
  while (i < m->n_table - 2 && m->table[i + 1].diameter_um < g->diameter_um) i++;
  MrgGeometry low = m->table[i], high = m->table[i + 1];
  double t = (g->diameter_um - low.diameter_um) / (high.diameter_um - low.diameter_um);
  for (int f = 0; f < 5; f++)
    *geometry_field(g, f) = (1.0 - t) * *geometry_field(&low, f) + t * *geometry_field(&high, f);
}

/* Returns whether each quantity has a formula that holds at this diameter; the later one where two meet. */
static bool from_formulas(const MrgModel *m, MrgGeometry *g)
{
  double d = g->diameter_um;
  for (int f = 0; f < 5; f++) {
    const MrgPolynomial *found = NULL;
    for (int i = 0; i < m->n_polynomial[f]; i++)
      if (d >= m->polynomial[f][i].from_um && d <= m->polynomial[f][i].to_um) found = &m->polynomial[f][i];
    if (!found) return false;
    *geometry_field(g, f) = (found->quadratic * d + found->linear) * d + found->constant;
    if (found->whole) *geometry_field(g, f) = floor(*geometry_field(g, f));
  }
  return true;
}

PetscErrorCode mrg_geometry(const MrgModel *m, double diameter_um, MrgGeometry *out)
{
  *out = (MrgGeometry){.diameter_um = diameter_um};
  if (m->formulas) {
    PetscCheck(from_formulas(m, out), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "fibres: found a diameter of %g um, expected one that the formulas of the geometry reach "
               "(cases/fibers/%s)",
               diameter_um, strcmp(m->variant, "small") ? "mrg_interpolation.csv" : "mrg_small.csv");
    return 0;
  }
  PetscCheck(diameter_um >= m->table[0].diameter_um && diameter_um <= m->table[m->n_table - 1].diameter_um,
             PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "fibres: found a diameter of %g um, expected %g to %g um",
             diameter_um, m->table[0].diameter_um, m->table[m->n_table - 1].diameter_um);
  from_table(m, out);
  return 0;
}
