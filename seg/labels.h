/* Private to seg: label maps and masks on the way to an anatomy.
 *
 * The usual workflow, as in seg/labels.c: labels_read(), labels_shapes(), labels_root_lines(), labels_crop_to_sac(),
 * labels_frame(), labels_grid(), then the roots. All arrays of a LabelVolume stay on one window of the image's voxels;
 * axes run to the right, anterior and superior. */
#ifndef CAUDA_SEG_LABELS_H
#define CAUDA_SEG_LABELS_H

#include "cauda/image.h"
#include "cauda/seg.h"
#include "roots_read.h"

enum {
  LABEL_SEGMENTS = 30,
  LABEL_ROOTS_MAX = 240,                 /* roots, levels and the mask of all roots; their numbers fit in a byte */
  BIT_IN_ROOT_MASK = 1 << TISSUE_OUTSIDE /* among the bits of a voxel */
};

/* What a label of roots holds: one root, or those of a level, or all ("roots"). */
typedef struct {
  char segment[8];
  char side; /* 'L' or 'R'; 0: both */
  bool ventral;
  bool both_kinds; /* dorsal and ventral */
  bool any;        /* some root: voxels of the mask of all roots, and those that several roots claim */
} LabelRoot;

/* Slices of the whole image in which a spinal segment is labelled; none where first > last. */
typedef struct {
  int first, last;
} LabelSegment;

typedef struct {
  int n[3];                    /* voxels of the window; n[0] == 0: nothing was read yet */
  int first;                   /* slice of the whole image that is the window's first */
  int n_slice;                 /* slices of the whole image */
  double step[3];              /* mm, voxel size to a nanometre */
  double affine[3][4];         /* voxel of the window to RAS+ mm */
  char path[CAUDA_PATH_MAX];   /* the first file that shows structures */
  uint8_t *bits;               /* [n2][n1][n0] 1 << Tissue for each structure that was labelled there */
  uint8_t *mask[TISSUE_COUNT]; /* [n2][n1][n0] 0 or 1: the filled shapes; NULL where not shown */
  float *soft[TISSUE_COUNT];   /* [n2][n1][n0] value less threshold of maps with values in between, else NULL */
  int n_root;                  /* names that occur in the table or the masks, labelled or not */
  LabelRoot root[LABEL_ROOTS_MAX];
  uint8_t *root_of;      /* [n2][n1][n0] 1 + index of the root labelled there, 0 none; NULL without roots */
  float *root_weight;    /* [n2][n1][n0] share of the voxel that is root, from maps of probabilities; else NULL */
  size_t n_root_overlap; /* voxels that several roots claimed */
  bool has_root_mask;
  unsigned left_out;                    /* 1 << RepairStep for each repair that is not to be made */
  bool has_levels;                      /* segments were asked for */
  LabelSegment segment[LABEL_SEGMENTS]; /* C1 .. S5 */
} LabelVolume;

static inline size_t labels_voxels(const LabelVolume *v) { return (size_t)v->n[0] * (size_t)v->n[1] * (size_t)v->n[2]; }

/* labels_read: all files that the case names, on one grid; with levels, only the slices near them.
 * Errors: those of image_read(); PETSC_ERR_USER_INPUT for files of different grids, values that are not whole or not in
 * the table, a structure that does not exist, segments asked for that are not labelled. */
PetscErrorCode labels_read(const Case *c, const char *input, LabelVolume **out) CAUDA_CHECKED;
void labels_destroy(LabelVolume **v);

/* labels_place: frame, heights, and the grid of distances, once the shapes and the lines of roots are made: bits, root_of
 * and root_weight are freed. centre as in labels_frame(). */
PetscErrorCode labels_place(const Case *c, LabelVolume *v, double extend_mm, double centre[3],
                            Anatomy *a) CAUDA_CHECKED;

/* labels_put_map, labels_put_mask: what an image on the volume's grid shows is added; values of a map are 1 + index of
 * their entry in the table (label_values()). v->bits is there. seg/labels_put.c
 * Errors: PETSC_ERR_USER_INPUT for a structure that does not exist. */
PetscErrorCode labels_put_map(const Image *im, const LabelTable *t, LabelVolume *v) CAUDA_CHECKED;
PetscErrorCode labels_put_mask(const Image *im, const CaseMask *m, LabelVolume *v) CAUDA_CHECKED;

/* label_values: replaces the image's values by 1 + index of their entry in the table, 0 for the background.
 * Errors: PETSC_ERR_USER_INPUT naming value, voxel, place and table. Call before the axes are turned. */
PetscErrorCode label_values(Image *im, const LabelTable *t, const char *table) CAUDA_CHECKED;

int segment_order(const char *name); /* C1 0 .. S5 29; -1 for any other text */
const char *segment_name(int order, char name[8]);

/* labels_shapes: filled, nested masks from the bits, in the slices where cord and CSF are labelled; repairs are noted.
 * Errors: PETSC_ERR_USER_INPUT where cord or CSF are missing or never meet. */
PetscErrorCode labels_shapes(LabelVolume *v, Anatomy *a) CAUDA_CHECKED;

/* label_root_parse: "roots"; "L1" and "L1_dorsal", both sides; "L1_L" (the dorsal root) and "L1_L_ventral". False for any
 * other text. */
