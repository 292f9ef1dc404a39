#include "axon.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;
static const double faraday_C_per_mol = 96485.33212, gas_J_per_mol_K = 8.314462618, kelvin = 273.15;

double senn_flux(const SennModel *m, double v_mV, double out_mM, double in_mM)
{
  double x = 1e-3 * v_mV * faraday_C_per_mol / (gas_J_per_mol_K * (m->celsius + kelvin));
  double ratio = fabs(x) < 1e-6 ? 1.0 - 0.5 * x : x / (exp(x) - 1.0);
  return faraday_C_per_mol * ratio * (in_mM * exp(x) - out_mM);
}

double senn_node_current(const SennModel *m, const double channel[AXON_CHANNELS], const double x[GATES], double v_mV)
{
  double sodium = senn_flux(m, v_mV, m->sodium_out_mM, m->sodium_in_mM);
  double potassium = senn_flux(m, v_mV, m->potassium_out_mM, m->potassium_in_mM);
  return (channel[0] * x[SENN_M] * x[SENN_M] * x[SENN_H] + channel[1] * x[SENN_P] * x[SENN_P]) * sodium +
         channel[2] * x[SENN_N] * x[SENN_N] * potassium + channel[3] * (v_mV - m->leak_mV);
}

static PetscErrorCode read_constants(const CsvTable *t, SennModel *m)
{
  const struct {
    const char *name;
    double *value;
  } entry[] = {{"celsius", &m->celsius},
               {"rest_mV", &m->rest_mV},
               {"axoplasm_ohm_cm", &m->axoplasm_ohm_cm},
               {"capacitance_uF_per_cm2", &m->capacitance_uF_per_cm2},
               {"node_length_um", &m->node_length_um},
               {"axon_per_diameter", &m->axon_per_diameter},
               {"internode_per_diameter", &m->internode_per_diameter},
               {"sodium_permeability_cm_per_s", &m->sodium_cm_per_s},
               {"potassium_permeability_cm_per_s", &m->potassium_cm_per_s},
               {"unspecific_permeability_cm_per_s", &m->unspecific_cm_per_s},
               {"leak_S_per_cm2", &m->leak_S_per_cm2},
               {"leak_mV", &m->leak_mV},
               {"sodium_out_mM", &m->sodium_out_mM},
               {"sodium_in_mM", &m->sodium_in_mM},
               {"potassium_out_mM", &m->potassium_out_mM},
               {"potassium_in_mM", &m->potassium_in_mM}};
  for (size_t i = 0; i < sizeof entry / sizeof *entry; i++)
    PetscCall(model_constant(t, entry[i].name, "", entry[i].value));
  return 0;
}

PetscErrorCode senn_model_read(SennModel *out)
{
  static const char *const gate[GATES] = {[SENN_M] = "m", [SENN_H] = "h", [SENN_N] = "n", [SENN_P] = "p"};
  char path[CAUDA_PATH_MAX];
  CsvTable *t = NULL;
  memset(out, 0, sizeof *out);
  PetscCall(data_find("fibers/senn_membrane.csv", path));
  PetscCall(csv_read(path, &t));
  PetscErrorCode error = read_constants(t, out);
  csv_destroy(&t);
  PetscCall(error);
  PetscCall(gates_read("senn_gates.csv", gate, "", out->celsius, &out->gates));
  return 0;
}

PetscErrorCode senn_make(const SennModel *m, double diameter_um, Axon *a)
{
  PetscCheck(diameter_um > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "fibres: found a diameter of %g um, expected one above 0", diameter_um);
  double axon_um = m->axon_per_diameter * diameter_um, internode_um = m->internode_per_diameter * diameter_um;
  double area_cm2 = pi * axon_um * m->node_length_um * 1e-8;
  double internode_MOhm = 1e-2 * m->axoplasm_ohm_cm * internode_um / (0.25 * pi * axon_um * axon_um);
  a->n_part = 1;
  a->internode_mm = 1e-3 * internode_um;
  a->inner_uS[0] = a->join_uS = a->across_uS = 1.0 / internode_MOhm;
  a->channel[0] = 1e3 * area_cm2 * m->sodium_cm_per_s;
  a->channel[1] = 1e3 * area_cm2 * m->unspecific_cm_per_s;
  a->channel[2] = 1e3 * area_cm2 * m->potassium_cm_per_s;
  a->channel[3] = a->end_uS = 1e6 * area_cm2 * m->leak_S_per_cm2;
  a->capacity_uS = 1e3 * m->capacitance_uF_per_cm2 * area_cm2 / a->dt_ms;
  return 0;
}
