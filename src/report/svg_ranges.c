/* How sure a ranking is: a line a set over the range of its score, with its median and the score of the case as it is. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>

static const double row_px = 24.0, names_px = 190.0, scale_px = 300.0, top_px = 34.0;

static json_object *drawn_sets(const Subject *s) { return json_get(json_get(s->report, "confidence"), "sets"); }

bool svg_has_ranges(const Subject *s)
{
  json_object *all = drawn_sets(s);
  return json_object_is_type(all, json_type_array) && json_object_array_length(all);
}

/* Scores may be below 0, or above 1 (ratios). */
static void find_ends(json_object *all, double *low, double *high)
{
  static const char *const keys[] = {"score", "score_low", "score_high"};
  *low = 0.0, *high = 1e-3;
  for (size_t i = 0; i < json_object_array_length(all); i++)
    for (int k = 0; k < 3; k++) {
      double v = json_number(json_object_array_get_idx(all, i), keys[k]);
      if (isfinite(v)) *low = fmin(*low, v), *high = fmax(*high, v);
    }
}

/* A set that is over a limit in some draw has no lower end: an arrow goes on to the left. */
static void put_row(FILE *f, const Frame *r, double zero, json_object *one, double y)
{
  const double low = json_number(one, "score_low"), high = json_number(one, "score_high");
  const double median = json_number(one, "score_median"), score = json_number(one, "score");
  char text[64];
  svg_label(f, r->left - 8.0, y + 4.0, "end", "font-size=\"11\"", json_text(one, "set"));
  if (isfinite(high)) {
    const double from = isfinite(low) ? frame_x(r, low - zero) : r->left, to = frame_x(r, high - zero);
    fprintf(f, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#0072b2\" stroke-width=\"7\" stroke-opacity=\"0.45\"/>", from, y,
            fmax(to, from + 1.0));
    if (!isfinite(low)) svg_label(f, r->left + 1.0, y + 4.0, "start", "font-size=\"11\"", "\xe2\x97\x80");
  }
  if (isfinite(median))
    fprintf(f, "<path d=\"M%.1f %.1fv12\" stroke=\"#1a1a1a\" stroke-width=\"2\"/>", frame_x(r, median - zero), y - 6.0);
  if (isfinite(score))
    fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#ffffff\" stroke=\"#1a1a1a\"/>",
            frame_x(r, score - zero), y);
  snprintf(text, sizeof text, "%.0f %%", 100.0 * json_number(one, "first_probability"));
  svg_label(f, r->left + r->width + 50.0, y + 4.0, "end", "", text);
  snprintf(text, sizeof text, "%.0f %%", 100.0 * json_number(one, "rank_probability"));
  svg_label(f, r->left + r->width + 110.0, y + 4.0, "end", "", text);
}

static void put_scale(FILE *f, const Frame *r, double low, double high)
{
  for (int i = 0; i <= 4; i++) {
    char text[32];
    const double at = low + 0.25 * i * (high - low), x = frame_x(r, at - low);
    snprintf(text, sizeof text, "%.2g", at);
    fprintf(f, "<path d=\"M%.1f %.1fv%.1f\" stroke=\"#d8d8d8\"/>", x, r->top, r->height);
    svg_label(f, x, r->top + r->height + 16.0, "middle", "", text);
  }
  svg_label(f, r->left + 0.5 * r->width, r->top + r->height + 32.0, "middle", "", "score");
  svg_label(f, r->left + r->width + 50.0, r->top - 8.0, "end", "font-weight=\"bold\"", "first");
  svg_label(f, r->left + r->width + 110.0, r->top - 8.0, "end", "font-weight=\"bold\"", "holds");
}

void svg_ranges(FILE *f, const Subject *s)
{
  json_object *all = drawn_sets(s);
  const size_t n = json_object_array_length(all);
  double low, high;
  find_ends(all, &low, &high);
  const Frame r = {names_px, top_px, scale_px, row_px * (double)n, high - low, 1.0};
  svg_begin(f, names_px + scale_px + 124.0, top_px + r.height + 42.0, "Range of each set's score over the draws");
  put_scale(f, &r, low, high);
  for (size_t i = 0; i < n; i++)
    put_row(f, &r, low, json_object_array_get_idx(all, i), top_px + row_px * ((double)i + 0.5));
  svg_end(f);
}
