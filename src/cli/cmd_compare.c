/* compare: how far two results are from each other, whatever their meshes: fields, places by the cord, thresholds, ranking. */
#include "commands.h"
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void compare_told(CompareTable *t, const char *what, double value, const char *where)
{
  if (!t->json) {
    printf("%-44s %12.4g  %s\n", what, value, where);
    return;
  }
  json_object *o = json_object_new_object();
  json_object_object_add(o, "what", json_object_new_string(what));
  json_object_object_add(o, "value", isfinite(value) ? json_object_new_double(value) : NULL);
  json_object_object_add(o, "where", json_object_new_string(where));
  json_object_array_add(t->rows, o);
}

static PetscErrorCode result_open(const char *folder, CompareSide *r)
{
  char path[CAUDA_PATH_MAX], mesh[CAUDA_PATH_MAX], sha256[65];
  PetscCall(path_join("", folder, r->folder));
  PetscCall(path_join(folder, "mesh.msh", mesh));
  PetscCheck(file_exists(mesh), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN,
             "%s: no such file; expected a folder that `cauda run` has filled", mesh);
  PetscCall(mesh_read_msh(mesh, &r->mesh));
  PetscCall(file_sha256(mesh, sha256));
  PetscCall(path_join(folder, "leadfield.h5", path));
  return lead_field_read(path, sha256, &r->field);
}

static void result_close(CompareSide *r)
{
  mesh_destroy(&r->mesh);
  lead_field_destroy(&r->field);
}

static int contact_find(const LeadField *f, const char *name)
{
  for (int i = 0; i < f->n_contact; i++)
    if (!strcmp(f->contact[i], name)) return i;
  return -1;
}

/* Contacts of b in the order of a's: same [a->n_contact]. */
static PetscErrorCode contacts_match(const CompareSide *a, const CompareSide *b, int *same)
{
  for (int i = 0; i < a->field->n_contact; i++) {
    same[i] = contact_find(b->field, a->field->contact[i]);
    PetscCheck(same[i] >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s has no contact %s, which %s has", b->folder,
               a->field->contact[i], a->folder);
  }
  return 0;
}

static PetscErrorCode compare(CompareSide *a, CompareSide *b, int **same, CompareTable *t)
{
  PetscCall(mem_alloc((size_t)a->field->n_contact, sizeof **same, same));
  PetscCall(contacts_match(a, b, *same));
  for (const CompareSide *r = a;; r = b) {
    char what[64];
    snprintf(what, sizeof what, "%s: unknowns, order %d", r == a ? "A" : "B", r->field->order);
    compare_told(t, what, (double)r->field->unknowns, r->folder);
    if (r == b) break;
  }
  PetscCall(compare_fields(a, b, *same, t));
  PetscCall(compare_places(a->mesh, b->mesh, t));
  return compare_tables(a->folder, b->folder, t);
}

PetscErrorCode command_compare(const Args *args)
{
  CompareSide a = {.mesh = NULL}, b = {.mesh = NULL};
  CompareTable t = {.json = args->json, .rows = args->json ? json_object_new_array() : NULL};
  int *same = NULL;
  PetscErrorCode ierr = result_open(args->case_path, &a);
  if (!ierr) ierr = result_open(args->second, &b);
  if (!ierr) ierr = compare(&a, &b, &same, &t);
  if (!ierr && t.json) puts(json_object_to_json_string_ext(t.rows, JSON_C_TO_STRING_PRETTY));
  if (t.rows) json_object_put(t.rows);
  free(same);
  result_close(&a);
  result_close(&b);
  return ierr;
}
