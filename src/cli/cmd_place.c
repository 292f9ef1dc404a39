/* place: how much of the enlargement the case's lead covers, and where it would lie better. */
#include "commands.h"
#include "place_try.h"

#include "cauda/place.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS_MAX = 32 };

/* Where a lead may lie, and why. */
typedef struct {
  const char *what;
  double z;
  Tried tried[TARGETS_MAX]; /* with --try */
} Spot;

typedef struct {
  Work w;
  Place *place;
  int n_target, target[TARGETS_MAX]; /* roots of the anatomy */
  int n_spot;
  Spot spot[3];
} Job;

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static const char *side_of(const Job *j)
{
  const CasePaddle *p = j->w.c->paddle;
  return p && p->at.side ? p->at.side : "dorsal";
}

/* Of dorsal and ventral roots, those on the side of the lead. */
static PetscErrorCode add_target(Job *j, const char *name)
{
  int root = anatomy_find_root(j->w.anatomy, name);
  char kind[CAUDA_NAME_MAX + 8];
  snprintf(kind, sizeof kind, "%s_%s", name, side_of(j));
  if (root == -2) root = anatomy_find_root(j->w.anatomy, kind);
  PetscCheck(root >= 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--targets: found \"%s\", expected roots of the anatomy, with commas between: L1_L,S1_L", name);
  PetscCheck(j->n_target < TARGETS_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "--targets: found more than %d",
             TARGETS_MAX);
  j->target[j->n_target++] = root;
  return 0;
}

static PetscErrorCode read_targets(Job *j)
{
  for (const char *word = j->w.args->targets; word && *word; word += strspn(word, ",")) {
    char name[CAUDA_NAME_MAX];
    size_t n = strcspn(word, ",");
    snprintf(name, sizeof name, "%.*s", (int)n, word);
    PetscCall(add_target(j, name));
    word += n;
  }
  return 0;
}

/* "L1-S2". The enlargement is T12 or L1 to S1 or S2: Toossi et al. 2021, Sci Rep 11:1955. */
static PetscErrorCode read_place(Job *j)
{
  const char *given = j->w.args->enlargement ? j->w.args->enlargement : "L1-S2", *dash = strchr(given, '-');
  char first[8];
  PetscCheck(dash && dash - given < (long)sizeof first, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--enlargement: found \"%s\", expected two segments such as L1-S2", given);
  snprintf(first, sizeof first, "%.*s", (int)(dash - given), given);
  return place_create(j->w.anatomy, j->w.lead, first, dash + 1, &j->place);
}

/* The middle of the array as it lies: contacts' heights less their places in the array. */
static double height_now(const Work *w)
{
  double sum = 0.0;
  for (int i = 0; i < w->lead->n_contacts; i++) {
    double at[3], normal[3];
    scene_contact_at(w->scene, i, at, normal);
    sum += at[2] - w->lead->contacts[i].at_mm[1];
  }
  return sum / w->lead->n_contacts;
}

/* ---- telling ------------------------------------------------------------------------------------------------------ */

static void print_shares(const char *of, double all, int n, const double *segment)
{
  printf("  %-21s %5.0f ", of, 100.0 * all);
  for (int i = 0; i < n; i++) printf(" %3.0f", 100.0 * segment[i]);
  putchar('\n');
}

static void print_spot(const Job *j, const Spot *s)
{
  const Place *p = j->place;
  const PlaceSegment *near = place_nearest(p, s->z);
  double length[64], volume[64];
  Coverage c = place_coverage(p, s->z, length, volume);
  printf("%s: middle of the array at %s %+.1f mm\n", s->what, near->name, s->z - near->entry_z);
  print_shares("cord volume", c.volume, p->n, volume);
  print_shares("length", c.length, p->n, length);
}

static void print_tried(const Job *j, const Spot *s)
{
  printf("%s:\n", s->what);
  for (int i = 0; i < j->n_target; i++)
    printf("  %-16s %6.3f at %5.3g mA  %.40s\n", j->w.anatomy->root[j->target[i]].name, s->tried[i].score,
           s->tried[i].at_mA, s->tried[i].shares);
}

static void print_distances(const Job *j, const Spot *s)
{
  int contact[TARGETS_MAX];
  double distance_mm[TARGETS_MAX];
  if (!j->n_target) return;
  place_distances(j->place, s->z, j->n_target, j->target, contact, distance_mm);
  printf("%s:\n", s->what);
  for (int i = 0; i < j->n_target; i++)
    printf("  %-16s enters %5.1f mm from %s\n", j->w.anatomy->root[j->target[i]].name, distance_mm[i],
           j->w.lead->contacts[contact[i]].name);
}

static const char *score_of(const Job *j) { return j->w.c->rank ? j->w.c->rank->score : "selectivity"; }

static void print_all(const Job *j)
{
  const Place *p = j->place;
  const Spot *last = &j->spot[j->n_spot - 1];
  const PlaceSegment *near = place_nearest(p, last->z);
  printf("%s: an array of %.1f mm. Enlargement %s to %s: %.1f mm, %.0f mm3 of cord.\n\n", p->lead->name,
         p->array_rostral - p->array_caudal, p->segment[0].name, p->segment[p->n - 1].name, p->rostral_z - p->caudal_z,
         p->volume_mm3);
  printf("%-23s %5s ", "covered, %", "all");
  for (int i = 0; i < p->n; i++) printf(" %3s", p->segment[i].name);
  putchar('\n');
  for (int i = 0; i < j->n_spot; i++) print_spot(j, &j->spot[i]);
  if (j->n_target) putchar('\n');
  for (int i = 0; i < j->n_spot; i++) print_distances(j, &j->spot[i]);
  if (j->w.args->try_places) printf("\nbest simple set by the linear predictor (%s):\n", score_of(j));
  for (int i = 0; j->w.args->try_places && i < j->n_spot; i++) print_tried(j, &j->spot[i]);
  printf("\n%s: paddle: {model: %s, at: {root: %s, side: %s}, offset_mm: [0, %.1f]}\n", last->what, p->lead->name,
         near->name, side_of(j), last->z - near->entry_z);
}

