/* Work that a library may not survive, done in a process of its own. See child.h. */
#include "child.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4096, LAST_WORDS_MAX = 400 };

/* What the child says about itself, in memory that both processes see. */
typedef struct {
  bool finished; /* work() returned */
  PetscErrorCode code;
  char message[MESSAGE_MAX];
} Report;

typedef struct {
  int results; /* memory file that work() writes and receive() reads */
  int output;  /* memory file with the child's standard output and error */
  Report *report;
} Lines;

/* ---- helpers of both sides ------------------------------------------------------------------------------ */

PetscErrorCode child_write_all(int fd, const void *data, size_t bytes)
{
  const char *at = data;
  while (bytes > 0) {
    ssize_t n = write(fd, at, bytes);
    if (n < 0 && errno == EINTR) continue;
    PetscCheck(n > 0 || (errno != ENOSPC && errno != ENOMEM), PETSC_COMM_SELF, PETSC_ERR_MEM,
               "not enough memory to hand over %zu bytes", bytes);
    PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "results could not be handed over: %s", strerror(errno));
    at += n, bytes -= (size_t)n;
  }
  return 0;
}

PetscErrorCode child_read_all(int fd, void *data, size_t bytes)
{
  char *at = data;
  while (bytes > 0) {
    ssize_t n = read(fd, at, bytes);
    if (n < 0 && errno == EINTR) continue;
    PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "results end %zu bytes too early%s%s", bytes,
               n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
    at += n, bytes -= (size_t)n;
  }
  return 0;
}

/* ---- the child ------------------------------------------------------------------------------------------ */

/* Keeps the message where an error begins; what PetscCall() adds on the way up is of no use to the parent. */
static PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                                   PetscErrorType type, const char *message, void *context)
{
  Report *r = context;
  (void)comm, (void)line, (void)function, (void)file;
  if (type == PETSC_ERROR_INITIAL && message) snprintf(r->message, MESSAGE_MAX, "%s", message);
  return code;
}

/* A library that calls exit() must not run the parent's exit handlers (MPI's among them): this one, registered last,
 * runs first and ends the process. */
static void leave_at_once(int status, void *unused)
{
  (void)unused;
  fflush(NULL);
  _exit(status);
}

/* Where memory runs out, the system should end this process and not the one that can say so. */
static void offer_as_victim(void)
{
  FILE *s = fopen("/proc/self/oom_score_adj", "w");
  if (!s) return;
  fputs("1000", s);
  fclose(s);
}

static void become_child(const Lines *l, pid_t parent)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  for (int s = 1; s < NSIG; s++) signal(s, SIG_DFL); /* those that cannot be changed are refused: as it should be */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  offer_as_victim();
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  prctl(PR_SET_DUMPABLE, 0);
  dup2(l->output, STDOUT_FILENO);
  dup2(l->output, STDERR_FILENO);
  on_exit(leave_at_once, NULL);
}

static void run_child(const Lines *l, pid_t parent, ChildTask work, void *context) __attribute__((noreturn));
static void run_child(const Lines *l, pid_t parent, ChildTask work, void *context)
{
  become_child(l, parent);
  if (PetscPushErrorHandler(keep_message, l->report)) _exit(1);
  PetscErrorCode code = work(context, l->results);
  l->report->code = code;
  l->report->finished = true;
  fflush(NULL);
  _exit(0);
}

/* ---- the parent ----------------------------------------------------------------------------------------- */

/* The end of what the child printed, on one line. */
static void last_words(int output, char words[LAST_WORDS_MAX + 1])
{
  char raw[LAST_WORDS_MAX];
  off_t end = lseek(output, 0, SEEK_END), from = end > LAST_WORDS_MAX ? end - LAST_WORDS_MAX : 0;
  ssize_t n = end > 0 ? pread(output, raw, (size_t)(end - from), from) : 0;
  int length = 0;
  for (ssize_t i = 0; i < n; i++) {
    bool blank = !isprint((unsigned char)raw[i]) || raw[i] == ' ';
    if (!blank)
      words[length++] = raw[i];
    else if (length > 0 && words[length - 1] != ' ')
      words[length++] = ' ';
  }
  while (length > 0 && words[length - 1] == ' ') length--;
  words[length] = '\0';
}

