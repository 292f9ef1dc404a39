/* The table of options, and what is made of it: the parser and the help. */
#include "args.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum { KIND_FLAG, KIND_TEXT, KIND_COUNT, KIND_NUMBER, KIND_PLACE } OptionKind; /* place: may be 0 or below */

typedef struct {
  unsigned bit;
  const char *name, *letter; /* letter: NULL if there is none */
  OptionKind kind;
  size_t field; /* in Args */
  const char *value, *help;
} Option;

static const Option options[] = {
    {OPTION_OUT, "--out", "-o", KIND_TEXT, offsetof(Args, out), "DIR", "folder of the results (default: out/NAME)"},
    {OPTION_FOLDER, "--out", "-o", KIND_TEXT, offsetof(Args, out), "DIR", "folder of the files that are written"},
    {OPTION_INPUT, "--input", NULL, KIND_TEXT, offsetof(Args, input), "DIR",
     "folder that the case's input paths are relative to (default: the case file's)"},
    {OPTION_SET, "--set", NULL, KIND_TEXT, offsetof(Args, set), "NAME", "the parameter set"},
    {OPTION_AMPLITUDE, "--amplitude_mA", NULL, KIND_NUMBER, offsetof(Args, amplitude_mA), "A",
     "sum of the cathodic currents (default: the set's own, else 1)"},
    {OPTION_AT, "--at", NULL, KIND_TEXT, offsetof(Args, at), "POINTS.csv",
     "values at these points (x_mm,y_mm,z_mm) instead of the whole field"},
    {OPTION_TEST, "--test", NULL, KIND_TEXT, offsetof(Args, test), "NAME", "only the tests whose names begin so"},
    {OPTION_REFINED, "--refined", NULL, KIND_FLAG, offsetof(Args, refined), NULL, "the finer meshes, too"},
    {OPTION_AXON, "--model", NULL, KIND_TEXT, offsetof(Args, axon.model), "NAME", "mrg (default), linear or senn"},
    {OPTION_AXON, "--geometry", NULL, KIND_TEXT, offsetof(Args, axon.geometry), "NAME",
     "interpolated (default), table or small"},
    {OPTION_AXON, "--dt_us", NULL, KIND_NUMBER, offsetof(Args, axon.dt_us), "DT", "time step"},
    {OPTION_AXON, "--tolerance", NULL, KIND_NUMBER, offsetof(Args, axon.tolerance), "T", "of a threshold, as a share"},
    {OPTION_AXON, "--shape", NULL, KIND_TEXT, offsetof(Args, axon.shape), "NAME",
     "biphasic (default), monophasic or asymmetric"},
    {OPTION_AXON, "--width_us", NULL, KIND_NUMBER, offsetof(Args, axon.width_us), "W", "of a phase"},
    {OPTION_AXON, "--interphase_us", NULL, KIND_PLACE, offsetof(Args, axon.interphase_us), "G", "between the phases"},
    {OPTION_AXON, "--recharge_width_us", NULL, KIND_NUMBER, offsetof(Args, axon.recharge_width_us), "R",
     "of the second phase of an asymmetric pulse"},
    {OPTION_AXON, "--samples", NULL, KIND_TEXT, offsetof(Args, axon.samples), "PULSE.csv",
     "a sampled pulse (time_us,height)"},
    {OPTION_AXON, "--node_at_mm", NULL, KIND_PLACE, offsetof(Args, axon.node_at_mm), "S",
     "a node lies there (default: the middle of each path)"},
    {OPTION_AXON, "--largest_mA", NULL, KIND_NUMBER, offsetof(Args, axon.largest_mA), "A",
     "where the search ends (default: 1000)"},
    {OPTION_STEP, "--step_mm", NULL, KIND_NUMBER, offsetof(Args, step_mm), "S",
     "of the lattice on which surfaces are cut (default: 0.5)"},
    {OPTION_LEVELS, "--vertebrae", NULL, KIND_TEXT, offsetof(Args, seg.vertebrae), "FILE",
     "label image of vertebrae, or of the cord by vertebra, to compare with"},
    {OPTION_LEVELS, "--discs", NULL, KIND_TEXT, offsetof(Args, seg.discs), "FILE",
     "label image of discs, each named as the vertebra below it, to compare with"},
    {OPTION_LEVELS, "--against", NULL, KIND_TEXT, offsetof(Args, seg.against), "FILE",
     "other segments or roots of the same subject, to compare with"},
    {OPTION_LEVELS, "--second_table", NULL, KIND_TEXT, offsetof(Args, seg.vertebra_table), "NAME",
     "its label table (default: sct-levels, sct-discs, or that of the segments)"},
    {OPTION_SEG, "--table", NULL, KIND_TEXT, offsetof(Args, seg.table), "NAME",
     "label table of both (cases/labels/, or a path): names, and what is one structure"},
    {OPTION_SEG, "--cord", NULL, KIND_TEXT, offsetof(Args, seg.cord), "FILE",
     "mask of the cord (for folders: a folder): tells left from right in each label"},
    {OPTION_SEG, "--groups", NULL, KIND_TEXT, offsetof(Args, seg.groups), "G.csv",
     "columns file,subject[,session,site] (default: sub-, ses-, site- in the paths)"},
    {OPTION_SEG, "--orientation", NULL, KIND_TEXT, offsetof(Args, seg.orientation), "FORM",
     "sform or qform, where the two disagree"},
    {OPTION_SEG, "--units", NULL, KIND_TEXT, offsetof(Args, seg.units), "UNIT",
     "mm, um or m, where an image does not say"},
    {OPTION_PLACE, "--targets", NULL, KIND_TEXT, offsetof(Args, targets), "ROOTS",
     "such as L1_L,L4_R: propose a place for them"},
    {OPTION_PLACE, "--enlargement", NULL, KIND_TEXT, offsetof(Args, enlargement), "FIRST-LAST",
     "its segments (default: L1-S2)"},
    {OPTION_PLACE, "--try", NULL, KIND_FLAG, offsetof(Args, try_places), NULL,
     "mesh and solve at each place, and tell the best simple set for each target"},
    {OPTION_NIFTI, "--nifti", NULL, KIND_FLAG, offsetof(Args, nifti), NULL,
     "as images, on the grid of the case's label map"},
    {OPTION_NIFTI, "--like", NULL, KIND_TEXT, offsetof(Args, like), "IMAGE", "as images, on the grid of this one"},
    {OPTION_SVG, "--svg", NULL, KIND_FLAG, offsetof(Args, svg), NULL,
     "the plots as SVG files as well, in DIR/pictures"},
    {OPTION_THREADS, "--threads", NULL, KIND_COUNT, offsetof(Args, threads), "N",
     "threads at most, in what runs in threads (default: all cores)"},
    {OPTION_FORCE, "--force", NULL, KIND_FLAG, offsetof(Args, force), NULL, "run again what is up to date"},
    {OPTION_QUIET, "--quiet", "-q", KIND_FLAG, offsetof(Args, quiet), NULL, "no progress and no notes, only errors"},
    {OPTION_JSON, "--json", NULL, KIND_FLAG, offsetof(Args, json), NULL, "the result as JSON on standard output"},
    {OPTION_HELP, "--help", "-h", KIND_FLAG, offsetof(Args, help), NULL, "this text"},
};
enum { N_OPTION = sizeof options / sizeof *options };

