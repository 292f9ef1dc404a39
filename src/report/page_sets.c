/* The sets side by side: what each drives, and what it recruits. */
#include "html.h"
#include "page.h"
#include "svg.h"

#include <math.h>

/* A curve is told in words, too, for who cannot see it. */
void page_set(FILE *f, const Subject *s, int set)
{
  const ThresholdTable *t = s->thresholds;
  json_object *rank = subject_rank(s, set);
  fputs("<article class=\"set\" data-set=\"", f);
  html_text(f, t->set[set]);
  fputs("\"><h4>", f);
  if (rank) fprintf(f, "<span class=\"rank\">%.0f</span> ", json_number(rank, "rank"));
  html_text(f, t->set[set]);
  fputs("</h4><div class=\"plots\">\n", f);
  const DrivenSet d = subject_driven(s, set);
  if (svg_has_contacts(s)) svg_contacts(f, s, &d);
  fputs("<div class=\"curves\">\n", f);
  svg_curves(f, s, set, 'L');
  svg_curves(f, s, set, 'R');
  fputs("</div></div></article>\n", f);
}

/* By scripts: what is drawn here, and what may be drawn beside it. */
static void put_choice(FILE *f, const Subject *s)
{
  fputs(
      "<div class=\"tools\"><label>Show another set, too: <select data-choose><option value=\"\">\xe2\x80\x94</option>",
      f);
  for (int i = s->n_drawn; i < s->n_set; i++) {
    fputs("<option>", f);
    html_text(f, s->thresholds->set[s->set[i]]);
    fputs("</option>", f);
  }
  fputs("</select></label></div>\n", f);
}

void page_sets(FILE *f, const Subject *s)
{
  if (!s->thresholds) return;
  const int more = s->n_set - s->n_drawn, left_out = s->thresholds->n_set - s->n_set;
  fputs(
      "<p class=\"note\">Recruited share of a root's fibres by amplitude, the sum of the cathodic currents; the target "
      "is the thick black line, the dotted line the amplitude of the score. Minus: cathode (blue); plus: anode "
      "(orange).",
      f);
  if (more > 0) html_textf(f, " The first %d sets; the other %d are shown when they are chosen.", s->n_drawn, more);
  if (left_out > 0) html_textf(f, " %d more are in the tables only.", left_out);
  fputs("</p>\n", f);
  if (more > 0) put_choice(f, s);
  fputs("<div class=\"sets\">\n", f);
  for (int i = 0; i < s->n_drawn; i++) page_set(f, s, s->set[i]);
  fputs("</div>\n", f);
}

bool page_has_pareto(const Subject *s) { return svg_has_pareto(json_get(s->report, "ranking")); }

void page_pareto(FILE *f, const Subject *s)
{
  if (!page_has_pareto(s)) return;
  fputs("<p class=\"note\">Each set at the amplitude of its score. Filled: no other set activates more and spills less."
        "</p>\n",
        f);
  svg_pareto(f, s, json_get(s->report, "ranking"));
}

void page_impedance(FILE *f, const Subject *s)
{
  json_object *contacts = json_get(s->report, "contacts");
  if (!s->impedance || s->impedance->n_row != s->impedance->n_column) return;
  fputs(
      "<p class=\"note\">Potential of a row's contact at unit current of a column's (&#937;), against the return.</p>\n"
      "<div class=\"wide\">",
      f);
  svg_impedance(f, s);
  fputs("</div>\n", f);
  if (!json_object_is_type(contacts, json_type_object)) return;
  json_object_object_foreach(contacts, name, contact)
  {
    (void)name;
    if (json_get(contact, "impedance_unusual"))
      html_element(f, "p class=\"warn\"", json_text(contact, "impedance_unusual"));
  }
}
