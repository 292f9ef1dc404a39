/* What `cauda sweep`, `search` and `confidence` have added to a run. */
#include "html.h"
#include "page.h"
#include "svg.h"

#include <math.h>
#include <string.h>

enum { SWEEP_MAPS = 4 };

static bool has_rows(json_object *o) { return json_first(o, "ranking") != NULL; }

/* A set that Cauda made: its contacts; what it recruits is in the table. */
static void put_map(FILE *f, const Subject *s, const CsvTable *sets, json_object *row, const char *why)
{
  json_object *share = sets ? subject_shares(sets, json_text(row, "set")) : NULL;
  const double at = json_number(row, "score_at_mA");
  const DrivenSet d = {json_text(row, "set"), share, at > 0.0 ? at : 1.0};
  if (!share) return;
  fputs("<article class=\"set\"><h4>", f);
  html_text(f, d.name);
  fputs("</h4><p class=\"note\">", f);
  html_textf(f, "%s%sscore %.3f: %.0f %% of the target, %.0f %% of the others", why, *why ? "; " : "",
             json_number(row, "score"), 100.0 * json_number(row, "target_recruited"),
             100.0 * json_number(row, "spill"));
  fputs("</p>\n", f);
  svg_contacts(f, s, &d);
  fputs("</article>\n", f);
  json_object_put(share);
}

/* ---- sweep -------------------------------------------------------------------------------------------------------- */

bool page_has_sweep(const Subject *s) { return has_rows(json_get(s->report, "sweep")); }

void page_sweep(FILE *f, const Subject *s)
{
  json_object *sweep = json_get(s->report, "sweep"), *rows = json_get(sweep, "ranking");
  if (!page_has_sweep(s)) return;
  html_element(f, "p", json_text(sweep, "answer"));
  fputs("<p class=\"note\">", f);
  html_textf(f,
             "%.0f sets screened by the linear predictor, whose best score was %.3f; the best of them here by the full "
             "model.",
             json_number(sweep, "screened"), json_number(sweep, "linear_best"));
  if (json_number(sweep, "device_cannot") > 0.0)
    html_textf(f, " The device cannot do %.0f of them.", json_number(sweep, "device_cannot"));
  fputs(" Their shares are in sweep_sets.csv, a file for <code>sets:</code>.</p>\n<div class=\"sets maps\">", f);
  for (size_t i = 0; i < json_object_array_length(rows) && i < SWEEP_MAPS && svg_has_contacts(s); i++)
    put_map(f, s, s->sweep_sets, json_object_array_get_idx(rows, i), "");
  fputs("</div>\n", f);
  page_table(f, rows, false);
}

/* ---- search ------------------------------------------------------------------------------------------------------- */

static json_object *targets_of(const Subject *s)
{
  json_object *all = json_get(s->report, "search");
  return json_object_is_type(all, json_type_array) && json_object_array_length(all) ? all : NULL;
}

bool page_has_search(const Subject *s) { return targets_of(s) != NULL; }

/* The best set, and the one of fewest contacts where that is another; activation against spill. */
static void put_target(FILE *f, const Subject *s, json_object *one)
{
  json_object *rows = json_get(one, "ranking"), *best = json_first(one, "ranking");
  const char *fewest = json_text(one, "fewest_contacts");
  html_element(f, "h4", json_text(one, "target"));
  html_element(f, "p", json_text(one, "answer"));
  if (!best) return;
  fputs("<div class=\"sets maps\">", f);
  if (svg_has_contacts(s)) put_map(f, s, s->search_sets, best, "the best");
  if (svg_has_contacts(s) && *fewest && strcmp(fewest, json_text(best, "set")) != 0)
    put_map(f, s, s->search_sets, json_named(rows, "set", fewest), "fewest contacts within 5 % of it");
  if (svg_has_pareto(rows)) svg_pareto(f, s, rows);
  fputs("</div>\n", f);
  page_table(f, rows, false);
}

void page_search(FILE *f, const Subject *s)
{
  json_object *all = targets_of(s);
  if (!all) return;
  fputs(
      "<p class=\"note\">Shares on all contacts, found for each target; \xe2\x80\x9csimple\xe2\x80\x9d sets are those "
      "that a sweep would find. search_sets.csv, a file for <code>sets:</code>, is the programme of all targets.</p>\n",
      f);
  for (size_t i = 0; i < json_object_array_length(all); i++) put_target(f, s, json_object_array_get_idx(all, i));
}

/* ---- confidence --------------------------------------------------------------------------------------------------- */

static void put_tied(FILE *f, json_object *sets)
{
  for (size_t i = 0; i < json_object_array_length(sets); i++) {
    json_object *one = json_object_array_get_idx(sets, i);
    if (!*json_text(one, "tied_with")) continue;
    fputs("<li>", f);
    html_textf(f, "%s and %s", json_text(one, "set"), json_text(one, "tied_with"));
    fputs("</li>\n", f);
  }
}

static bool any_tied(json_object *sets)
{
  for (size_t i = 0; i < json_object_array_length(sets); i++)
    if (*json_text(json_object_array_get_idx(sets, i), "tied_with")) return true;
  return false;
}

void page_confidence(FILE *f, const Subject *s)
{
  json_object *confidence = json_get(s->report, "confidence"), *sets = json_get(confidence, "sets");
  if (!svg_has_ranges(s)) return;
  html_element(f, "p", json_text(confidence, "answer"));
  fputs("<p class=\"note\">", f);
  html_textf(
      f,
      "Over %.0f draws (confidence_samples.csv). Bar: range of the score; line: median; ring: the case as it is. "
      "First: share of the draws in which no set is better; holds: in which the set keeps its rank.",
      json_number(confidence, "draws"));
  fputs("</p>\n<div class=\"wide\">", f);
  svg_ranges(f, s);
  fputs("</div>\n", f);
  if (!any_tied(sets)) return;
  fputs("<p>Not told apart in nine of ten draws:</p><ul>\n", f);
  put_tied(f, sets);
  fputs("</ul>\n", f);
}
