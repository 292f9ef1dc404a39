/* Roots where none were annotated: courses for one side, packed, then mirrored. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/seg.h"
#include "root_pack.h"
#include "roots_repair.h"

static const double GAP_MM = 0.15, TOLERANCE_MM = 0.02, BEYOND_END_MM = 2.0, AHEAD_MM = 12.0;
/* Sulci, from the dorsal midline. */
static const double DORSAL_ENTRY_DEG = 38.0, VENTRAL_ENTRY_DEG = 142.0;
/* Wanted places below the cord: the root that leaves first lies most laterally; dorsal roots lie dorsally. */
static const double OUTERMOST = 0.92, INNERMOST = 0.12, DORSAL_HEIGHT = -0.45, VENTRAL_HEIGHT = 0.25;
static const double LEAST_ANGLE_DEG = 10.0, THINNER = 0.9;
enum { ATTEMPTS = 14 };

static int leaves_before(const void *a, const void *b)
{
  const RootPlan *p = a, *q = b;
  if (p->exit_z != q->exit_z) return p->exit_z > q->exit_z ? -1 : 1;
  return (p->entry_z < q->entry_z) - (p->entry_z > q->entry_z);
}

static PetscErrorCode check_plan(const RootPlan *p, const Anatomy *a)
{
  const double angle = p->exit_angle_deg;
  PetscCheck(p->entry_z >= a->z_min && p->entry_z <= a->z_max, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "root %s enters the cord at %.1f mm, expected a height that is modelled (%.1f to %.1f mm)", p->segment,
             p->entry_z, a->z_min, a->z_max);
  PetscCheck(
      p->exit_z < p->entry_z && angle < 90.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
      "root %s leaves the sac at %.1f mm under %.0f deg and enters the cord at %.1f mm, expected an exit below the "
      "entry and an angle below 90 deg",
      p->segment, p->exit_z, angle, p->entry_z);
  return 0;
}

static Strand strand_of(const RootPlan *p, const HalfSpace *h, double fraction, bool ventral)
{
  const double angle = fmax(p->exit_angle_deg, LEAST_ANGLE_DEG) * M_PI / 180.0;
  return (Strand){.radius = ventral ? p->radius_ventral_mm : p->radius_dorsal_mm,
                  .entry_angle = (ventral ? VENTRAL_ENTRY_DEG : DORSAL_ENTRY_DEG) * M_PI / 180.0,
                  .lateral = fraction,
                  .height = ventral ? VENTRAL_HEIGHT : DORSAL_HEIGHT,
                  .exit_z = p->exit_z,
                  .exit_slope = tan(angle),
                  .entry = (int)fmax(0.0, round((h->top - p->entry_z) * PACK_SLICES_A_MM))};
}

/* One strand a root of the right side; who[i] is its plan, negative for a ventral one (-1 - plan). */
static int strands_of(const RootPlan *plan, int n, const HalfSpace *h, Strand *s, int *who)
{
  int m = 0;
  for (int i = 0; i < n; i++)
    for (int v = 0; v < 2; v++) {
      if ((v ? plan[i].radius_ventral_mm : plan[i].radius_dorsal_mm) <= 0.0) continue;
      const double t = n > 1 ? (double)i / (n - 1) : 0.0;
      who[m] = v ? -1 - i : i;
      s[m++] = strand_of(&plan[i], h, OUTERMOST + t * (INNERMOST - OUTERMOST), v);
    }
  return m;
}

/* Packs; where there is no room, thinner and thinner roots are tried. */
static PetscErrorCode pack(Anatomy *a, const HalfSpace *h, int n, Strand *s)
{
  double worst = HUGE_VAL, thickest = 0.0, scale = 1.0;
  for (int i = 0; i < n; i++) thickest = fmax(thickest, s[i].radius);
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    PetscCall(strands_pack(h, GAP_MM, n, s, &worst));
    if (worst <= TOLERANCE_MM || attempt + 1 == ATTEMPTS) break;
    scale *= THINNER;
    for (int i = 0; i < n; i++) s[i].radius *= THINNER;
  }
  if (scale < 1.0)
    PetscCall(
        anatomy_repair_note(a, "made roots thinned for want of room in the sac", 2 * n, thickest * (1.0 - scale)));
  if (worst > TOLERANCE_MM)
    PetscCall(anatomy_repair_note(a, "made roots that come too near to other structures", 1, worst));
  return 0;
}

