/* cauda: the table of commands. PETSc and MPI are started only where a command is run. */
#include "commands.h"
#include "ranks.h"

#include "cauda/report.h"
#include "cauda/team.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const Command commands[] = {
    {"run", "all stages in a row, to the ranking",
     "Runs seg, mesh, solve, fibers and rank, and writes report.html; a stage whose inputs have\n"
     "not changed is not run again. A case without \"rank:\", \"sets:\" or \"paddle:\" ends at the stage before.",
     OPTIONS_CASE, true, NULL, command_run},
    {"check", "what would go wrong, and what it would cost; runs nothing",
     "Reads the case and everything it names, lays the lead, and predicts elements, memory and\n"
     "time. Writes nothing.",
     OPTIONS_CASE & ~(unsigned)OPTION_FORCE, true, NULL, command_check},
    {"seg", "the anatomy from images, outlines or the phantom",
     "Writes anatomy.nii.gz, anatomy_labels.csv, surfaces.vtp, regions.csv, sections.csv.", OPTIONS_CASE, true, NULL,
     command_seg},
    {"mesh", "the tetrahedra", "Writes mesh.msh, mesh.vtu, contacts.vtp. Runs seg before where it is not up to date.",
     OPTIONS_CASE, true, NULL, command_mesh},
    {"solve", "the potential of each contact",
     "Writes leadfield.h5, impedance.csv. Runs what comes before where it is not up to date.\n"
     "Under mpirun the mesh is divided among the ranks, which solve together.",
     OPTIONS_CASE, true, NULL, command_solve},
    {"fibers", "the thresholds of the roots' fibres in each set",
     "Writes fiber_thresholds.csv, thresholds.csv, recruitment.csv, fibers.vtp. Runs what comes\n"
     "before where it is not up to date. Under mpirun the fibres are divided among the ranks.",
     OPTIONS_CASE, true, NULL, command_fibers},
    {"rank", "the sets in order of their score",
     "Writes ranking.csv and prints it. Runs what comes before where it is not up to date.", OPTIONS_CASE, true, NULL,
     command_rank},
    {"sweep", "the best of many sets, of a file or made by Cauda",
     "Screens generated sets (\"sweep:\" in the case: monopoles, bipoles, tripoles, guarded,\n"
     "steering, quadrupoles), or those of a file of any length, by the linear predictor and ranks the\n"
     "best by the full model. Writes sweep.csv and sweep_sets.csv, which is a file for \"sets:\".\n"
     "Interrupted, it goes on where it was. Under mpirun each rank screens its share. The page\n"
     "(report.html) shows what was found; so it does after search and confidence.",
     OPTIONS_CASE, true, NULL, command_sweep},
    {"search", "shares of the current that make the most of a target",
     "For each target of \"search:\" in the case (default: rank's): the best set on all contacts within\n"
     "the limits, the front of activation against spill, and the fewest contacts within 5 % of the\n"
     "best, all by the full model. Writes search.csv, search_sets.csv (for \"sets:\"), pareto.csv.",
     OPTIONS_CASE, true, NULL, command_search},
    {"confidence", "how sure the ranking is: uncertain conductivities, CSF, lead position",
     "Draws conductivities, the lead's position, the thickness of fat and CSF (\"confidence:\" in the\n"
     "case) and ranks the sets anew for each draw. Writes confidence.csv (range of each score,\n"
     "probability of each rank, ties) and confidence_samples.csv. Each draw costs a solution, each\n"
     "mesh a mesh.",
     OPTIONS_CASE, true, NULL, command_confidence},
    {"field", "the field of one set, whole or at points",
     "Writes field_NAME.vtu with potential_V and E_V_per_m; with --at a table of the points with\n"
     "potential_V, E_V_per_m and tissue added: field_NAME_at_POINTS.csv; with --nifti or --like as\n"
     "images for Slicer or FSLeyes: field_NAME_potential_V.nii.gz, field_NAME_E_V_per_m.nii.gz, 0\n"
     "where there is no tissue. A case without label map has anatomy.nii.gz for its grid.",
     OPTIONS_CASE | OPTION_SET | OPTION_AMPLITUDE | OPTION_AT | OPTION_NIFTI, true, NULL, command_field},
    {"report", "the page of results that are there, of one run or of several side by side",
     "CASE.yaml: makes report.html in the folder of its results again. Folders of results: one page\n"
     "of them all, side by side, in -o DIR (of one folder: in itself). Runs no stage.",
     OPTIONS_EVERY | OPTION_OUT | OPTION_INPUT | OPTION_SVG, true, "CASE.yaml|DIR... ", command_report},
    {"place", "how much of the enlargement the lead covers, and where it would lie better",
     "Tells what share of the lumbosacral enlargement the case's array lies over (cord volume and\n"
     "length, and by segment), the height that covers most, and the one at which the entries of\n"
     "the target roots lie nearest to contacts. That much is geometry: no field is computed. With\n"
     "--try it is: each place is meshed and solved (some minutes each, no file is written), and\n"
     "the best simple set for each target by the linear predictor tells what it is worth.",
     OPTIONS_EVERY | OPTION_INPUT | OPTION_PLACE | OPTION_THREADS | OPTION_JSON, true, NULL, command_place},
    {"compare", "how far two results are from each other",
     "A and B are folders of results, on any meshes, of one subject or two. Tells relative\n"
     "differences of impedances, of the contacts' potentials in cord and roots (where the meshes lie\n"
     "in the same place), of thresholds; where each contact lies by the cord (segment, angle); sets\n"
     "that change rank, scores side by side, and rank correlations.",
     OPTIONS_EVERY | OPTION_JSON, true, "A B ", command_compare},
    {"surfaces", "the anatomy's closed surfaces as STL, OBJ and for Neuroglancer",
     "Writes surfaces/NAME.stl (one a structure), surfaces/surfaces.obj (all, as objects) and\n"
     "surfaces/precomputed/, in mm, RAS+ (Neuroglancer: nm). `cauda seg` writes surfaces.vtp.",
     OPTIONS_EVERY | OPTION_OUT | OPTION_INPUT | OPTION_STEP, true, NULL, command_surfaces},
    {"levels", "segments of the cord, vertebrae, and the shift between the two",
     "SEGMENTS is a label image of the cord's segments, or of roots by level (with --cord, where\n"
     "they enter it), or a folder of such. Tells ends, middle and length of each, along the cord's\n"
     "middle (--cord; mm from its caudal end) or as heights; with a second image the shift level by\n"
     "level, and over subjects the bias and the limits of agreement. With -o writes levels.csv,\n"
     "shifts.csv, agreement.csv and agreement.svg.",
     OPTIONS_EVERY | OPTION_FOLDER | OPTION_SEG | OPTION_LEVELS, true, "SEGMENTS ", command_levels},
    {"compare-seg", "how far two segmentations are from each other",
     "A and B are label images or masks on one grid, or folders in which images of the same path\n"
     "are compared. Tells Dice, IoU, Cohen's kappa, surface distances, volumes, cross-sections and\n"
     "distances of the centres slice by slice, a label and for all as one (\"mask\"); with -o writes\n"
     "labels.csv, slices.csv, summary.csv, variation.csv and compare.svg.",
     OPTIONS_EVERY | OPTION_FOLDER | OPTION_SEG | OPTION_JSON, true, "A B ", command_compare_seg},
    {"verify", "the field solver against exact solutions, as a table",
     "Tests: manufactured, points, electrodes, cylinder, sphere, certificate. Ends with status 2\n"
     "where one of them fails.",
     OPTIONS_EVERY | OPTION_TEST | OPTION_REFINED | OPTION_JSON, false, NULL, command_verify},
    {"axon", "the fibre models alone, on potentials along fibres from any simulator",
     "POTENTIALS.csv has the columns fiber,diameter_um,s_mm,potential_V: the potential along each\n"
     "fibre at 1 mA, signed as in the first phase (negative near a cathode), any spacing. Prints\n"
     "fiber,threshold_mA,site_mm; with -o writes it to DIR/axon.csv instead. Empty: does not fire.\n"
     "With --json prints JSON, with -o as well.",
     OPTIONS_EVERY | OPTION_FOLDER | OPTION_AXON | OPTION_THREADS | OPTION_JSON, true, "POTENTIALS.csv ", command_axon},
    {"phantom", "a folder with the built-in phantom's case, to be edited",
     "Writes case.yaml, sets.csv and phantom.yaml into the folder given with -o (default:\n"
     "phantom). Files that exist are kept, but with --force.",
     OPTIONS_EVERY | OPTION_FOLDER | OPTION_FORCE, false, NULL, command_phantom},
};
enum { N_COMMAND = sizeof commands / sizeof *commands };

