/* Args: the words on the command line. One table of options; each command says which of them it takes. */
#ifndef CAUDA_CLI_ARGS_H
#define CAUDA_CLI_ARGS_H

#include "cauda/base.h"

/* Of `cauda axon`, named as in the case file. */
typedef struct {
  const char *model, *geometry, *shape, *samples;
  double dt_us, tolerance, width_us, interphase_us, recharge_width_us, node_at_mm, largest_mA; /* NAN: not given */
} AxonArgs;

/* Of `cauda compare-seg` and `cauda levels`. */
typedef struct {
  const char *table, *cord, *groups, *orientation, *units;
  const char *vertebrae, *discs, *against, *vertebra_table; /* of `levels` */
} SegArgs;

enum { ARGS_MORE = 15 };

/* Values as given; NULL, 0 or NAN (amplitude_mA) where not given. The strings are argv's. */
typedef struct {
  const char *case_path;       /* NULL for a command without a case */
  const char *second;          /* of the words: `compare A B` */
  const char *more[ARGS_MORE]; /* of the words after the first: `report DIR DIR ...` */
  int n_more;
  const char *out, *input, *set, *at, *like, *test, *targets, *enlargement;
  double amplitude_mA, step_mm;
  int threads; /* 0: all cores */
  bool force, quiet, json, help, refined, svg, nifti, try_places;
  AxonArgs axon;
  SegArgs seg;
} Args;

enum {
  OPTION_OUT = 1 << 0,
  OPTION_INPUT = 1 << 1,
  OPTION_THREADS = 1 << 2,
  OPTION_FORCE = 1 << 3,
  OPTION_QUIET = 1 << 4,
  OPTION_JSON = 1 << 5,
  OPTION_SET = 1 << 6,
  OPTION_AMPLITUDE = 1 << 7,
  OPTION_AT = 1 << 8,
  OPTION_HELP = 1 << 9,
  OPTION_TEST = 1 << 10,
  OPTION_REFINED = 1 << 11,
  OPTION_FOLDER = 1 << 12, /* -o of files that are no results of a case */
  OPTION_AXON = 1 << 20,
  OPTION_SEG = 1 << 21,
  OPTION_SVG = 1 << 22,
  OPTION_NIFTI = 1 << 23,
  OPTION_PLACE = 1 << 24,
  OPTION_LEVELS = 1 << 26,
  OPTION_STEP = 1 << 27,
  OPTIONS_EVERY = OPTION_QUIET | OPTION_HELP,
  OPTIONS_CASE = OPTIONS_EVERY | OPTION_OUT | OPTION_INPUT | OPTION_THREADS | OPTION_FORCE | OPTION_JSON
};

typedef PetscErrorCode (*CommandRun)(const Args *);

typedef struct {
  const char *name;
  const char *line;    /* of help */
  const char *details; /* of `cauda NAME --help` */
  unsigned options;
  bool takes_case;
  const char *words; /* of usage, instead of "CASE.yaml"; the second of two goes to Args.second, those after
                      * one that ends in "..." to Args.more */
  CommandRun run;
} Command;

/* args_parse: argv after the command's name. Returns false with a message for the user in message. */
bool args_parse(const Command *c, int argc, char **argv, Args *out, char message[512]);

/* args_print_help: usage and options of one command. */
void args_print_help(const Command *c, FILE *stream);

/* args_print_manual: the same text as a part of a man page (roff). */
void args_print_manual(const Command *c, FILE *stream);
/* put_roff: text as roff takes it: what would be a command there is not one. */
void put_roff(const char *text, FILE *stream);

/* word_nearest: which of `names` is meant by `word`; NULL if none is near. */
const char *word_nearest(const char *word, int n, const char *const *names);

#endif
