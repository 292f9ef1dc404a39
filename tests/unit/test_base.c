/* Base: files that appear whole, random numbers, paths, the error record, the sweep of what killed runs left. */
#include "cauda/base.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static ErrorRecord record;

static char folder[] = "/tmp/cauda-base-XXXXXX";

static int setup(void **state)
{
  (void)state;
  return PetscInitializeNoArguments() || error_record_install(&record) || !mkdtemp(folder);
}

static int teardown(void **state)
{
  (void)state;
  rmdir(folder);
  return PetscFinalize();
}

static int fresh_record(void **state)
{
  (void)state;
  error_record_clear(&record);
  return 0;
}

static void in_folder(const char *name, char out[CAUDA_PATH_MAX]) { assert_int_equal(path_join(folder, name, out), 0); }

static PetscErrorCode put_text(const void *text, FILE *s) { return fputs(text, s), 0; }

static void write_text(const char *path, const char *text) { assert_int_equal(file_write(path, put_text, text), 0); }

static void assert_holds(const char *path, const char *expected)
{
  char *text;
  size_t n;
  assert_int_equal(file_read_all(path, &text, &n), 0);
  assert_string_equal(text, expected);
  assert_int_equal(n, strlen(expected));
  free(text);
}

/* The tmp file of what this process writes under a name. */
static void tmp_of(const char *name, char out[CAUDA_PATH_MAX])
{
  char tmp[CAUDA_NAME_MAX];
  snprintf(tmp, sizeof tmp, ".tmp-%d-%s", (int)getpid(), name);
  in_folder(tmp, out);
}

static void allocation_is_zeroed_and_overflow_is_an_error(void **state)
{
  (void)state;
  int *v;
  assert_int_equal(mem_alloc(1000, sizeof *v, &v), 0);
  for (int i = 0; i < 1000; i++) assert_int_equal(v[i], 0);
  free(v);
  assert_int_equal(mem_alloc(0, 8, &v), 0);
  assert_null(v);
  assert_int_equal(mem_alloc(SIZE_MAX / 2, 16, &v), PETSC_ERR_MEM);
  assert_int_equal(error_exit_status(PETSC_ERR_MEM), 4);
}

static void growing_keeps_what_is_there(void **state)
{
  (void)state;
  size_t capacity = 0;
  double *v = NULL;
  for (size_t i = 0; i < 10000; i++) {
    assert_int_equal(mem_grow(i + 1, sizeof *v, &capacity, &v), 0);
    v[i] = (double)i;
  }
  for (size_t i = 0; i < 10000; i++) assert_true(v[i] == (double)i);
  free(v);
}

static void random_numbers_have_the_moments_they_should(void **state)
{
  (void)state;
  Rng r = rng_seed(1, 0);
  double u1 = 0, u2 = 0, g1 = 0, g2 = 0, g4 = 0;
  const int n = 200000;
  for (int i = 0; i < n; i++) {
    double u = rng_uniform(&r), g = rng_normal(&r);
    assert_true(u >= 0.0 && u < 1.0);
    u1 += u / n, u2 += u * u / n, g1 += g / n, g2 += g * g / n, g4 += g * g * g * g / n;
  }
  assert_true(fabs(u1 - 0.5) < 3e-3 && fabs(u2 - 1.0 / 3) < 3e-3);
  assert_true(fabs(g1) < 0.01 && fabs(g2 - 1) < 0.02 && fabs(g4 - 3) < 0.15);
}

static void random_streams_are_repeatable_and_different(void **state)
{
  (void)state;
  Rng a = rng_seed(7, 3), b = rng_seed(7, 3), c = rng_seed(3, 7), d = rng_seed(7, 4);
  for (int i = 0; i < 100; i++) {
    uint64_t x = rng_next(&a);
    assert_true(x == rng_next(&b));
    assert_true(x != rng_next(&c) && x != rng_next(&d));
  }
}

/* Writers that look at the file in the middle of it. */
static PetscErrorCode looks_and_writes(const void *path, FILE *s)
{
  char tmp[CAUDA_PATH_MAX];
  tmp_of("a.txt", tmp);
  fputs("second, half writ", s);
  fflush(s);
  assert_holds(tmp, "second, half writ");
  assert_holds(path, "first");
  fputs("ten", s);
  return 0;
}

static PetscErrorCode writes_and_fails(const void *path, FILE *s)
{
  fputs("third, half writ", s);
  fflush(s);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "no more of %s", (const char *)path);
}

static void a_file_appears_whole(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], tmp[CAUDA_PATH_MAX], hex[65], hex2[65];
  in_folder("a.txt", path);
  tmp_of("a.txt", tmp);
  write_text(path, "first");
  assert_int_equal(file_write(path, looks_and_writes, path), 0);
  assert_holds(path, "second, half written");
  assert_false(file_exists(tmp));
  assert_int_equal(file_sha256(path, hex), 0);
  assert_int_equal(text_sha256("second, half written", 20, hex2), 0);
  assert_string_equal(hex, hex2);
  unlink(path);
}

