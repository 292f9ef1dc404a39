/* Progress: a bar with the time left on a terminal, plain lines elsewhere; and notes, which must not tear the bar. */
#include "cauda/base.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

enum { BAR_WIDTH = 24 };

/* What stands on the terminal is one thing for the whole process; so is its state. */
static struct {
  bool quiet, is_terminal, bar_shown;
  char stage[CAUDA_NAME_MAX];
  double start, drawn; /* s */
} now;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bar_clear(void)
{
  if (now.bar_shown) fputs("\r\033[K", stderr);
  now.bar_shown = false;
}

static void bar_draw(double fraction, double elapsed)
{
  int full = (int)(fraction * BAR_WIDTH);
  bar_clear();
  fprintf(stderr, "%-14s [%.*s%*s] %3.0f %%", now.stage, full, "########################", BAR_WIDTH - full, "",
          100.0 * fraction);
  if (fraction > 0.02 && elapsed > 1.0) fprintf(stderr, "  %.0f s left", elapsed * (1.0 - fraction) / fraction);
  fflush(stderr);
  now.bar_shown = true;
}

void progress_configure(bool quiet, bool is_terminal)
{
  now.quiet = quiet;
  now.is_terminal = is_terminal;
}

static void stage_begin(const char *stage, double t)
{
  bar_clear();
  snprintf(now.stage, sizeof now.stage, "%s", stage);
  now.start = t;
  now.drawn = 0.0;
  if (!now.is_terminal) fprintf(stderr, "%s ...\n", stage);
}

static void update(const char *stage, double fraction)
{
  double t = seconds_now();
  if (strcmp(stage, now.stage)) {
    if (fraction >= 1.0) return;
    stage_begin(stage, t);
  }
  if (fraction >= 1.0) {
    bar_clear();
  } else if (now.is_terminal && t - now.drawn > 0.1) {
    bar_draw(fraction > 0.0 ? fraction : 0.0, t - now.start);
    now.drawn = t;
  }
}

void progress(const char *stage, double fraction)
{
  if (now.quiet) return;
  pthread_mutex_lock(&lock);
  update(stage, fraction);
  pthread_mutex_unlock(&lock);
}

static void say(const char *before, const char *fmt, va_list args)
{
  if (now.quiet) return;
  pthread_mutex_lock(&lock);
  bar_clear();
  fputs(before, stderr);
  vfprintf(stderr, fmt, args);
  fputc('\n', stderr);
  pthread_mutex_unlock(&lock);
}

void say_note(const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  say("cauda: note: ", fmt, args);
  va_end(args);
}

void say_progress(const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  say("", fmt, args);
  va_end(args);
}
