/* A table of ranked sets with whatever columns it has, to be sorted and filtered. */
#include "html.h"
#include "page.h"

#include <string.h>

/* A long text gets room across, lest its row grow tall. */
static void put_words(FILE *f, const char *key, const char *text)
{
  const bool limit = !strcmp(key, "limit");
  fprintf(f, "<td class=\"%s%s\">", limit && *text ? "over" : "",
          strlen(text) > 90   ? " longer"
          : strlen(text) > 30 ? " long"
                              : "");
  if (limit && *text) fputs("<b>over:</b> ", f);
  if (*text)
    html_text(f, text);
  else
    fputs(limit ? "kept" : "&mdash;", f);
}

/* Cells are sorted by data-v; those without a value come last. */
static void put_cell(FILE *f, const char *key, json_object *v)
{
  if (json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int)) {
    fprintf(f, "<td class=\"n\" data-v=\"%.10g\">", json_object_get_double(v));
    html_number(f, json_object_get_double(v), 4);
  } else if (json_object_is_type(v, json_type_boolean)) {
    fprintf(f, "<td>%s", json_object_get_boolean(v) ? "yes" : "no");
  } else {
    put_words(f, key, v ? json_object_get_string(v) : "");
  }
  fputs("</td>", f);
}

/* The name of a set that the page draws when it is chosen. */
static void put_choice(FILE *f, const char *key, json_object *v)
{
  if (strcmp(key, "set") != 0) {
    put_cell(f, key, v);
    return;
  }
  fputs("<td><button type=\"button\" data-choose>", f);
  html_text(f, v ? json_object_get_string(v) : "");
  fputs("</button></td>", f);
}

/* The target is the same in all rows, and lists and objects are no cells. */
static bool is_column(const char *key, json_object *v)
{
  return strcmp(key, "target") != 0 && !json_object_is_type(v, json_type_object) &&
         !json_object_is_type(v, json_type_array);
}

/* What is asked for most stands first, then all else in its order. */
static const char *const leading[] = {"rank",
                                      "set",
                                      "score",
                                      "score_low",
                                      "score_high",
                                      "first_probability",
                                      "rank_probability",
                                      "score_at_mA",
                                      "target_recruited",
                                      "spill",
                                      "limit",
                                      "nearest_limit",
                                      "nearest_limit_percent"};
enum { N_LEADING = sizeof leading / sizeof *leading };

static bool is_leading(const char *key)
{
  for (int i = 0; i < N_LEADING; i++)
    if (!strcmp(key, leading[i])) return true;
  return false;
}

/* The columns are those of the first row, even where it has nothing in them. */
static void each_column(FILE *f, json_object *first, json_object *row,
                        void (*put)(FILE *, const char *key, json_object *v))
{
  json_object *v;
  for (int i = 0; i < N_LEADING; i++)
    if (json_object_object_get_ex(first, leading[i], &v)) put(f, leading[i], json_get(row, leading[i]));
  json_object_object_foreach(first, key, shape)
  {
    if (!is_leading(key) && is_column(key, shape)) put(f, key, json_get(row, key));
  }
}

static void put_head(FILE *f, const char *key, json_object *v)
{
  (void)v;
  fputs("<th scope=\"col\"><button type=\"button\" data-sort>", f);
  page_key(f, key);
  fputs("</button></th>", f);
}

static void put_row(FILE *f, json_object *first, json_object *row, bool choose)
{
  fputs("<tr data-set=\"", f);
  html_text(f, json_text(row, "set"));
  fprintf(f, "\" data-over=\"%d\">", *json_text(row, "limit") != '\0');
  each_column(f, first, row, choose ? put_choice : put_cell);
  fputs("</tr>\n", f);
}

void page_table(FILE *f, json_object *rows, bool choose)
{
  json_object *first = json_object_array_get_idx(rows, 0);
  fputs("<div class=\"ranked\"><div class=\"tools\"><label>Filter <input type=\"search\" data-filter></label> "
        "<label><input type=\"checkbox\" data-kept> only sets that keep every limit</label> "
        "<span data-count aria-live=\"polite\"></span></div>\n"
        "<div class=\"wide\"><table class=\"ranking\"><thead><tr>",
        f);
  each_column(f, first, first, put_head);
  fputs("</tr></thead><tbody>\n", f);
  for (size_t i = 0; i < json_object_array_length(rows); i++)
    put_row(f, first, json_object_array_get_idx(rows, i), choose);
  fputs("</tbody></table></div><p class=\"note printed\">On paper without the last columns, which the page and the CSV "
        "files "
        "have.</p></div>\n",
        f);
}
