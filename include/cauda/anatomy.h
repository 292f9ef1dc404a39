/* Anatomy: the subject as implicit shapes, whatever they came from (outlines, label maps, the phantom).
 *
 * Local frame. All shapes live in one rigid frame that is made from the data themselves, so that a subject moved
 * or turned in space gives the same numbers: +x right, +y anterior, +z superior (rostral), mm, right-handed;
 * z runs along the cord where the image does. `world` takes local to the subject's RAS+ mm world.
 *
 * Shapes are filled and nested by priority: root > grey > white > CSF > dura > fat > bone > body. The shape of the
 * white matter is the whole cord, that of the CSF the whole inside of the dura, and so on outward; a point belongs
 * to the first shape, in order of priority, that holds it (distance < 0). So any point has exactly one tissue,
 * however bad the input is.
 *
 * Distances of the shapes that images and outlines show are sampled on one grid (DistanceGrid: one float a shape a
 * point, interpolated linearly, clamped beyond the grid: the shapes go on as prisms beyond the first and last
 * slice). What the image does not show is an offset of what it does (see Surround). */
#ifndef CAUDA_ANATOMY_H
#define CAUDA_ANATOMY_H

#include "cauda/base.h"
#include "cauda/vec3.h"

typedef enum {
  TISSUE_OUTSIDE, /* beyond the body or the ends of the domain */
  TISSUE_BODY,
  TISSUE_BONE,
  TISSUE_FAT, /* epidural */
  TISSUE_DURA,
  TISSUE_CSF,
  TISSUE_WHITE,
  TISSUE_GREY,
  TISSUE_ROOT,
  TISSUE_COUNT
} Tissue;

const char *tissue_name(Tissue t);         /* "body" "bone" "fat" "dura" "csf" "white" "grey" "root" */
Tissue tissue_from_name(const char *name); /* TISSUE_COUNT if there is no such tissue; "cord" is white */

/* Distances on a regular grid in the local frame. */
typedef struct {
  int n[3];         /* points along x, y, z */
  double origin[3]; /* mm, of point (0,0,0) */
  double step[3];   /* mm */
  int n_channel;
  int channel[TISSUE_COUNT]; /* channel of a tissue's shape, or -1 where the image does not show it */
  float *d;                  /* [n2][n1][n0][n_channel] mm, negative inside */
} DistanceGrid;

PetscErrorCode distance_grid_create(const int n[3], const double origin[3], const double step[3], const Tissue *shown,
                                    int n_shown, DistanceGrid **out) CAUDA_CHECKED;
void distance_grid_destroy(DistanceGrid **g);

/* What lies around the dura where the image does not show it. */
typedef struct {
  double dura_thickness_mm; /* outward from the CSF's shape */
  double epidural_fat_mm;   /* outward from the dura */
  double bone_mm;           /* outward from the fat */
  double body_radius_mm;    /* of the cylinder about `axis_xy` */
  double extend_mm;         /* prism added beyond the image's first and last slice */
} Surround;

/* A root: a centre line with a radius. Points run from distal (foramen, ganglion, or the end of the domain) to
 * the entry at the cord; the last point lies inside the cord, so that the root is joined to it. */
typedef struct {
  char name[CAUDA_NAME_MAX]; /* "L1_L_dorsal" */
  char segment[8];           /* "L1" */
  char side;                 /* 'L' or 'R' */
  bool ventral;
  bool made;      /* made by Cauda beside the annotation, not annotated */
  int n;          /* points, >= 2 */
  double *xyz;    /* [n][3] mm, local */
  double *radius; /* [n] mm */
  int entry;      /* index of the first point at the cord's surface */
} Root;

/* One thing that was repaired while the anatomy was built. */
typedef struct {
  char what[96]; /* "root points moved inside the dura" */
  int count;
  double largest_mm; /* 0 where a distance means nothing */
} Repair;

typedef struct AnatomyIndex AnatomyIndex; /* acceleration for root queries; seg/anatomy.c */

typedef struct {
  Rigid world; /* local to RAS+ mm */
  DistanceGrid *grid;
  Surround surround;
  double z_min, z_max;           /* mm, local: flat ends of the domain, extension included */
  double seen_z_min, seen_z_max; /* mm, local: what the image shows */
  double axis_xy[2];             /* mm, local: centre of the body's cylinder */
  int n_root;
  Root *root;
  int n_repair;
  Repair *repair;
  int n_axis;   /* cord's centre line, ordered by z */
  double *axis; /* [n_axis][3] mm, local */
  AnatomyIndex *index;
} Anatomy;

PetscErrorCode anatomy_create(Anatomy **out) CAUDA_CHECKED;
void anatomy_destroy(Anatomy **a);

/* anatomy_repair_note: counts a repair (merged with an earlier one of the same words). */
PetscErrorCode anatomy_repair_note(Anatomy *a, const char *what, int count, double largest_mm) CAUDA_CHECKED;

/* anatomy_finish: after grid, roots, surround and z-range are set: makes the cord's axis and the index, widens the
 * dura's inside where the cord reaches through it (counted), moves root points that lie outside the dura before
 * their exit inside (counted), checks that each root reaches the cord.
 * Errors: PETSC_ERR_USER_INPUT. */
PetscErrorCode anatomy_finish(Anatomy *a) CAUDA_CHECKED;

/* Distance to the filled shape of a tissue, mm, negative inside; near the true distance within the grid, always
 * finite, positive everywhere where there is no such shape. TISSUE_ROOT: to the nearest root's surface. */
double anatomy_distance(const Anatomy *a, Tissue shape, const double p[3]);
/* All shapes at once (cheaper): d[TISSUE_COUNT]; d[TISSUE_OUTSIDE] is the distance to the domain's boundary,
 * negative inside the domain. */
void anatomy_distances(const Anatomy *a, const double p[3], double d[TISSUE_COUNT]);

/* The same without the roots (d[TISSUE_ROOT] is not set): much cheaper far from them. */
void anatomy_shell_distances(const Anatomy *a, const double p[3], double d[TISSUE_COUNT]);

/* anatomy_shell_gradient: the distance to the filled shape of a tissue other than the roots, and its gradient, in one look at
 * the grid. */
double anatomy_shell_gradient(const Anatomy *a, Tissue shape, const double p[3], double gradient[3]);

/* Nearest root by distance to its surface within `reach` mm; returns its index or -1.
 *   distance  mm to the surface, negative inside;  segment  index i of the piece (i, i+1);  t  0..1 along it */
int anatomy_nearest_root(const Anatomy *a, const double p[3], double reach, double *distance, int *segment, double *t);

/* The region at p: a Tissue below TISSUE_ROOT, or TISSUE_ROOT + index for a root. */
int anatomy_region_at(const Anatomy *a, const double p[3]);
void anatomy_region_name(const Anatomy *a, int region, char name[CAUDA_NAME_MAX]); /* "csf", "L1_L_dorsal" */

/* Unit direction of the fibres in a region at p (local frame): the cord's axis in white and grey matter, the
 * centre line's tangent in a root; zero elsewhere. */
void anatomy_fiber_axis(const Anatomy *a, int region, const double p[3], double axis[3]);

/* anatomy_find_root: index of a root by name; "L1_L" will do for "L1_L_dorsal" where there is only one kind of L1_L,
 * "L1_L" with both kinds is ambiguous. Returns -1 if absent, -2 if ambiguous. */
int anatomy_find_root(const Anatomy *a, const char *name);

#endif
