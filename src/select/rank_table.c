/* The ranking as a file and on the terminal. */
#include "cauda/select.h"

#include <math.h>
#include <string.h>

static void put_number(double v, FILE *s)
{
  if (isfinite(v))
    fprintf(s, ",%.6g", v);
  else
    fputc(',', s);
}

static void put_row(const RankRow *r, const ThresholdTable *t, const char *target, FILE *s)
{
  fprintf(s, "%d,%s,%s", r->rank, t->set[r->set], target);
  put_number(r->score, s);
  put_number(r->score_at_mA, s);
  put_number(r->target_threshold_mA, s);
  put_number(r->target_saturation_mA, s);
  fprintf(s, ",%s", r->first_other >= 0 ? t->root[r->first_other] : "");
  put_number(r->first_other_threshold_mA, s);
  put_number(r->margin, s);
  put_number(r->charge_density_uC_per_cm2, s);
  put_number(r->compliance_V, s);
  fprintf(s, ",%s,%s\n", r->limit, r->tied_with);
}

PetscErrorCode rank_write_csv(const RankRow *rows, const ThresholdTable *t, const char *target, const char *path)
{
  int root;
  OutFile f;
  FILE *s = NULL;
  PetscCall(thresholds_find_root(t, target, &root));
  PetscCall(file_begin(path, &f));
  PetscErrorCode error = file_open(&f, &s);
  if (!error) {
    fputs("rank,set,target,score,score_at_mA,target_threshold_mA,target_saturation_mA,first_other,"
          "first_other_threshold_mA,margin,charge_density_uC_per_cm2,compliance_V,limit,tied_with\n",
          s);
    for (int i = 0; i < t->n_set; i++) put_row(&rows[i], t, t->root[root], s);
    error = file_close(&f, &s);
  }
  if (!error) error = file_commit(&f);
  if (error) file_abort(&f);
  return error;
}

/* ---- on the terminal: at most 80 columns ---------------------------------------------------------------------- */

/* A number in 7 columns and a blank; "-" where there is none. */
static void print_number(double v, FILE *s)
{
  if (isfinite(v))
    fprintf(s, " %7.3g", v);
  else
    fprintf(s, " %7s", "-");
}

static void print_row(const RankRow *r, const ThresholdTable *t, FILE *s)
{
  fprintf(s, "%3d%c %-20.20s %6.3f", r->rank, r->tied_with[0] ? '=' : ' ', t->set[r->set], r->score);
  print_number(r->score_at_mA, s);
  print_number(r->target_threshold_mA, s);
  print_number(r->target_saturation_mA, s);
  fprintf(s, " %-11.11s", r->first_other >= 0 ? t->root[r->first_other] : "-");
  print_number(r->margin, s);
  fputc('\n', s);
  if (r->limit[0]) fprintf(s, "     over a limit: %.60s\n", r->limit);
}

PetscErrorCode rank_print(const RankRow *rows, const ThresholdTable *t, const char *target, FILE *stream)
{
  int root, ties = 0;
  PetscCall(thresholds_find_root(t, target, &root));
  fprintf(stream, "Target %.40s\n", t->root[root]);
  fprintf(stream, "%-4s %-20s %6s %7s %7s %7s %-11s %7s\n", "rank", "set", "score", "at mA", "thresh.", "satur.",
          "first other", "margin");
  for (int i = 0; i < t->n_set; i++) {
    print_row(&rows[i], t, stream);
    ties += rows[i].tied_with[0] != '\0';
  }
  if (ties) fputs("= tied: the scores differ by less than one fibre is worth\n", stream);
  PetscCheck(fflush(stream) == 0 && !ferror(stream), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "the ranking cannot be printed: the output does not take it");
  return 0;
}
