/* Leads: paddles and percutaneous leads from their data files (cases/paddles/). */
#include "cauda/case.h"
#include "yaml_spec.h"

#include <ctype.h>
#include <string.h>

/* The file says diameter_mm where the lead is round. */
typedef struct {
  LeadModel m; /* first: a LeadModel * of lead_model_read() is a LeadFile * */
  double diameter_mm;
} LeadFile;

static const cyaml_schema_value_t real = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

static const cyaml_schema_field_t contact_keys[] = {
    KEY_NAME("name", NEED, LeadContact, name), CYAML_FIELD_SEQUENCE_FIXED("at_mm", NEED, LeadContact, at_mm, &real, 2),
    KEY_REAL("length_mm", NEED, LeadContact, length_mm), KEY_REAL("width_mm", OPT, LeadContact, width_mm),
    CYAML_FIELD_END};
static const cyaml_schema_value_t contact = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, LeadContact, contact_keys)};

static const cyaml_schema_field_t lead_keys[] = {
    KEY_NAME("name", NEED, LeadFile, m.name),
    KEY_NAME("maker", NEED, LeadFile, m.maker),
    KEY_PATH("source", NEED, LeadFile, m.source),
    KEY_NAME("kind", NEED, LeadFile, m.kind),
    KEY_REAL("length_mm", NEED, LeadFile, m.length_mm),
    KEY_REAL("width_mm", OPT, LeadFile, m.width_mm),
    KEY_REAL("thickness_mm", OPT, LeadFile, m.thickness_mm),
    KEY_REAL("diameter_mm", OPT, LeadFile, diameter_mm),
    KEY_REAL("body_at_mm", OPT, LeadFile, m.body_at_mm),
    CYAML_FIELD_SEQUENCE_COUNT("contacts", CYAML_FLAG_POINTER, LeadFile, m.contacts, m.n_contacts, &contact, 1, 1024),
    CYAML_FIELD_END};
static const cyaml_schema_value_t lead_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, LeadFile, lead_keys)};

static const YamlNumber lead_numbers[] = {
    {"length_mm", offsetof(LeadFile, m.length_mm), NAN, ABOVE(0, 1000)},
    {"width_mm", offsetof(LeadFile, m.width_mm), NAN, ABOVE(0, 100)},
    {"thickness_mm", offsetof(LeadFile, m.thickness_mm), NAN, ABOVE(0, 20)},
    {"diameter_mm", offsetof(LeadFile, diameter_mm), NAN, ABOVE(0, 20)},
    {"body_at_mm", offsetof(LeadFile, m.body_at_mm), 0, FROM(-1000, 1000)},
};
static const YamlText lead_texts[] = {{"kind", offsetof(LeadFile, m.kind), NULL, {"paddle", "percutaneous"}, NULL}};
static const YamlNumber contact_numbers[] = {
    {"length_mm", offsetof(LeadContact, length_mm), NAN, ABOVE(0, 100)},
    {"width_mm", offsetof(LeadContact, width_mm), NAN, ABOVE(0, 100)},
};

static bool is_round(const LeadModel *m) { return !strcmp(m->kind, "percutaneous"); }

static PetscErrorCode check_body(const YamlFile *f, LeadFile *l)
{
  static const char *const flat[] = {"width_mm", "thickness_mm", NULL}, *const round[] = {"diameter_mm", NULL};
  const yaml_node_t *root = yaml_root(f), *n;
  const char *const *needed = is_round(&l->m) ? round : flat, *const *unused = is_round(&l->m) ? flat : round;
  for (; *needed; needed++)
    if (!yaml_find(f, root, *needed)) return yaml_fail(f, root, "a %s lead needs \"%s\"", l->m.kind, *needed);
  for (; *unused; unused++)
    if ((n = yaml_find(f, root, *unused))) return yaml_fail(f, n, "\"%s\" has no use in a %s lead", *unused, l->m.kind);
  if (is_round(&l->m)) l->m.width_mm = l->m.thickness_mm = l->diameter_mm;
  return 0;
}

