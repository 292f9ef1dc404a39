/* What the columns of a table of parameter sets mean, and one row of it. */
#include "sets_file.h"
#include "yaml_spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SUM_TOLERANCE = 1e-6; /* of the cathodic sum: what rounding in a table of decimals may leave */

/* Columns by what they mean: contacts count from 0, the case electrode follows them, then these. */
enum { SET_NAME = -1, AMPLITUDE = -2, WIDTH = -3, CONTROL = -4 };

static const struct {
  const char *name;
  int meaning;
} others[] = {{"set", SET_NAME}, {"amplitude_mA", AMPLITUDE}, {"width_us", WIDTH}, {"control", CONTROL}};
enum { OTHERS = sizeof others / sizeof *others };

/* ---- the header ----------------------------------------------------------------------------------------------- */

static PetscErrorCode meaning_of(const SetsFile *c, const char *name, int line, int *meaning)
{
  *meaning = c->n_contact;
  if (!strcmp(name, "case")) return 0;
  for (int i = 0; i < OTHERS; i++) {
    *meaning = others[i].meaning;
    if (!strcmp(name, others[i].name)) return 0;
  }
  for (*meaning = 0; *meaning < c->n_contact; ++*meaning)
    if (!strcmp(name, c->contact[*meaning])) return 0;
  return csv_fail(
      c->csv.path, line,
      "unknown contact or column \"%.60s\"; expected set, %s to %s, case, amplitude_mA, width_us or control", name,
      c->contact[0], c->contact[c->n_contact - 1]);
}

static const char *column_name(const SetsFile *c, int meaning)
{
  for (int i = 0; i < OTHERS; i++)
    if (others[i].meaning == meaning) return others[i].name;
  return meaning < c->n_contact ? c->contact[meaning] : "case";
}

PetscErrorCode sets_read_header(SetsFile *c)
{
  const CsvRow *row;
  bool named = false;
  PetscCall(csv_next(&c->csv, &row));
  PetscCheck(row, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: is empty; expected a header and one row a set",
             c->csv.path);
  PetscCall(mem_alloc((size_t)row->n_cell, sizeof *c->meaning, &c->meaning));
  c->n_column = row->n_cell;
  if (row->n_cell == 1 && strchr(row->cell[0], ';'))
    return csv_fail(c->csv.path, row->line,
                    "the columns are separated by semicolons; expected commas, and decimal points");
  for (int i = 0; i < c->n_column; i++) {
    PetscCall(meaning_of(c, row->cell[i], row->line, &c->meaning[i]));
    named |= c->meaning[i] == SET_NAME;
    for (int j = 0; j < i; j++)
      if (c->meaning[j] == c->meaning[i])
        return csv_fail(c->csv.path, row->line, "the column \"%s\" is there twice", row->cell[i]);
  }
  if (!named) return csv_fail(c->csv.path, row->line, "there is no column \"set\" with the names of the sets");
  return 0;
}

/* ---- a row ---------------------------------------------------------------------------------------------------- */

static PetscErrorCode read_name(const SetsFile *c, const CsvRow *row, const char *text, StimulationSet *s)
{
  if (!file_name_valid(text))
    return csv_fail(c->csv.path, row->line,
                    "\"%.80s\" cannot be a set's name; expected 1 to %d letters, digits, '-', '_' or '.', for it names "
                    "files",
                    text, CAUDA_NAME_MAX - 1);
  snprintf(s->name, sizeof s->name, "%s", text);
  return 0;
}

/* Before the numbers, whose meaning it decides. */
static PetscErrorCode read_control(const SetsFile *c, const CsvRow *row, const char *text, StimulationSet *s)
{
  static const char *const names[] = {"current", "single_source", "voltage"};
  int n = sizeof names / sizeof *names, i = 0;
  while (i < n && strcmp(text, names[i])) i++;
  if (*text && i == n)
    return csv_fail(c->csv.path, row->line, "control is \"%.60s\"; expected current, single_source or voltage", text);
  s->control = *text ? (SetControl)i : SET_CURRENT;
  if (s->control != SET_VOLTAGE) return 0;
  PetscCall(mem_alloc((size_t)c->n_contact + 1, sizeof *s->voltage_V, &s->voltage_V));
  for (i = 0; i <= c->n_contact; i++) s->voltage_V[i] = NAN;
  return 0;
}

/* An empty cell is a contact that is off, or an amplitude or width that is not given. */
static PetscErrorCode read_number(const SetsFile *c, const CsvRow *row, int column, StimulationSet *s)
{
  int meaning = c->meaning[column];
  const char *text = row->cell[column], *name = column_name(c, meaning);
  double v = 0.0;
  if (!*text) return 0;
  if (!number_parse(text, &v))
    return csv_fail(c->csv.path, row->line, "\"%.60s\" in column %s is no number", text, name);
  if (meaning < 0 && v <= 0.0)
    return csv_fail(c->csv.path, row->line, "%s is %g; expected a number above 0, or nothing", name, v);
  if (meaning == AMPLITUDE)
    s->amplitude_mA = v;
  else if (meaning == WIDTH)
    s->width_us = v;
  else if (s->voltage_V)
    s->voltage_V[meaning] = v;
  else
    s->fraction[meaning] = v;
  return 0;
}

