/* Verify: the field solver against solutions that are known. Each test meshes, solves with the same code as a case
 * does, and says how far off it is, by how much that falls with the mesh, and whether that is good enough. */
#ifndef CAUDA_VERIFY_H
#define CAUDA_VERIFY_H

#include "cauda/base.h"

typedef enum { VERIFY_TOLD, VERIFY_AT_MOST, VERIFY_AT_LEAST } VerifySense;

typedef struct {
  char test[40];     /* "layered cylinder B1" */
  char mesh[40];     /* "P2, 0.70 mm, 1.2 M unknowns" */
  char quantity[40]; /* "largest error", "L2 order" */
  double value, limit;
  VerifySense sense; /* VERIFY_TOLD: no limit */
  double seconds;    /* since the row before */
} VerifyRow;

typedef struct {
  int n;
  VerifyRow *row;
} VerifyTable;

/* One group of tests; `refined` asks for the finer meshes, too. */
typedef struct {
  const char *name, *what;
  PetscErrorCode (*run)(bool refined, VerifyTable *t);
} VerifyTest;

extern const VerifyTest verify_tests[];
extern const int n_verify_tests;

/* verify_run: the tests whose names begin with `name` (NULL: all), into *out; `told` is called for each row as it
 * comes. Errors: PETSC_ERR_USER_INPUT where no test has that name. Caller frees with verify_destroy. */
PetscErrorCode verify_run(const char *name, bool refined, void (*told)(const VerifyRow *),
                          VerifyTable **out) CAUDA_CHECKED;
void verify_destroy(VerifyTable **t);

bool verify_holds(const VerifyRow *r);

#endif
