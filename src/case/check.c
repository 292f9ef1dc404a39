/* What must make sense together in a case. */
#include "case_file.h"

#include <math.h>
#include <string.h>

static PetscErrorCode check_kind_of_anatomy(const YamlFile *f, const yaml_node_t *node, const CaseAnatomy *a)
{
  int n = (a->outlines != NULL) + (a->labels != NULL) + (a->phantom != NULL) + (a->mesh != NULL);
  if (n != 1)
    return yaml_fail(f, node, "\"anatomy\" has %s outlines, labels, phantom and mesh; expected exactly one of them",
                     n ? "several of" : "none of");
  return 0;
}

/* A mesh from elsewhere brings its shapes, its lead and its edges. */
static PetscErrorCode check_given_mesh(const YamlFile *f, const yaml_node_t *node, const CaseAnatomy *a)
{
  static const char *const in_anatomy[] = {"surround", "dura_thickness_mm", NULL};
  static const char *const beside[] = {"paddle", "mesh", NULL};
  const yaml_node_t *n;
  for (const char *const *key = in_anatomy; *key; key++)
    if ((n = yaml_find(f, node, *key)))
      return yaml_fail(f, n, "\"%s\" has no use beside a mesh from elsewhere, which brings its own", *key);
  if ((n = yaml_find(f, node, "root_radius_mm")) && !a->roots)
    return yaml_fail(f, n, "\"root_radius_mm\" is that of \"roots\"; expected \"roots\" beside it");
  for (const char *const *key = beside; *key; key++)
    if ((n = yaml_find(f, yaml_root(f), *key)))
      return yaml_fail(f, n, "\"%s\" has no use with \"anatomy.mesh\": the mesh from elsewhere brings its own", *key);
  return 0;
}

/* Keys that the chosen kind of anatomy would not use are refused, not ignored. */
static PetscErrorCode check_unused(const YamlFile *f, const yaml_node_t *node, const CaseAnatomy *a)
{
  static const char *const not_for_phantom[] = {"roots",          "ganglia",           "ventral_roots",
                                                "levels",         "coordinates",       "surround",
                                                "root_radius_mm", "dura_thickness_mm", NULL};
  const yaml_node_t *n = yaml_find(f, node, "levels");
  if (n && !a->labels) return yaml_fail(f, n, "\"levels\" makes roots for label maps; expected \"labels\" beside it");
  for (const char *const *key = not_for_phantom; a->phantom && *key; key++)
    if ((n = yaml_find(f, node, *key)))
      return yaml_fail(f, n, "\"%s\" has no use beside a phantom, which brings its own", *key);
  if ((n = yaml_find(f, node, "ganglia")) && !a->roots)
    return yaml_fail(f, n, "\"ganglia\" ends the lines of \"roots\"; expected \"roots\" beside it");
  if (a->levels && (n = yaml_find(f, node, "roots")))
    return yaml_fail(f, n, "\"roots\" and \"levels\" both make the roots; expected one of them");
  if ((n = yaml_find(f, node, "coordinates")) && !a->outlines && !a->roots)
    return yaml_fail(f, n, "\"coordinates\" is for 3D Slicer markups; expected \"outlines\" or \"roots\" beside it");
  return 0;
}

static PetscErrorCode check_pattern(const YamlFile *f, const yaml_node_t *node, const char *key)
{
  const yaml_node_t *n = yaml_find(f, node, key);
  if (!n || (strstr(yaml_text(n), "{root}") && strstr(yaml_text(n), "{side}"))) return 0;
  return yaml_fail(f, n, "\"%s\" is \"%.200s\"; expected a file name with {root} and {side} in it", key, yaml_text(n));
}

/* ---- label maps ----------------------------------------------------------------------------------------------- */

static PetscErrorCode check_table(const YamlFile *f, const yaml_node_t *node, const char *kind, const char *name,
                                  const char *folder)
{
  char path[CAUDA_PATH_MAX];
  if (!name || data_resolve(kind, name, folder, path)) return 0;
  return yaml_fail(f, node, "%.1000s", path);
}