static void a_writer_that_fails_leaves_what_was(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], tmp[CAUDA_PATH_MAX];
  in_folder("a.txt", path);
  tmp_of("a.txt", tmp);
  assert_int_equal(file_write(path, writes_and_fails, "none"), PETSC_ERR_LIB);
  assert_string_equal(record.message, "no more of none");
  assert_false(file_exists(path) || file_exists(tmp));
  write_text(path, "first");
  assert_int_equal(file_write(path, writes_and_fails, "this"), PETSC_ERR_LIB);
  assert_holds(path, "first");
  assert_false(file_exists(tmp));
  unlink(path);
}

static PetscErrorCode takes_over(const void *text, const char *tmp)
{
  assert_holds(tmp, ""); /* what cannot be written is told before the library is asked */
  FILE *s = fopen(tmp, "w");
  assert_non_null(s);
  fputs(text, s);
  fclose(s);
  return *(const char *)text ? 0 : PETSC_ERR_LIB;
}

static void a_file_may_be_made_by_name(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], tmp[CAUDA_PATH_MAX];
  in_folder("b.msh", path);
  tmp_of("b.msh", tmp);
  assert_int_equal(file_make(path, takes_over, "mesh"), 0);
  assert_holds(path, "mesh");
  assert_int_equal(file_make(path, takes_over, ""), PETSC_ERR_LIB);
  assert_holds(path, "mesh");
  assert_false(file_exists(tmp));
  assert_int_equal(file_make("/no/such/folder/b.msh", takes_over, ""), PETSC_ERR_FILE_WRITE);
  assert_string_equal(record.message, "/no/such/folder/b.msh: no such file or folder");
  unlink(path);
}

static PetscErrorCode makes_nothing(const void *what, const char *tmp) { return (void)what, unlink(tmp), 0; }

static void what_cannot_be_opened_is_named(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], name[300];
  assert_int_equal(file_write("/no/such/folder/a.txt", put_text, ""), PETSC_ERR_FILE_WRITE);
  assert_string_equal(record.message, "/no/such/folder/a.txt: no such file or folder");
  error_record_clear(&record);
  assert_int_equal(file_write(folder, put_text, ""), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(record.message, "is a folder; a file is to be written there"));
  error_record_clear(&record);
  memset(name, 'n', sizeof name), name[sizeof name - 1] = '\0';
  in_folder(name, path);
  assert_int_equal(file_write(path, put_text, ""), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(record.message, path));
  error_record_clear(&record);
  in_folder("b.msh", path);
  assert_int_equal(file_make(path, makes_nothing, NULL), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(record.message, path));
  for (int i = 0; i < 40; i++) assert_int_equal(file_write(folder, put_text, ""), PETSC_ERR_FILE_WRITE);
  for (int i = 0; i < 40; i++) assert_int_equal(file_write("/no/a.txt", put_text, ""), PETSC_ERR_FILE_WRITE);
  write_text(path, "still"); /* none of them holds on to a slot of open files */
  unlink(path);
}

static void sha256_is_that_of_the_standard(void **state)
{
  (void)state;
  char hex[65]; /* FIPS 180-4, example "abc" */
  assert_int_equal(text_sha256("abc", 3, hex), 0);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* A device without room, where the tmp file would lie. */
static void assert_full(const char *path, FileWriter writer)
{
  char tmp[CAUDA_PATH_MAX];
  tmp_of("full.txt", tmp);
  error_record_clear(&record);
  assert_int_equal(symlink("/dev/full", tmp), 0);
  assert_int_equal(file_write(path, writer, "words "), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(record.message, "no space left on the device"));
  assert_non_null(strstr(record.message, path));
  assert_false(file_exists(tmp));
}

static PetscErrorCode puts_much(const void *text, FILE *s)
{
  for (int i = 0; i < 100000; i++) fputs(text, s);
  return 0;
}

static void a_full_disk_is_said_and_leaves_nothing(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX];
  in_folder("full.txt", path);
  assert_full(path, put_text);  /* found as the file is closed */
  assert_full(path, puts_much); /* found on the way */
  assert_false(file_exists(path));
  write_text(path, "was here");
  assert_full(path, puts_much);
  assert_holds(path, "was here");
  unlink(path);
  assert_int_equal(error_exit_status(PETSC_ERR_FILE_WRITE), 1);
}

static void folders_are_made_with_their_parents(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], sub[CAUDA_PATH_MAX], blocked[CAUDA_PATH_MAX];
  in_folder("x/y/z", path);
  assert_int_equal(folder_create(path), 0);
  assert_int_equal(folder_create(path), 0);
  assert_true(file_exists(path));
  in_folder("x/file", sub);
  write_text(sub, "");
  in_folder("x/file/below", blocked);
  assert_int_equal(folder_create(blocked), PETSC_ERR_FILE_WRITE);
  assert_non_null(strstr(record.message, "not a folder"));
  unlink(sub);
  rmdir(path);
  in_folder("x/y", path), rmdir(path);
  in_folder("x", path), rmdir(path);
}