static void add_number(json_object *o, const char *key, double v)
{
  char digits[32];
  snprintf(digits, sizeof digits, "%.6g", v);
  json_object_object_add(o, key, json_object_new_double_s(v, digits));
}

static json_object *tried_json(const Job *j, const Spot *s)
{
  json_object *all = json_object_new_object();
  for (int i = 0; i < j->n_target; i++) {
    json_object *one = json_object_new_object();
    add_number(one, "score", s->tried[i].score);
    add_number(one, "score_at_mA", s->tried[i].at_mA);
    json_object_object_add(one, "shares", json_object_new_string(s->tried[i].shares));
    json_object_object_add(all, j->w.anatomy->root[j->target[i]].name, one);
  }
  return all;
}

static json_object *spot_json(const Job *j, const Spot *s)
{
  const Place *p = j->place;
  json_object *o = json_object_new_object(), *by = json_object_new_object(), *far = json_object_new_object();
  json_object *volumes = json_object_new_object();
  int contact[TARGETS_MAX];
  double segment[64], volume[64], distance_mm[TARGETS_MAX];
  Coverage c = place_coverage(p, s->z, segment, volume);
  json_object_object_add(o, "position", json_object_new_string(s->what));
  json_object_object_add(o, "root", json_object_new_string(place_nearest(p, s->z)->name));
  add_number(o, "offset_mm", s->z - place_nearest(p, s->z)->entry_z);
  add_number(o, "volume_percent", 100.0 * c.volume);
  add_number(o, "length_percent", 100.0 * c.length);
  for (int i = 0; i < p->n; i++) {
    add_number(by, p->segment[i].name, 100.0 * segment[i]);
    add_number(volumes, p->segment[i].name, 100.0 * volume[i]);
  }
  json_object_object_add(o, "segment_percent", by);
  json_object_object_add(o, "segment_volume_percent", volumes);
  place_distances(p, s->z, j->n_target, j->target, contact, distance_mm);
  for (int i = 0; i < j->n_target; i++) add_number(far, j->w.anatomy->root[j->target[i]].name, distance_mm[i]);
  json_object_object_add(o, "target_distance_mm", far);
  if (j->w.args->try_places) json_object_object_add(o, "tried", tried_json(j, s));
  return o;
}

static void print_json(const Job *j)
{
  json_object *all = json_object_new_array();
  for (int i = 0; i < j->n_spot; i++) json_object_array_add(all, spot_json(j, &j->spot[i]));
  puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
  json_object_put(all);
}

/* ---- trying ------------------------------------------------------------------------------------------------------- */

/* The first spot is the case's own. */
static PetscErrorCode try_spot(Job *j, int i)
{
  Spot *s = &j->spot[i];
  CasePaddle paddle = *j->w.c->paddle;
  if (i) {
    const PlaceSegment *near = place_nearest(j->place, s->z);
    paddle.at.root = (char *)near->name, paddle.at.point_mm = NULL, paddle.at.n_point_mm = 0;
    paddle.offset_mm[0] = 0.0, paddle.offset_mm[1] = s->z - near->entry_z, paddle.rotation_deg = 0.0;
  }
  say_progress("place: %s", s->what);
  return place_try(&j->w, &paddle, j->n_target, j->target, s->tried);
}

static PetscErrorCode try_spots(Job *j)
{
  PetscCheck(j->n_target, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "--try needs --targets ROOTS: what a place is to be good for");
  for (int i = 0; i < j->n_spot; i++) PetscCall(try_spot(j, i));
  return 0;
}

static PetscErrorCode place(Job *j)
{
  int contact[TARGETS_MAX];
  double distance_mm[TARGETS_MAX];
  PetscCall(work_need_lead(&j->w, "place"));
  PetscCall(work_scene(&j->w));
  PetscCheck(j->w.scene && j->w.scene->pose, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: place needs a lead of Cauda's own, laid on an anatomy", j->w.c->path);
  PetscCall(read_targets(j));
  PetscCall(read_place(j));
  PetscCheck(j->place->n <= 64, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "found %d segments, expected at most 64",
             j->place->n);
  j->spot[j->n_spot++] = (Spot){.what = "as in the case", .z = height_now(&j->w)};
  j->spot[j->n_spot++] = (Spot){.what = "covers most", .z = place_best(j->place).z};
  if (j->n_target)
    j->spot[j->n_spot++] =
        (Spot){.what = "for the targets", .z = place_for(j->place, j->n_target, j->target, contact, distance_mm)};
  if (j->w.args->try_places) PetscCall(try_spots(j));
  if (j->w.args->json)
    print_json(j);
  else
    print_all(j);
  return 0;
}

PetscErrorCode command_place(const Args *args)
{
  Job j = {.n_target = 0};
  PetscErrorCode ierr = work_open(args, &j.w);
  if (!ierr) ierr = place(&j);
  place_destroy(&j.place);
  work_close(&j.w);
  PetscCall(ierr);
  return 0;
}
