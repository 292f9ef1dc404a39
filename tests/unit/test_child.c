/* A child process's faults become errors in words; its results arrive whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../mesh/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 3000000 };

typedef struct {
  char message[2048]; /* of the last error that began in this process */
  PetscErrorCode code;
} Heard;

static PetscErrorCode hear(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                           PetscErrorType type, const char *message, void *context)
{
  Heard *h = context;
  (void)comm, (void)line, (void)function, (void)file;
  if (type == PETSC_ERROR_INITIAL && message) snprintf(h->message, sizeof h->message, "%s", message);
  return code;
}

static Heard run(ChildTask work, void *context, ChildTask receive)
{
  Heard h = {.code = 0};
  assert_int_equal(PetscPushErrorHandler(hear, &h), 0);
  h.code = child_run("Mesher", work, context, receive);
  assert_int_equal(PetscPopErrorHandler(), 0);
  return h;
}

static PetscErrorCode write_numbers(void *context, int fd)
{
  int *v = malloc(COUNT * sizeof *v);
  for (int i = 0; i < COUNT; i++) v[i] = i * *(int *)context;
  PetscCall(child_write_all(fd, v, COUNT * sizeof *v));
  *(int *)context = -1; /* lost with the child */
  return 0;
}

static PetscErrorCode read_numbers(void *context, int fd)
{
  int *v = malloc(COUNT * sizeof *v);
  PetscCall(child_read_all(fd, v, COUNT * sizeof *v));
  for (int i = 0; i < COUNT; i++) PetscCheck(v[i] == i * *(int *)context, PETSC_COMM_SELF, PETSC_ERR_PLIB, "wrong");
  free(v);
  return 0;
}

static PetscErrorCode read_too_much(void *context, int fd)
{
  char one;
  (void)context;
  if (lseek(fd, 0, SEEK_END) < 0) return PETSC_ERR_SYS;
  PetscCall(child_read_all(fd, &one, 1));
  return 0;
}

static PetscErrorCode fail_in_words(void *context, int fd)
{
  (void)context, (void)fd;
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "facet %d crosses facet %d", 3, 4);
}

static PetscErrorCode crash(void *context, int fd)
{
  (void)context, (void)fd;
  printf("about to\n\tfall over\n");
  fflush(stdout);
  raise(SIGSEGV);
  return 0;
}

static PetscErrorCode leave(void *context, int fd)
{
  (void)context, (void)fd;
  printf("no solution"); /* stays in the buffer: exit() must still let it out */
  exit(7);
}

static PetscErrorCode be_killed(void *context, int fd)
{
  (void)context, (void)fd;
  raise(SIGKILL);
  return 0;
}

static PetscErrorCode throw_bad_alloc(void *context, int fd)
{
  (void)context, (void)fd;
  fprintf(stderr, "terminate called after throwing an instance of 'std::bad_alloc'\n");
  abort();
}

static void results_arrive_whole(void **state)
{
  int factor = 7;
  (void)state;
  assert_int_equal(run(write_numbers, &factor, read_numbers).code, 0);
  assert_int_equal(factor, 7);
  assert_int_equal(run(write_numbers, &factor, NULL).code, 0);
  Heard h = run(write_numbers, &factor, read_too_much);
  assert_int_equal(h.code, PETSC_ERR_FILE_READ);
}

static void errors_keep_their_words(void **state)
{
  (void)state;
  Heard h = run(fail_in_words, NULL, read_numbers);
  assert_int_equal(h.code, PETSC_ERR_USER_INPUT);
  assert_string_equal(h.message, "facet 3 crosses facet 4");
}

static void deaths_become_errors(void **state)
{
  (void)state;
  Heard h = run(crash, NULL, NULL);
  assert_int_equal(h.code, CAUDA_ERR_MESH);
  assert_string_equal(h.message, "Mesher died (signal 11, Segmentation fault); its last words: about to fall over");
  h = run(leave, NULL, NULL);
  assert_int_equal(h.code, CAUDA_ERR_MESH);
  assert_string_equal(h.message, "Mesher gave up (exit status 7); its last words: no solution");
}

static void lack_of_memory_is_told_apart(void **state)
{
  (void)state;
  assert_int_equal(run(be_killed, NULL, NULL).code, PETSC_ERR_MEM);
  assert_int_equal(run(throw_bad_alloc, NULL, NULL).code, PETSC_ERR_MEM);
}

static PetscErrorCode never_end(void *context, int fd)
{
  (void)context, (void)fd;
  while (pause()) continue;
  return 0;
}

/* What the child was given may go while it is at work; one that is not wanted any more is ended. */
static void two_children_work_beside_this_process(void **state)
{
  Child *first, *second, *third = NULL;
  int factor = 7, other = 11;
  (void)state;
  assert_int_equal(child_start("Mesher", write_numbers, &factor, &first), 0);
  factor = 3;
  assert_int_equal(child_start("Mesher", never_end, NULL, &third), 0);
  assert_int_equal(child_start("Mesher", write_numbers, &other, &second), 0);
  child_abandon(&third);
  assert_null(third);
  child_abandon(&third);
  assert_int_equal(child_finish(&second, &other, read_numbers), 0);
  factor = 7;
  assert_int_equal(child_finish(&first, &factor, read_numbers), 0);
  assert_null(first);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_arrive_whole),
      cmocka_unit_test(errors_keep_their_words),
      cmocka_unit_test(deaths_become_errors),
      cmocka_unit_test(lack_of_memory_is_told_apart),
      cmocka_unit_test(two_children_work_beside_this_process),
  };
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
