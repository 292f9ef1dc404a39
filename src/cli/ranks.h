/* Ranks: under mpirun, rank 0 does the work of all commands; the other ranks wait and take part in solutions, fibres and
 * sweeps. */
#ifndef CAUDA_CLI_RANKS_H
#define CAUDA_CLI_RANKS_H

#include "cauda/fem.h"
#include "cauda/fiber_share.h"
#include "cauda/screen.h"
#include "cauda/share.h"

bool rank_is_first(void);
int ranks_number(void);

/* ranks_prepare: the environment, before MPI starts; false, and a message, where Slurm has started several processes that
 * are no ranks. */
bool ranks_prepare(void);

/* ranks_solve: field_solve() on all ranks, called by rank 0: the mesh is divided among them (cauda/share.h). */
PetscErrorCode ranks_solve(const Mesh *m, const double *sigma, const FieldOptions *o, LeadField **out) CAUDA_CHECKED;

typedef struct {
  LeadField *field;
  double *power; /* [n_contact][n_region] as power_of_regions() */
  double *sigma; /* [n_tet][6] where they were let go of, else NULL */
  ShareEffort effort;
} RanksSolution;

/* ranks_solve_all: the same with what else comes of it. On two ranks or more let_go(context) is called when all parts are
 * sent: mesh and tensors may go then. NULL: they stay. Caller frees by ranks_solution_free(). */
PetscErrorCode ranks_solve_all(const Mesh *m, const double *sigma, const FieldOptions *o, void (*let_go)(void *context),
                               void *context, RanksSolution *r) CAUDA_CHECKED;
void ranks_solution_free(RanksSolution *r);
PetscErrorCode ranks_follow_solve(void) CAUDA_CHECKED;  /* what the others do then */
PetscErrorCode ranks_call_to_solve(void) CAUDA_CHECKED; /* tells them to */

/* ranks_sweep: sweep_run() with the sets divided among the ranks, called by rank 0; what it finds is the same on any number
 * of them. */
PetscErrorCode ranks_sweep(const Sweep *w, int n_thread, const char *path, const char *key,
                           SweepState *state) CAUDA_CHECKED;
PetscErrorCode ranks_follow_sweep(void) CAUDA_CHECKED;  /* what the others do then */
PetscErrorCode ranks_call_to_sweep(void) CAUDA_CHECKED; /* tells them to */

/* Fibres on all ranks, and how many threads this one and all together have for them. */
typedef struct {
  FiberWork *work;
  int n_thread, all_threads;
} RanksFibers;
void ranks_fibers_free(RanksFibers *f);

/* ranks_respond: the responses of all fibres, divided among the ranks, called by rank 0. They are the same on any number of
 * ranks. *fibers is for ranks_activate(), as long as no other responses are asked for; caller frees. n_thread 0: ranks of one
 * machine divide its processors. */
typedef struct {
  const Case *c;
  const FiberSet *fibers;
  const Mesh *mesh;
  const MeshLocator *locator;
  const LeadField *field;
  double width_us;
  int n_thread;
} RanksField;
PetscErrorCode ranks_respond(const RanksField *f, RanksFibers *fibers, FiberResponse **out) CAUDA_CHECKED;
PetscErrorCode
ranks_follow_respond(RanksFibers *fibers) CAUDA_CHECKED;  /* what the others do then; they keep the work */
PetscErrorCode ranks_call_to_respond(void) CAUDA_CHECKED; /* tells them to */

/* What rank 0 does by itself; NULL: nothing. */
typedef struct {
  PetscErrorCode (*work)(void *context);
  void *context;
} RanksMeanwhile;

/* ranks_activate: thresholds by the full model as fiber_work_activate(), of all fibres, divided among the ranks. Where rank
 * 0 has something else to do, about as long, it does that meanwhile and joins the others then; or before, where it may use
 * processors of other ranks for it and so is faster. */
PetscErrorCode ranks_activate(const RanksFibers *f, const FiberResponse *r, const FiberSets *sets,
                              RanksMeanwhile meanwhile, double *const *threshold_mA,
                              double *const *site_s) CAUDA_CHECKED;
PetscErrorCode ranks_follow_activate(const RanksFibers *f) CAUDA_CHECKED; /* what the others do then */
PetscErrorCode ranks_call_to_activate(void) CAUDA_CHECKED;                /* tells them to */

/* ---- for the above ----------------------------------------------------------------------------------------------------- */

/* ranks_share: bytes of rank 0 to all; collective. */
PetscErrorCode ranks_share(void *data, size_t bytes) CAUDA_CHECKED;

/* Bytes from one rank to another; received ones are freed by the caller. */
typedef enum { RANKS_SAMPLES = 700, RANKS_RESPONSES, RANKS_ASK, RANKS_PIECES, RANKS_THRESHOLDS } RanksTag;
PetscErrorCode ranks_send(int to, RanksTag tag, const void *bytes, size_t n) CAUDA_CHECKED;
PetscErrorCode ranks_receive(int from, RanksTag tag, char **bytes, size_t *n) CAUDA_CHECKED;

/* Samples of a piece, from rank 0; after an error (`before`) nothing goes in their place, and they are not there. */
PetscErrorCode ranks_send_samples(FiberWork *w, int piece, int to, int n_thread, PetscErrorCode before) CAUDA_CHECKED;
PetscErrorCode ranks_receive_samples(FiberWork *w, int piece, bool *there) CAUDA_CHECKED;

/* ranks_agree: whether all went well, collective. Rank 0 returns its own error or else the first rank's that has one, with
 * its words (e: of this rank, not needed on rank 0); the others theirs. */
PetscErrorCode ranks_agree(PetscErrorCode own, const ErrorRecord *e, bool *good) CAUDA_CHECKED;

/* ranks_threads: of this rank, and of all together; collective. asked 0: by the processors. */
PetscErrorCode ranks_threads(int asked, int *own, int *all) CAUDA_CHECKED;

void ranks_nap(void); /* a moment's sleep */

/* ranks_serve: what the other ranks do until rank 0 calls ranks_release(). */
PetscErrorCode ranks_serve(void) CAUDA_CHECKED;
PetscErrorCode ranks_release(void) CAUDA_CHECKED;

#endif
