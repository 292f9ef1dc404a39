/* The impedance matrix: darker is more, and each number is written. */
#include "html.h"
#include "svg.h"
#include "svg_frame.h"

#include <math.h>
#include <stdlib.h>

static const double cell_width = 38.0, cell_height = 22.0, head_px = 36.0;

static double entry(const CsvTable *z, int i, int j) { return strtod(csv_text(z, i, j), NULL); }

static double largest(const CsvTable *z, bool diagonal)
{
  double most = 0.0;
  for (int i = 0; i < z->n_row; i++)
    for (int j = 0; j < z->n_column; j++)
      if ((i == j) == diagonal) most = fmax(most, fabs(entry(z, i, j)));
  return most;
}

/* White to blue, by its share of the largest of its kind: the diagonal would drown the rest. */
static void put_cell(FILE *f, const CsvTable *z, int i, int j, double most)
{
  char text[32], fill[32];
  const double share = most > 0.0 ? fabs(entry(z, i, j)) / most : 0.0;
  const double x = head_px + cell_width * j, y = 20.0 + cell_height * i;
  fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"rgb(%.0f,%.0f,%.0f)\"%s/>", x, y,
          cell_width, cell_height, 255.0 - 205.0 * share, 255.0 - 140.0 * share, 255.0 - 75.0 * share,
          i == j ? " stroke=\"#1a1a1a\"" : "");
  snprintf(text, sizeof text, "%.0f", entry(z, i, j));
  snprintf(fill, sizeof fill, "font-size=\"10\" fill=\"%s\"", share > 0.6 ? "#ffffff" : "#1a1a1a");
  svg_label(f, x + 0.5 * cell_width, y + 15.0, "middle", fill, text);
}

void svg_impedance(FILE *f, const Subject *s)
{
  const CsvTable *z = s->impedance;
  const double own = largest(z, true), mutual = largest(z, false);
  svg_begin(f, head_px + cell_width * z->n_column + 4.0, 24.0 + cell_height * z->n_row,
            "Impedances of the contacts in ohm: the potential of a row's contact at unit current of a column's");
  for (int j = 0; j < z->n_column; j++)
    svg_label(f, head_px + cell_width * (j + 0.5), 14.0, "middle", "font-size=\"11\"", z->column[j]);
  for (int i = 0; i < z->n_row; i++) {
    svg_label(f, head_px - 5.0, 35.0 + cell_height * i, "end", "font-size=\"11\"", z->column[i]);
    for (int j = 0; j < z->n_column; j++) put_cell(f, z, i, j, i == j ? own : mutual);
  }
  svg_end(f);
}
