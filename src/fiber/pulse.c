#include "pulse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double step_slack = 1e-9; /* a phase that ends on a step does not begin the next one */

/* Adds a stretch of constant height, as the share of each step that it covers. */
static void add_stretch(double from_us, double to_us, double height, double dt_us, PulseSteps *p)
{
  for (int i = (int)floor(from_us / dt_us + step_slack); i < p->n && i * dt_us < to_us; i++) {
    double inside = fmin(to_us, (i + 1) * dt_us) - fmax(from_us, i * dt_us);
    if (inside > step_slack * dt_us) p->w[i] += height * inside / dt_us;
  }
}

static PetscErrorCode allocate(double length_us, double dt_us, PulseSteps *p)
{
  double n = ceil(length_us / dt_us - step_slack);
  PetscCheck(n >= 1.0 && n < 1e8, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "pulse: found a length of %g us in steps of %g us, expected at most 1e8 steps", length_us, dt_us);
  p->n = (int)n;
  PetscCall(mem_alloc((size_t)p->n, sizeof *p->w, &p->w));
  return 0;
}

static PetscErrorCode make_samples(const CasePulse *pulse, double dt_us, PulseSteps *out)
{
  PetscCall(allocate(pulse->time_us[pulse->n_sample - 1], dt_us, out));
  for (int i = 0; i + 1 < pulse->n_sample; i++)
    add_stretch(pulse->time_us[i], pulse->time_us[i + 1], pulse->height[i], dt_us, out);
  return 0;
}

/* The second phase takes back the charge of the first. */
static PetscErrorCode make_phases(const CasePulse *pulse, double width_us, double dt_us, PulseSteps *out)
{
  bool asymmetric = !strcmp(pulse->shape, "asymmetric"), alone = !strcmp(pulse->shape, "monophasic");
  double second_us = width_us + pulse->interphase_us, back_us = asymmetric ? pulse->recharge_width_us : width_us;
  PetscCheck(alone || asymmetric || !strcmp(pulse->shape, "biphasic"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "pulse.shape: found \"%s\", expected monophasic, biphasic or asymmetric", pulse->shape);
  PetscCheck(width_us > 0.0 && back_us > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "pulse: found phases of %g and %g us, expected positive numbers", width_us, back_us);
  PetscCall(allocate(alone ? width_us : second_us + back_us, dt_us, out));
  add_stretch(0.0, width_us, 1.0, dt_us, out);
  if (!alone) add_stretch(second_us, second_us + back_us, -width_us / back_us, dt_us, out);
  return 0;
}

PetscErrorCode pulse_steps(const CasePulse *pulse, double width_us, double dt_us, PulseSteps *out)
{
  *out = (PulseSteps){0};
  PetscCheck(dt_us > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "fibers.dt_us: found a time step of %g us, expected a positive number", dt_us);
  if (!pulse->n_sample) return make_phases(pulse, width_us, dt_us, out);
  PetscCheck(width_us == pulse->width_us, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found a set with a width_us of its own (%g us), expected none beside a sampled pulse", width_us);
  return make_samples(pulse, dt_us, out);
}

void pulse_steps_free(PulseSteps *p)
{
  free(p->w);
  *p = (PulseSteps){0};
}
