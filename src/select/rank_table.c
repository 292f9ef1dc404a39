/* The ranking as a file, on the terminal, and in a sentence. */
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

static void put_numbers(int n, const double *v, FILE *s)
{
  for (int i = 0; i < n; i++) put_number(v[i], s);
}

static const char header[] =
    "rank,set,target,score,score_at_mA,target_threshold_mA,target_saturation_mA,first_other,first_other_threshold_mA,"
    "margin,charge_density_uC_per_cm2,compliance_V,limit,tied_with,target_recruited,spill,score_unlimited,"
    "unlimited_at_mA,selectivity,ratio,distance,window,laterality,largest_mA,charge_uC,shannon_k,power_mW,"
    "nearest_limit,nearest_limit_percent,score_predicted\n";

static void put_row(const Ranking *r, const RankRow *row, FILE *s)
{
  const Demand *d = &row->demand;
  fprintf(s, "%d,%s,%s", row->rank, r->set[row->set], r->goal->label);
  put_numbers(4, (double[]){row->score, row->score_at_mA, row->target_threshold_mA, row->target_saturation_mA}, s);
  fprintf(s, ",%s", row->first_other >= 0 ? r->goal->pool[row->first_other] : "");
  put_numbers(4, (double[]){row->first_other_threshold_mA, row->margin, d->charge_density_uC_per_cm2, d->compliance_V},
              s);
  fprintf(s, ",%s,%s", row->limit, row->tied_with);
  put_numbers(4, (double[]){row->target, row->spill, row->score_unlimited, row->unlimited_at_mA}, s);
  put_numbers(SCORE_KINDS, row->index, s);
  put_numbers(4, (double[]){row->largest_mA, d->charge_uC, d->shannon_k, d->power_mW}, s);
  fprintf(s, ",%s", row->nearest_words);
  put_numbers(2, (double[]){100.0 * row->nearest_share, row->score_predicted}, s);
  fputc('\n', s);
}

typedef struct {
  int n;
  const Ranking *const *r;
} Rankings;

static PetscErrorCode put_rows(const void *what, FILE *s)
{
  const Rankings *a = what;
  fputs(header, s);
  for (int k = 0; k < a->n; k++)
    for (int i = 0; i < a->r[k]->n; i++) put_row(a->r[k], &a->r[k]->row[i], s);
  return 0;
}

PetscErrorCode rankings_write_csv(int n, const Ranking *const *r, const char *path)
{
  return file_write(path, put_rows, &(Rankings){n, r});
}

PetscErrorCode rank_write_csv(const Ranking *r, const char *path) { return rankings_write_csv(1, &r, path); }

/* ---- on the terminal: at most 80 columns ---------------------------------------------------------------------- */

/* A number in 7 columns and a blank; "-" where there is none. */
static void print_number(double v, FILE *s)
{
  if (isfinite(v))
    fprintf(s, " %7.3g", v);
  else
    fprintf(s, " %7s", "-");
}

static void print_row(const Ranking *r, const RankRow *row, FILE *s)
{
  fprintf(s, "%3d%c %-20.20s %6.3f", row->rank, row->tied_with[0] ? '=' : ' ', r->set[row->set], row->score);
  print_number(row->score_at_mA, s);
  print_number(row->target_threshold_mA, s);
  print_number(row->target_saturation_mA, s);
  fprintf(s, " %-11.11s", row->first_other >= 0 ? r->goal->pool[row->first_other] : "-");
  print_number(row->margin, s);
  fputc('\n', s);
  if (row->limit[0]) fprintf(s, "     over a limit: %.60s\n", row->limit);
  if (!row->limit[0] && row->score_unlimited > row->score + 1e-9)
    fprintf(s, "     without limits %.3f at %.3g mA\n", row->score_unlimited, row->unlimited_at_mA);
}

void words_print(const char *text, FILE *s)
{
  for (const char *word = text; *word;) {
    int column = 0;
    while (*word) {
      int n = (int)strcspn(word, " ");
      if (column && column + 1 + n > 80) break;
      fprintf(s, "%s%.*s", column ? " " : "", n, word);
      column += n + (column > 0);
      word += n + (word[n] == ' ');
    }
    fputc('\n', s);
  }
}