/* A mask of a structure, or a label map with its table. */
static PetscErrorCode check_mask(const YamlFile *f, const yaml_node_t *item, const CaseMask *m, const char *folder)
{
  const yaml_node_t *n = yaml_find(f, item, "structure");
  if ((m->structure != NULL) == (m->table != NULL))
    return yaml_fail(f, item,
                     "a file of \"masks\" has %s; expected \"structure\" for a mask, or \"table\" for a label map",
                     m->table ? "both \"structure\" and \"table\"" : "neither \"structure\" nor \"table\"");
  if (m->table && yaml_find(f, item, "threshold"))
    return yaml_fail(f, item, "\"threshold\" has no use for a label map");
  if (m->table) return check_table(f, yaml_find(f, item, "table"), "labels", m->table, folder);
  if (!structure_valid(m->structure))
    return yaml_fail(f, n, "\"%s\" is no structure; expected one of: " STRUCTURES ", or a root such as L1_L",
                     m->structure);
  return 0;
}

static PetscErrorCode check_masks(const YamlFile *f, const yaml_node_t *list, const CaseLabels *l, const char *folder)
{
  for (int i = 0; i < l->n_masks; i++) {
    const CaseMask *m = &l->masks[i];
    const yaml_node_t *item = yaml_item(f, list, i);
    PetscCall(check_mask(f, item, m, folder));
    for (int j = 0; m->structure && j < i; j++)
      if (l->masks[j].structure && !strcmp(m->structure, l->masks[j].structure))
        return yaml_fail(f, yaml_find(f, item, "structure"), "there are two masks of \"%s\"", m->structure);
  }
  return 0;
}

static PetscErrorCode check_labels(const YamlFile *f, const yaml_node_t *node, const Case *c)
{
  const CaseLabels *l = c->anatomy.labels;
  if (!l->file && !l->n_masks && !l->bids)
    return yaml_fail(f, node, "\"labels\" names no file; expected \"file\" and \"table\", \"masks\" or \"bids\"");
  if ((l->file != NULL) != (l->table != NULL))
    return yaml_fail(f, node, "\"labels\" has %s; expected both \"file\" and \"table\"",
                     l->file ? "\"file\" without \"table\"" : "\"table\" without \"file\"");
  PetscCall(check_table(f, yaml_find(f, node, "table"), "labels", l->table, c->folder));
  return check_masks(f, yaml_find(f, node, "masks"), l, c->folder);
}

static PetscErrorCode check_levels(const YamlFile *f, const yaml_node_t *node, const Case *c)
{
  const CaseLevels *l = c->anatomy.levels;
  int from = segment_number(l->from), to = segment_number(l->to);
  if (from < 0 || to < 0)
    return yaml_fail(f, node, "\"%s\" in \"levels\" is no segment; expected C1 to S5", from < 0 ? l->from : l->to);
  if (from > to)
    return yaml_fail(f, node, "\"levels\" goes from %s to %s; expected the rostral one first", l->from, l->to);
  return check_table(f, yaml_find(f, node, "table"), "labels", l->table, c->folder);
}

static PetscErrorCode check_anatomy(const YamlFile *f, const Case *c)
{
  const CaseAnatomy *a = &c->anatomy;
  const yaml_node_t *node = yaml_find(f, yaml_root(f), "anatomy");
  PetscCall(check_kind_of_anatomy(f, node, a));
  PetscCall(check_unused(f, node, a));
  if (a->mesh) PetscCall(check_given_mesh(f, node, a));
  PetscCall(check_pattern(f, node, "roots"));
  PetscCall(check_pattern(f, node, "ganglia"));
  if (a->labels) PetscCall(check_labels(f, yaml_find(f, node, "labels"), c));
  if (a->levels) PetscCall(check_levels(f, yaml_find(f, node, "levels"), c));
  if (a->phantom) {
    const yaml_node_t *model = yaml_find(f, node, "phantom.model");
    PetscCall(check_table(f, model ? model : node, "phantoms", a->phantom->model, c->folder));
  }
  return 0;
}

/* ---- the rest ------------------------------------------------------------------------------------------------- */

static PetscErrorCode check_paddle(const YamlFile *f, const yaml_node_t *node, const Case *c)
{
  const CaseAt *at = &c->paddle->at;
  const yaml_node_t *n = yaml_find(f, node, "at");
  if ((at->root != NULL) == (at->point_mm != NULL))
    return yaml_fail(f, n, "\"at\" has %s; expected either \"root\" or \"point_mm\"",
                     at->root ? "both \"root\" and \"point_mm\"" : "neither \"root\" nor \"point_mm\"");
  if (at->point_mm && yaml_find(f, n, "side"))
    return yaml_fail(f, n, "\"side\" goes with \"root\"; beside \"point_mm\" it has no use");
  if (at->root && segment_number(at->root) < 0)
    return yaml_fail(f, n, "\"root\" in \"at\" is \"%s\"; expected a segment such as L1", at->root);
  return check_table(f, yaml_find(f, node, "model"), "paddles", c->paddle->model, c->folder);
}

