/* Stopwatch: how long the parts of a work took, by the clock and by the processors. */
#ifndef CAUDA_STOPWATCH_H
#define CAUDA_STOPWATCH_H

#include "cauda/base.h"

enum { LAPS_MAX = 24 };

typedef struct {
  const char *name;
  double elapsed_s, processor_s; /* of all threads of this process and of its children that have ended */
} Lap;

typedef struct {
  int n;
  Lap lap[LAPS_MAX];
  double elapsed_s, processor_s; /* when the last lap ended */
} Stopwatch;

void stopwatch_start(Stopwatch *w);

/* Ends a lap and begins the next. Laps of the same name are added; those beyond LAPS_MAX go to the last. NULL: nothing.
 *   name  a literal: kept, not copied */
void stopwatch_lap(Stopwatch *w, const char *name);

#endif
