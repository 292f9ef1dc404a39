/* Place: how much of the lumbosacral enlargement a lead's array lies over, and where it would lie better. Geometry alone:
 * heights along the cord, distances between contacts and the places where roots enter. What a place is worth, `cauda run`
 * tells. */
#ifndef CAUDA_PLACE_H
#define CAUDA_PLACE_H

#include "cauda/anatomy.h"
#include "cauda/case.h"

/* A segment reaches halfway to its neighbours' entries, the outermost as far beyond their entries. Rostral to caudal. */
typedef struct {
  char name[8];
  double entry_z, rostral_z, caudal_z; /* mm, local */
  double volume_mm3;                   /* of the cord */
} PlaceSegment;

typedef struct {
  const Anatomy *anatomy; /* borrowed */
  const LeadModel *lead;  /* borrowed */
  int n;
  PlaceSegment *segment;
  double rostral_z, caudal_z;         /* of the enlargement */
  double volume_mm3;                  /* of the enlargement */
  double array_rostral, array_caudal; /* ends of the contacts, mm rostral of the array's middle */
  int n_slice;                        /* of the cord, from caudal_z upward */
  double slice_mm, *area_mm2;
} Place;

/* place_create: the enlargement is the segments `first` to `last` ("L1", "S2"), as far as the anatomy has them.
 * Errors: PETSC_ERR_USER_INPUT where it has fewer than two of them. */
PetscErrorCode place_create(const Anatomy *a, const LeadModel *m, const char *first, const char *last,
                            Place **out) CAUDA_CHECKED;
void place_destroy(Place **p);

/* Shares 0..1 of the enlargement that an array with its middle at height z lies over; of each segment's length and of its
 * volume in length_share[n] and volume_share[n] (may be NULL). */
typedef struct {
  double z, volume, length;
} Coverage;
Coverage place_coverage(const Place *p, double z, double *length_share, double *volume_share);

/* place_best: the height that covers most volume; the middle one where several do as well. */
Coverage place_best(const Place *p);

/* place_for: the height between the enlargement's ends at which the target roots' entries lie nearest to contacts: the
 * smallest mean of the squared distances in the plane of the lead (lateral and along the cord).
 *   root     [n_root] indices of the anatomy
 *   contact, distance_mm  [n_root] the contact nearest to each entry there */
double place_for(const Place *p, int n_root, const int *root, int *contact, double *distance_mm);
/* The same distances at a given height. */
void place_distances(const Place *p, double z, int n_root, const int *root, int *contact, double *distance_mm);

/* place_nearest: the segment whose entries are nearest in height: `at: {root: NAME}` with offset_mm [0, z - entry_z]. */
const PlaceSegment *place_nearest(const Place *p, double z);

#endif
