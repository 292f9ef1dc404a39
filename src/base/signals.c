/* Signals and the tmp files that an interrupt has to remove. A signal handler reaches nothing but file-level state:
 * this is the one file of the library that has some for that reason. */
#include "tmpfiles.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS = 16, SECONDS_TO_END = 5 };
enum { FREE, TAKEN, OPEN };

typedef struct {
  atomic_int state;
  pid_t owner; /* a child made by fork() must not remove its parent's files */
  char path[CAUDA_PATH_MAX + 16];
} TmpSlot;

static TmpSlot slots[SLOTS];
static volatile sig_atomic_t signalled;

PetscErrorCode tmp_register(const char *tmp)
{
  PetscCheck(strlen(tmp) < sizeof slots[0].path, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: the path is too long",
             tmp);
  for (int i = 0; i < SLOTS; i++) {
    int nobody = FREE;
    if (!atomic_compare_exchange_strong(&slots[i].state, &nobody, TAKEN)) continue;
    strcpy(slots[i].path, tmp);
    slots[i].owner = getpid();
    atomic_store(&slots[i].state, OPEN); /* last: the handler may run in between, or another thread */
    return 0;
  }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_PLIB, "more than %d output files are open at once", SLOTS);
}

void tmp_forget(const char *tmp)
{
  for (int i = 0; i < SLOTS; i++)
    if (atomic_load(&slots[i].state) == OPEN && slots[i].owner == getpid() && !strcmp(slots[i].path, tmp))
      atomic_store(&slots[i].state, FREE);
}

void tmp_unlink_all(void)
{
  for (int i = 0; i < SLOTS; i++)
    if (atomic_load(&slots[i].state) == OPEN && slots[i].owner == getpid()) unlink(slots[i].path);
}

static void on_signal(int sig)
{
  if (signalled || sig == SIGALRM) {
    static const char words[] = "\ncauda: interrupted; what was finished before is kept\n";
    tmp_unlink_all();
    (void)!write(STDERR_FILENO, words, sizeof words - 1);
    _exit(130);
  }
  signalled = 1;
  alarm(SECONDS_TO_END); /* a library call that cannot be asked must not hold the user */
}

void signals_install(void)
{
  /* No SA_RESTART: a wait for a child has to come back so that the child can be ended. */
  struct sigaction a = {.sa_handler = on_signal}, before;
  sigemptyset(&a.sa_mask);
  sigaction(SIGINT, &a, NULL);
  sigaction(SIGTERM, &a, NULL);
  sigaction(SIGALRM, &a, NULL);
  if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &a, NULL); /* nohup */
  signal(SIGXFSZ, SIG_IGN); /* a limit on files is a failing write, not a death */
}

bool signal_pending(void) { return signalled != 0; }
