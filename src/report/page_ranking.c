/* The answer in words, and the ranking with whatever columns it has. */
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
}

/* ---- the table ---------------------------------------------------------------------------------------------------- */

/* Cells are sorted by data-v; those without a value come last. */
static void put_cell(FILE *f, const char *key, json_object *v)
{
  if (json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int)) {
    fprintf(f, "<td class=\"n\" data-v=\"%.10g\">", json_object_get_double(v));
    html_number(f, json_object_get_double(v), 4);
  } else if (json_object_is_type(v, json_type_boolean)) {
    fprintf(f, "<td>%s", json_object_get_boolean(v) ? "yes" : "no");
  } else {
    const char *text = v ? json_object_get_string(v) : "";
    fputs(!strcmp(key, "limit") && *text ? "<td class=\"over\">" : "<td>", f);
    if (!strcmp(key, "limit") && *text) fputs("<b>over:</b> ", f);
    if (*text)
      html_text(f, text);
    else
      fputs(!strcmp(key, "limit") ? "kept" : "&mdash;", f);
  }
  fputs("</td>", f);
}

/* The target is the same in all rows, and lists and objects are no cells. */
static bool is_column(const char *key, json_object *v)
{
  return strcmp(key, "target") != 0 && !json_object_is_type(v, json_type_object) &&
         !json_object_is_type(v, json_type_array);
}

/* The columns are those of the first row, in its order. */
static void put_heads(FILE *f, json_object *first)
{
  json_object_object_foreach(first, key, v)
  {
    if (!is_column(key, v)) continue;
    fputs("<th scope=\"col\"><button type=\"button\" data-sort>", f);
    page_key(f, key);
    fputs("</button></th>", f);
  }
}

static void put_row(FILE *f, json_object *first, json_object *row)
{
  fputs("<tr data-set=\"", f);
  html_text(f, json_text(row, "set"));
  fprintf(f, "\" data-over=\"%d\">", *json_text(row, "limit") != '\0');
  json_object_object_foreach(first, key, shape)
  {
    if (is_column(key, shape)) put_cell(f, key, json_get(row, key));
  }
  fputs("</tr>\n", f);
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

void page_ranking(FILE *f, const Subject *s)
{
  json_object *all = ranking(s);
  if (!all) return;
  json_object *first = json_object_array_get_idx(all, 0);
  fputs("<p>Target: <b>", f);
  html_text(f, json_text(first, "target"));
  fputs("</b></p>\n<div class=\"tools\"><label>Filter <input type=\"search\" data-filter></label> "
        "<label><input type=\"checkbox\" data-kept> only sets that keep every limit</label> "
        "<span data-count aria-live=\"polite\"></span></div>\n"
        "<div class=\"wide\"><table class=\"ranking\"><thead><tr>",
        f);
  put_heads(f, first);
  fputs("</tr></thead><tbody>\n", f);
  for (size_t i = 0; i < json_object_array_length(all); i++) put_row(f, first, json_object_array_get_idx(all, i));
  fputs("</tbody></table></div>\n", f);
  put_limits(f, s);
}
