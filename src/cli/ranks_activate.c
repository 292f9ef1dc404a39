/* Thresholds of fibres, divided among ranks. While rank 0 has other things to do, all pieces are the others'; when it has
 * done them, each gives it some of those it has not begun. */
#include "ranks.h"

#include "cauda/pack.h"
#include "cauda/team.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What is asked, as rank 0 tells it. */
typedef struct {
  FiberSets sets;
  bool busy; /* rank 0 joins later */
  const double **row;
  double *fraction; /* [n_set][n_contact] */
  double *guess_mA; /* [n_set][n_fiber] */
} Question;

static PetscErrorCode question_carry(Pack *p, const FiberWork *w, Question *q)
{
  PetscCall(pack_carry(p, &q->sets, sizeof q->sets));
  PetscCall(pack_carry(p, &q->busy, sizeof q->busy));
  size_t n = (size_t)q->sets.n_set;
  PetscCall(pack_carry_array(p, n * (size_t)fiber_work_contacts(w), sizeof *q->fraction, &q->fraction));
  return pack_carry_array(p, n * (size_t)fiber_work_fibers(w), sizeof *q->guess_mA, &q->guess_mA);
}

/* Whose a piece is at first. */
static int piece_rank(const Question *q, int piece)
{
  int size = ranks_number(), rank = piece % size;
  return rank == 0 && q->busy ? 1 + piece / size % (size - 1) : rank;
}

/* ---- a rank's pieces --------------------------------------------------------------------------------------------------- */

/* The lock is for all that follows it. */
typedef struct {
  bool asked; /* rank 0 has asked for its share, or never will */
  PetscErrorCode ierr;
  int all; /* it began with */
  pthread_mutex_t lock;
  int n, *piece;     /* not begun; the last is the next: long fibres first */
  int n_done, *done; /* begun */
} Line;

static PetscErrorCode line_create(const FiberWork *w, Line *l)
{
  size_t n = (size_t)fiber_work_pieces(w);
  pthread_mutex_init(&l->lock, NULL);
  PetscCall(mem_alloc(n, sizeof *l->piece, &l->piece));
  return mem_alloc(n, sizeof *l->done, &l->done);
}

static void line_free(Line *l)
{
  pthread_mutex_destroy(&l->lock);
  free(l->piece), free(l->done);
}

/* A share of the pieces, evenly from short fibres to long; all where there is nothing to be done any more (share below 0). */
static int line_give(Line *l, double share, int *given)
{
  int n_given = 0, kept = 0;
  pthread_mutex_lock(&l->lock);
  for (int i = 0; i < l->n && share >= 0.0; i++) {
    bool give = (int)((i + 1) * share) > (int)(i * share);
    if (give)
      given[n_given++] = l->piece[i];
    else
      l->piece[kept++] = l->piece[i];
  }
  l->n = kept;
  pthread_mutex_unlock(&l->lock);
  return n_given;
}

static PetscErrorCode give_share(Line *l)
{
  char *bytes;
  size_t n;
  int *given;
  double share;
  PetscCall(ranks_receive(0, RANKS_ASK, &bytes, &n));
  memcpy(&share, bytes, sizeof share);
  free(bytes);
  PetscCall(mem_alloc((size_t)l->all + 1, sizeof *given, &given));
  n = (size_t)line_give(l, share, given);
  PetscErrorCode ierr = ranks_send(0, RANKS_PIECES, given, n * sizeof *given);
  free(given);
  l->asked = true;
  return ierr;
}

/* Does what rank 0 asks, if it does. */
static PetscErrorCode look_for_asking(Line *l)
{
  int there = 0;
  if (l->asked) return 0;
  PetscCallMPI(MPI_Iprobe(0, RANKS_ASK, PETSC_COMM_WORLD, &there, MPI_STATUS_IGNORE));
  return there ? give_share(l) : 0;
}

