/* The report's sections on what was asked: lead, sets, pulse, limits, command. */
#include "report_impl.h"

#include <gmshc.h>
#include <hdf5.h>
#include <libxml/xmlversion.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

static void set_lead(Report *r, const Case *c, const LeadModel *m)
{
  json_object *lead = report_section(r, "lead"), *contacts = json_object_new_array();
  report_add_text(lead, "model", m->name);
  report_add_text(lead, "maker", m->maker);
  report_add_text(lead, "source", m->source);
  report_add_text(lead, "kind", m->kind);
  report_add_text(lead, "side", c->paddle ? c->paddle->at.side : NULL);
  for (int i = 0; i < m->n_contacts; i++) {
    json_object *one = json_object_new_object();
    report_add_text(one, "name", m->contacts[i].name);
    report_add(one, "lateral_mm", m->contacts[i].at_mm[0]);
    report_add(one, "rostral_mm", m->contacts[i].at_mm[1]);
    report_add(one, "length_mm", m->contacts[i].length_mm);
    report_add(one, "width_mm", m->contacts[i].width_mm);
    json_object_array_add(contacts, one);
  }
  json_object_object_add(lead, "contacts", contacts);
}

/* Contacts that are off are left out. */
static json_object *shares_of(const LeadModel *m, const StimulationSet *s)
{
  json_object *shares = json_object_new_object();
  for (int i = 0; i <= m->n_contacts; i++)
    if (s->fraction[i] != 0.0) report_add(shares, i < m->n_contacts ? m->contacts[i].name : "case", s->fraction[i]);
  return shares;
}

static void set_sets(Report *r, const Case *c, const LeadModel *m, const SetTable *t)
{
  static const char *const control[] = {"current", "single source", "voltage"};
  json_object *sets = json_object_new_array();
  for (int i = 0; i < t->n_set; i++) {
    const StimulationSet *s = &t->set[i];
    json_object *one = json_object_new_object();
    report_add_text(one, "name", s->name);
    report_add_text(one, "control", control[s->control]);
    report_add(one, "amplitude_mA", s->amplitude_mA > 0.0 ? s->amplitude_mA : NAN);
    report_add(one, "width_us", s->width_us > 0.0 ? s->width_us : c->pulse.width_us);
    json_object_object_add(one, "share", shares_of(m, s));
    json_object_array_add(sets, one);
  }
  json_object_object_add(r->root, "sets", sets);
}

PetscErrorCode report_set_sets(Report *r, const Case *c, const LeadModel *m, const SetTable *sets)
{
  json_object *pulse = report_section(r, "pulse"), *limits = report_section(r, "limits");
  report_drop(r, "lead");
  report_drop(r, "sets");
  if (m) set_lead(r, c, m);
  if (m && sets) set_sets(r, c, m, sets);
  report_add_text(pulse, "shape", c->pulse.shape);
  report_add(pulse, "width_us", c->pulse.width_us);
  report_add(pulse, "interphase_us", c->pulse.interphase_us);
  report_add(limits, "charge_density_uC_per_cm2", c->limits.charge_density_uC_per_cm2);
  report_add(limits, "compliance_V", c->limits.compliance_V);
  report_add(limits, "contact_mA", c->limits.contact_mA);
  if (isfinite(c->limits.total_mA)) report_add(limits, "total_mA", c->limits.total_mA);
  report_add(limits, "shannon_k", c->limits.shannon_k);
  if (c->limits.device) report_add_text(limits, "device", c->limits.device);
  report_add_text(r->root, "score", c->rank ? c->rank->score : NULL);
  return 0;
}

PetscErrorCode report_set_origin(Report *r, const char *command)
{
  json_object *libraries = report_section(r, "libraries");
  char petsc[64];
  PetscCall(PetscGetVersion(petsc, sizeof petsc));
  petsc[strcspn(petsc, ",")] = '\0';
  report_add_text(libraries, "PETSc", strncmp(petsc, "Petsc Release Version ", 22) ? petsc : petsc + 22);
  report_add_text(libraries, "Gmsh", GMSH_API_VERSION);
  report_add_text(libraries, "HDF5", &H5_VERS_INFO[sizeof "HDF5 library version: " - 1]);
  report_add_text(libraries, "libxml2", LIBXML_DOTTED_VERSION);
  report_add_text(libraries, "zlib", zlibVersion());
  report_add_text(r->root, "command", command);
  return 0;
}
