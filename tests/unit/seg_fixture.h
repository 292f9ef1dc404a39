/* For tests of seg: a folder for files, the error record, the shared data, synthetic subjects as markups. */
#ifndef CAUDA_TESTS_SEG_FIXTURE_H
#define CAUDA_TESTS_SEG_FIXTURE_H

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cauda/base.h"
#include "cauda/vec3.h"

static ErrorRecord record;
static char folder[] = "/tmp/cauda-seg-XXXXXX";

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *at)
{
  (void)s, (void)type, (void)at;
  return remove(path);
}

static int setup(void **state)
{
  (void)state;
  return PetscInitializeNoArguments() || error_record_install(&record) || !mkdtemp(folder);
}

static int teardown(void **state)
{
  (void)state;
  nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  return PetscFinalize();
}

/* The call failed because of its input, and the message holds all the words (NULL ends them). */
static inline void assert_complains(PetscErrorCode ierr, const char *words, const char *more)
{
  const int status = error_exit_status(ierr);
  const bool named = strstr(record.message, words) && (!more || strstr(record.message, more));
  if (status != 1 || !named) print_error("code %d, message: %s\n", ierr, record.message);
  assert_int_equal(status, 1);
  assert_true(named);
  error_record_clear(&record);
}

static inline void assert_near(double a, double b, double tolerance)
{
  if (!(fabs(a - b) <= tolerance)) print_error("%.9g is not %.9g within %g\n", a, b, tolerance);
  assert_true(fabs(a - b) <= tolerance);
}

static inline void assert_done(PetscErrorCode ierr)
{
  if (ierr) print_error("code %d, message: %s\n", ierr, record.message);
  assert_int_equal(ierr, 0);
}

static inline void write_text(const char *name, const char *text, char path[CAUDA_PATH_MAX])
{
  assert_int_equal(path_join(folder, name, path), 0);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

/* A markups file of n points given in RAS+ mm, written in LPS or RAS. */
static inline void write_markup(const char *path, const char *type, bool lps, int n, const double (*xyz)[3])
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fprintf(f, "{\"markups\": [{\"type\": \"%s\", \"coordinateSystem\": \"%s\", \"coordinateUnits\": \"mm\",\n", type,
          lps ? "LPS" : "RAS");
  fprintf(f, "\"controlPoints\": [");
  for (int i = 0; i < n; i++)
    fprintf(f, "%s\n{\"position\": [%.17g, %.17g, %.17g], \"positionStatus\": \"defined\"}", i ? "," : "",
            lps ? -xyz[i][0] : xyz[i][0], lps ? -xyz[i][1] : xyz[i][1], xyz[i][2]);
  fprintf(f, "]}]}\n");
  fclose(f);
}

/* A folder of the shared data, or the test is skipped. */
static inline void shared_data(const char *name, char path[CAUDA_PATH_MAX])
{
  const char *shared = getenv("CAUDA_SHARED");
  snprintf(path, CAUDA_PATH_MAX, "%s/data/%s", shared ? shared : "../shared", name);
  if (access(path, R_OK)) {
    print_message("skipped: no folder %s (CAUDA_SHARED names the shared data's)\n", path);
    skip();
  }
}

#endif
