/* Label maps and masks from files onto one grid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "labels.h"

/* As in image_grid.c. */
static const double GRID_VOXELS = 0.25, EXACT = 1e-3;
static const double AROUND_LEVELS_MM = 15.0;

void labels_destroy(LabelVolume **v)
{
  if (!*v) return;
  free((*v)->bits), free((*v)->root_of), free((*v)->root_weight);
  for (int t = 0; t < TISSUE_COUNT; t++) free((*v)->mask[t]), free((*v)->soft[t]);
  free(*v);
  *v = NULL;
}

bool labels_repairs(const LabelVolume *v, RepairStep step) { return !(v->left_out >> step & 1U); }

/* ---- one grid for all ---- */

static PetscErrorCode set_grid(const Image *im, LabelVolume *v)
{
  for (int c = 0; c < 3; c++) {
    const double col[3] = {im->affine[0][c], im->affine[1][c], im->affine[2][c]};
    v->n[c] = im->n[c];
    v->step[c] = rint(v3_norm(col) * 1e6) / 1e6; /* the last bits would differ where the subject is turned */
  }
  v->first = 0, v->n_slice = im->n[2];
  memcpy(v->affine, im->affine, sizeof v->affine);
  return 0;
}

static PetscErrorCode check_grid(const Image *im, const LabelVolume *v)
{
  double worst = 0.0;
  PetscCheck(
      im->n[0] == v->n[0] && im->n[1] == v->n[1] && im->n[2] == v->n_slice, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s has %d x %d x %d voxels and %s has %d x %d x %d (right, anterior, superior); expected one grid, resample "
      "one of them",
      im->path, im->n[0], im->n[1], im->n[2], v->path, v->n[0], v->n[1], v->n_slice);
  for (int corner = 0; corner < 8; corner++) {
    double off[3];
    for (int r = 0; r < 3; r++) {
      off[r] = im->affine[r][3] + v->first * v->affine[r][2] - v->affine[r][3];
      for (int c = 0; c < 3; c++)
        if (corner >> c & 1) off[r] += (im->n[c] - 1) * (im->affine[r][c] - v->affine[r][c]);
    }
    worst = fmax(worst, v3_norm(off) / fmin(v->step[0], fmin(v->step[1], v->step[2])));
  }
  PetscCheck(worst <= GRID_VOXELS, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s and %s lie apart by up to %.3f voxels; expected one grid, resample one of them", im->path, v->path,
             worst);
  if (worst > EXACT)
    say_note("%s and %s lie apart by up to %.3f voxels; their voxels are taken for the same", im->path, v->path, worst);
  return 0;
}

/* Reads one file of the case. With a table the values become 1 + index of their entry. */
static PetscErrorCode read_onto_grid(const Case *c, const char *input, const char *file, const LabelTable *t,
                                     const char *table, LabelVolume *v, Image **out)
{
  const CaseLabels *l = c->anatomy.labels;
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(input, file, path));
  PetscErrorCode ierr = image_read(path, l->orientation, l->units, out);
  if (!ierr && t) ierr = label_values(*out, t, table);
  if (!ierr) ierr = image_reorient(*out);
  if (!ierr) ierr = v->n[0] ? check_grid(*out, v) : set_grid(*out, v);
  if (!ierr && !v->bits) memcpy(v->path, (*out)->path, sizeof v->path);
  if (!ierr && (*out)->n_nan) say_note("%s: %zu voxels are not a number and were read as 0", path, (*out)->n_nan);
  if (ierr) image_destroy(out);
  return ierr;
}

/* ---- levels ---- */

static void find_segments(const Image *im, const LabelTable *t, LabelVolume *v)
{
  const size_t slice = (size_t)im->n[0] * (size_t)im->n[1];
  for (int s = 0; s < LABEL_SEGMENTS; s++) v->segment[s] = (LabelSegment){im->n[2], -1};
  for (int k = 0; k < im->n[2]; k++)
    for (size_t i = 0; i < slice; i++) {
      const int entry = (int)im->v[slice * (size_t)k + i];
      if (!entry) continue;
      const int s = segment_order(t->labels[entry - 1].structure);
      if (s < 0) continue;
      if (k < v->segment[s].first) v->segment[s].first = k;
      v->segment[s].last = k;
    }
}

/* The lowest slice with a labelled root, `none` without. */
static int lowest_root(const LabelVolume *v, int none)
{
  const size_t slice = (size_t)v->n[0] * (size_t)v->n[1];
  for (size_t i = 0; v->root_of && i < labels_voxels(v); i++)
    if (v->root_of[i]) return (int)(i / slice);
  return none;
}

