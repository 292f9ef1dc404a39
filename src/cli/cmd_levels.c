/* levels: segments of the cord, vertebrae, and the shift between the two, of one subject or of many. */
#include "commands.h"
#include "level_tables.h"
#include "seg_pairs.h"

#include <stdlib.h>

/* What the segments are compared with: at most one of the three. */
static PetscErrorCode second_of(const Args *args, LevelKind *kind, const char **path)
{
  const struct {
    const char *path;
    LevelKind kind;
  } given[] = {
      {args->seg.vertebrae, LEVEL_VERTEBRA}, {args->seg.discs, LEVEL_DISC}, {args->seg.against, LEVEL_SEGMENT}};
  int n = 0;
  *kind = LEVEL_NONE, *path = NULL;
  for (int i = 0; i < 3; i++)
    if (given[i].path) *kind = given[i].kind, *path = given[i].path, n++;
  PetscCheck(n < 2, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found %d of --vertebrae, --discs and --against, expected at most one", n);
  PetscCheck(n || !args->seg.vertebra_table, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--second_table has no use without --vertebrae, --discs or --against");
  return 0;
}

static const char *second_table(const Args *args, LevelKind kind, const char *first)
{
  if (args->seg.vertebra_table) return args->seg.vertebra_table;
  return kind == LEVEL_VERTEBRA ? "sct-levels" : kind == LEVEL_DISC ? "sct-discs" : first;
}

static PetscErrorCode measure(const Args *args, const SegPair *p, LevelKind kind, LevelRow *row)
{
  LevelOptions o = {.table = args->seg.table ? args->seg.table : "sct-spinal-levels",
                    .cord = p->cord[0] ? p->cord : NULL,
                    .orientation = args->seg.orientation,
                    .units = args->seg.units};
  row->file = p->name, row->subject = p->subject;
  PetscCall(levels_of_segments(p->a, &o, row->segment));
  if (kind == LEVEL_NONE) return 0;
  o.table = second_table(args, kind, o.table);
  o.discs = kind == LEVEL_DISC;
  if (kind == LEVEL_SEGMENT) return levels_of_segments(p->b, &o, row->second);
  return levels_of_vertebrae(p->b, &o, row->second);
}

static PetscErrorCode tell(const Args *args, LevelKind kind, int n, const LevelRow *row)
{
  levels_print(kind, n, row);
  if (!args->out) return 0;
  PetscCall(folder_create(args->out));
  return levels_write(kind, n, row, args->out);
}

PetscErrorCode command_levels(const Args *args)
{
  SegPairs p = {0};
  LevelKind kind;
  LevelRow *row = NULL;
  const char *second;
  PetscErrorCode ierr = second_of(args, &kind, &second);
  if (!ierr)
    ierr = seg_pairs_find(args->case_path, second ? second : args->case_path, args->seg.cord, args->seg.groups, &p);
  if (!ierr) ierr = mem_alloc((size_t)p.n, sizeof *row, &row);
  for (int i = 0; !ierr && i < p.n; i++) ierr = measure(args, &p.pair[i], kind, &row[i]);
  if (!ierr) ierr = tell(args, kind, p.n, row);
  free(row);
  seg_pairs_destroy(&p);
  return ierr;
}