static const char purpose[] = "which contacts of a spinal paddle, driven how, activate the root you want";
static const char statuses[] = "0 done, 1 the input is at fault, 2 a fault of Cauda or no convergence,\n"
                               "3 no mesh, 4 not enough memory, 130 interrupted.\n";

static void print_help(FILE *stream)
{
  fprintf(stream, "cauda: %s\n\nusage: cauda COMMAND [CASE.yaml] [options]\n\ncommands:\n", purpose);
  for (int i = 0; i < N_COMMAND; i++) fprintf(stream, "  %-11s %s\n", commands[i].name, commands[i].line);
  fprintf(
      stream,
      "\n`cauda COMMAND --help` (or `cauda help COMMAND`) tells a command's options;\n`cauda --version` the version; "
      "`cauda --man` prints all of it as a man page.\nExit status: %s",
      statuses);
}

static void print_manual(FILE *stream)
{
  fprintf(stream, ".TH CAUDA 1 \"\" \"cauda %s\"\n.SH NAME\ncauda \\- %s\n", CAUDA_VERSION, purpose);
  fputs(".SH SYNOPSIS\n.B cauda\nCOMMAND [CASE.yaml] [options]\n.br\n.B cauda\n", stream);
  put_roff("--help|--version|--man\n", stream);
  fputs(".SH COMMANDS\n", stream);
  for (int i = 0; i < N_COMMAND; i++) args_print_manual(&commands[i], stream);
  fputs(".SH EXIT STATUS\n", stream);
  put_roff(statuses, stream);
}

