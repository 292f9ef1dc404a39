/* Roots of label maps: those with a centre line, and plans for those that only the levels tell of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "labels.h"
#include "local.h"
#include "roots_beside.h"
#include "roots_repair.h"

static const double SUNK_MM = 0.2;
/* A root counts as lying on a side from this far off the midline. */
static const double OFF_MIDLINE_MM = 1.0;

/* Names and places must agree: most left roots on the left. */
static PetscErrorCode check_sides(const Anatomy *a, int n, const RootLine *lines)
{
  int right = 0, wrong = 0;
  for (int i = 0; i < n; i++) {
    double mean = 0.0;
    for (int k = 0; k < lines[i].n; k++) {
      double p[3];
      rigid_apply_inverse(&a->world, lines[i].xyz[k], p);
      mean += (p[0] - a->axis_xy[0]) / lines[i].n;
    }
    if (fabs(mean) < OFF_MIDLINE_MM) continue;
    if ((mean < 0.0) == (lines[i].side == 'L'))
      right++;
    else
      wrong++;
  }
  PetscCheck(
      wrong <= right, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: %d of %d roots lie on the other side than their names say; left and right are swapped, in the names or in "
      "the image's orientation",
      lines[0].path, wrong, wrong + right);
  return 0;
}

static PetscErrorCode median(int n, const double *x, double *out)
{
  double *sorted = NULL;
  PetscCall(mem_alloc((size_t)n, sizeof *sorted, &sorted));
  memcpy(sorted, x, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_number);
  *out = sorted[n / 2];
  free(sorted);
  return 0;
}

/* The last point into the cord, where making room for the roots moved it out again. */
static void sink_end(const Anatomy *a, Root *r)
{
  double *end = r->xyz + 3 * (r->n - 1);
  for (int i = 0; i < 20 && shape_distance(a, TISSUE_WHITE, end) > -SUNK_MM; i++) {
    double g[3];
    shape_gradient(a, TISSUE_WHITE, end, g);
    v3_axpy(end, -fmax(0.5 * SUNK_MM, shape_distance(a, TISSUE_WHITE, end)), g, end);
  }
  r->entry = root_entry(a, r->n, r->xyz);
}

static PetscErrorCode add_annotated(const LabelVolume *v, int n, const RootLine *lines, const double *radius,
                                    const int *which, Anatomy *a)
{
  const int first = a->n_root;
  double typical = 0.0;
  if (!n) return 0;
  PetscCall(check_sides(a, n, lines));
  PetscCall(median(n, radius, &typical));
  PetscCall(roots_from_lines(a, n, lines, typical));
  for (int i = 0; i < n; i++) {
    Root *r = &a->root[first + i];
    const LabelRoot *l = &v->root[which[i]];
    r->ventral = l->ventral;
    snprintf(r->name, sizeof r->name, "%s_%c_%s", l->segment, l->side, l->ventral ? "ventral" : "dorsal");
    for (int k = 0; k < r->n; k++) r->radius[k] = radius[i];
    sink_end(a, r);
  }
  return 0;
}

static bool annotated(const Anatomy *a, const char *segment, bool ventral)
{
  for (int i = 0; i < a->n_root; i++)
    if (!a->root[i].made && !strcmp(a->root[i].segment, segment) && a->root[i].ventral == ventral) return true;
  return false;
}

static PetscErrorCode plan_segment(const Case *c, const LabelVolume *v, const double centre[3], int order,
                                   const Anatomy *a, RootPlan *p)
{
  const LabelSegment *s = &v->segment[order];
  const double dorsal = c->anatomy.root_radius_mm;
  segment_name(order, p->segment);
  p->entry_z = (0.5 * (s->first + s->last) - v->first - centre[2]) * v->step[2];
  p->exit_z = -HUGE_VAL;
  p->radius_dorsal_mm = annotated(a, p->segment, false) ? 0.0 : dorsal;
  p->radius_ventral_mm = !c->anatomy.levels->ventral || annotated(a, p->segment, true) ? 0.0 : VENTRAL_RATIO * dorsal;
  PetscCheck(
      p->entry_z > a->seen_z_min && p->entry_z < a->seen_z_max, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the middle of segment %s lies in slice %.1f, expected within the slices in which both cord and CSF are "
      "labelled (%d to %d)",
      c->anatomy.levels->file, p->segment, 0.5 * (s->first + s->last), v->first, v->first + v->n[2] - 1);
  return 0;
}

static PetscErrorCode add_made(const Case *c, const LabelVolume *v, const double centre[3], Anatomy *a)
{
  const CaseLevels *l = c->anatomy.levels;
  RootPlan plan[LABEL_SEGMENTS] = {0};
  int n = 0;
  if (!l) return 0;
  for (int s = segment_order(l->from); s <= segment_order(l->to); s++)
    PetscCall(plan_segment(c, v, centre, s, a, &plan[n++]));
  return roots_make(a, plan, n);
}

PetscErrorCode labels_add_roots(const Case *c, const LabelVolume *v, const double centre[3], int n,
                                const RootLine *lines, const double *radius, const int *which, Anatomy *a)
{
  PetscCall(add_annotated(v, n, lines, radius, which, a));
  return add_made(c, v, centre, a);
}
