/* axon: the fibre models alone, on potentials along fibres from any simulator. */
#include "commands.h"

#include "cauda/case.h"
#include "cauda/fiber.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double largest_mA = 1000.0; /* where the search ends that was not told where to */

static PetscErrorCode set_text(const char *given, char **value)
{
  if (!given) return 0;
  free(*value);
  return text_copy(given, value);
}

static void set_number(double given, double *value)
{
  if (!isnan(given)) *value = given;
}

static PetscErrorCode set_pulse(const AxonArgs *a, CasePulse *p)
{
  PetscCall(set_text(a->shape, &p->shape));
  PetscCall(set_text(a->samples, &p->samples));
  set_number(a->width_us, &p->width_us);
  PetscCheck(!(a->interphase_us < 0.0), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--interphase_us: found %g, expected a number from 0 on", a->interphase_us);
  set_number(a->interphase_us, &p->interphase_us);
  set_number(a->recharge_width_us, &p->recharge_width_us);
  bool asymmetric = !strcmp(p->shape, "asymmetric");
  PetscCheck(asymmetric == !isnan(a->recharge_width_us), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "found --shape %s %s --recharge_width_us, expected the shape asymmetric with it and the others without",
             p->shape, isnan(a->recharge_width_us) ? "without" : "with");
  PetscCheck(isnan(a->interphase_us) || strcmp(p->shape, "monophasic"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--interphase_us has no use in a monophasic pulse");
  PetscCheck(!a->samples || (!a->shape && isnan(a->width_us) && isnan(a->interphase_us)), PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT, "found --samples beside --shape, --width_us or --interphase_us, expected it alone");
  if (p->samples) PetscCall(pulse_read_samples(p, ""));
  return 0;
}

static PetscErrorCode set_fibers(const AxonArgs *a, CaseFibers *f)
{
  PetscCall(set_text(a->model, &f->model));
  PetscCall(set_text(a->geometry, &f->geometry));
  set_number(a->dt_us, &f->dt_us);
  set_number(a->tolerance, &f->tolerance);
  PetscCheck(f->tolerance < 1.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--tolerance: found %g, expected a share below 1", f->tolerance);
  PetscCheck(!a->geometry || strcmp(f->model, "senn"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--geometry has no use with the model senn");
  PetscCheck(isnan(a->tolerance) || strcmp(f->model, "linear"), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--tolerance has no use with the model linear");
  return 0;
}

static void print_json(const AlongFibers *a)
{
  json_object *root = json_object_new_object(), *list = json_object_new_array();
  for (int i = 0; i < a->n_fiber; i++) {
    const AlongFiber *f = &a->fiber[i];
    bool fires = isfinite(f->threshold_mA);
    json_object *one = json_object_new_object();
    json_object_object_add(one, "fiber", json_object_new_string(f->name));
    json_object_object_add(one, "threshold_mA", fires ? json_object_new_double(f->threshold_mA) : NULL);
    json_object_object_add(one, "site_mm", fires ? json_object_new_double(f->site_mm) : NULL);
    json_object_array_add(list, one);
  }
  json_object_object_add(root, "fibers", list);
  puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY));
  json_object_put(root);
}

static PetscErrorCode put_thresholds(const void *a, FILE *s) { return along_write(a, s), 0; }

static PetscErrorCode write_file(const AlongFibers *a, const char *folder)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(folder_create(folder));
  PetscCall(path_join(folder, "axon.csv", path));
  PetscCall(file_write(path, put_thresholds, a));
  say_progress("wrote %s", path);
  return 0;
}

static PetscErrorCode run(const Args *args, Case *c, AlongFibers *a)
{
  double largest = isnan(args->axon.largest_mA) ? largest_mA : args->axon.largest_mA;
  PetscCall(set_fibers(&args->axon, &c->fibers));
  PetscCall(set_pulse(&args->axon, &c->pulse));
  PetscCall(along_activate(c, args->axon.node_at_mm, largest, args->threads, a));
  if (args->out) PetscCall(write_file(a, args->out));
  if (args->json)
    print_json(a);
  else if (!args->out)
    along_write(a, stdout);
  return 0;
}

PetscErrorCode command_axon(const Args *args)
{
  Case *c = NULL;
  AlongFibers *a = NULL;
  PetscErrorCode ierr = along_read(args->case_path, &a);
  if (!ierr) ierr = case_defaults(&c);
  if (!ierr) ierr = run(args, c, a);
  case_destroy(&c);
  along_destroy(&a);
  PetscCall(ierr);
  return 0;
}
