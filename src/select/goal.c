/* What is wanted, from the case's words to weights of pools. */
#include "cauda/select.h"

#include "name_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Length of "SEGMENT_SIDE" in a root's name; of all of it where there is no kind. */
static size_t place_length(const char *name)
{
  const char *side = strchr(name, '_'), *kind = side ? strchr(side + 1, '_') : NULL;
  return kind ? (size_t)(kind - name) : strlen(name);
}

static bool same_place(const char *a, const char *b)
{
  size_t n = place_length(a);
  return n == place_length(b) && !strncmp(a, b, n);
}

/* A pool by its name; "L1_L" will do for "L1_L_dorsal" where there is only one kind. */
static PetscErrorCode find_pool(const Goal *g, const char *what, const char *name, int *pool)
{
  char all[512] = "", fitting[512] = "";
  int n = 0;
  size_t length = strlen(name);
  *pool = -1;
  for (int i = 0; i < g->n_pool; i++) {
    name_list_add(all, sizeof all, " ", g->pool[i]);
    if (!strcmp(g->pool[i], name)) {
      *pool = i;
      return 0;
    }
    if (strncmp(g->pool[i], name, length) || g->pool[i][length] != '_') continue;
    name_list_add(fitting, sizeof fitting, " or ", g->pool[i]);
    *pool = i;
    n++;
  }
  PetscCheck(n > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "rank.%s: found \"%s\", expected one of: %s", what, name,
             all);
  PetscCheck(n == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "rank.%s: found \"%s\", which may be %s: name one", what,
             name, fitting);
  return 0;
}

/* The name of the other side: the first "_L" or "_R" that ends a part. */
static bool mirror_name(const char *name, char out[CAUDA_NAME_MAX])
{
  snprintf(out, CAUDA_NAME_MAX, "%s", name);
  for (char *s = strchr(out, '_'); s; s = strchr(s + 1, '_'))
    if ((s[1] == 'L' || s[1] == 'R') && (!s[2] || s[2] == '_')) {
      s[1] = s[1] == 'L' ? 'R' : 'L';
      return true;
    }
  return false;
}

static void find_mirrors(Goal *g)
{
  char other[CAUDA_NAME_MAX];
  for (int i = 0; i < g->n_pool; i++) {
    g->mirror[i] = -1;
    if (!mirror_name(g->pool[i], other)) continue;
    for (int k = 0; k < g->n_pool; k++)
      if (!strcmp(g->pool[k], other)) g->mirror[i] = k;
  }
}

/* ---- pools -------------------------------------------------------------------------------------------------------- */

static PetscErrorCode allocate(int n_pool, int n_root, Goal *g)
{
  size_t n = (size_t)n_pool;
  g->n_pool = n_pool, g->n_root = n_root;
  PetscCall(mem_alloc(n, sizeof *g->pool, &g->pool));
  PetscCall(mem_alloc(n * (size_t)n_root, sizeof *g->share, &g->share));
  PetscCall(mem_alloc(n, sizeof *g->wanted, &g->wanted));
  PetscCall(mem_alloc(n, sizeof *g->spared, &g->spared));
  return mem_alloc(n, sizeof *g->mirror, &g->mirror);
}

static PetscErrorCode pools_of_roots(int n_root, char (*root)[CAUDA_NAME_MAX], Goal *g)
{
  PetscCall(allocate(n_root, n_root, g));
  for (int i = 0; i < n_root; i++) {
    snprintf(g->pool[i], sizeof g->pool[i], "%s", root[i]);
    g->share[i * n_root + i] = 1.0;
  }
  return 0;
}

/* The root of a segment and side that carries a muscle's afferents: the dorsal one, or the only one. */
static int afferent_root(int n_root, char (*root)[CAUDA_NAME_MAX], const char *segment, const char *side)
{
  char place[CAUDA_NAME_MAX];
  int found = -1;
  snprintf(place, sizeof place, "%.16s_%s", segment, side);
  for (int i = 0; i < n_root; i++) {
    const char *kind = strstr(root[i], "_ventral");
    if (same_place(root[i], place) && !kind) found = i;
  }
  return found;
}

