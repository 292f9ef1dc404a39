/* Responses of fibres, divided among ranks: rank 0 samples the field along them, each rank does its pieces. */
#include "ranks.h"

#include <stdlib.h>

/* Pieces go round, so that each rank has short fibres and long ones. */
static PetscErrorCode pieces_of(const FiberWork *w, int rank, int *n, int **piece)
{
  int all = fiber_work_pieces(w), step = ranks_number();
  *n = 0;
  PetscCall(mem_alloc((size_t)all / (size_t)step + 1, sizeof **piece, piece));
  for (int p = rank; p < all; p += step) (*piece)[(*n)++] = p;
  return 0;
}

static PetscErrorCode respond_own(FiberWork *w, int rank, int n_thread)
{
  int n, *piece;
  PetscCall(pieces_of(w, rank, &n, &piece));
  PetscErrorCode ierr = fiber_work_respond(w, n, piece, n_thread);
  free(piece);
  return ierr;
}

/* ---- rank 0 ---------------------------------------------------------------------------------------------------------- */

static PetscErrorCode others_begin(const FiberWork *w, int n_thread)
{
  char *bytes;
  size_t head[2] = {0, (size_t)n_thread};
  PetscCall(fiber_work_pack(w, &bytes, &head[0]));
  PetscErrorCode ierr = ranks_call_to_respond();
  if (!ierr) ierr = ranks_share(head, sizeof head);
  if (!ierr) ierr = ranks_share(bytes, head[0]);
  free(bytes);
  return ierr;
}

PetscErrorCode ranks_send_samples(FiberWork *w, int piece, int to, int n_thread, PetscErrorCode before)
{
  char *bytes = NULL;
  size_t n = 0;
  PetscErrorCode ierr = before ? before : fiber_samples_pack(w, piece, n_thread, &bytes, &n);
  PetscErrorCode sent = ranks_send(to, RANKS_SAMPLES, bytes, n);
  free(bytes);
  return ierr ? ierr : sent;
}

/* What goes wrong is told to the others with ranks_agree(). */
static PetscErrorCode lead_part(FiberWork *w, int n_thread)
{
  PetscErrorCode ierr = 0;
  int size = ranks_number();
  for (int p = 0; p < fiber_work_pieces(w); p++)
    if (p % size) ierr = ranks_send_samples(w, p, p % size, n_thread, ierr);
  if (!ierr) ierr = respond_own(w, 0, n_thread);
  return ierr ? ierr : fiber_work_check(w);
}

static PetscErrorCode responses_receive(FiberWork *w)
{
  int size = ranks_number();
  for (int p = 0; p < fiber_work_pieces(w); p++) {
    char *bytes;
    size_t n;
    if (p % size == 0) continue;
    PetscCall(ranks_receive(p % size, RANKS_RESPONSES, &bytes, &n));
    PetscErrorCode ierr = fiber_responses_unpack(w, p, bytes, n);
    free(bytes);
    PetscCall(ierr);
  }
  return 0;
}

static PetscErrorCode lead(RanksFibers *f, int asked)
{
  bool good;
  if (ranks_number() > 1) PetscCall(others_begin(f->work, asked));
  PetscCall(ranks_threads(asked, &f->n_thread, &f->all_threads));
  PetscCall(ranks_agree(lead_part(f->work, f->n_thread), NULL, &good));
  return responses_receive(f->work);
}

PetscErrorCode ranks_respond(const RanksField *f, RanksFibers *fibers, FiberResponse **out)
{
  *out = NULL;
  PetscCall(fiber_work_create(f->c, f->fibers, f->mesh, f->locator, f->field, f->width_us, f->n_thread, &fibers->work));
  PetscErrorCode ierr = lead(fibers, f->n_thread);
  if (ierr)
    ranks_fibers_free(fibers);
  else
    *out = fiber_work_take_response(fibers->work);
  return ierr;
}

void ranks_fibers_free(RanksFibers *f) { fiber_work_destroy(&f->work); }

/* ---- the others ------------------------------------------------------------------------------------------------------ */

PetscErrorCode ranks_receive_samples(FiberWork *w, int piece, bool *there)
{
  char *bytes;
  size_t n;
  PetscCall(ranks_receive(0, RANKS_SAMPLES, &bytes, &n));
  PetscErrorCode ierr = n ? fiber_samples_unpack(w, piece, bytes, n) : 0;
  *there = n > 0;
  free(bytes);
  return ierr;
}

static PetscErrorCode work_receive(FiberWork **work, int *asked)
{
  char *bytes;
  size_t head[2];
  PetscCall(ranks_share(head, sizeof head));
  PetscCall(mem_alloc(head[0], 1, &bytes));
  PetscErrorCode ierr = ranks_share(bytes, head[0]);
  if (!ierr) ierr = fiber_work_unpack(bytes, head[0], work);
  free(bytes);
  *asked = (int)head[1];
  return ierr;
}

static PetscErrorCode responses_send(FiberWork *w, int rank)
{
  for (int p = rank; p < fiber_work_pieces(w); p += ranks_number()) {
    char *bytes;
    size_t n;
    PetscCall(fiber_responses_pack(w, p, &bytes, &n));
    PetscErrorCode ierr = ranks_send(0, RANKS_RESPONSES, bytes, n);
    free(bytes);
    PetscCall(ierr);
  }
  return 0;
}

/* Of its error rank 0 tells. */
static PetscErrorCode respond_and_tell(FiberWork *w, int rank, int n_thread, bool all_there, bool *good)
{
  ErrorRecord e;
  PetscCall(error_record_install(&e));
  PetscErrorCode ierr = all_there ? respond_own(w, rank, n_thread) : 0;
  PetscCall(PetscPopErrorHandler());
  (void)!ranks_agree(ierr, &e, good);
  return 0;
}

PetscErrorCode ranks_follow_respond(RanksFibers *f)
{
  int rank, asked = 0;
  bool there, all_there = true, good;
  ranks_fibers_free(f);
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(work_receive(&f->work, &asked));
  PetscCall(ranks_threads(asked, &f->n_thread, &f->all_threads));
  for (int p = rank; p < fiber_work_pieces(f->work); p += ranks_number()) {
    PetscCall(ranks_receive_samples(f->work, p, &there));
    all_there = all_there && there;
  }
  PetscCall(respond_and_tell(f->work, rank, f->n_thread, all_there, &good));
  return good ? responses_send(f->work, rank) : 0;
}
