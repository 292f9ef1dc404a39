/* Text on its way into a page. */
#include "html.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

void html_text(FILE *s, const char *text)
{
  for (; text && *text; text++) {
    const unsigned char c = (unsigned char)*text;
    switch (c) {
    case '&': fputs("&amp;", s); break;
    case '<': fputs("&lt;", s); break;
    case '>': fputs("&gt;", s); break;
    case '"': fputs("&quot;", s); break;
    case '\'': fputs("&#39;", s); break;
    default: fputc(c < 0x20 || c == 0x7f ? ' ' : c, s);
    }
  }
}

void html_textf(FILE *s, const char *fmt, ...)
{
  char text[1000];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  html_text(s, text);
}

void html_element(FILE *s, const char *name, const char *text)
{
  fprintf(s, "<%s>", name);
  html_text(s, text);
  fprintf(s, "</%.*s>\n", (int)strcspn(name, " "), name);
}

void html_number(FILE *s, double v, int digits)
{
  if (isfinite(v))
    fprintf(s, "%.*g", digits, v);
  else
    fputs("&mdash;", s);
}

/* In JSON these stand only within strings, where \u does as well. */
void html_json(FILE *s, const char *json)
{
  for (; *json; json++) {
    if (*json == '<' || *json == '>' || *json == '&')
      fprintf(s, "\\u%04x", (unsigned)*json);
    else
      fputc(*json, s);
  }
}