/* One muscle of one side; false where the anatomy has none of its roots. */
static bool fill_muscle(const MuscleTable *t, int muscle, const char *side, char (*root)[CAUDA_NAME_MAX], int pool,
                        Goal *g)
{
  double sum = 0.0, *share = g->share + pool * g->n_root;
  snprintf(g->pool[pool], sizeof g->pool[pool], "%.60s_%s", t->muscle[muscle], side);
  for (int i = 0; i < t->n_segment; i++) {
    int r = afferent_root(g->n_root, root, t->segment[i], side);
    if (r >= 0) share[r] += t->share[muscle * t->n_segment + i], sum += t->share[muscle * t->n_segment + i];
  }
  if (sum > 0.0 && sum < 0.5)
    say_note("%s: only %.0f %% of what drives it are roots of this anatomy; these stand for all", g->pool[pool],
             100.0 * sum);
  for (int i = 0; i < g->n_root && sum > 0.0; i++) share[i] /= sum;
  return sum > 0.0;
}

static PetscErrorCode pools_of_muscles(const char *table, const char *folder, int n_root, char (*root)[CAUDA_NAME_MAX],
                                       Goal *g)
{
  static const char *const sides[] = {"L", "R"};
  MuscleTable *t;
  int n = 0;
  PetscCall(muscle_table_read(table, folder, &t));
  PetscErrorCode ierr = allocate(2 * t->n_muscle, n_root, g);
  for (int m = 0; m < t->n_muscle && !ierr; m++)
    for (int s = 0; s < 2; s++) n += fill_muscle(t, m, sides[s], root, n, g);
  g->n_pool = n;
  muscle_table_destroy(&t);
  return ierr;
}

/* ---- weights ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode want(const char *what, const char *name, double weight, Goal *g)
{
  int pool;
  PetscCall(find_pool(g, what, name, &pool));
  PetscCheck(g->wanted[pool] == 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "rank.%s: \"%s\" is there twice", what,
             name);
  g->wanted[pool] = weight;
  name_list_add(g->label, sizeof g->label, " + ", g->pool[pool]);
  return 0;
}

/* Dorsal and ventral root of one place are one target's: recruiting one beside the other is no harm. */
static bool belongs_to_target(const Goal *g, bool muscles, int pool)
{
  for (int i = 0; i < g->n_pool; i++)
    if (g->wanted[i] > 0.0 && (i == pool || (!muscles && same_place(g->pool[i], g->pool[pool])))) return true;
  return false;
}

/* Fibres of the dorsal columns are reported beside the roots. */
static bool is_column(const char *pool) { return !strncmp(pool, "dorsal_column", strlen("dorsal_column")); }

static PetscErrorCode weigh(const CaseRank *r, Goal *g)
{
  double sum = 0.0;
  if (r->target) PetscCall(want("target", r->target, 1.0, g));
  for (int i = 0; i < r->n_targets; i++) PetscCall(want("targets", r->targets[i].name, r->targets[i].weight, g));
  for (int i = 0; i < g->n_pool; i++) sum += g->wanted[i];
  for (int i = 0; i < g->n_pool; i++) g->wanted[i] /= sum;
  for (int i = 0; i < g->n_pool; i++)
    g->spared[i] = belongs_to_target(g, r->muscles != NULL, i) || is_column(g->pool[i]) ? 0.0 : r->others_weight;
  for (int i = 0; i < r->n_avoid; i++) {
    int pool;
    PetscCall(find_pool(g, "avoid", r->avoid[i].name, &pool));
    PetscCheck(g->wanted[pool] == 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "rank.avoid: found \"%s\", which is a target, too", r->avoid[i].name);
    g->spared[pool] = r->avoid[i].weight;
  }
  for (int i = 0; i < g->n_pool; i++) g->sum_spared += g->spared[i];
  return 0;
}

static PetscErrorCode fill(const CaseRank *r, const char *folder, int n_root, char (*root)[CAUDA_NAME_MAX], Goal *g)
{
  if (r->muscles)
    PetscCall(pools_of_muscles(r->muscles, folder, n_root, root, g));
  else
    PetscCall(pools_of_roots(n_root, root, g));
  find_mirrors(g);
  return weigh(r, g);
}

PetscErrorCode goal_create(const CaseRank *r, const char *folder, int n_root, char (*root)[CAUDA_NAME_MAX], Goal **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  PetscErrorCode ierr = fill(r, folder, n_root, root, *out);
  if (ierr) goal_destroy(out);
  return ierr;
}

void goal_destroy(Goal **g)
{
  if (!*g) return;
  free((*g)->pool), free((*g)->share), free((*g)->wanted), free((*g)->spared), free((*g)->mirror);
  free(*g);
  *g = NULL;
}
