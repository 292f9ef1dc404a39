/* Hill climbing on the grid of shares. Private to src/select. */
#ifndef CAUDA_SELECT_CLIMB_H
#define CAUDA_SELECT_CLIMB_H

#include "cauda/search.h"

/* Electrodes: the contacts, then the case. A set is whole numbers of parts; cathodes sum to -steps, anodes to steps. On a
 * device with one source (Search.wired) a set is signs: -1, 0, 1, and the shares come of the impedances. */
enum { ELECTRODES_MAX = SET_CONTACTS_MAX };
typedef struct {
  int part[ELECTRODES_MAX];
} Parts;

/* What is made large: the search's score, or T - mu O where mu is above 0. */
typedef struct {
  double mu;
} Aim;

/* A thread's own. */
typedef struct {
  const Search *s;
  Screen *screen;
  Scorer *scorer;
  double *threshold; /* [CLIMB_BATCH][n_fiber] */
  Parts *neighbour;  /* [NEIGHBOURS_MAX] for signs; else NULL */
  int64_t looked_at;
} Climber;

enum { CLIMB_BATCH = 64, NEIGHBOURS_MAX = ELECTRODES_MAX * (ELECTRODES_MAX + 3) / 2 };

PetscErrorCode climber_create(const Search *s, Climber *c) CAUDA_CHECKED;
void climber_free(Climber *c);

void parts_from(const double *fraction, int n_electrode, int steps, Parts *p); /* rounds; keeps the sums */
void parts_shares(const Parts *p, int n_electrode, int steps, double *fraction);
int parts_contacts(const Parts *p, int n_contact);
bool parts_drive(const Search *s, const Parts *p); /* they are a set: cathodes and anodes, all their parts there */
/* The start's parts, and the shares of parts, as the device makes them. */
void climb_parts(const Search *s, const double *fraction, Parts *p);
PetscErrorCode climb_shares(const Search *s, const Parts *p, double *fraction) CAUDA_CHECKED;

/* climb: to a set that no exchange of current between two electrodes makes better; value: of the aim there. At most
 * `most` contacts carry current. The start must keep that, too. */
double climb(Climber *c, Aim aim, int most, Parts *p);
double climb_wired(Climber *c, Aim aim, int most, Parts *p); /* of signs; wired.c */
double climb_value_of(Climber *c, Aim aim, const double *threshold, const double *fraction);
/* climb_value: below 0 where nothing is done within the limits: the nearer to it, the larger. */
double climb_value(Climber *c, Aim aim, const Parts *p);

#endif
