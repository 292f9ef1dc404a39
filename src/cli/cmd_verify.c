/* verify: the field solver against exact solutions, as a table. */
#include "commands.h"

#include "cauda/verify.h"

#include <json-c/json.h>

static void print_row(const VerifyRow *r)
{
  static const char *const sense[] = {"", "<=", ">="};
  char limit[24] = "";
  if (r->sense != VERIFY_TOLD) snprintf(limit, sizeof limit, "%s %.3g", sense[r->sense], r->limit);
  printf("%-28s %-34s %-24s %10.3g  %-9s %s\n", r->test, r->mesh, r->quantity, r->value, limit,
         r->sense == VERIFY_TOLD ? ""
         : verify_holds(r)       ? "ok"
                                 : "FAILS");
  fflush(stdout);
}

static void print_json(const VerifyTable *t)
{
  json_object *rows = json_object_new_array();
  for (int i = 0; i < t->n; i++) {
    const VerifyRow *r = &t->row[i];
    json_object *o = json_object_new_object();
    json_object_object_add(o, "test", json_object_new_string(r->test));
    json_object_object_add(o, "mesh", json_object_new_string(r->mesh));
    json_object_object_add(o, "quantity", json_object_new_string(r->quantity));
    json_object_object_add(o, "value", json_object_new_double(r->value));
    if (r->sense != VERIFY_TOLD) {
      json_object_object_add(o, r->sense == VERIFY_AT_MOST ? "at_most" : "at_least", json_object_new_double(r->limit));
      json_object_object_add(o, "holds", json_object_new_boolean(verify_holds(r)));
    }
    json_object_array_add(rows, o);
  }
  puts(json_object_to_json_string_ext(rows, JSON_C_TO_STRING_PRETTY));
  json_object_put(rows);
}

PetscErrorCode command_verify(const Args *args)
{
  VerifyTable *t;
  int failed = 0, judged = 0;
  double seconds = 0.0;
  if (!args->json) printf("%-28s %-34s %-24s %10s  %-9s %s\n", "test", "mesh", "quantity", "value", "must be", "");
  PetscCall(verify_run(args->test, args->refined, args->json ? NULL : print_row, &t));
  for (int i = 0; i < t->n; i++) {
    judged += t->row[i].sense != VERIFY_TOLD;
    failed += !verify_holds(&t->row[i]);
    seconds += t->row[i].seconds;
  }
  if (args->json) print_json(t);
  if (!args->json) printf("%d of %d hold; %.0f s\n", judged - failed, judged, seconds);
  verify_destroy(&t);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%d of %d verifications fail", failed, judged);
  return 0;
}