static PetscErrorCode check_mesh(const YamlFile *f, const yaml_node_t *node, const CaseMesh *m)
{
  double finest = fmax(m->root_edge_mm, fmax(m->dura_edge_mm, m->contact_edge_mm));
  if (finest > m->largest_edge_mm)
    return yaml_fail(f, node, "\"largest_edge_mm\" in \"mesh\" is %g, below another edge of %g", m->largest_edge_mm,
                     finest);
  return 0;
}

static PetscErrorCode check_field(const YamlFile *f, const yaml_node_t *root, const CaseField *field)
{
  const yaml_node_t *z = yaml_find(f, root, "field.surface_impedance_ohm_m2"),
                    *k = yaml_find(f, root, "field.contacts");
  const yaml_node_t *p = yaml_find(f, root, "field.preconditioner");
  bool impedance = !strcmp(field->contacts, "impedance");
  if (p && strcmp(field->solver, "petsc"))
    return yaml_fail(f, p, "\"preconditioner\" has no use without \"solver: petsc\" beside it");
  if (z && !impedance)
    return yaml_fail(f, z, "\"surface_impedance_ohm_m2\" has no use without \"contacts: impedance\" beside it");
  if (!z && impedance)
    return yaml_fail(f, k, "\"contacts\" in \"field\" is impedance; expected \"surface_impedance_ohm_m2\" beside it");
  return 0;
}

/* Keys that the chosen pulse would not use are refused, not ignored. */
static PetscErrorCode check_pulse(const YamlFile *f, const yaml_node_t *node, const CasePulse *p)
{
  static const char *const not_sampled[] = {"shape", "width_us", "interphase_us", "recharge_width_us"};
  const yaml_node_t *n, *recharge = yaml_find(f, node, "recharge_width_us");
  bool asymmetric = !strcmp(p->shape, "asymmetric");
  for (int i = 0; i < YAML_COUNT(not_sampled) && p->samples; i++)
    if ((n = yaml_find(f, node, not_sampled[i])))
      return yaml_fail(f, n, "\"%s\" has no use beside \"samples\"", not_sampled[i]);
  if ((n = yaml_find(f, node, "interphase_us")) && !strcmp(p->shape, "monophasic"))
    return yaml_fail(f, n, "\"interphase_us\" has no use in a monophasic pulse");
  if (recharge && !asymmetric)
    return yaml_fail(f, recharge, "\"recharge_width_us\" is for the shape asymmetric; found %s", p->shape);
  if (asymmetric && !recharge)
    return yaml_fail(f, node, "\"shape\" in \"pulse\" is asymmetric; expected \"recharge_width_us\" beside it");
  return 0;
}

/* Names of muscles are known when their table is read. */
static PetscErrorCode check_wanted(const YamlFile *f, const yaml_node_t *node, const char *name, const CaseRank *r)
{
  bool column = !strcmp(name, "dorsal_column_L") || !strcmp(name, "dorsal_column_R");
  if (r->muscles || column || root_name_valid(name)) return 0;
  return yaml_fail(f, node, "\"%s\" in \"rank\" is \"%s\"; expected a root such as L1_L or L1_L_dorsal",
                   r->target ? "target" : "name", name);
}

static PetscErrorCode check_rank(const YamlFile *f, const yaml_node_t *root, const CaseRank *r)
{
  const yaml_node_t *node = yaml_find(f, root, "rank"), *list = yaml_find(f, node, "targets");
  if ((r->target != NULL) == (r->n_targets > 0))
    return yaml_fail(f, node, "\"rank\" has %s; expected either \"target\" or \"targets\"",
                     r->target ? "both" : "no \"target\"");
  if (r->target) PetscCall(check_wanted(f, yaml_find(f, node, "target"), r->target, r));
  for (int i = 0; i < r->n_targets; i++)
    PetscCall(check_wanted(f, yaml_find(f, yaml_item(f, list, i), "name"), r->targets[i].name, r));
  list = yaml_find(f, node, "avoid");
  for (int i = 0; i < r->n_avoid; i++)
    PetscCall(check_wanted(f, yaml_find(f, yaml_item(f, list, i), "name"), r->avoid[i].name, r));
  return 0;
}

