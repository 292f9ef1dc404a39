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

static PetscErrorCode add_set(const SceneSource *p, const SceneGrid *g, const MeshLocator *l, int set,
                              json_object *list)
{
  const Rigid *world = &p->scene->anatomy->world;
  const int own = sets_find(p->sets, p->thresholds->set[set]);
  json_object *one = json_object_new_object(), *sites, *field;
  json_object_array_add(list, one);
  json_object_object_add(one, "name", json_object_new_string(p->thresholds->set[set]));
  PetscCheck(own >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "the thresholds are of a set \"%s\", which the case does not have: run the fibers stage again",
             p->thresholds->set[set]);
  PetscCall(scene_sites(world, p->fibers, p->thresholds, set, &sites));
  json_object_object_add(one, "sites", sites);
  PetscCall(scene_field(g, world, p->mesh, l, p->field, p->sets->set[own].fraction, &field));
  json_object_object_add(one, "field", field);
  return 0;
}

static PetscErrorCode add_sets(const Report *r, const SceneSource *p, json_object *root)
{
  int set[SUBJECT_SETS], n = subject_sets(r->root, p->thresholds, set);
  json_object *list = new_list(root, "sets");
  MeshLocator *l;
  SceneGrid g;
  PetscCall(scene_grid(p->scene, p->mesh, &g));
  add_grid(&g, root);
  PetscCall(mesh_locator_create(p->mesh, &l));
  PetscErrorCode ierr = 0;
  for (int i = 0; i < n && !ierr; i++) ierr = add_set(p, &g, l, set[i], list);
  mesh_locator_destroy(&l);
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
  PetscCall(add_sets(r, p, root));
  return 0;
}

static PetscErrorCode write_text(const char *text, const char *path)
{
  OutFile o;
  FILE *f;
  PetscCall(file_begin(path, &o));
  PetscCall(file_open(&o, &f));
  fprintf(f, "%s\n", text);
  PetscCall(file_close(&o, &f));
  PetscCall(file_commit(&o));
  return 0;
}

PetscErrorCode report_scene_write(const Report *r, const SceneSource *p, const char *path)
{
  json_object *root = json_object_new_object();
  PetscErrorCode ierr = fill(r, p, root);
  if (!ierr)
    ierr =
        write_text(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE), path);
  json_object_put(root);
  PetscCall(ierr);
  return 0;
}
