/* Laps. */
#include "cauda/stopwatch.h"

#include <string.h>
#include <sys/resource.h>

static double of(const struct timeval *t) { return (double)t->tv_sec + 1e-6 * (double)t->tv_usec; }

static double processor_now(void)
{
  struct rusage own, children;
  if (getrusage(RUSAGE_SELF, &own) || getrusage(RUSAGE_CHILDREN, &children)) return 0.0;
  return of(&own.ru_utime) + of(&own.ru_stime) + of(&children.ru_utime) + of(&children.ru_stime);
}

void stopwatch_start(Stopwatch *w)
{
  w->n = 0;
  w->elapsed_s = seconds_now(), w->processor_s = processor_now();
}

static Lap *lap_named(Stopwatch *w, const char *name)
{
  for (int i = 0; i < w->n; i++)
    if (!strcmp(w->lap[i].name, name) || i == LAPS_MAX - 1) return &w->lap[i];
  w->lap[w->n] = (Lap){name, 0.0, 0.0};
  return &w->lap[w->n++];
}

void stopwatch_lap(Stopwatch *w, const char *name)
{
  if (!w) return;
  Lap *lap = lap_named(w, name);
  const double elapsed = seconds_now(), processor = processor_now();
  lap->elapsed_s += elapsed - w->elapsed_s, lap->processor_s += processor - w->processor_s;
  w->elapsed_s = elapsed, w->processor_s = processor;
}