static const Command *command_find(const char *name)
{
  for (int i = 0; i < N_COMMAND; i++)
    if (!strcmp(commands[i].name, name)) return &commands[i];
  const char *names[N_COMMAND];
  for (int i = 0; i < N_COMMAND; i++) names[i] = commands[i].name;
  const char *near = word_nearest(name, N_COMMAND, names);
  fprintf(stderr, "cauda: unknown command \"%s\"%s%s%s; `cauda --help` lists the commands\n", name,
          near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
  return NULL;
}

static void limit_threads(int threads)
{
  static const char *const names[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"};
  char text[16];
  if (threads < 1) return;
  snprintf(text, sizeof text, "%d", threads);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) setenv(names[i], text, 1);
}

static void tell(const Args *args, const ErrorRecord *e, PetscErrorCode code)
{
  char text[CAUDA_MESSAGE_MAX];
  progress("", 1.0);
  error_text(e, code, text);
  fflush(stdout);
  fprintf(stderr, "cauda: %s\n", text);
  if (args->json) report_error_print(text, error_exit_status(code), stdout);
}

/* Other ranks may still be inside a solution that this one has left: then there is no orderly end. */
static bool others_are_stuck(PetscErrorCode code)
{
  int size = 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  int status = error_exit_status(code);
  return size > 1 && (status == 2 || status == 4) && code != PETSC_ERR_NOT_CONVERGED;
}

static PetscErrorCode work_on_this_rank(const Command *c, const Args *args)
{
  if (!rank_is_first()) return ranks_serve();
  PetscErrorCode code = c->run(args);
  if (!code && (fflush(stdout) || ferror(stdout)))
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "standard output: cannot be written");
  return code;
}

enum { RESERVE = 1 << 22 };

static int run_with_petsc(const Command *c, const Args *args)
{
  /* PETSc sees none of our words, and no file of options that lies about; PETSC_OPTIONS in the environment holds. */
  char name[] = "cauda", skip[] = "-skip_petscrc", *words[] = {name, skip, NULL}, **argv = words;
  int argc = 2;
  void *reserve = NULL; /* for last words: MPI needs memory to end the other ranks */
  ErrorRecord e;
  mem_give_back();
  limit_threads(args->threads);
  team_limit(args->threads);
  if (!ranks_prepare()) return 1;
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  PetscErrorCode code = error_record_install(&e);
  if (!code) code = PetscPopSignalHandler();
  if (!code) code = mem_alloc(RESERVE, 1, &reserve);
  signals_install();
  progress_configure(args->quiet || !rank_is_first(), isatty(STDERR_FILENO));
  if (!code) code = work_on_this_rank(c, args);
  free(reserve);
  if (code) tell(args, &e, code);
  if (code && others_are_stuck(code)) MPI_Abort(PETSC_COMM_WORLD, error_exit_status(code));
  if (rank_is_first() && ranks_release()) return 2;
  if (PetscFinalize() && !code) return 2;
  return error_exit_status(code);
}

int main(int argc, char **argv)
{
  Args args;
  char message[512];
  const char *name = argc > 1 ? argv[1] : "";
  const bool help = !strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help");
  if (help && argc == 2) return print_help(stdout), 0;
  if (help) name = argv[2];
  if (!strcmp(name, "--man")) return print_manual(stdout), 0;
  if (!strcmp(name, "--version")) return puts("cauda " CAUDA_VERSION) < 0;
  if (!*name) return print_help(stderr), 1;
  const Command *c = command_find(name);
  if (!c) return 1;
  if (help) return args_print_help(c, stdout), 0;
  if (!args_parse(c, argc - 2, argv + 2, &args, message)) return fprintf(stderr, "cauda: %s\n", message), 1;
  if (args.help) return args_print_help(c, stdout), 0;
  return run_with_petsc(c, &args);
}