static int smallest(int a, int b, int c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); }

/* Edit distance of two words, exchange of neighbours not counted as one. */
static int word_distance(const char *a, const char *b)
{
  enum { MAX = 32 };
  int row[MAX + 1], n = (int)strnlen(b, MAX), m = (int)strnlen(a, MAX);
  for (int j = 0; j <= n; j++) row[j] = j;
  for (int i = 1; i <= m; i++) {
    int corner = row[0];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      int changed = corner + (a[i - 1] != b[j - 1]);
      corner = row[j];
      row[j] = smallest(changed, row[j] + 1, row[j - 1] + 1);
    }
  }
  return row[n];
}

const char *word_nearest(const char *word, int n, const char *const *names)
{
  const char *best = NULL;
  int least = 3 + (int)(strlen(word) > 8); /* farther is no typing error */
  for (int i = 0; i < n; i++) {
    bool begins = strlen(word) > 2 && !strncmp(word, names[i], strlen(word));
    int d = begins ? 1 : word_distance(word, names[i]);
    if (d < least && d < (int)strlen(names[i])) least = d, best = names[i];
  }
  return best;
}

static const Option *option_find(const Command *c, const char *name, size_t length)
{
  for (int i = 0; i < N_OPTION; i++) {
    const Option *o = &options[i];
    if (!(o->bit & c->options)) continue;
    if (strlen(o->name) == length && !strncmp(o->name, name, length)) return o;
    if (o->letter && strlen(o->letter) == length && !strncmp(o->letter, name, length)) return o;
  }
  return NULL;
}

static bool unknown_option(const Command *c, const char *word, char message[512])
{
  const char *names[N_OPTION];
  int n = 0;
  for (int i = 0; i < N_OPTION; i++)
    if (options[i].bit & c->options) names[n++] = options[i].name;
  const char *near = word_nearest(word, n, names);
  snprintf(message, 512, "unknown option \"%.80s\"%s%s%s; `cauda %s --help` lists the options", word,
           near ? " (did you mean " : "", near ? near : "", near ? "?)" : "", c->name);
  return false;
}

static bool value_set(const Option *o, const char *text, Args *a, char message[512])
{
  char *field = (char *)a + o->field, *end = NULL;
  if (o->kind == KIND_TEXT) {
    memcpy(field, &text, sizeof text);
    return *text ? true : (snprintf(message, 512, "%s: found nothing, expected %s", o->name, o->value), false);
  }
  double number = strtod(text, &end);
  bool place = o->kind == KIND_PLACE, good = end != text && !*end && isfinite(number) && (place || number > 0.0);
  if (o->kind == KIND_NUMBER || place) {
    memcpy(field, &number, sizeof number);
  } else {
    int count = good && number <= 4096.0 ? (int)number : 0;
    good = count >= 1 && (double)count == number;
    memcpy(field, &count, sizeof count);
  }
  if (!good)
    snprintf(message, 512, "%s: found \"%.80s\", expected a %snumber%s", o->name, text,
             o->kind == KIND_COUNT ? "whole " : "", place ? "" : " above 0");
  return good;
}

