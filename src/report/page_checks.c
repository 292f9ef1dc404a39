/* What the numbers are worth: certificate of the field, mesh, conductivities. */
#include "html.h"
#include "page.h"

#include <math.h>
#include <string.h>

/* What each number of the certificate says. */
static const struct {
  const char *key, *meaning;
} certificate[] = {
    {"unknowns", "unknowns of the system"},
    {"iterations", "iterations, most over the contacts"},
    {"residual", "largest relative residual of the solver"},
    {"balance", "currents at contacts and return against what they should be, largest difference (share of 1)"},
    {"symmetry", "the impedance matrix against its transpose, largest relative difference"},
    {"reciprocity", "a contact's potential by two independent ways, largest relative difference"},
    {"energy", "dissipated power against voltage times current, largest relative difference"},
};

void page_certificate(FILE *f, const Subject *s)
{
  json_object *field = json_get(s->report, "field"), *fibers = json_get(s->report, "fibers");
  if (!field) return;
  fputs("<table><tbody>\n", f);
  for (size_t i = 0; i < sizeof certificate / sizeof *certificate; i++) {
    double v = json_number(field, certificate[i].key);
    if (!isfinite(v)) continue;
    fputs("<tr>", f);
    html_element(f, "th scope=\"row\"", certificate[i].meaning);
    fputs("<td class=\"n\">", f);
    html_number(f, v, v >= 1000.0 ? 10 : 3);
    fputs("</td></tr>\n", f);
  }
  fputs("</tbody></table>\n", f);
  if (!fibers) return;
  fputs("<p class=\"note\">", f);
  html_textf(f, "Thresholds of %.0f fibres in %.0f roots by the model \"%s\".", json_number(fibers, "fibers"),
             json_number(fibers, "roots"), json_text(fibers, "tier"));
  double off = json_number(fibers, "linear_off_median_percent");
  if (off > 0.0)
    html_textf(f, " The linear predictor lies %.2g %% off in the median, %.2g %% at the 95th percentile.", off,
               json_number(fibers, "linear_off_95th_percent"));
  fputs("</p>\n", f);
}

static void put_region(FILE *f, const char *name, json_object *g)
{
  const double volume = json_number(g, "volume_mm3"), shape = json_number(g, "shape_volume_mm3");
  fputs("<tr>", f);
  html_element(f, "th scope=\"row\"", name);
  fprintf(f, "<td class=\"n\">%.0f</td><td class=\"n\">%.6g</td><td class=\"n\">", json_number(g, "tets"), volume);
  if (shape > 0.0)
    fprintf(f, "%+.2f %%", 100.0 * (volume / shape - 1.0));
  else
    fputs("&mdash;", f);
  fprintf(f, "</td><td class=\"n\">%.0f</td></tr>\n", json_number(g, "pieces"));
}

static void put_angles(FILE *f, json_object *mesh)
{
  fputs("<p>", f);
  html_textf(
      f,
      "%.0f nodes, %.0f tetrahedra; dihedral angles %.1f\xc2\xb0 to %.1f\xc2\xb0, %.2g %% of them below 5\xc2\xb0; "
      "inverted: %.0f; the dura leaks through %.0f faces and %.0f single nodes.",
      json_number(mesh, "nodes"), json_number(mesh, "tets"), json_number(mesh, "dihedral_min_deg"),
      json_number(mesh, "dihedral_max_deg"), json_number(mesh, "dihedral_below_5_percent"),
      json_number(mesh, "inverted"), json_number(mesh, "dura_leaks"), json_number(mesh, "dura_pinholes"));
  fputs("</p>\n", f);
}

static void put_repairs(FILE *f, const Subject *s)
{
  json_object *repairs = json_get(s->report, "repairs");
  size_t n = json_object_is_type(repairs, json_type_array) ? json_object_array_length(repairs) : 0;
  if (!n) return;
  fputs("<p>Repaired in the anatomy:</p><ul>\n", f);
  for (size_t i = 0; i < n; i++) {
    json_object *r = json_object_array_get_idx(repairs, i);
    fputs("<li>", f);
    html_textf(f, "%s: %.0f", json_text(r, "what"), json_number(r, "count"));
    if (json_number(r, "largest_mm") > 0.0) html_textf(f, ", up to %.2g mm", json_number(r, "largest_mm"));
    fputs("</li>\n", f);
  }
  fputs("</ul>\n", f);
}

void page_mesh(FILE *f, const Subject *s)
{
  json_object *mesh = json_get(s->report, "mesh"), *regions = json_get(mesh, "regions");
  put_repairs(f, s);
  if (!json_object_is_type(regions, json_type_object)) return;
  put_angles(f, mesh);
  fputs("<div class=\"wide\"><table><thead><tr><th>region</th><th>tetrahedra</th><th>volume "
        "<span class=\"unit\">(mm&sup3;)</span></th><th>against its shape</th><th>pieces</th></tr></thead><tbody>\n",
        f);
  json_object_object_foreach(regions, name, g) put_region(f, name, g);
  fputs("</tbody></table></div>\n", f);
}

/* What two regions have in common: one row tells of both. */
static bool same_tissue(json_object *a, json_object *b)
{
  return !strcmp(json_object_to_json_string_ext(a, JSON_C_TO_STRING_PLAIN),
                 json_object_to_json_string_ext(b, JSON_C_TO_STRING_PLAIN));
}

/* All regions like c, or nothing where c is not the first of them. */
static bool put_regions(FILE *f, json_object *all, json_object *c)
{
  const char *before = "<tr><th scope=\"row\">";
  json_object_object_foreach(all, region, other)
  {
    if (!same_tissue(other, c)) continue;
    if (*before == '<' && other != c) return false;
    fputs(before, f);
    html_text(f, region);
    before = ", ";
  }
  fputs("</th>", f);
  return true;
}

static void put_conductivity(FILE *f, json_object *all, json_object *c)
{
  const double along = json_number(c, "longitudinal_S_per_m");
  if (!put_regions(f, all, c)) return;
  fputs("<td class=\"n\">", f);
  if (isfinite(along)) {
    html_number(f, along, 4);
    fputs(" along, ", f);
    html_number(f, json_number(c, "transverse_S_per_m"), 4);
    fputs(" across", f);
  } else {
    html_number(f, json_number(c, "sigma_S_per_m"), 4);
  }
  fputs("</td>", f);
  html_element(f, "td", json_text(c, "source"));
  fputs("</tr>\n", f);
}

void page_conductivities(FILE *f, const Subject *s)
{
  json_object *all = json_get(s->report, "conductivities");
  if (!json_object_is_type(all, json_type_object)) return;
  fputs("<table><thead><tr><th>region</th><th>conductivity <span class=\"unit\">(S/m)</span></th><th>source</th></tr>"
        "</thead><tbody>\n",
        f);
  json_object_object_foreach(all, region, c)
  {
    (void)region;
    put_conductivity(f, all, c);
  }
  fputs("</tbody></table>\n", f);
}