/* Waits for the child; looks up every few ms, so that Ctrl-C ends it. */
static PetscErrorCode wait_for(const char *what, pid_t child, int *status)
{
  double pause_ms = 0.5;
  for (;;) {
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) {
      kill(child, SIGKILL);
      SETERRQ(PETSC_COMM_SELF, PETSC_ERR_SYS, "lost sight of %s: %s", what, strerror(errno));
    }
    if (signal_pending()) {
      kill(child, SIGKILL);
      while (waitpid(child, status, 0) < 0 && errno == EINTR) continue;
      break;
    }
    nanosleep(&(struct timespec){0, (long)(pause_ms * 1e6)}, NULL);
    pause_ms = pause_ms < 2.0 ? 1.3 * pause_ms : 2.0;
  }
  PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted while %s was at work", what);
  return 0;
}

/* How the child ended, as an error where it did not end well. */
static PetscErrorCode judge(const char *what, int status, const Lines *l)
{
  char words[LAST_WORDS_MAX + 1];
  last_words(l->output, words);
  const char *say = words[0] ? "; its last words: " : "";
  bool memory = strstr(words, "bad_alloc") || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  PetscCheck(!memory || l->report->finished, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s ran out of memory%s%s", what, say,
             words);
  if (WIFSIGNALED(status))
    SETERRQ(PETSC_COMM_SELF, CAUDA_ERR_MESH, "%s died (signal %d, %s)%s%s", what, WTERMSIG(status),
            strsignal(WTERMSIG(status)), say, words);
  PetscCheck(l->report->finished, PETSC_COMM_SELF, CAUDA_ERR_MESH, "%s gave up (exit status %d)%s%s", what,
             WEXITSTATUS(status), say, words);
  PetscCheck(!l->report->code, PETSC_COMM_SELF, l->report->code, "%s",
             l->report->message[0] ? l->report->message : what);
  return 0;
}

static PetscErrorCode open_lines(Lines *l)
{
  l->report = mmap(NULL, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (l->report == MAP_FAILED) l->report = NULL;
  PetscCheck(l->report, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory to share with a child process");
  l->results = memfd_create("results", MFD_CLOEXEC);
  l->output = memfd_create("output", MFD_CLOEXEC);
  PetscCheck(l->results >= 0 && l->output >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS,
             "no memory file for a child process: %s", strerror(errno));
  return 0;
}

static void close_lines(Lines *l)
{
  if (l->report) munmap(l->report, sizeof(Report));
  if (l->results >= 0) close(l->results);
  if (l->output >= 0) close(l->output);
}

struct Child {
  const char *what;
  Lines lines;
  pid_t pid; /* 0: none, or it has ended */
};

void child_abandon(Child **c)
{
  if (!*c) return;
  if ((*c)->pid) {
    kill((*c)->pid, SIGKILL);
    while (waitpid((*c)->pid, NULL, 0) < 0 && errno == EINTR) continue;
  }
  close_lines(&(*c)->lines);
  free(*c);
  *c = NULL;
}

static PetscErrorCode begin(Child *c, ChildTask work, void *context)
{
  PetscCall(open_lines(&c->lines));
  const pid_t parent = getpid();
  fflush(NULL); /* or the child would print our text once more */
  const pid_t pid = fork();
  PetscCheck(pid >= 0, PETSC_COMM_SELF, PETSC_ERR_MEM, "no child process for %s: %s", c->what, strerror(errno));
  if (pid == 0) run_child(&c->lines, parent, work, context);
  c->pid = pid;
  return 0;
}

PetscErrorCode child_start(const char *what, ChildTask work, void *context, Child **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  **out = (Child){.what = what, .lines = {.results = -1, .output = -1}};
  const PetscErrorCode ierr = begin(*out, work, context);
  if (ierr) child_abandon(out);
  return ierr;
}

static PetscErrorCode end(Child *c, void *context, ChildTask receive)
{
  int status = 0;
  const pid_t pid = c->pid;
  c->pid = 0;
  PetscCall(wait_for(c->what, pid, &status));
  PetscCall(judge(c->what, status, &c->lines));
  if (!receive) return 0;
  PetscCheck(lseek(c->lines.results, 0, SEEK_SET) == 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "results of %s: %s", c->what,
             strerror(errno));
  PetscCall(receive(context, c->lines.results));
  return 0;
}

PetscErrorCode child_finish(Child **c, void *context, ChildTask receive)
{
  const PetscErrorCode ierr = end(*c, context, receive);
  child_abandon(c);
  return ierr;
}

PetscErrorCode child_run(const char *what, ChildTask work, void *context, ChildTask receive)
{
  Child *c;
  PetscCall(child_start(what, work, context, &c));
  PetscCall(child_finish(&c, context, receive));
  return 0;
}
