/* Levels as tables and as a plot of agreement. */
#ifndef CAUDA_CLI_LEVEL_TABLES_H
#define CAUDA_CLI_LEVEL_TABLES_H

#include "cauda/levels.h"

/* What the second set of levels is. */
typedef enum { LEVEL_NONE, LEVEL_SEGMENT, LEVEL_VERTEBRA, LEVEL_DISC } LevelKind;

typedef struct {
  const char *file, *subject;
  Level segment[LEVEL_COUNT], second[LEVEL_COUNT];
} LevelRow;

void levels_print(LevelKind kind, int n, const LevelRow *row);

/* levels_write: levels.csv; with a second kind shifts.csv, agreement.csv and agreement.svg, too. */
PetscErrorCode levels_write(LevelKind kind, int n, const LevelRow *row, const char *folder) CAUDA_CHECKED;

#endif
