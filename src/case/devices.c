/* Stimulators: what a device can give (cases/devices/), and how a case's limits follow from it. */
#include "case_file.h"

#include <math.h>
#include <string.h>

static const cyaml_schema_field_t device_keys[] = {KEY_NAME("name", NEED, DeviceModel, name),
                                                   KEY_PATH("maker", OPT, DeviceModel, maker),
                                                   KEY_PATH("source", NEED, DeviceModel, source),
                                                   KEY_REAL("contact_mA", OPT, DeviceModel, contact_mA),
                                                   KEY_REAL("total_mA", OPT, DeviceModel, total_mA),
                                                   KEY_REAL("step_mA", OPT, DeviceModel, step_mA),
                                                   KEY_REAL("compliance_V", OPT, DeviceModel, compliance_V),
                                                   KEY_REAL("smallest_width_us", OPT, DeviceModel, smallest_width_us),
                                                   KEY_REAL("largest_width_us", OPT, DeviceModel, largest_width_us),
                                                   KEY_WHOLE("sources", OPT, DeviceModel, sources),
                                                   CYAML_FIELD_END};
static const cyaml_schema_value_t device_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, DeviceModel, device_keys)};

static const YamlNumber device_numbers[] = {
    {"contact_mA", offsetof(DeviceModel, contact_mA), NAN, ABOVE(0, 1000)},
    {"total_mA", offsetof(DeviceModel, total_mA), NAN, ABOVE(0, 1000)},
    {"step_mA", offsetof(DeviceModel, step_mA), NAN, ABOVE(0, 10)},
    {"compliance_V", offsetof(DeviceModel, compliance_V), NAN, ABOVE(0, 1000)},
    {"smallest_width_us", offsetof(DeviceModel, smallest_width_us), NAN, ABOVE(0, 100000)},
    {"largest_width_us", offsetof(DeviceModel, largest_width_us), NAN, ABOVE(0, 100000)},
    {"sources", offsetof(DeviceModel, sources), NAN, WHOLE_FROM(1, 1000)},
};

static PetscErrorCode check_device(const YamlFile *f, DeviceModel *m)
{
  const yaml_node_t *root = yaml_root(f);
  PetscCall(yaml_numbers(f, root, NULL, YAML_COUNT(device_numbers), device_numbers, m));
  if (m->largest_width_us > 0.0 && m->smallest_width_us > m->largest_width_us)
    return yaml_fail(f, yaml_find(f, root, "smallest_width_us"),
                     "\"smallest_width_us\" is %g; expected at most the largest (%g)", m->smallest_width_us,
                     m->largest_width_us);
  return 0;
}

PetscErrorCode device_model_read(const char *name_or_path, const char *folder, DeviceModel **out)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *f;
  *out = NULL;
  PetscCall(data_path("devices", name_or_path, folder, path));
  PetscCall(yaml_file_read(path, &device_schema, &f, out));
  PetscErrorCode ierr = check_device(f, *out);
  yaml_file_close(&f);
  if (ierr) device_model_destroy(out);
  PetscCall(ierr);
  return 0;
}

void device_model_destroy(DeviceModel **m)
{
  yaml_data_free(&device_schema, *m);
  *m = NULL;
}

static void take(const YamlFile *f, const char *key, double device, double *limit)
{
  if (device > 0.0 && !yaml_find(f, yaml_root(f), key)) *limit = device;
}

PetscErrorCode limits_complete(const YamlFile *f, CaseFile *cf)
{
  CaseLimits *l = &cf->c.limits;
  DeviceModel *m;
  char unused[CAUDA_PATH_MAX];
  l->total_mA = l->largest_width_us = HUGE_VAL;
  if (!f || !l->device) return 0;
  if (!data_resolve("devices", l->device, cf->c.folder, unused))
    return yaml_fail(f, yaml_find(f, yaml_root(f), "limits.device"), "%.1000s", unused);
  PetscCall(device_model_read(l->device, cf->c.folder, &m));
  take(f, "limits.contact_mA", m->contact_mA, &l->contact_mA);
  take(f, "limits.compliance_V", m->compliance_V, &l->compliance_V);
  if (m->total_mA > 0.0) l->total_mA = m->total_mA;
  if (m->largest_width_us > 0.0) l->largest_width_us = m->largest_width_us;
  l->step_mA = m->step_mA, l->smallest_width_us = m->smallest_width_us, l->sources = m->sources;
  device_model_destroy(&m);
  return 0;
}
