/* A team of threads that stay together through many short pieces of work. What the work gives must not depend on which
 * thread does which piece: then the result does not depend on their number. */
#ifndef CAUDA_TEAM_H
#define CAUDA_TEAM_H

#include "cauda/base.h"

typedef struct Team Team;

/* Piece `piece` of a work, by thread `thread` (0: the one that called). */
typedef void (*TeamWork)(void *context, int piece, int thread);

/* team_create: n_thread threads, the calling one among them; 0: as many as team_limit() said, or else as there are
 * processors for this process. Fewer where the system gives no more. After a fork() the child must not touch it. */
PetscErrorCode team_create(int n_thread, Team **out) CAUDA_CHECKED;
void team_destroy(Team **t);
int team_size(const Team *t);

/* team_run: work(context, i, thread) for each i below n_piece, begun in ascending order; returns when all are done. */
void team_run(Team *t, int n_piece, TeamWork work, void *context);

/* The same for pieces that may fail. */
typedef PetscErrorCode (*ParallelWork)(void *context, int piece);

/* parallel_run: work(context, i) for each i below n by a team of its own of n_thread threads (as team_create). The calling
 * thread shows progress as `stage`, if that is not NULL. After an error no further piece is begun; the first error is
 * returned. Errors: CAUDA_ERR_INTERRUPTED. */
PetscErrorCode parallel_run(const char *stage, int n, int n_thread, ParallelWork work, void *context) CAUDA_CHECKED;

/* team_limit: the most threads of teams that are created with 0 (0: as many as there are processors). */
void team_limit(int n_thread);
int team_limited(void); /* what it was told last */
int team_threads(void); /* of a team that is created with 0, if the system gives them */

#endif