static int line_next(void *context, int thread)
{
  Line *l = context;
  int piece = -1;
  if (thread == 0 && !l->ierr) l->ierr = look_for_asking(l);
  pthread_mutex_lock(&l->lock);
  if (l->n) piece = l->piece[--l->n], l->done[l->n_done++] = piece;
  double left = l->all ? (double)(l->n + 1) / l->all : 0.0;
  pthread_mutex_unlock(&l->lock);
  if (thread == 0) progress("cable model", piece < 0 ? 1.0 : 1.0 - left);
  return piece;
}

/* What they come to; in the order of the line's done ones. */
static PetscErrorCode results_carry(Pack *p, const FiberWork *w, int n_set, Line *l, double *const *threshold_mA,
                                    double *const *site_s)
{
  PetscCall(pack_carry(p, &l->n_done, sizeof l->n_done));
  PetscCall(pack_carry(p, l->done, (size_t)l->n_done * sizeof *l->done));
  for (int k = 0; k < l->n_done; k++) {
    int n;
    const int *fiber = fiber_work_piece(w, l->done[k], &n);
    for (int i = 0; i < n * n_set; i++) {
      PetscCall(pack_carry(p, &threshold_mA[i / n][fiber[i % n]], sizeof **threshold_mA));
      PetscCall(pack_carry(p, &site_s[i / n][fiber[i % n]], sizeof **site_s));
    }
  }
  return 0;
}

/* ---- rank 0 -------------------------------------------------------------------------------------------------------------- */

typedef struct {
  RanksFibers fibers;
  Question question;
  Line line;
  double *const *threshold_mA, *const *site_s;
} Lead;

static PetscErrorCode question_fill(const FiberResponse *r, const FiberSets *sets, bool busy, Question *q)
{
  size_t n = (size_t)sets->n_set, width = (size_t)r->n_contact;
  *q = (Question){.sets = *sets, .busy = busy};
  PetscCall(mem_alloc(n * width, sizeof *q->fraction, &q->fraction));
  PetscCall(mem_alloc(n * (size_t)r->n_fiber, sizeof *q->guess_mA, &q->guess_mA));
  for (size_t s = 0; s < n; s++) memcpy(q->fraction + s * width, sets->fraction[s], width * sizeof *q->fraction);
  fiber_guesses(r, sets, q->guess_mA);
  return 0;
}

static PetscErrorCode others_begin(Lead *l)
{
  Pack p = {.reading = false};
  PetscErrorCode ierr = question_carry(&p, l->fibers.work, &l->question);
  if (!ierr) ierr = ranks_call_to_activate();
  if (!ierr) ierr = ranks_share(&p.n, sizeof p.n);
  if (!ierr) ierr = ranks_share(p.bytes, p.n);
  free(p.bytes);
  return ierr;
}

/* Pieces whose samples rank 0 has kept to itself until now. */
static PetscErrorCode own_pieces_send(Lead *l)
{
  const RanksFibers *f = &l->fibers;
  PetscErrorCode ierr = 0;
  for (int p = 0; p < fiber_work_pieces(f->work); p += ranks_number())
    ierr = ranks_send_samples(f->work, p, piece_rank(&l->question, p), f->n_thread, ierr);
  return ierr;
}

static PetscErrorCode do_meanwhile(int n_thread, RanksMeanwhile meanwhile)
{
  int before = team_limited();
  team_limit(n_thread);
  PetscErrorCode ierr = meanwhile.work(meanwhile.context);
  team_limit(before);
  return ierr;
}

/* A share of what each has left; nothing, and none goes on, after an error. */
static PetscErrorCode pieces_ask(Lead *l, PetscErrorCode before)
{
  double share = before ? -1.0 : (double)l->fibers.n_thread / l->fibers.all_threads;
  for (int r = 1; r < ranks_number(); r++) PetscCall(ranks_send(r, RANKS_ASK, &share, sizeof share));
  for (int r = 1; r < ranks_number(); r++) {
    char *bytes;
    size_t n;
    PetscCall(ranks_receive(r, RANKS_PIECES, &bytes, &n));
    if (n) memcpy(l->line.piece + l->line.n, bytes, n);
    l->line.n += (int)(n / sizeof *l->line.piece);
    free(bytes);
  }
  return 0;
}

