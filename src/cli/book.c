/* stages.json, through json-c. */
#include "book.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct Book {
  char folder[CAUDA_PATH_MAX];
  json_object *stages;
};

static PetscErrorCode load(Book *b)
{
  char path[CAUDA_PATH_MAX], *text;
  PetscCall(path_join(b->folder, "stages.json", path));
  if (file_exists(path)) {
    PetscCall(file_read_all(path, &text, NULL));
    b->stages = json_tokener_parse(text);
    free(text);
  }
  if (!json_object_is_type(b->stages, json_type_object)) {
    json_object_put(b->stages);
    b->stages = json_object_new_object();
  }
  PetscCheck(b->stages, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for stages.json");
  return 0;
}

PetscErrorCode book_open(const char *folder, Book **out)
{
  Book *b;
  PetscCall(mem_alloc(1, sizeof *b, &b));
  PetscErrorCode ierr = path_join("", folder, b->folder);
  if (!ierr) ierr = load(b);
  if (ierr) book_close(&b);
  PetscCall(ierr);
  *out = b;
  return 0;
}

void book_close(Book **b)
{
  if (!*b) return;
  json_object_put((*b)->stages);
  free(*b);
  *b = NULL;
}

static bool stat_output(const Book *b, const char *name, int64_t *size, int64_t *time_ns)
{
  char path[CAUDA_PATH_MAX];
  struct stat st;
  if (path_join(b->folder, name, path) || stat(path, &st)) return false;
  *size = st.st_size;
  *time_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
  return true;
}

static int64_t integer_in(json_object *o, const char *key)
{
  json_object *v = NULL;
  return json_object_object_get_ex(o, key, &v) ? json_object_get_int64(v) : -1;
}

bool book_has(const Book *b, const char *stage) { return json_object_object_get_ex(b->stages, stage, NULL); }

bool book_is_current(const Book *b, const char *stage, const char *key)
{
  json_object *entry = NULL, *had = NULL, *outputs = NULL;
  if (!json_object_object_get_ex(b->stages, stage, &entry)) return false;
  if (!json_object_object_get_ex(entry, "key", &had) || !json_object_get_string(had)) return false;
  if (strcmp(json_object_get_string(had), key)) return false;
  if (!json_object_object_get_ex(entry, "outputs", &outputs)) return false;
  if (!json_object_is_type(outputs, json_type_object)) return false;
  json_object_object_foreach(outputs, name, was)
  {
    int64_t size, time_ns;
    if (!stat_output(b, name, &size, &time_ns)) return false;
    if (size != integer_in(was, "size") || time_ns != integer_in(was, "mtime_ns")) return false;
  }
  return true;
}

void book_drop(Book *b, const char *stage) { json_object_object_del(b->stages, stage); }

static PetscErrorCode put_book(const void *what, FILE *s)
{
  const Book *b = what;
  fprintf(s, "%s\n",
          json_object_to_json_string_ext(b->stages, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
  return 0;
}

static PetscErrorCode write_book(const Book *b)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(b->folder, "stages.json", path));
  PetscCall(file_write(path, put_book, b));
  return 0;
}

PetscErrorCode book_record(Book *b, const char *stage, const char *key, const char *const *outputs)
{
  json_object *entry = json_object_new_object(), *files = json_object_new_object();
  json_object_object_add(entry, "key", json_object_new_string(key));
  json_object_object_add(entry, "outputs", files);
  json_object_object_add(b->stages, stage, entry);
  for (; *outputs; outputs++) {
    int64_t size, time_ns;
    PetscCheck(stat_output(b, *outputs, &size, &time_ns), PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "%s/%s was to be written by %s and is not there", b->folder, *outputs, stage);
    json_object *was = json_object_new_object();
    json_object_object_add(was, "size", json_object_new_int64(size));
    json_object_object_add(was, "mtime_ns", json_object_new_int64(time_ns));
    json_object_object_add(files, *outputs, was);
  }
  PetscCall(write_book(b));
  return 0;
}

PetscErrorCode book_record_again(Book *b, const char *stage, const char *const *outputs)
{
  json_object *entry = NULL, *had = NULL;
  char key[65];
  bool found = json_object_object_get_ex(b->stages, stage, &entry) && json_object_object_get_ex(entry, "key", &had);
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s was not recorded before", stage);
  snprintf(key, sizeof key, "%s", json_object_get_string(had));
  return book_record(b, stage, key, outputs);
}