static PetscErrorCode make_root(const Anatomy *a, const HalfSpace *h, const Strand *s, const RootPlan *p, bool ventral,
                                char side, Root *r)
{
  const double sign = side == 'R' ? 1.0 : -1.0;
  r->n = s->end - s->entry + 1;
  PetscCall(mem_alloc((size_t)r->n, 3 * sizeof(double), &r->xyz));
  PetscCall(mem_alloc((size_t)r->n, sizeof(double), &r->radius));
  for (int i = 0; i < r->n; i++) {
    const int k = s->end - i;
    v3_set(r->xyz + 3 * i, h->mid[k] + sign * s->q[k][0], s->q[k][1], half_z(h, k));
    r->radius[i] = s->radius;
  }
  snprintf(r->segment, sizeof r->segment, "%s", p->segment);
  snprintf(r->name, sizeof r->name, "%s_%c_%s", p->segment, side, ventral ? "ventral" : "dorsal");
  r->side = side, r->ventral = ventral, r->made = true;
  r->entry = root_entry(a, r->n, r->xyz);
  return 0;
}

static PetscErrorCode add_roots(Anatomy *a, const HalfSpace *h, int n, const Strand *s, const int *who,
                                const RootPlan *plan)
{
  Root *grown = realloc(a->root, sizeof *grown * (size_t)(a->n_root + 2 * n));
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %d roots", 2 * n);
  a->root = grown;
  memset(grown + a->n_root, 0, sizeof *grown * (size_t)(2 * n));
  for (int i = 0; i < n; i++)
    for (int side = 0; side < 2; side++) {
      const bool ventral = who[i] < 0;
      a->n_root++; /* before it is filled, so that a half-made one is freed with the anatomy */
      PetscCall(make_root(a, h, &s[i], &plan[ventral ? -1 - who[i] : who[i]], ventral, "LR"[side],
                          &a -> root[a->n_root - 1]));
    }
  return 0;
}

static PetscErrorCode make_side(Anatomy *a, const HalfSpace *h, const RootPlan *plan, int n_plan, Strand *s, int *who)
{
  PetscErrorCode ierr = 0;
  const int n = strands_of(plan, n_plan, h, s, who);
  for (int i = 0; !ierr && i < n; i++) ierr = mem_alloc((size_t)h->n, sizeof *s[i].q, &s[i].q);
  if (!ierr) ierr = pack(a, h, n, s);
  if (!ierr) ierr = add_roots(a, h, n, s, who, plan);
  for (int i = 0; i < n; i++) free(s[i].q);
  return ierr;
}

PetscErrorCode roots_make(Anatomy *a, const RootPlan *plan, int n_plan)
{
  RootPlan *sorted = NULL;
  Strand *s = NULL;
  int *who = NULL;
  HalfSpace *h = NULL;
  double top = -HUGE_VAL;
  PetscErrorCode ierr;
  for (int i = 0; i < n_plan; i++) {
    PetscCall(check_plan(&plan[i], a));
    top = fmax(top, plan[i].entry_z);
  }
  if (n_plan == 0) return 0;
  ierr = mem_alloc((size_t)n_plan, sizeof *sorted, &sorted);
  if (!ierr) ierr = mem_alloc(2 * (size_t)n_plan, sizeof *s, &s);
  if (!ierr) ierr = mem_alloc(2 * (size_t)n_plan, sizeof *who, &who);
  if (!ierr) ierr = half_space_create(a, top + AHEAD_MM, a->z_min - BEYOND_END_MM, &h);
  if (!ierr) {
    memcpy(sorted, plan, (size_t)n_plan * sizeof *sorted);
    qsort(sorted, (size_t)n_plan, sizeof *sorted, leaves_before);
    ierr = make_side(a, h, sorted, n_plan, s, who);
  }
  half_space_destroy(&h);
  free(sorted), free(s), free(who);
  return ierr;
}
