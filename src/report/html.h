/* Html: text on its way into a page. Whatever came from outside goes through one of these. Inside src/report/.
 * Write errors are seen when the stream is closed. */
#ifndef CAUDA_REPORT_HTML_H
#define CAUDA_REPORT_HTML_H

#include "cauda/base.h"

#include <json-c/json.h>

/* html_text: as text or within a quoted attribute, of HTML or SVG; control characters, which neither may hold, become
 * blanks. NULL is nothing. */
void html_text(FILE *s, const char *text);
void html_textf(FILE *s, const char *fmt, ...) CAUDA_PRINTF(2, 3); /* at most 1000 bytes */
/* html_element: <NAME>text</NAME>; `name` may hold attributes. */
void html_element(FILE *s, const char *name, const char *text);
/* html_number: in at most `digits` significant digits; an em dash where v is not finite. */
void html_number(FILE *s, double v, int digits);
/* html_json: as the content of a <script> element, which nothing in it can close. */
void html_json(FILE *s, const char *json);

#endif