static void own_pieces_list(Lead *l)
{
  for (int p = 0; p < fiber_work_pieces(l->fibers.work); p += ranks_number()) l->line.piece[l->line.n++] = p;
}

static PetscErrorCode pieces_do(const RanksFibers *f, const Question *q, Line *l, double *const *threshold_mA,
                                double *const *site_s)
{
  const FiberQueue queue = {line_next, l};
  l->all = l->n;
  progress("cable model", 0.0);
  PetscErrorCode ierr = fiber_work_activate(f->work, &q->sets, q->guess_mA, queue, f->n_thread, threshold_mA, site_s);
  return ierr ? ierr : l->ierr;
}

/* What goes wrong is told to the others with ranks_agree(). */
static PetscErrorCode lead_part(Lead *l, RanksMeanwhile meanwhile)
{
  const Question *q = &l->question;
  PetscErrorCode ierr = q->busy ? own_pieces_send(l) : 0;
  if (!ierr && q->busy) ierr = do_meanwhile(l->fibers.n_thread, meanwhile);
  if (q->busy) PetscCall(pieces_ask(l, ierr));
  if (ierr) return ierr;
  if (!q->busy) own_pieces_list(l);
  l->line.asked = true;
  return pieces_do(&l->fibers, q, &l->line, l->threshold_mA, l->site_s);
}

static PetscErrorCode results_receive(Lead *l)
{
  for (int r = 1; r < ranks_number(); r++) {
    Pack p = {.reading = true};
    PetscCall(ranks_receive(r, RANKS_THRESHOLDS, &p.bytes, &p.n));
    PetscErrorCode ierr =
        results_carry(&p, l->fibers.work, l->question.sets.n_set, &l->line, l->threshold_mA, l->site_s);
    free(p.bytes);
    PetscCall(ierr);
  }
  return 0;
}

static PetscErrorCode lead(Lead *l, const FiberResponse *r, const FiberSets *sets, RanksMeanwhile meanwhile)
{
  bool good;
  PetscCall(question_fill(r, sets, meanwhile.work != NULL, &l->question));
  PetscCall(line_create(l->fibers.work, &l->line));
  if (ranks_number() > 1) PetscCall(others_begin(l));
  PetscCall(ranks_agree(lead_part(l, meanwhile), NULL, &good));
  return results_receive(l);
}

/* Whether rank 0 had better do what it has to do first, with all processors that it may use, if that takes as long as the
 * rest by as many: while it does so by its own share of them, the others can be done with the rest and wait. */
static PetscErrorCode is_faster_first(const RanksFibers *f, bool *first)
{
  Team *team;
  *first = true;
  if (ranks_number() == 1) return 0;
  PetscCall(team_create(0, &team));
  *first = 1.0 / team_size(team) + 1.0 / f->all_threads < 1.0 / f->n_thread - 1e-9;
  team_destroy(&team);
  return 0;
}

PetscErrorCode ranks_activate(const RanksFibers *f, const FiberResponse *r, const FiberSets *sets,
                              RanksMeanwhile meanwhile, double *const *threshold_mA, double *const *site_s)
{
  Lead l = {.fibers = *f, .threshold_mA = threshold_mA, .site_s = site_s};
  bool first = true;
  PetscCall(is_faster_first(f, &first));
  if (first && meanwhile.work) {
    PetscCall(meanwhile.work(meanwhile.context));
    meanwhile.work = NULL;
  }
  PetscErrorCode ierr = lead(&l, r, sets, meanwhile);
  line_free(&l.line);
  free(l.question.fraction), free(l.question.guess_mA);
  return ierr;
}

/* ---- the others ------------------------------------------------------------------------------------------------------ */