/* One option at argv[*i]; its value may be joined by "=" or be the next word. */
static bool option_read(const Command *c, int argc, char **argv, int *i, Args *a, char message[512])
{
  const char *word = argv[*i], *equals = strncmp(word, "--", 2) ? NULL : strchr(word, '=');
  const Option *o = option_find(c, word, equals ? (size_t)(equals - word) : strlen(word));
  if (!o) return unknown_option(c, word, message);
  if (o->kind == KIND_FLAG) {
    if (equals) return snprintf(message, 512, "%s takes no value, found \"%.80s\"", o->name, equals + 1), false;
    *((bool *)((char *)a + o->field)) = true;
    return true;
  }
  if (equals) return value_set(o, equals + 1, a, message);
  if (*i + 1 >= argc) return snprintf(message, 512, "%s needs a value: %s %s", o->name, o->name, o->value), false;
  return value_set(o, argv[++*i], a, message);
}

/* What stands before the options. */
static const char *usage_words(const Command *c)
{
  if (c->words) return c->words;
  return c->takes_case ? "CASE.yaml " : "";
}

/* "A B " is two words. */
static bool takes_two(const Command *c) { return c->words && strchr(c->words, ' ') != strrchr(c->words, ' '); }
static bool takes_many(const Command *c) { return c->words && strstr(c->words, "..."); }

bool args_parse(const Command *c, int argc, char **argv, Args *a, char message[512])
{
  bool options_end = false;
  memset(a, 0, sizeof *a);
  a->amplitude_mA = a->step_mm = NAN;
  a->axon = (AxonArgs){.dt_us = NAN, .tolerance = NAN, .width_us = NAN, .interphase_us = NAN};
  a->axon.recharge_width_us = a->axon.node_at_mm = a->axon.largest_mA = NAN;
  for (int i = 0; i < argc; i++) {
    if (!options_end && !strcmp(argv[i], "--")) {
      options_end = true;
    } else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
      if (!option_read(c, argc, argv, &i, a, message)) return false;
    } else if (takes_two(c) && a->case_path && !a->second) {
      a->second = argv[i];
    } else if (takes_many(c) && a->case_path && a->n_more < ARGS_MORE) {
      a->more[a->n_more++] = argv[i];
    } else if (!c->takes_case || a->case_path) {
      return snprintf(message, 512, "\"%.80s\" is one word too many; usage: cauda %s %s[options]", argv[i], c->name,
                      usage_words(c)),
             false;
    } else {
      a->case_path = argv[i];
    }
  }
  if (takes_two(c) && !a->second && !a->help)
    return snprintf(message, 512, "two words are needed; usage: cauda %s %s[options]", c->name, usage_words(c)), false;
  if (c->takes_case && !a->case_path && !a->help)
    return snprintf(message, 512, "no %s was given; usage: cauda %s %s[options]", c->words ? "file" : "case file",
                    c->name, usage_words(c)),
           false;
  return true;
}

void args_print_help(const Command *c, FILE *stream)
{
  fprintf(stream, "cauda %s: %s\n\nusage: cauda %s %s[options]\n\n%s\n\noptions:\n", c->name, c->line, c->name,
          usage_words(c), c->details);
  for (int i = 0; i < N_OPTION; i++) {
    const Option *o = &options[i];
    if (!(o->bit & c->options)) continue;
    char left[48];
    snprintf(left, sizeof left, "%s%s%s%s%s", o->letter ? o->letter : "", o->letter ? ", " : "    ", o->name,
             o->value ? " " : "", o->value ? o->value : "");
    fprintf(stream, "  %-28s %s\n", left, o->help);
  }
}

void put_roff(const char *text, FILE *stream)
{
  for (const char *c = text; *c; c++) {
    const bool begins = c == text || c[-1] == '\n';
    if (begins && (*c == '.' || *c == '\'')) fputs("\\&", stream);
    if (*c == '\\')
      fputs("\\e", stream);
    else if (*c == '-')
      fputs("\\-", stream);
    else
      fputc(*c, stream);
  }
}

void args_print_manual(const Command *c, FILE *stream)
{
  fprintf(stream, ".SS cauda %s %s[options]\n", c->name, usage_words(c));
  put_roff(c->line, stream);
  fputs(".\n.PP\n", stream);
  put_roff(c->details, stream);
  fputc('\n', stream);
  for (int i = 0; i < N_OPTION; i++) {
    const Option *o = &options[i];
    if (!(o->bit & c->options)) continue;
    fputs(".TP\n.B ", stream);
    if (o->letter) put_roff(o->letter, stream), fputs(", ", stream);
    put_roff(o->name, stream);
    if (o->value) fputc(' ', stream), put_roff(o->value, stream);
    fputc('\n', stream);
    put_roff(o->help, stream);
    fputc('\n', stream);
  }
}