static void paths_join(void **state)
{
  (void)state;
  char out[CAUDA_PATH_MAX];
  const char *cases[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"a", "/b", "/b"}, {"/", "b", "/b"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_int_equal(path_join(cases[i][0], cases[i][1], out), 0);
    assert_string_equal(out, cases[i][2]);
  }
}

static PetscErrorCode fails_inside(void) { SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "file.yaml:3: found 1"); }
static PetscErrorCode fails_through(void)
{
  PetscCall(fails_inside());
  return 0;
}

static void the_first_message_is_kept(void **state)
{
  (void)state;
  assert_int_equal(fails_through(), PETSC_ERR_USER_INPUT);
  assert_string_equal(record.message, "file.yaml:3: found 1");
  char text[CAUDA_MESSAGE_MAX];
  error_text(&record, PETSC_ERR_USER_INPUT, text);
  assert_string_equal(text, "file.yaml:3: found 1");
  error_text(&record, PETSC_ERR_PLIB, text);
  assert_non_null(strstr(text, "fails_inside, test_base.c:"));
}

static void a_missing_file_is_named(void **state)
{
  (void)state;
  char *text;
  assert_int_equal(file_read_all("/no/such/file", &text, NULL), PETSC_ERR_FILE_OPEN);
  assert_string_equal(record.message, "/no/such/file: no such file");
}

static void data_is_found_where_it_is_told_to_be(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], found[CAUDA_PATH_MAX];
  in_folder("thing.yaml", path);
  write_text(path, "a: 1\n");
  setenv("CAUDA_DATA", folder, 1);
  assert_int_equal(data_find("thing.yaml", found), 0);
  assert_string_equal(found, path);
  assert_int_equal(data_find("nothing.yaml", found), PETSC_ERR_FILE_OPEN);
  assert_non_null(strstr(record.message, "nothing.yaml"));
  assert_non_null(strstr(record.message, folder));
  unsetenv("CAUDA_DATA");
  unlink(path);
}

static void the_sweep_takes_only_what_dead_runs_left(void **state)
{
  (void)state;
  char mine[CAUDA_PATH_MAX], dead[CAUDA_PATH_MAX], other[CAUDA_PATH_MAX], name[64];
  pid_t child = fork();
  if (!child) _exit(0);
  waitpid(child, NULL, 0);
  snprintf(name, sizeof name, ".tmp-%d-mesh.msh", (int)child), in_folder(name, dead);
  snprintf(name, sizeof name, ".tmp-%d-mesh.msh", (int)getpid()), in_folder(name, mine);
  in_folder(".tmp-notes", other);
  const char *all[3] = {dead, mine, other};
  for (int i = 0; i < 3; i++) fclose(fopen(all[i], "w"));
  tmp_files_sweep(folder);
  assert_false(file_exists(dead));
  assert_true(file_exists(mine) && file_exists(other));
  unlink(mine), unlink(other);
}

static PetscErrorCode is_interrupted(const void *what, FILE *s)
{
  char tmp[CAUDA_PATH_MAX];
  tmp_of("big.txt", tmp);
  (void)what, (void)s;
  kill(getpid(), SIGINT);
  if (!signal_pending() || !file_exists(tmp)) _exit(2);
  kill(getpid(), SIGINT);
  _exit(3);
}

/* In a child: the first signal asks, the second ends it; in both cases no tmp file may stay. */
static void signals_ask_first_then_remove_tmp_files(void **state)
{
  (void)state;
  char path[CAUDA_PATH_MAX], left[CAUDA_PATH_MAX], name[64];
  in_folder("big.txt", path);
  pid_t child = fork();
  if (!child) {
    signals_install();
    _exit(file_write(path, is_interrupted, NULL) ? 1 : 4);
  }
  int status;
  waitpid(child, &status, 0);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 130);
  snprintf(name, sizeof name, ".tmp-%d-big.txt", (int)child), in_folder(name, left);
  assert_false(file_exists(left) || file_exists(path));
}

#define TEST(f) cmocka_unit_test_setup(f, fresh_record)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(allocation_is_zeroed_and_overflow_is_an_error),
      TEST(growing_keeps_what_is_there),
      TEST(random_numbers_have_the_moments_they_should),
      TEST(random_streams_are_repeatable_and_different),
      TEST(a_file_appears_whole),
      TEST(a_writer_that_fails_leaves_what_was),
      TEST(a_file_may_be_made_by_name),
      TEST(what_cannot_be_opened_is_named),
      TEST(sha256_is_that_of_the_standard),
      TEST(a_full_disk_is_said_and_leaves_nothing),
      TEST(folders_are_made_with_their_parents),
      TEST(paths_join),
      TEST(the_first_message_is_kept),
      TEST(a_missing_file_is_named),
      TEST(data_is_found_where_it_is_told_to_be),
      TEST(the_sweep_takes_only_what_dead_runs_left),
      TEST(signals_ask_first_then_remove_tmp_files),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
