/* The case file: read, complete, check, free. */
#include "case_file.h"

#include <string.h>

static PetscErrorCode set_place(const char *path, Case *c)
{
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 0;
  PetscCheck(strlen(path) < CAUDA_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long", path);
  strcpy(c->path, path);
  strcpy(c->folder, slash ? "/" : ".");
  if (n) memcpy(c->folder, path, n), c->folder[n] = '\0';
  return 0;
}

static PetscErrorCode finish(const char *path, const YamlFile *f, CaseFile *cf)
{
  PetscCall(set_place(path, &cf->c));
  PetscCall(case_complete(f, cf));
  PetscCall(limits_complete(f, cf));
  PetscCall(text_copy(cf->tissues.table, &cf->c.tissues_table));
  PetscCall(case_check(f, &cf->c));
  if (cf->c.pulse.samples) PetscCall(pulse_read_samples(&cf->c.pulse, cf->c.folder));
  PetscCall(tissues_merge(f, cf));
  return 0;
}

PetscErrorCode case_read(const char *path, Case **out)
{
  YamlFile *f;
  CaseFile *cf;
  *out = NULL;
  PetscCall(yaml_file_read(path, &case_schema, &f, &cf));
  PetscErrorCode ierr = finish(path, f, cf);
  yaml_file_close(&f);
  *out = &cf->c;
  if (ierr) case_destroy(out);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode case_defaults(Case **out)
{
  CaseFile *cf;
  *out = NULL;
  PetscCall(mem_alloc(1, sizeof *cf, &cf));
  *out = &cf->c;
  PetscErrorCode ierr = case_complete_defaults(cf);
  if (!ierr) ierr = limits_complete(NULL, cf);
  if (ierr) case_destroy(out);
  PetscCall(ierr);
  return 0;
}

void case_destroy(Case **c)
{
  if (!*c) return;
  tissues_free(*c);
  pulse_free_samples(&(*c)->pulse);
  yaml_data_free(&case_schema, *c); /* the CaseFile, of which it is the first member */
  *c = NULL;
}
