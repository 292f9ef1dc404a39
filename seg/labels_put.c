/* What images show, voxel by voxel: structures by label or mask, roots by label, mask or probability. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* A mask of which more than this share lies between 0 and its largest value is a map of probabilities. */
static const double SOFT_SHARE = 0.005;
/* Voxels of a root's map of probabilities count from this share of the threshold on. */
static const double FAINT = 0.1;

bool label_root_parse(const char *name, LabelRoot *r)
{
  const char *rest = strchr(name, '_');
  const size_t length = rest ? (size_t)(rest - name) : strlen(name);
  *r = (LabelRoot){.any = !strcmp(name, "roots")};
  if (r->any) return true;
  if (length < sizeof r->segment) memcpy(r->segment, name, length);
  if (rest && (rest[1] == 'L' || rest[1] == 'R') && (!rest[2] || rest[2] == '_')) r->side = rest[1], rest += 2;
  r->ventral = rest && !strcmp(rest, "_ventral");
  r->both_kinds = !rest;
  return segment_order(r->segment) >= 0 && (!rest || !*rest || r->ventral || !strcmp(rest, "_dorsal"));
}

PetscErrorCode labels_parse_root(const char *name, const char *path, LabelRoot *r)
{
  PetscCheck(label_root_parse(name, r), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: \"%s\" is no structure; expected cord, white, grey, csf, dura, fat, bone, body, ignore, roots, a "
             "level such as L1 or a root such as L1_L",
             path, name);
  return 0;
}

/* What a structure leaves in a voxel: a bit, or 1 + a root's number. Both 0: nothing. */
typedef struct {
  uint8_t bit, root;
  bool any;
} Stamp;

/* The number of "some root" is that of the first entry. */
enum { ANY_ROOT = 1 };

static PetscErrorCode stamp_of(const char *structure, const char *path, LabelVolume *v, Stamp *s)
{
  const LabelRoot any = {.any = true};
  const Tissue t = tissue_from_name(structure);
  LabelRoot r;
  int number = 0;
  *s = (Stamp){0, 0, false};
  if (!strcmp(structure, "ignore")) return 0;
  if (t < TISSUE_ROOT) {
    s->bit = (uint8_t)(1u << t);
    return 0;
  }
  PetscCall(labels_parse_root(structure, path, &r));
  PetscCall(labels_root_number(v, &any, &number));
  PetscCall(labels_root_number(v, &r, &number));
  *s = (Stamp){r.any ? BIT_IN_ROOT_MASK : 0, (uint8_t)(number + 1), r.any};
  if (!v->root_of) PetscCall(mem_alloc(labels_voxels(v), 1, &v->root_of));
  return 0;
}

/* Where roots overlap, none has the voxel for certain. */
static void put(LabelVolume *v, size_t at, Stamp s)
{
  v->bits[at] |= s.bit;
  if (!s.root || v->root_of[at] == s.root) return;
  const uint8_t before = v->root_of[at];
  if (!before || before == ANY_ROOT)
    v->root_of[at] = s.root;
  else if (!s.any) {
    v->root_of[at] = ANY_ROOT;
    v->n_root_overlap++;
  }
}

PetscErrorCode labels_put_map(const Image *im, const LabelTable *t, LabelVolume *v)
{
  Stamp *stamp = NULL;
  const float *value = im->v;
  PetscErrorCode ierr = mem_alloc((size_t)t->n_labels + 1, sizeof *stamp, &stamp);
  for (int i = 0; !ierr && i < t->n_labels; i++) ierr = stamp_of(t->labels[i].structure, im->path, v, &stamp[i + 1]);
  for (size_t i = 0; !ierr && i < labels_voxels(v); i++) put(v, i, stamp[(int)value[i]]);
  free(stamp);
  return ierr;
}

/* The largest value of a map that has values between, 0 for a mask of two values. */
static float largest_of_soft(const float *value, size_t n)
{
  float largest = 0.0f;
  size_t between = 0, some = 0;
  for (size_t i = 0; i < n; i++) largest = fmaxf(largest, value[i]);
  for (size_t i = 0; i < n; i++) {
    some += value[i] > 0.0f;
    between += value[i] > 0.0f && value[i] < largest;
  }
  return (double)between > SOFT_SHARE * (double)some ? largest : 0.0f;
}

/* Keeps value less threshold, so that the surface can be placed between voxels; the larger of several maps. */
static PetscErrorCode keep_soft(const float *value, double threshold, Tissue t, LabelVolume *v)
{
  const size_t n = labels_voxels(v);
  const bool first = !v->soft[t];
  if (!(largest_of_soft(value, n) > 0.0f)) return 0;
  if (first) PetscCall(mem_alloc(n, sizeof(float), &v->soft[t]));
  for (size_t i = 0; i < n; i++) {
    const float s = (float)((double)value[i] - threshold);
    v->soft[t][i] = first ? s : fmaxf(s, v->soft[t][i]);
  }
  return 0;
}

/* A root's probabilities, of which the threshold is one half: what lies below it still tells where a root thinner than a voxel runs, and how
 * thick it is. Of several roots in a voxel the most probable one has it. */
static PetscErrorCode put_soft_root(const float *value, double threshold, Stamp s, LabelVolume *v)
{
  const double least = FAINT * threshold;
  if (!v->root_weight) {
    PetscCall(mem_alloc(labels_voxels(v), sizeof *v->root_weight, &v->root_weight));
    for (size_t i = 0; i < labels_voxels(v); i++) v->root_weight[i] = v->root_of[i] != 0;
  }
  for (size_t i = 0; i < labels_voxels(v); i++) {
    const float weight = (float)fmin(1.0, 0.5 * (double)value[i] / threshold);
    if (!((double)value[i] > least) || weight <= v->root_weight[i]) continue;
    v->root_of[i] = s.root;
    v->root_weight[i] = weight;
  }
  return 0;
}

PetscErrorCode labels_put_mask(const Image *im, const CaseMask *m, LabelVolume *v)
{
  const float *value = im->v, largest = largest_of_soft(value, labels_voxels(v));
  const Tissue t = tissue_from_name(m->structure);
  Stamp s;
  size_t n_inside = 0;
  PetscCall(stamp_of(m->structure, im->path, v, &s));
  v->has_root_mask = v->has_root_mask || s.any;
  if (s.root && !s.any && largest > 0.0f && m->threshold > 0.0) return put_soft_root(value, m->threshold, s, v);
  for (size_t i = 0; i < labels_voxels(v); i++) {
    if (!((double)value[i] > m->threshold)) continue;
    put(v, i, s);
    if (v->root_weight && s.root) v->root_weight[i] = 1.0f;
    n_inside++;
  }
  if (!n_inside) say_note("%s: no voxel of \"%s\" lies above %.3f", im->path, m->structure, m->threshold);
  return t < TISSUE_ROOT ? keep_soft(value, m->threshold, t, v) : 0;
}
