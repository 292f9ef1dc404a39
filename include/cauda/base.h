/* Base: errors, memory, random numbers, files that appear whole, progress.
 *
 * Every function that can fail returns PetscErrorCode and is CAUDA_CHECKED. The first PetscCheck() that fails
 * makes the message; callers hand the code up through PetscCall(); main() prints the message once and turns
 * the code into the exit status:
 *
 *   PETSC_ERR_USER_INPUT, PETSC_ERR_FILE_*   1  the input (or the output folder) is at fault
 *   CAUDA_ERR_MESH                           3  no mesh
 *   PETSC_ERR_MEM                            4  not enough memory
 *   CAUDA_ERR_INTERRUPTED                  130  Ctrl-C, SIGTERM
 *   any other                                2  a fault of ours, or the solver did not converge
 *
 * A message for code 1 names the file, the place in it, what was found and what was expected. */
#ifndef CAUDA_BASE_H
#define CAUDA_BASE_H

#include <petscsys.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CAUDA_CHECKED __attribute__((warn_unused_result))
#define CAUDA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum {
  CAUDA_ERR_MESH = 201, /* exit 3 */
  CAUDA_ERR_INTERRUPTED = 202
};

/* What went wrong first: filled by the handler that error_record_install() puts in place of PETSc's own, which prints
 * nothing. main() owns it. */
typedef struct {
  PetscErrorCode code; /* 0: nothing went wrong so far */
  char message[2048];
  char where[256]; /* "function, file:line" */
} ErrorRecord;

PetscErrorCode error_record_install(ErrorRecord *e) CAUDA_CHECKED; /* call after PetscInitialize */
void error_record_clear(ErrorRecord *e);
/* error_exit_status: 0..4 by the table above, 130 after an interrupt. */
int error_exit_status(PetscErrorCode code);
/* error_text: the message for the user; for faults of ours also where. `code` is what came up through PetscCall(). */
enum { CAUDA_MESSAGE_MAX = 2400 };
void error_text(const ErrorRecord *e, PetscErrorCode code, char text[CAUDA_MESSAGE_MAX]);

enum { CAUDA_NAME_MAX = 64, CAUDA_PATH_MAX = 4096 };

/* ---- memory: everything comes from malloc and goes back with free() ------------------------------------- */

/* mem_give_back: large arrays go back to the system once they are freed. A library of PETSc's has told malloc to keep all
 * it ever had (for networks that reach into memory), and peaks of different stages then add up. To be called once. */
void mem_give_back(void);

/* mem_alloc: count * size bytes, zeroed; *out is NULL for count 0.
 * Errors: PETSC_ERR_MEM where the product overflows or memory is short. */
PetscErrorCode mem_alloc(size_t count, size_t size, void *out) CAUDA_CHECKED;

/* mem_grow: room for at least `need` elements in the growing array *array (capacity *capacity, both may start
 * as 0); new room is not zeroed. */
PetscErrorCode mem_grow(size_t need, size_t size, size_t *capacity, void *array) CAUDA_CHECKED;

/* text_copy: a copy of s, owned by the caller (free). */
PetscErrorCode text_copy(const char *s, char **out) CAUDA_CHECKED;

/* ---- random numbers: xoshiro256++, the same on every machine -------------------------------------------- */
typedef struct {
  uint64_t s[4];
} Rng;

Rng rng_seed(uint64_t seed, uint64_t stream); /* streams of one seed are independent */
uint64_t rng_next(Rng *r);
double rng_uniform(Rng *r); /* [0, 1) */
double rng_normal(Rng *r);  /* mean 0, deviation 1 */

/* ---- files ---------------------------------------------------------------------------------------------- */

/* An output appears whole or not at all: it is written beside, under a tmp name of the same extension, synced, and renamed.
 * Where anything fails nothing stays, and a file that was there before is as it was; where the program is interrupted the
 * tmp file goes as well. */

/* file_write: the file of all that `writer` puts into its stream. It need not ask what became of its bytes: a
 * full disk is found here, and told with the file's name. What the writer
 * returns comes back. */
typedef PetscErrorCode (*FileWriter)(const void *what, FILE *s);
PetscErrorCode file_write(const char *path, FileWriter writer, const void *what) CAUDA_CHECKED;

/* file_make: the same for a library that writes by name: `maker` leaves the whole file at `tmp`, where an empty one lies. */
typedef PetscErrorCode (*FileMaker)(const void *what, const char *tmp);
PetscErrorCode file_make(const char *path, FileMaker maker, const void *what) CAUDA_CHECKED;

/* file_fail_write: the error of `path` that cannot be written, `err` (errno) in words. */
PetscErrorCode file_fail_write(const char *path, int err) CAUDA_CHECKED;

PetscErrorCode file_read_all(const char *path, char **text, size_t *length) CAUDA_CHECKED; /* NUL-terminated */
PetscErrorCode file_sha256(const char *path, char hex[65]) CAUDA_CHECKED;
PetscErrorCode text_sha256(const char *text, size_t length, char hex[65]) CAUDA_CHECKED;
PetscErrorCode folder_create(const char *path) CAUDA_CHECKED; /* with its parents; must be writable */
bool file_exists(const char *path);
/* tmp_files_sweep: removes what runs that were killed left behind in a folder (tmp files whose process is gone). */
void tmp_files_sweep(const char *folder);

/* path_join: dir/name, or name alone where it is absolute or dir is empty. */
PetscErrorCode path_join(const char *dir, const char *name, char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;

/* file_part: a name as a part of a file's name: whatever is not a letter, a digit or one of -_.+ becomes _. */
void file_part(const char *name, char out[CAUDA_NAME_MAX]);

/* data_find: the file `name` (such as "paddles/specify-5-6-5.yaml") among Cauda's own data: $CAUDA_DATA, then
 * cases/ of the source tree the binary stands in, then the installed share/cauda/cases.
 * Errors: PETSC_ERR_FILE_OPEN naming all places tried. */
PetscErrorCode data_find(const char *name, char out[CAUDA_PATH_MAX]) CAUDA_CHECKED;
/* data_has: the same where absence is an answer and no error. */
bool data_has(const char *name, char out[CAUDA_PATH_MAX]);

/* ---- warnings and progress ------------------------------------------------------------------------------ */

/* Says a thing the user should know without stopping: "cauda: note: ..." on stderr (not with --quiet). */
void say_note(const char *fmt, ...) CAUDA_PRINTF(1, 2);

/* Of a clock that never goes back: only differences mean something. */
double seconds_now(void);

/* A plain line of progress on stderr, such as "seg: up to date" (not with --quiet). */
void say_progress(const char *fmt, ...) CAUDA_PRINTF(1, 2);

/* progress: `stage` is `fraction` done (0..1). A bar with the time left on a terminal; elsewhere a plain line when a
 * stage begins. Cheap enough to call often. */
void progress(const char *stage, double fraction);
void progress_configure(bool quiet, bool is_terminal);

/* signal_pending: true once Ctrl-C or SIGTERM came; long loops check it and return CAUDA_ERR_INTERRUPTED. */
bool signal_pending(void);

/* signals_install: the first SIGINT, SIGTERM or SIGHUP makes signal_pending() true; the second, or 5 s without an end,
 * removes the tmp files and exits with 130. */
void signals_install(void);

#endif
