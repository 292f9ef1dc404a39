/* The map of contacts: a scheme as the device's programmer shows it, columns spread apart, heights to scale. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>
#include <string.h>

static const double px_per_mm = 6.5, column_px = 60.0, box_px = 52.0, margin_px = 46.0, rim_mm = 3.0;

/* What the lead spans, from its contacts. */
typedef struct {
  double left_mm, right_mm, top_mm, bottom_mm; /* middles; ends of contacts */
  double px_per_lateral_mm;
  bool mirrored; /* laid ventrally: the lead's right is the subject's left */
} Span;

bool svg_has_contacts(const Subject *s) { return json_get(json_get(s->report, "lead"), "contacts") != NULL; }

const char *svg_fill(double share) { return share < 0.0 ? "#9ecae9" : share > 0.0 ? "#f6b26b" : "#ffffff"; }

static json_object *contact_at(const Subject *s, size_t i)
{
  return json_object_array_get_idx(json_get(json_get(s->report, "lead"), "contacts"), i);
}

static size_t contact_count(const Subject *s)
{
  return json_object_array_length(json_get(json_get(s->report, "lead"), "contacts"));
}

static Span span_of(const Subject *s)
{
  Span p = {HUGE_VAL, -HUGE_VAL, -HUGE_VAL, HUGE_VAL, 0.0, false};
  double nearest = HUGE_VAL;
  for (size_t i = 0; i < contact_count(s); i++) {
    json_object *c = contact_at(s, i);
    double x = json_number(c, "lateral_mm"), y = json_number(c, "rostral_mm"), h = 0.5 * json_number(c, "length_mm");
    p.left_mm = fmin(p.left_mm, x), p.right_mm = fmax(p.right_mm, x);
    p.top_mm = fmax(p.top_mm, y + h), p.bottom_mm = fmin(p.bottom_mm, y - h);
    for (size_t k = 0; k < i; k++) {
      double apart = fabs(x - json_number(contact_at(s, k), "lateral_mm"));
      if (apart > 1e-6) nearest = fmin(nearest, apart);
    }
  }
  p.px_per_lateral_mm = isfinite(nearest) ? column_px / nearest : 0.0;
  p.mirrored = !strcmp(json_text(json_get(s->report, "lead"), "side"), "ventral");
  return p;
}

static void put_box(FILE *f, double x, double y, double width, double height, double share, double mA, const char *name)
{
  char text[32];
  fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\" fill=\"%s\" stroke=\"%s\"/>",
          x - 0.5 * width, y - 0.5 * height, width, height, svg_fill(share), share != 0.0 ? "#1a1a1a" : "#9a9a9a");
  svg_label(f, x, share != 0.0 ? y - 2.0 : y + 4.0, "middle",
            share != 0.0 ? "font-size=\"11\"" : "font-size=\"11\" fill=\"#666666\"", name);
  if (share == 0.0) return;
  snprintf(text, sizeof text, "%s%.3g", share < 0.0 ? "\xe2\x88\x92" : "+", fabs(share * mA));
  svg_label(f, x, y + 11.0, "middle", "font-size=\"12\" font-weight=\"bold\"", text);
}

static void put_contacts(FILE *f, const Subject *s, const Span *p, double centre_px, json_object *shares, double mA)
{
  for (size_t i = 0; i < contact_count(s); i++) {
    json_object *c = contact_at(s, i);
    const char *name = json_text(c, "name");
    double lateral = json_number(c, "lateral_mm") - 0.5 * (p->left_mm + p->right_mm), share = json_number(shares, name);
    double x = centre_px + p->px_per_lateral_mm * lateral;
    double y = margin_px + px_per_mm * (p->top_mm + rim_mm - json_number(c, "rostral_mm"));
    put_box(f, x, y, box_px, fmax(26.0, px_per_mm * json_number(c, "length_mm")), isfinite(share) ? share : 0.0, mA,
            name);
  }
}

static void put_directions(FILE *f, const Span *p, double width, double height)
{
  const char *side[2] = {"left", "right"};
  char turned[64];
  svg_label(f, 0.5 * width, 30.0, "middle", "", "\xe2\x96\xb2 rostral");
  for (int k = 0; k < 2; k++) {
    double x = k ? width - 10.0 : 18.0, y = margin_px + 0.5 * height;
    snprintf(turned, sizeof turned, "transform=\"rotate(-90 %.1f %.1f)\"", x, y);
    svg_label(f, x, y, "middle", turned, side[p->mirrored ? 1 - k : k]);
  }
}

void svg_contacts(FILE *f, const Subject *s, const DrivenSet *d)
{
  const Span p = span_of(s);
  json_object *shares = d->share;
  const double mA = d->mA, body = p.px_per_lateral_mm * (p.right_mm - p.left_mm) + box_px + 16.0;
  const double width = fmax(body + 60.0, 180.0), height = px_per_mm * (p.top_mm - p.bottom_mm + 2.0 * rim_mm);
  const double to_case = json_number(shares, "case");
  char title[CAUDA_NAME_MAX + 64], text[64];
  snprintf(title, sizeof title, "%s: currents of the contacts in mA at %.3g mA", d->name, mA);
  svg_begin(f, width, margin_px + height + 66.0, title);
  snprintf(text, sizeof text, "mA at %.3g mA in all", mA);
  svg_label(f, 0.5 * width, 14.0, "middle", "font-weight=\"bold\"", text);
  put_directions(f, &p, width, height);
  fprintf(f,
          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"10\" fill=\"#efefef\" stroke=\"#9a9a9a\"/>",
          0.5 * (width - body), margin_px, body, height);
  put_contacts(f, s, &p, 0.5 * width, shares, mA);
  put_box(f, 0.5 * width, margin_px + height + 26.0, 76.0, 30.0, isfinite(to_case) ? to_case : 0.0, mA, "case");
  svg_label(f, 0.5 * width, margin_px + height + 58.0, "middle", "font-size=\"10\"",
            p.mirrored ? "seen from the front" : "seen from behind");
  svg_end(f);
}
