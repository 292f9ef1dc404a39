/* Conductivities: a table of cases/tissues/ with the case's own entries before it. */
#include "case_file.h"

#include <stdlib.h>
#include <string.h>

/* Only these have a fibre direction (anatomy_fiber_axis). */
static bool has_direction(const char *name)
{
  static const char *const directed[] = {"white", "grey", "root", NULL};
  for (const char *const *d = directed; *d; d++)
    if (!strcmp(name, *d)) return true;
  return root_name_valid(name);
}

static PetscErrorCode check_entry(const YamlFile *f, const yaml_node_t *node, const char *name, TissueEntry *e)
{
  static const YamlNumber numbers[] = {
      {"sigma_S_per_m", offsetof(TissueEntry, sigma_S_per_m), NAN, ABOVE(0, HUGE_VAL)},
      {"longitudinal_S_per_m", offsetof(TissueEntry, longitudinal_S_per_m), NAN, ABOVE(0, HUGE_VAL)},
      {"transverse_S_per_m", offsetof(TissueEntry, transverse_S_per_m), NAN, ABOVE(0, HUGE_VAL)}};
  PetscCall(yaml_numbers(f, node, name, YAML_COUNT(numbers), numbers, e));
  bool all = yaml_find(f, node, "sigma_S_per_m"), along = yaml_find(f, node, "longitudinal_S_per_m"),
       across = yaml_find(f, node, "transverse_S_per_m");
  if (along != across || all == along)
    return yaml_fail(f, node,
                     "\"%s\" needs either \"sigma_S_per_m\" or both \"longitudinal_S_per_m\" and "
                     "\"transverse_S_per_m\"; found %s",
                     name,
                     all && (along || across) ? "a mixture"
                     : along                  ? "the first of the two only"
                     : across                 ? "the last of the two only"
                                              : "none of them");
  if (along && !has_direction(name))
    return yaml_fail(f, node, "\"%s\" has no fibre direction; expected \"sigma_S_per_m\"", name);
  return 0;
}

static PetscErrorCode check_single_roots(const YamlFile *f, const yaml_node_t *list, const TissueFile *t)
{
  for (int i = 0; i < t->n_roots; i++) {
    const yaml_node_t *node = yaml_item(f, list, i);
    const char *name = t->roots[i].name;
    if (!root_name_valid(name))
      return yaml_fail(f, node, "\"%s\" is no root's name; expected one like L1_L or L1_L_dorsal", name);
    for (int j = 0; j < i; j++)
      if (!strcmp(name, t->roots[j].name)) return yaml_fail(f, node, "\"%s\" is given twice in \"roots\"", name);
    PetscCall(check_entry(f, node, name, &t->roots[i]));
  }
  return 0;
}

static PetscErrorCode check_entries(const YamlFile *f, const yaml_node_t *node, const TissueFile *t)
{
  for (int i = 0; i < TISSUE_ENTRIES; i++)
    if (t->entry[i])
      PetscCall(check_entry(f, yaml_find(f, node, tissue_entry_name[i]), tissue_entry_name[i], t->entry[i]));
  return check_single_roots(f, yaml_find(f, node, "roots"), t);
}

/* ---- merging -------------------------------------------------------------------------------------------------- */

static const TissueEntry *find_entry(const Case *c, const char *name)
{
  for (int i = 0; i < c->n_tissues; i++)
    if (!strcmp(c->tissues[i].name, name)) return &c->tissues[i];
  return NULL;
}

/* Adds a copy of an entry unless there is one of that name: so what comes first wins. */
static PetscErrorCode add_entry(Case *c, const char *name, const TissueEntry *e)
{
  if (find_entry(c, name)) return 0;
  TissueEntry *t = &c->tissues[c->n_tissues++];
  *t = *e;
  t->name = t->source = NULL;
  PetscCall(text_copy(name, &t->name));
  if (e->source) PetscCall(text_copy(e->source, &t->source));
  return 0;
}

static PetscErrorCode add_entries(Case *c, const TissueFile *t)
{
  for (int i = 0; i < TISSUE_ENTRIES; i++)
    if (t->entry[i]) PetscCall(add_entry(c, tissue_entry_name[i], t->entry[i]));
  for (int i = 0; i < t->n_roots; i++) PetscCall(add_entry(c, t->roots[i].name, &t->roots[i]));
  return 0;
}

static PetscErrorCode merge(const YamlFile *table_file, const TissueFile *table, CaseFile *cf)
{
  Case *c = &cf->c;
  PetscCall(check_entries(table_file, yaml_root(table_file), table));
  size_t room = 2 * TISSUE_ENTRIES + (size_t)table->n_roots + (size_t)cf->tissues.n_roots;
  PetscCall(mem_alloc(room, sizeof *c->tissues, &c->tissues));
  PetscCall(add_entries(c, &cf->tissues));
  PetscCall(add_entries(c, table));
  int needed = c->paddle && c->paddle->encapsulation_mm > 0.0 ? TISSUE_ENTRIES : TISSUE_ENTRIES_NEEDED;
  for (int i = 0; i < needed; i++)
    PetscCheck(find_entry(c, tissue_entry_name[i]), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: has no \"%s\", and the case gives none beside it", table_file->path, tissue_entry_name[i]);
  return 0;
}

PetscErrorCode tissues_merge(const YamlFile *f, CaseFile *cf)
{
  char path[CAUDA_PATH_MAX];
  YamlFile *table_file;
  TissueFile *table;
  PetscCall(check_entries(f, yaml_find(f, yaml_root(f), "tissues"), &cf->tissues));
  PetscCall(data_path("tissues", cf->tissues.table, cf->c.folder, path));
  PetscCall(yaml_file_read(path, &tissue_table_schema, &table_file, &table));
  PetscErrorCode ierr = merge(table_file, table, cf);
  yaml_data_free(&tissue_table_schema, table);
  yaml_file_close(&table_file);
  PetscCall(ierr);
  return 0;
}

void tissues_free(Case *c)
{
  for (int i = 0; i < c->n_tissues; i++) free(c->tissues[i].name), free(c->tissues[i].source);
  free(c->tissues);
  free(c->tissues_table);
}

/* A root by its full name, by its name without the kind, or as any root. */
const TissueEntry *case_tissue(const Case *c, const char *region)
{
  const TissueEntry *e = find_entry(c, !strcmp(region, "cord") ? "white" : region);
  if (e || !root_name_valid(region)) return e;
  char plain[CAUDA_NAME_MAX];
  snprintf(plain, sizeof plain, "%s", region);
  char *kind = strstr(plain, "_dorsal");
  if (!kind) kind = strstr(plain, "_ventral");
  if (kind) *kind = '\0';
  e = find_entry(c, plain);
  return e ? e : find_entry(c, "root");
}
