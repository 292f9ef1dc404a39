/* Where the numbers come from: command, versions, files with their hashes, times. */
#include "html.h"
#include "page.h"

#include <math.h>
#include <string.h>

static void put_pairs(FILE *f, json_object *o, const char *separator)
{
  const char *between = "";
  if (!json_object_is_type(o, json_type_object)) return;
  json_object_object_foreach(o, key, v)
  {
    fputs(between, f);
    html_text(f, key);
    fputc(' ', f);
    if (json_object_is_type(v, json_type_double))
      html_number(f, json_object_get_double(v), 4);
    else
      html_text(f, v ? json_object_get_string(v) : "");
    between = separator;
  }
}

static void put_inputs(FILE *f, json_object *inputs)
{
  size_t n = json_object_is_type(inputs, json_type_array) ? json_object_array_length(inputs) : 0;
  if (!n) return;
  fprintf(f,
          "<details><summary>%zu input files with their SHA-256</summary><div class=\"wide\"><table class=\"hashes\">"
          "<tbody>\n",
          n);
  for (size_t i = 0; i < n; i++) {
    json_object *one = json_object_array_get_idx(inputs, i);
    fputs("<tr>", f);
    html_element(f, "td", json_text(one, "path"));
    html_element(f, "td", json_text(one, "sha256"));
    fputs("</tr>\n", f);
  }
  fputs("</tbody></table></div></details>\n", f);
}

/* A line each. */
static void put_commands(FILE *f, const char *commands)
{
  fputs("<p>The commands that repeat this:</p>\n", f);
  while (*commands) {
    const size_t n = strcspn(commands, "\n");
    char line[2048];
    snprintf(line, sizeof line, "%.*s", (int)n, commands);
    html_element(f, "pre", line);
    commands += n + (commands[n] == '\n');
  }
}

void page_origin(FILE *f, const Subject *s)
{
  json_object *r = s->report;
  const double memory = json_number(r, "peak_memory_MB");
  if (*json_text(r, "command")) put_commands(f, json_text(r, "command"));
  fputs("<p>", f);
  html_textf(f, "Cauda %s; ", json_text(r, "version"));
  put_pairs(f, json_get(r, "libraries"), ", ");
  fputs(".</p>\n<p>Seconds: ", f);
  put_pairs(f, json_get(r, "time_s"), ", ");
  if (isfinite(memory)) html_textf(f, "; peak memory %.0f MB", memory);
  fputs(".</p>\n", f);
  put_inputs(f, json_get(r, "inputs"));
}