/* A contact's name is a column of the sets' table. */
static bool contact_name_valid(const char *name)
{
  static const char *const taken[] = {"set", "case", "amplitude_mA", "width_us", NULL};
  if (!isalpha((unsigned char)*name)) return false;
  for (const char *s = name; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_') return false;
  for (const char *const *t = taken; *t; t++)
    if (!strcmp(name, *t)) return false;
  return true;
}

static bool inside_body(const LeadModel *m, const LeadContact *c)
{
  double across = is_round(m) ? 0.0 : 0.5 * m->width_mm - fabs(c->at_mm[0]) - 0.5 * c->width_mm;
  double along = 0.5 * m->length_mm - fabs(c->at_mm[1] - m->body_at_mm) - 0.5 * c->length_mm;
  return along > 0.0 && (is_round(m) || across > 0.0);
}

/* Contacts that touch would be one piece of metal. */
static bool apart(const LeadModel *m, const LeadContact *a, const LeadContact *b)
{
  double across = fabs(a->at_mm[0] - b->at_mm[0]) - 0.5 * (a->width_mm + b->width_mm);
  double along = fabs(a->at_mm[1] - b->at_mm[1]) - 0.5 * (a->length_mm + b->length_mm);
  return along > 1e-6 || (!is_round(m) && across > 1e-6);
}

static PetscErrorCode check_contact(const YamlFile *f, const yaml_node_t *node, const LeadModel *m, int i)
{
  LeadContact *c = &m->contacts[i];
  PetscCall(yaml_numbers(f, node, c->name, YAML_COUNT(contact_numbers), contact_numbers, c));
  if (!contact_name_valid(c->name))
    return yaml_fail(f, node, "\"%s\" cannot be a contact's name; expected letters and digits, such as C01", c->name);
  if (is_round(m) == (yaml_find(f, node, "width_mm") != NULL))
    return yaml_fail(f, node, "contact \"%s\" %s", c->name,
                     is_round(m) ? "is a ring; \"width_mm\" has no use" : "has no \"width_mm\", which is needed");
  if (is_round(m) && c->at_mm[0] != 0.0)
    return yaml_fail(f, node, "contact \"%s\" lies %g mm beside the lead's axis; expected 0 for a ring", c->name,
                     c->at_mm[0]);
  if (!inside_body(m, c)) return yaml_fail(f, node, "contact \"%s\" reaches over the edge of the body", c->name);
  for (int j = 0; j < i; j++) {
    if (!strcmp(c->name, m->contacts[j].name)) return yaml_fail(f, node, "there are two contacts \"%s\"", c->name);
    if (!apart(m, c, &m->contacts[j]))
      return yaml_fail(f, node, "contacts \"%s\" and \"%s\" touch or overlap", m->contacts[j].name, c->name);
  }
  return 0;
}

static PetscErrorCode check_lead(const YamlFile *f, LeadFile *l)
{
  const yaml_node_t *root = yaml_root(f), *list = yaml_find(f, root, "contacts");
  PetscCall(yaml_numbers(f, root, NULL, YAML_COUNT(lead_numbers), lead_numbers, l));
  PetscCall(yaml_texts(f, root, NULL, YAML_COUNT(lead_texts), lead_texts, l));
  PetscCall(check_body(f, l));
  for (int i = 0; i < l->m.n_contacts; i++) PetscCall(check_contact(f, yaml_item(f, list, i), &l->m, i));
  return 0;
}

PetscErrorCode lead_model_read(const char *name_or_path, const char *folder, LeadModel **out)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *f;
  LeadFile *l;
  *out = NULL;
  PetscCall(data_path("paddles", name_or_path, folder, path));
  PetscCall(yaml_file_read(path, &lead_schema, &f, &l));
  PetscErrorCode ierr = check_lead(f, l);
  yaml_file_close(&f);
  *out = &l->m;
  if (ierr) lead_model_destroy(out);
  PetscCall(ierr);
  return 0;
}

/* Its texts are malloc'ed, as libcyaml's are. */
static PetscErrorCode fill_contacts(int n, const char *const *name, const double (*at_mm)[2], const double *area_mm2,
                                    LeadModel *m)
{
  PetscCall(text_copy("mesh", &m->name));
  PetscCall(text_copy("paddle", &m->kind));
  PetscCall(mem_alloc((size_t)n, sizeof *m->contacts, &m->contacts));
  for (m->n_contacts = 0; m->n_contacts < n; m->n_contacts++) {
    LeadContact *c = &m->contacts[m->n_contacts];
    PetscCall(text_copy(name[m->n_contacts], &c->name));
    for (int e = 0; e < 2; e++) c->at_mm[e] = at_mm[m->n_contacts][e];
    c->length_mm = c->width_mm = sqrt(area_mm2[m->n_contacts]);
  }
  return 0;
}

PetscErrorCode lead_model_of_contacts(int n, const char *const *name, const double (*at_mm)[2], const double *area_mm2,
                                      LeadModel **out)
{
  LeadFile *l;
  PetscCall(mem_alloc(1, sizeof *l, &l));
  *out = &l->m;
  PetscErrorCode ierr = fill_contacts(n, name, at_mm, area_mm2, *out);
  if (ierr) lead_model_destroy(out);
  return ierr;
}

void lead_model_destroy(LeadModel **m)
{
  yaml_data_free(&lead_schema, *m);
  *m = NULL;
}

double lead_contact_area_mm2(const LeadModel *m, int i)
{
  const LeadContact *c = &m->contacts[i];
  return c->length_mm * (is_round(m) ? M_PI * m->width_mm : c->width_mm);
}
