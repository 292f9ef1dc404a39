/* What the roots of one mask are called, and whether that can be trusted. */
#include <math.h>
#include <string.h>

#include "root_trace_impl.h"

static const double LEAST_MM = 5.0;
/* Neighbours can be told apart where a root has this many voxels in a slice, in the mean. The phantom's roots are traced
 * without fault with 3.5 and more (voxels of 0.35 mm, a fifth of them missing: 4.0), with 3.4 some are not (0.45 mm). */
static const double LEAST_VOXELS = 3.5;

/* Names of which no strand is long enough are taken back. */
static void drop_short(Trace *t)
{
  double longest[LABEL_ROOTS_MAX + 1] = {0};
  for (size_t s = 0; s < t->n_strand; s++) {
    const Strand *q = &t->strand[s];
    longest[q->name] = fmax(longest[q->name], (q->top - q->k + 1) * t->v->step[2]);
  }
  for (size_t s = 0; s < t->n_strand; s++)
    if (longest[t->strand[s].name] < LEAST_MM) t->strand[s].name = 0;
}

/* Whether a root of this name was found. */
static bool found(const Trace *t, int segment, char side, bool ventral)
{
  char name[8];
  segment_name(segment, name);
  for (size_t s = 0; s < t->n_strand; s++) {
    const LabelRoot *r = t->strand[s].name ? &t->v->root[t->strand[s].name - 1] : NULL;
    if (r && !strcmp(r->segment, name) && r->side == side && r->ventral == ventral) return true;
  }
  return false;
}

/* Between two segments with a root of a kind each has one: else one was followed on into the next, as where roots leave
 * the cord level with it and the mask has them all in one piece. */
static PetscErrorCode check_order(const Trace *t)
{
  for (int kind = 0; kind < 4; kind++) {
    const char side = "LR"[kind % 2];
    const bool ventral = kind / 2;
    int last = -1;
    for (int s = 0; s < LABEL_SEGMENTS; s++) {
      char name[8];
      if (!found(t, s, side, ventral)) continue;
      PetscCheck(last < 0 || last + 1 == s, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
                 "%s: no %s root of the mask of all roots begins at the cord within segment %s on the %s, though those "
                 "above and below do; expected one, apart from its neighbours: give labels by root or level beside it",
                 t->v->path, ventral ? "ventral" : "dorsal", segment_name(last + 1, name),
                 side == 'L' ? "left" : "right");
      last = s;
    }
  }
  return 0;
}

static PetscErrorCode give_names(Trace *t, size_t n, Anatomy *a)
{
  size_t named = 0;
  for (size_t i = 0; i < n; i++) {
    t->v->root_of[t->at[i]] = (uint8_t)t->strand[t->strand_of[i]].name;
    named += t->strand[t->strand_of[i]].name > 0;
  }
  PetscCheck(named, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: of the mask of all roots none begins at the cord within a segment of \"levels\"; expected roots from "
             "where they leave the cord",
             t->v->path);
  PetscCall(labels_note(a, "voxels of the mask of all roots named by where their root leaves the cord", named, 0.0));
  return labels_note(a, "voxels of the mask of all roots whose root does not begin at the cord left out", n - named,
                     0.0);
}

static PetscErrorCode check_size(const Trace *t, size_t n)
{
  const double mean = (double)n / (double)(t->n_seen + t->n_strand);
  PetscCheck(
      mean >= LEAST_VOXELS, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "%s: the roots of the mask of all roots have %.1f voxels each in a slice, expected %.1f or more: with fewer "
      "they cannot be told from their neighbours; give labels by root or level beside it, or a finer image",
      t->v->path, mean, LEAST_VOXELS);
  return 0;
}

PetscErrorCode root_trace_names(Trace *t, size_t n, Anatomy *a)
{
  PetscCall(check_size(t, n));
  drop_short(t);
  PetscCall(check_order(t));
  return give_names(t, n, a);
}
