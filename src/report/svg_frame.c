/* Frames of the plots. */
#include "svg_frame.h"

#include "html.h"

#include <math.h>

void svg_begin(FILE *f, double width, double height, const char *title)
{
  fprintf(f,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
          "role=\"img\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#1a1a1a\">",
          width, height, width, height);
  html_element(f, "title", title);
}

void svg_end(FILE *f) { fputs("</svg>\n", f); }

void svg_label(FILE *f, double x, double y, const char *anchor, const char *more, const char *text)
{
  fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s%s>", x, y, anchor, *more ? " " : "", more);
  html_text(f, text);
  fputs("</text>\n", f);
}

double frame_x(const Frame *r, double value) { return r->left + r->width * value / r->x_most; }
double frame_y(const Frame *r, double value) { return r->top + r->height * (1.0 - value / r->y_most); }

/* 1, 2 or 5 times a power of ten, so that about five fit. */
static double tick_step(double most)
{
  double raw = most / 5.0, unit = pow(10.0, floor(log10(raw)));
  return unit * (raw < 1.5 * unit ? 1.0 : raw < 3.5 * unit ? 2.0 : raw < 7.5 * unit ? 5.0 : 10.0);
}

static void x_ticks(FILE *f, const Frame *r)
{
  double step = tick_step(r->x_most), bottom = r->top + r->height;
  for (int i = 0; i * step <= r->x_most * 1.0001; i++) {
    char text[32];
    double x = frame_x(r, i * step);
    snprintf(text, sizeof text, "%.4g", i * step);
    fprintf(f, "<path d=\"M%.1f %.1fv5\" stroke=\"#1a1a1a\"/>", x, bottom);
    svg_label(f, x, bottom + 18.0, "middle", "", text);
  }
}

static void y_ticks(FILE *f, const Frame *r)
{
  for (int i = 0; i <= 4; i++) {
    char text[32];
    double y = frame_y(r, 0.25 * i * r->y_most);
    snprintf(text, sizeof text, "%.3g", 25.0 * i * r->y_most);
    fprintf(f, "<path d=\"M%.1f %.1fh%.1f\" stroke=\"#d8d8d8\"/>", r->left, y, r->width);
    svg_label(f, r->left - 6.0, y + 4.0, "end", "", text);
  }
}

void frame_axes(FILE *f, const Frame *r, const char *x_name, const char *y_name)
{
  char turned[64];
  double middle = r->top + 0.5 * r->height;
  y_ticks(f, r);
  x_ticks(f, r);
  fprintf(f, "<path d=\"M%.1f %.1fV%.1fH%.1f\" fill=\"none\" stroke=\"#1a1a1a\"/>", r->left, r->top, r->top + r->height,
          r->left + r->width);
  svg_label(f, r->left + 0.5 * r->width, r->top + r->height + 34.0, "middle", "", x_name);
  snprintf(turned, sizeof turned, "transform=\"rotate(-90 %.1f %.1f)\"", r->left - 34.0, middle);
  svg_label(f, r->left - 34.0, middle, "middle", turned, y_name);
}
