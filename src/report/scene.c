/* scene.json: the page's three-dimensional scene. */
#include "report_impl.h"
#include "scene_parts.h"
#include "subject.h"

#include <stdlib.h>
#include <string.h>

static json_object *new_list(json_object *root, const char *name)
{
  json_object *list = json_object_new_array();
  json_object_object_add(root, name, list);
  return list;
}

static json_object *vector(const double *v, int n)
{
  json_object *list = json_object_new_array();
  for (int i = 0; i < n; i++) json_object_array_add(list, json_object_new_double(v[i]));
  return list;
}

static void add_grid(const SceneGrid *g, json_object *root)
{
  json_object *grid = json_object_new_object(), *n = new_list(grid, "n");
  for (int k = 0; k < 3; k++) json_object_array_add(n, json_object_new_int(g->n[k]));
  json_object_object_add(grid, "origin_mm", vector(g->origin, 3));
  json_object_object_add(grid, "step_mm", json_object_new_double(g->step));
  json_object_object_add(root, "grid", grid);
}

static PetscErrorCode add_contacts(const SceneSource *p, json_object *root)
{
  SceneGrid g;
  PetscCall(scene_grid(p->scene, p->mesh, &g));
  add_grid(&g, root);
  return scene_contacts(&g, &p->scene->anatomy->world, p->mesh, p->locator, p->field, new_list(root, "contacts"));
}

static PetscErrorCode add_sites(const Report *r, const SceneSource *p, json_object *root)
{
  int n, *set;
  json_object *box = json_object_new_object();
  json_object_object_add(root, "site_box", box);
  PetscCall(subject_order(r->root, p->thresholds, &n, &set));
  PetscErrorCode ierr =
      scene_sites(&p->scene->anatomy->world, p->fibers, p->thresholds, n, set, box, new_list(root, "sets"));
  free(set);
  PetscCall(ierr);
  return 0;
}

static PetscErrorCode fill(const Report *r, const SceneSource *p, json_object *root)
{
  const Anatomy *a = p->scene->anatomy;
  json_object_object_add(root, "world", vector(a->world.m[0], 12)); /* rows of R, t: local to RAS+ mm */
  PetscCall(scene_shells(p->scene, new_list(root, "shells")));
  PetscCall(scene_roots(a, new_list(root, "roots")));
  PetscCall(scene_lead(&a->world, p->mesh, new_list(root, "lead")));
  PetscCall(add_contacts(p, root));
  PetscCall(add_sites(r, p, root));
  return 0;
}

static PetscErrorCode put_scene(const void *text, FILE *f)
{
  fprintf(f, "%s\n", (const char *)text);
  return 0;
}

PetscErrorCode report_scene_write(const Report *r, const SceneSource *p, const char *path)
{
  json_object *root = json_object_new_object();
  PetscErrorCode ierr = fill(r, p, root);
  if (!ierr)
    ierr = file_write(path, put_scene,
                      json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put(root);
  PetscCall(ierr);
  return 0;
}
