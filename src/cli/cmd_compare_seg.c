/* compare-seg: how far two segmentations, or two folders of them, are from each other. */
#include "commands.h"
#include "seg_tables.h"

#include <stdlib.h>

static PetscErrorCode compare(const Args *args, SegPairs *p)
{
  for (int i = 0; i < p->n; i++) {
    SegPair *q = &p->pair[i];
    const SegCompareOptions o = {args->seg.table, q->cord[0] ? q->cord : NULL, "", args->seg.orientation,
                                 args->seg.units};
    progress("compare-seg", (double)i / p->n);
    PetscCheck(!signal_pending(), PETSC_COMM_SELF, CAUDA_ERR_INTERRUPTED, "interrupted");
    PetscCall(seg_compare(q->a, q->b, &o, &q->measures));
  }
  progress("compare-seg", 1.0);
  return 0;
}

static PetscErrorCode tell(const Args *args, const SegPairs *p, int n_label, const char *const *label)
{
  char plot[CAUDA_PATH_MAX];
  if (args->json)
    seg_print_json(p);
  else
    seg_print(p, n_label, label);
  if (!args->out) return 0;
  PetscCall(folder_create(args->out));
  PetscCall(seg_write_tables(p, n_label, label, args->out));
  PetscCall(path_join(args->out, "compare.svg", plot));
  return seg_write_plot(p, n_label, label, plot);
}

PetscErrorCode command_compare_seg(const Args *args)
{
  SegPairs p = {0};
  const char **label = NULL;
  int n_label = 0;
  PetscErrorCode ierr = seg_pairs_find(args->case_path, args->second, args->seg.cord, args->seg.groups, &p);
  if (!ierr) ierr = compare(args, &p);
  if (!ierr) ierr = seg_labels(&p, &n_label, &label);
  if (!ierr) ierr = tell(args, &p, n_label, label);
  free(label);
  seg_pairs_destroy(&p);
  return ierr;
}
