/* The answer in words, and the ranking. */
#include "html.h"
#include "page.h"

#include <math.h>
#include <string.h>

static json_object *ranking(const Subject *s)
{
  json_object *r = json_get(s->report, "ranking");
  return json_object_is_type(r, json_type_array) && json_object_array_length(r) ? r : NULL;
}

/* ---- in words ----------------------------------------------------------------------------------------------------- */

static void put_thresholds(FILE *f, json_object *best)
{
  const char *other = json_text(best, "first_other");
  double target = json_number(best, "target_threshold_mA"), first = json_number(best, "first_other_threshold_mA");
  if (isfinite(target)) html_textf(f, " The target begins (10 %% of its fibres) at %.3g mA", target);
  if (isfinite(target) && isfinite(first)) html_textf(f, ", the first other root, %s, at %.3g mA", other, first);
  if (isfinite(target)) fputc('.', f);
}

static void put_best(FILE *f, const Subject *s, json_object *best)
{
  const int n = (int)json_object_array_length(ranking(s));
  const double at = json_number(best, "score_at_mA");
  html_textf(f, "Of %d set%s for %s, %s comes first: score %.3g at %.3g mA.", n, n == 1 ? "" : "s",
             json_text(best, "target"), json_text(best, "set"), json_number(best, "score"), at);
  put_thresholds(f, best);
  if (*json_text(best, "tied_with")) html_textf(f, " It is tied with %s.", json_text(best, "tied_with"));
  if (*json_text(best, "limit")) html_textf(f, " It is over a limit: %s.", json_text(best, "limit"));
}

/* What a sweep and a search found, in a line each; their parts of the page tell more. */
static void put_found(FILE *f, const Subject *s)
{
  json_object *all = json_get(s->report, "search"), *best = json_first(json_get(s->report, "sweep"), "ranking");
  const size_t n = json_object_is_type(all, json_type_array) ? json_object_array_length(all) : 0;
  if (best) {
    fputs("<p>", f);
    html_textf(f, "The best of the sweep: %s, %.3f at %.3g mA ", json_text(best, "set"), json_number(best, "score"),
               json_number(best, "score_at_mA"));
    fputs("(<a href=\"#sweep\">sweep</a>).</p>\n", f);
  }
  for (size_t i = 0; i < n; i++) {
    json_object *one = json_object_array_get_idx(all, i), *found = json_first(one, "ranking");
    if (!found) continue;
    fputs("<p>", f);
    html_textf(f, "The best that the search found for %s: %s, %.3f at %.3g mA ", json_text(one, "target"),
               json_text(found, "set"), json_number(found, "score"), json_number(found, "score_at_mA"));
    fputs("(<a href=\"#search\">search</a>).</p>\n", f);
  }
}

void page_answer(FILE *f, const Subject *s)
{
  const char *given = json_text(s->report, "answer"), *sure = json_text(json_get(s->report, "confidence"), "answer");
  fputs("<p class=\"answer\">", f);
  if (*given)
    html_text(f, given);
  else if (ranking(s))
    put_best(f, s, json_object_array_get_idx(ranking(s), 0));
  else
    html_text(f, "This run ends before the ranking: the case has no target or no sets, or the stage was not run.");
  if (*sure) fputc(' ', f);
  html_text(f, sure);
  fputs("</p>\n", f);
  put_found(f, s);
}

static void put_limits(FILE *f, const Subject *s)
{
  json_object *limits = json_get(s->report, "limits");
  const char *separator = "Limits: ";
  if (!limits) return;
  fputs("<p class=\"note\">", f);
  json_object_object_foreach(limits, key, v)
  {
    fputs(separator, f);
    page_key(f, key);
    fputs(" ", f);
    if (json_object_is_type(v, json_type_string))
      html_text(f, json_object_get_string(v));
    else
      html_number(f, json_object_get_double(v), 6);
    separator = ", ";
  }
  fputs(". The score is the largest that the limits allow; a set that cannot keep them ranks below all that do.", f);
  if (*json_text(s->report, "score")) html_textf(f, " Score: %s.", json_text(s->report, "score"));
  fputs("</p>\n", f);
}

/* What the draws said of each set beside its score. Caller puts it. */
static json_object *with_confidence(json_object *row, json_object *sets)
{
  static const char *const keys[] = {"score_low", "score_high", "first_probability", "rank_probability"};
  json_object *out = json_object_new_object(), *drawn = json_named(sets, "set", json_text(row, "set"));
  json_object_object_foreach(row, key, v) json_object_object_add(out, key, json_object_get(v));
  for (int i = 0; drawn && i < 4; i++) json_object_object_add(out, keys[i], json_object_get(json_get(drawn, keys[i])));
  return out;
}

void page_ranking(FILE *f, const Subject *s)
{
  json_object *all = ranking(s), *sets = json_get(json_get(s->report, "confidence"), "sets");
  if (!all) return;
  json_object *rows = json_object_new_array();
  for (size_t i = 0; i < json_object_array_length(all); i++)
    json_object_array_add(rows, with_confidence(json_object_array_get_idx(all, i), sets));
  fputs("<p>Target: <b>", f);
  html_text(f, json_text(json_object_array_get_idx(all, 0), "target"));
  fputs("</b></p>\n", f);
  page_table(f, rows, s->thresholds != NULL);
  json_object_put(rows);
  put_limits(f, s);
}