bool label_root_parse(const char *name, LabelRoot *r);

/* One file of a folder of BIDS derivatives. */
typedef struct {
  char path[CAUDA_PATH_MAX];
  char structure[CAUDA_NAME_MAX]; /* of a mask or a map of probabilities; "" for a label map */
  char table[CAUDA_PATH_MAX];     /* of a label map: its .tsv, or the name of one of Cauda's tables */
} BidsFile;

/* labels_bids_find: what the images of a folder show, by their names: label-SC, label-GM, label-WM, label-CSF or
 * label-canal with the suffix mask, seg, probseg or dseg; suffix seg, gmseg, wmseg, csfseg as the Spinal Cord Toolbox
 * has them; dseg with a table of names (.tsv: index, name) beside it or in a folder above, and label-rootlets_dseg
 * without one. Others are left out, and told of. The caller frees *out.
 * Errors: PETSC_ERR_FILE_OPEN; PETSC_ERR_USER_INPUT where two files show the same, or none is known. */
PetscErrorCode labels_bids_find(const char *folder, int *n, BidsFile **out) CAUDA_CHECKED;

/* labels_bids_table: a dseg.tsv as a label table; names that mean nothing to Cauda are "ignore", and told of. Free with
 * labels_bids_table_destroy. */
PetscErrorCode labels_bids_table(const char *path, LabelTable **out) CAUDA_CHECKED;
void labels_bids_table_destroy(LabelTable **t);

/* labels_repairs: whether a repair is to be made. */
bool labels_repairs(const LabelVolume *v, RepairStep step);

/* labels_note: a repair, if there was one to be made. */
PetscErrorCode labels_note(Anatomy *a, const char *what, size_t count, double largest_mm) CAUDA_CHECKED;

/* labels_parse_root: "roots"; "L1" and "L1_dorsal", both sides; "L1_L" (the dorsal root) and "L1_L_ventral".
 * Errors: PETSC_ERR_USER_INPUT for any other name. */
PetscErrorCode labels_parse_root(const char *name, const char *path, LabelRoot *r) CAUDA_CHECKED;

/* labels_root_number: index in v->root, a new one where it is the first of its kind. */
PetscErrorCode labels_root_number(LabelVolume *v, const LabelRoot *r, int *number) CAUDA_CHECKED;

/* labels_repair_roots: after labels_shapes(): each voxel gets one root, each root one course; repairs are noted.
 *   levels are split into left and right by the cord's middle, into dorsal and ventral where both are there;
 *   voxels of the mask of all roots, and those that several roots claim, go to the root they join by the shortest way
 *   within the mask; with levels and no other labels of roots, the mask's roots are traced (root_trace.h);
 *   voxels with another root's label go to the root about them, or away.
 * Errors: PETSC_ERR_USER_INPUT where only the mask of all roots is given. */
PetscErrorCode labels_repair_roots(LabelVolume *v, Anatomy *a) CAUDA_CHECKED;
PetscErrorCode labels_split_levels(LabelVolume *v, Anatomy *a) CAUDA_CHECKED;                  /* seg/root_split.c */
PetscErrorCode labels_flood_roots(LabelVolume *v, int unknown, size_t *n_given) CAUDA_CHECKED; /* seg/root_flood.c */

/* labels_crop: to the box of what is labelled; noted. */
PetscErrorCode labels_crop(LabelVolume *v, Anatomy *a) CAUDA_CHECKED;

/* labels_window: the arrays, cut or padded (with 0) to m voxels from voxel lo on, which may lie outside. */
PetscErrorCode labels_window(LabelVolume *v, const int lo[3], const int m[3]) CAUDA_CHECKED;

/* labels_crop_to_sac: to the box about the sac and what is labelled about it, with room for distances. */
PetscErrorCode labels_crop_to_sac(LabelVolume *v) CAUDA_CHECKED;

/* labels_frame: the local frame: along the voxels' axes, 0 in the middle of the sac's box. centre: that, in voxels. */
void labels_frame(const LabelVolume *v, Rigid *world, double centre[3]);

/* labels_grid: signed distances of all shapes, each with the volume of its mask. */
PetscErrorCode labels_grid(const LabelVolume *v, const double centre[3], DistanceGrid **out) CAUDA_CHECKED;

/* labels_root_lines: a centre line for each labelled root, RAS+; radius [n] mm from volume and length, at most
 * `thin_mm` where sections have too few voxels to tell. The caller frees both (root_lines_destroy, free). which [n]:
 * index in v->root. Bridged gaps and such radii are noted. seg/root_lines.c */
PetscErrorCode labels_root_lines(const LabelVolume *v, double thin_mm, Anatomy *a, int *n, RootLine **lines,
                                 double **radius, int **which) CAUDA_CHECKED;

/* labels_add_roots: the annotated ones, then those made at the levels' midpoints for segments that have none. The
 * anatomy's frame, grid and heights are set. */
PetscErrorCode labels_add_roots(const Case *c, const LabelVolume *v, const double centre[3], int n,
                                const RootLine *lines, const double *radius, const int *which,
                                Anatomy *a) CAUDA_CHECKED;

#endif
