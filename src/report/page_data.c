/* What the page's scripts need, as JSON: {run: {name, roots, targets, fiber_root u16 [n_fiber], sets}, scene}; a set
 * is {name, at_mA, axis_mA, share, thresholds_mA f32 [n_fiber] (infinite: never), card u8: its part of the page as HTML,
 * where that does not stand in the page already}. */
#include "html.h"
#include "page.h"
#include "scene_pack.h"

#include <math.h>
#include <stdlib.h>

static PetscErrorCode add_thresholds(const ThresholdTable *t, int set, json_object *o)
{
  float *mA;
  json_object *packed = NULL;
  PetscCall(mem_alloc((size_t)t->n_fiber + 1, sizeof *mA, &mA));
  for (int i = 0; i < t->n_fiber; i++) {
    const double v = t->threshold_mA[(size_t)set * (size_t)t->n_fiber + (size_t)i];
    mA[i] = isfinite(v) ? (float)v : HUGE_VALF;
  }
  PetscErrorCode ierr = pack_f32(mA, (size_t)t->n_fiber, &packed);
  free(mA);
  PetscCall(ierr);
  json_object_object_add(o, "thresholds_mA", packed);
  return 0;
}

static PetscErrorCode add_card(const Subject *s, int set, json_object *o)
{
  char *text = NULL;
  size_t length = 0;
  json_object *packed = NULL;
  FILE *f = open_memstream(&text, &length);
  PetscCheck(f, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the page");
  page_set(f, s, set);
  PetscErrorCode ierr = fclose(f) ? PETSC_ERR_MEM : pack_u8((const unsigned char *)text, length, &packed);
  free(text);
  PetscCall(ierr);
  json_object_object_add(o, "card", packed);
  return 0;
}

static PetscErrorCode add_set(const Subject *s, int set, bool drawn, json_object *list)
{
  json_object *o = json_object_new_object();
  json_object_array_add(list, o);
  json_object_object_add(o, "name", json_object_new_string(s->thresholds->set[set]));
  json_object_object_add(o, "at_mA", json_object_new_double(subject_amplitude_mA(s, set)));
  json_object_object_add(o, "axis_mA", json_object_new_double(subject_axis_mA(s, set)));
  json_object_object_add(o, "share", json_object_get(subject_driven(s, set).share));
  PetscCall(add_thresholds(s->thresholds, set, o));
  return drawn ? 0 : add_card(s, set, o);
}

static PetscErrorCode add_fibers(const ThresholdTable *t, json_object *o)
{
  uint16_t *root;
  json_object *packed = NULL;
  PetscCall(mem_alloc((size_t)t->n_fiber + 1, sizeof *root, &root));
  for (int i = 0; i < t->n_fiber; i++) root[i] = (uint16_t)t->fiber_root[i];
  PetscErrorCode ierr = pack_u16(root, (size_t)t->n_fiber, &packed);
  free(root);
  PetscCall(ierr);
  json_object_object_add(o, "fiber_root", packed);
  return 0;
}

static PetscErrorCode add_results(const Subject *s, json_object *o)
{
  const ThresholdTable *t = s->thresholds;
  json_object *sets = json_object_new_array(), *roots = json_object_new_array(), *targets = json_object_new_array();
  json_object_object_add(o, "sets", sets);
  json_object_object_add(o, "roots", roots);
  json_object_object_add(o, "targets", targets);
  for (int r = 0; r < t->n_root; r++) {
    json_object_array_add(roots, json_object_new_string(t->root[r]));
    if (s->is_target[r]) json_object_array_add(targets, json_object_new_string(t->root[r]));
  }
  PetscCall(add_fibers(t, o));
  for (int i = 0; i < s->n_set; i++) PetscCall(add_set(s, s->set[i], i < s->n_drawn, sets));
  return 0;
}

static PetscErrorCode put_subject(FILE *f, const Subject *s)
{
  json_object *o = json_object_new_object();
  json_object_object_add(o, "name", json_object_new_string(s->name));
  PetscErrorCode ierr = s->thresholds ? add_results(s, o) : 0;
  if (!ierr) {
    fputs("{\"run\":", f);
    html_json(f, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    fputs(",\"scene\":", f);
    html_json(f, s->scene ? s->scene : "null");
    fputc('}', f);
  }
  json_object_put(o);
  PetscCall(ierr);
  return 0;
}

PetscErrorCode page_data(FILE *f, int n, const Subject *s)
{
  fputs("<script type=\"application/json\" id=\"cauda-data\">[", f);
  for (int i = 0; i < n; i++) {
    if (i) fputs(",\n", f);
    PetscCall(put_subject(f, &s[i]));
  }
  fputs("]</script>\n", f);
  return 0;
}