PetscErrorCode rank_print(const Ranking *r, FILE *stream)
{
  char sentence[1024];
  int ties = 0;
  fprintf(stream, "Target %.60s, score: %s\n", r->goal->label, score_name[r->score]);
  fprintf(stream, "%-4s %-20s %6s %7s %7s %7s %-11s %7s\n", "rank", "set", "score", "at mA", "thresh.", "satur.",
          "first other", "margin");
  for (int i = 0; i < r->n; i++) {
    print_row(r, &r->row[i], stream);
    ties += r->row[i].tied_with[0] != '\0';
  }
  if (ties) fputs("= tied: the scores differ by less than one fibre is worth\n", stream);
  rank_sentence(r, sentence, sizeof sentence);
  fputc('\n', stream);
  words_print(sentence, stream);
  PetscCheck(fflush(stream) == 0 && !ferror(stream), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "the ranking cannot be printed: the output does not take it");
  return 0;
}

/* ---- in words ------------------------------------------------------------------------------------------------- */

static void say(char **text, size_t *room, const char *fmt, ...) CAUDA_PRINTF(3, 4);
static void say(char **text, size_t *room, const char *fmt, ...)
{
  va_list list;
  va_start(list, fmt);
  int n = vsnprintf(*text, *room, fmt, list);
  va_end(list);
  size_t used = n < 0 ? 0 : (size_t)n < *room ? (size_t)n : *room - 1;
  *text += used, *room -= used;
}

/* No set reaches the target: which one comes nearest, by the share of its threshold that the limits allow. */
static void say_unreached(const Ranking *r, char **text, size_t *room)
{
  const RankRow *nearest = NULL;
  for (int i = 0; i < r->n; i++) {
    const RankRow *row = &r->row[i];
    if (!isfinite(row->target_threshold_mA)) continue;
    if (!nearest || row->largest_mA / row->target_threshold_mA > nearest->largest_mA / nearest->target_threshold_mA)
      nearest = row;
  }
  say(text, room, "No set reaches %s within the limits.", r->goal->label);
  if (nearest && nearest->largest_mA < nearest->target_threshold_mA)
    say(text, room, " %s comes nearest: it would need %.3g mA, and %s allows %.3g mA.", r->set[nearest->set],
        nearest->target_threshold_mA, nearest->nearest_words, nearest->largest_mA);
  else if (nearest)
    say(text, room, " %s could, but: %s.", r->set[nearest->set], nearest->limit);
  else
    say(text, room, " None of them recruits it at any amplitude tried.");
}

static void say_why(const Ranking *r, const RankRow *best, char **text, size_t *room)
{
  say(text, room, "At %.3g mA it recruits %.0f %% of %s and %.0f %% of the others on average (%s %.3f).",
      best->score_at_mA, 100.0 * best->target, r->goal->label, 100.0 * best->spill, score_name[r->score], best->score);
  if (best->first_other >= 0 && best->first_other_threshold_mA <= best->score_at_mA)
    say(text, room, " The first other, %s, begins at %.3g mA.", r->goal->pool[best->first_other],
        best->first_other_threshold_mA);
  if (best->score_unlimited > best->score + 1e-9)
    say(text, room, " Held back by the limits: it would reach %.3f at %.3g mA.", best->score_unlimited,
        best->unlimited_at_mA);
  say(text, room, " Nearest limit: %s, %.0f %% of it used.", best->nearest_words, 100.0 * best->nearest_share);
}

void rank_sentence(const Ranking *r, char *text, size_t room)
{
  const RankRow *best = r->row;
  if (!r->reached) {
    say_unreached(r, &text, &room);
    return;
  }
  say(&text, &room, "Best for %s is %s", r->goal->label, r->set[best->set]);
  for (const char *name = best->tied_with; *name; name += strcspn(name, ";"), name += *name == ';')
    say(&text, &room, "%s%.*s", name == best->tied_with ? ", tied with " : ", ", (int)strcspn(name, ";"), name);
  say(&text, &room, ". ");
  say_why(r, best, &text, &room);
  for (int i = 1; i < r->n && !best->tied_with[0]; i++)
    if (!r->row[i].limit[0]) {
      say(&text, &room, " Next is %s with %.3f.", r->set[r->row[i].set], r->row[i].score);
      return;
    }
}