/* Single source: even shares, until the impedances are known. */
static PetscErrorCode check_poles(const SetsFile *c, const CsvRow *row, StimulationSet *s)
{
  int cathodes = 0, anodes = 0;
  for (int i = 0; i <= c->n_contact; i++) cathodes += s->fraction[i]<0.0, anodes += s->fraction[i]> 0.0;
  if (!cathodes || !anodes)
    return csv_fail(c->csv.path, row->line,
                    "the set \"%s\" has %d cathodes and %d anodes, the return electrode (case) included; expected both",
                    s->name, cathodes, anodes);
  for (int i = 0; i <= c->n_contact; i++)
    if (s->fraction[i] != 0.0) s->fraction[i] = s->fraction[i] < 0.0 ? -1.0 / cathodes : 1.0 / anodes;
  return 0;
}

static PetscErrorCode check_voltages(const SetsFile *c, const CsvRow *row, const StimulationSet *s)
{
  double own = s->voltage_V[c->n_contact], low = isnan(own) ? HUGE_VAL : own, high = isnan(own) ? -HUGE_VAL : own;
  if (!isnan(own) && own != 0.0)
    return csv_fail(c->csv.path, row->line,
                    "the case electrode of \"%s\" is at %g V; expected 0, or nothing where it is not connected",
                    s->name, own);
  for (int i = 0; i < c->n_contact; i++)
    if (!isnan(s->voltage_V[i])) low = fmin(low, s->voltage_V[i]), high = fmax(high, s->voltage_V[i]);
  if (!(high > low))
    return csv_fail(c->csv.path, row->line, "the voltages of \"%s\" are all the same; expected a difference", s->name);
  if (s->amplitude_mA > 0.0)
    return csv_fail(c->csv.path, row->line, "the set \"%s\" has voltages and an amplitude_mA; expected one of them",
                    s->name);
  return 0;
}

/* Currents or fractions to fractions: cathodes sum to -1, anodes to 1. */
static PetscErrorCode normalise(const SetsFile *c, const CsvRow *row, StimulationSet *s)
{
  double cathodic = 0.0, anodic = 0.0;
  for (int i = 0; i <= c->n_contact; i++) *(s->fraction[i] < 0.0 ? &cathodic : &anodic) += fabs(s->fraction[i]);
  if (!(cathodic > 0.0))
    return csv_fail(c->csv.path, row->line, "the set \"%s\" has no cathode; expected at least one negative entry",
                    s->name);
  if (fabs(anodic - cathodic) > SUM_TOLERANCE * cathodic)
    return csv_fail(c->csv.path, row->line,
                    "the entries of \"%s\" sum to %.6g; expected 0, the return electrode (case) included", s->name,
                    anodic - cathodic);
  bool fractions = fabs(cathodic - 1.0) <= SUM_TOLERANCE;
  if (!fractions && s->amplitude_mA > 0.0)
    return csv_fail(c->csv.path, row->line,
                    "the cathodes of \"%s\" sum to %.6g beside an amplitude_mA; expected fractions that sum to -1",
                    s->name, -cathodic);
  if (!fractions) s->amplitude_mA = cathodic;
  for (int i = 0; i <= c->n_contact; i++) s->fraction[i] /= s->fraction[i] < 0.0 ? cathodic : anodic;
  return 0;
}

PetscErrorCode sets_read_row(const SetsFile *c, const CsvRow *row, StimulationSet *s)
{
  if (row->n_cell != c->n_column)
    return csv_fail(c->csv.path, row->line, "the row has %d values; expected %d, one for each column", row->n_cell,
                    c->n_column);
  PetscCall(mem_alloc((size_t)c->n_contact + 1, sizeof *s->fraction, &s->fraction));
  for (int i = 0; i < c->n_column; i++)
    if (c->meaning[i] == SET_NAME) PetscCall(read_name(c, row, row->cell[i], s));
  for (int i = 0; i < c->n_column; i++)
    if (c->meaning[i] == CONTROL) PetscCall(read_control(c, row, row->cell[i], s));
  for (int i = 0; i < c->n_column; i++)
    if (c->meaning[i] != SET_NAME && c->meaning[i] != CONTROL) PetscCall(read_number(c, row, i, s));
  if (s->control == SET_VOLTAGE) return check_voltages(c, row, s);
  return s->control == SET_SINGLE_SOURCE ? check_poles(c, row, s) : normalise(c, row, s);
}