static PetscErrorCode check_step(const YamlFile *f, const yaml_node_t *node, const char *section, double step)
{
  double parts = 1.0 / step;
  if (fabs(parts - round(parts)) > 1e-6 * parts)
    return yaml_fail(f, yaml_find(f, node, "step"),
                     "\"step\" in \"%s\" is %g; expected 1 over a whole number, such as 0.25", section, step);
  return 0;
}

static PetscErrorCode check_sweep(const YamlFile *f, const yaml_node_t *node, const CaseSweep *s)
{
  static const char *const known[] = {"monopoles", "bipoles", "tripoles", "guarded", "steering", "quadrupoles"};
  const yaml_node_t *list = yaml_find(f, node, "generate"), *step = yaml_find(f, node, "step");
  if (s->sets && (list || step))
    return yaml_fail(f, list ? list : step,
                     "\"sweep\" has \"%s\" beside \"sets\"; expected one of them: sets of a file "
                     "are taken as they are",
                     list ? "generate" : "step");
  for (int i = 0; i < s->n_generate; i++) {
    size_t k = 0;
    while (k < sizeof known / sizeof *known && strcmp(s->generate[i], known[k])) k++;
    if (k == sizeof known / sizeof *known)
      return yaml_fail(f, yaml_item(f, list, i),
                       "\"generate\" in \"sweep\" is \"%.60s\"; expected some of: monopoles, "
                       "bipoles, tripoles, guarded, steering, quadrupoles",
                       s->generate[i]);
  }
  list = yaml_find(f, node, "widths_us");
  for (int i = 0; i < s->n_widths; i++)
    if (!(s->widths_us[i] > 0.0 && s->widths_us[i] <= 100000.0))
      return yaml_fail(f, yaml_item(f, list, i),
                       "\"widths_us\" in \"sweep\" has %g; expected a number above 0 and at "
                       "most 100000",
                       s->widths_us[i]);
  return check_step(f, node, "sweep", s->step);
}

static PetscErrorCode check_confidence(const YamlFile *f, const yaml_node_t *node, const CaseConfidence *c)
{
  if (c->meshes > c->samples)
    return yaml_fail(f, yaml_find(f, node, "meshes"),
                     "\"meshes\" in \"confidence\" is %d; expected at most the samples (%d)", c->meshes, c->samples);
  for (int i = 0; i < 2; i++)
    if (!(c->shift_mm[i] >= 0.0 && c->shift_mm[i] <= 50.0))
      return yaml_fail(f, yaml_find(f, node, "shift_mm"),
                       "\"shift_mm\" in \"confidence\" has %g; expected numbers from 0 to 50", c->shift_mm[i]);
  return 0;
}

static PetscErrorCode check_stimulation(const YamlFile *f, const yaml_node_t *root, const Case *c)
{
  const yaml_node_t *sets = yaml_find(f, root, "sets"), *pulse = yaml_find(f, root, "pulse");
  if (pulse) PetscCall(check_pulse(f, pulse, &c->pulse));
  PetscCall(check_sweep(f, yaml_find(f, root, "sweep"), &c->sweep));
  PetscCall(check_step(f, yaml_find(f, root, "search"), "search", c->search.step));
  PetscCall(check_confidence(f, yaml_find(f, root, "confidence"), &c->confidence));
  if (sets && !c->paddle && !c->anatomy.mesh)
    return yaml_fail(f, sets, "\"sets\" needs a \"paddle\" whose contacts it drives");
  if (!c->rank) return 0;
  if (!c->paddle && !c->anatomy.mesh)
    return yaml_fail(f, yaml_find(f, root, "rank"), "\"rank\" needs a \"paddle\" whose sets are ranked");
  return check_rank(f, root, c->rank);
}

PetscErrorCode case_check(const YamlFile *f, const Case *c)
{
  const yaml_node_t *root = yaml_root(f), *paddle = yaml_find(f, root, "paddle");
  if (!file_name_valid(c->name))
    return yaml_fail(f, yaml_find(f, root, "name"),
                     "\"name\" is \"%s\"; expected letters, digits, '-', '_' and '.', for it names the output folder",
                     c->name);
  PetscCall(check_anatomy(f, c));
  PetscCall(check_table(f, yaml_find(f, root, "tissues.table"), "tissues", c->tissues_table, c->folder));
  if (paddle) PetscCall(check_paddle(f, paddle, c));
  PetscCall(check_mesh(f, yaml_find(f, root, "mesh"), &c->mesh));
  PetscCall(check_field(f, root, &c->field));
  PetscCall(check_table(f, yaml_find(f, root, "fibers.populations"), "fibers", c->fibers.populations, c->folder));
  return check_stimulation(f, root, c);
}