typedef struct {
  Question question;
  Line line;
  double *number; /* [2][n_set][n_fiber] thresholds, sites */
  double **row;   /* [2][n_set] of them */
} Follow;

static PetscErrorCode question_receive(const FiberWork *w, Question *q)
{
  Pack p = {.reading = true};
  PetscCall(ranks_share(&p.n, sizeof p.n));
  PetscCall(mem_alloc(p.n, 1, &p.bytes));
  PetscErrorCode ierr = ranks_share(p.bytes, p.n);
  if (!ierr) ierr = question_carry(&p, w, q);
  free(p.bytes);
  PetscCall(ierr);
  PetscCall(mem_alloc((size_t)q->sets.n_set, sizeof *q->row, &q->row));
  for (int s = 0; s < q->sets.n_set; s++) q->row[s] = q->fraction + (size_t)s * (size_t)fiber_work_contacts(w);
  q->sets.fraction = q->row;
  return 0;
}

/* Those of rank 0's come with their samples. */
static PetscErrorCode line_fill(FiberWork *w, const Question *q, int rank, Line *l)
{
  bool there;
  for (int p = 0; p < fiber_work_pieces(w); p++) {
    if (piece_rank(q, p) != rank) continue;
    there = p % ranks_number() != 0;
    if (!there) PetscCall(ranks_receive_samples(w, p, &there));
    if (there) l->piece[l->n++] = p;
  }
  return 0;
}

static PetscErrorCode rows_create(const FiberWork *w, Follow *f)
{
  size_t n = (size_t)f->question.sets.n_set, width = (size_t)fiber_work_fibers(w);
  PetscCall(mem_alloc(2 * n * width, sizeof *f->number, &f->number));
  PetscCall(mem_alloc(2 * n, sizeof *f->row, &f->row));
  for (size_t i = 0; i < 2 * n; i++) f->row[i] = f->number + i * width;
  return 0;
}

static PetscErrorCode begin(FiberWork *w, Follow *f)
{
  int rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(question_receive(w, &f->question));
  PetscCall(rows_create(w, f));
  PetscCall(line_create(w, &f->line));
  f->line.asked = !f->question.busy;
  return line_fill(w, &f->question, rank, &f->line);
}

/* Rank 0 asks once; by then there may be nothing left. */
static PetscErrorCode wait_for_asking(Line *l)
{
  while (!l->asked) {
    PetscCall(look_for_asking(l));
    if (!l->asked) ranks_nap();
  }
  return 0;
}

/* Of its error rank 0 tells. */
static PetscErrorCode follow_part(const RanksFibers *fibers, Follow *f, bool *good)
{
  ErrorRecord e;
  PetscCall(error_record_install(&e));
  PetscErrorCode ierr = pieces_do(fibers, &f->question, &f->line, f->row, f->row + f->question.sets.n_set);
  PetscCall(PetscPopErrorHandler());
  PetscCall(wait_for_asking(&f->line));
  (void)!ranks_agree(ierr, &e, good);
  return 0;
}

static PetscErrorCode results_send(const FiberWork *w, Follow *f)
{
  Pack p = {.reading = false};
  int n_set = f->question.sets.n_set;
  PetscErrorCode ierr = results_carry(&p, w, n_set, &f->line, f->row, f->row + n_set);
  if (!ierr) ierr = ranks_send(0, RANKS_THRESHOLDS, p.bytes, p.n);
  free(p.bytes);
  return ierr;
}

PetscErrorCode ranks_follow_activate(const RanksFibers *fibers)
{
  Follow f = {.number = NULL};
  bool good = false;
  PetscErrorCode ierr = begin(fibers->work, &f);
  if (!ierr) ierr = follow_part(fibers, &f, &good);
  if (!ierr && good) ierr = results_send(fibers->work, &f);
  line_free(&f.line);
  free(f.number), free(f.row), free(f.question.row), free(f.question.fraction), free(f.question.guess_mA);
  return ierr;
}
