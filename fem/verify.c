/* The table of verifications. */
#include "verify_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const VerifyTest verify_tests[] = {
    {"manufactured", "a smooth solution, anisotropic, and one with a jump of 1:40", verify_manufactured},
    {"points", "point sources: anisotropic medium, two half-spaces", verify_points},
    {"electrodes", "disc and plate in a half-space, surface impedance, infinite return", verify_electrodes},
    {"cylinder", "layered cylinder with an anisotropic core, by Cauda's mesher", verify_cylinder},
    {"sphere", "layered sphere, by Cauda's mesher", verify_sphere},
    {"certificate", "balance, symmetry, reciprocity, energy, superposition", verify_certificate},
};
const int n_verify_tests = sizeof verify_tests / sizeof verify_tests[0];

bool verify_holds(const VerifyRow *r)
{
  if (r->sense == VERIFY_TOLD) return true;
  return r->sense == VERIFY_AT_MOST ? r->value <= r->limit : r->value >= r->limit;
}

PetscErrorCode verify_row(VerifyTable *t, const char *test, const char *mesh, const char *quantity, double value,
                          VerifySense sense, double limit)
{
  VerifyRow *grown = realloc(t->row, ((size_t)t->n + 1) * sizeof *grown);
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the table of verifications");
  t->row = grown;
  VerifyRow *r = &t->row[t->n++];
  *r = (VerifyRow){.value = value, .limit = limit, .sense = sense};
  snprintf(r->test, sizeof r->test, "%s", test);
  snprintf(r->mesh, sizeof r->mesh, "%s", mesh);
  snprintf(r->quantity, sizeof r->quantity, "%s", quantity);
  return 0;
}

static PetscErrorCode run_one(const VerifyTest *test, bool refined, void (*told)(const VerifyRow *), VerifyTable *t)
{
  int first = t->n;
  double start = seconds_now();
  progress(test->name, 0.0);
  PetscCall(test->run(refined, t));
  progress(test->name, 1.0);
  for (int i = first; i < t->n; i++) t->row[i].seconds = i == first ? seconds_now() - start : 0.0;
  for (int i = first; told && i < t->n; i++) told(&t->row[i]);
  return 0;
}

static PetscErrorCode run_all(const char *name, bool refined, void (*told)(const VerifyRow *), VerifyTable *t)
{
  int n = 0;
  for (int i = 0; i < n_verify_tests; i++) {
    if (name && strncmp(verify_tests[i].name, name, strlen(name))) continue;
    PetscCall(run_one(&verify_tests[i], refined, told, t));
    n++;
  }
  PetscCheck(n, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "verify: there is no test \"%s\"; `cauda verify --help` has them",
             name);
  return 0;
}

PetscErrorCode verify_run(const char *name, bool refined, void (*told)(const VerifyRow *), VerifyTable **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = run_all(name, refined, told, *out);
  if (ierr) verify_destroy(out);
  return ierr;
}

void verify_destroy(VerifyTable **t)
{
  if (!*t) return;
  free((*t)->row);
  free(*t);
  *t = NULL;
}