/* Narrows the window to the slices near the segments asked for, and down to where labelled roots end. */
static PetscErrorCode choose_window(const CaseLevels *l, LabelVolume *v)
{
  const int from = segment_order(l->from), to = segment_order(l->to);
  int first = v->n_slice, last = -1;
  char name[8];
  PetscCheck(from >= 0 && to >= from, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "\"levels\" goes from %s to %s; expected two segments (C1 to S5), the rostral one first", l->from, l->to);
  for (int s = from; s <= to; s++) {
    PetscCheck(v->segment[s].last >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: no voxel is labelled as segment %s; expected all of %s to %s", l->file, segment_name(s, name),
               l->from, l->to);
    if (v->segment[s].first < first) first = v->segment[s].first;
    if (v->segment[s].last > last) last = v->segment[s].last;
  }
  const int around = (int)ceil(AROUND_LEVELS_MM / v->step[2] - 1e-6);
  first = (int)fmin(first, lowest_root(v, first));
  first = first > around ? first - around : 0;
  last = last + around < v->n_slice ? last + around : v->n_slice - 1;
  const int lo[3] = {0, 0, first}, m[3] = {v->n[0], v->n[1], last - first + 1};
  return labels_window(v, lo, m);
}

static PetscErrorCode read_levels(const Case *c, const char *input, LabelVolume *v)
{
  const CaseLevels *l = c->anatomy.levels;
  LabelTable *t = NULL;
  Image *im = NULL;
  PetscCall(label_table_read(l->table, c->folder, &t));
  PetscErrorCode ierr = read_onto_grid(c, input, l->file, t, l->table, v, &im);
  if (!ierr) {
    find_segments(im, t, v);
    v->has_levels = true;
  }
  image_destroy(&im);
  label_table_destroy(&t);
  return ierr;
}

/* ---- structures ---- */

static PetscErrorCode read_label_map(const Case *c, const char *input, const char *file, const LabelTable *t,
                                     const char *table, LabelVolume *v)
{
  Image *im = NULL;
  PetscCall(read_onto_grid(c, input, file, t, table, v, &im));
  PetscErrorCode ierr = v->bits ? 0 : mem_alloc(labels_voxels(v), 1, &v->bits);
  if (!ierr) ierr = labels_put_map(im, t, v);
  image_destroy(&im);
  return ierr;
}

static PetscErrorCode read_named_map(const Case *c, const char *input, const char *file, const char *table,
                                     LabelVolume *v)
{
  LabelTable *t = NULL;
  PetscCall(label_table_read(table, c->folder, &t));
  const PetscErrorCode ierr = read_label_map(c, input, file, t, table, v);
  label_table_destroy(&t);
  return ierr;
}

static PetscErrorCode read_mask(const Case *c, const char *input, const CaseMask *m, LabelVolume *v)
{
  Image *im = NULL;
  PetscCall(read_onto_grid(c, input, m->file, NULL, NULL, v, &im));
  PetscErrorCode ierr = v->bits ? 0 : mem_alloc(labels_voxels(v), 1, &v->bits);
  if (!ierr) ierr = labels_put_mask(im, m, v);
  image_destroy(&im);
  return ierr;
}

static PetscErrorCode read_bids_file(const Case *c, const BidsFile *b, LabelVolume *v)
{
  const size_t n = strlen(b->table);
  LabelTable *t = NULL;
  if (b->structure[0])
    return read_mask(c, "", &(CaseMask){.structure = (char *)b->structure, .file = (char *)b->path, .threshold = 0.5},
                     v);
  if (n < 4 || strcmp(b->table + n - 4, ".tsv")) return read_named_map(c, "", b->path, b->table, v);
  PetscCall(labels_bids_table(b->table, &t));
  const PetscErrorCode ierr = read_label_map(c, "", b->path, t, b->table, v);
  labels_bids_table_destroy(&t);
  return ierr;
}

static PetscErrorCode read_bids(const Case *c, const char *input, LabelVolume *v)
{
  char folder[CAUDA_PATH_MAX];
  BidsFile *files = NULL;
  int n = 0;
  PetscCall(path_join(input, c->anatomy.labels->bids, folder));
  PetscErrorCode ierr = labels_bids_find(folder, &n, &files);
  for (int i = 0; !ierr && i < n; i++) ierr = read_bids_file(c, &files[i], v);
  free(files);
  return ierr;
}

static PetscErrorCode read_all(const Case *c, const char *input, LabelVolume *v)
{
  const CaseLabels *l = c->anatomy.labels;
  v->left_out = l->left_out;
  if (c->anatomy.levels) PetscCall(read_levels(c, input, v));
  if (l->file) PetscCall(read_named_map(c, input, l->file, l->table, v));
  for (int i = 0; i < l->n_masks; i++) {
    const CaseMask *m = &l->masks[i];
    PetscCall(m->table ? read_named_map(c, input, m->file, m->table, v) : read_mask(c, input, m, v));
  }
  if (l->bids) PetscCall(read_bids(c, input, v));
  return c->anatomy.levels ? choose_window(c->anatomy.levels, v) : 0;
}

PetscErrorCode labels_read(const Case *c, const char *input, LabelVolume **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  const PetscErrorCode ierr = read_all(c, input, *out);
  if (ierr) labels_destroy(out);
  return ierr;
}
