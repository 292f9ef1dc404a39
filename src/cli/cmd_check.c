/* check: everything that can be said before any work is done. */
#include "commands.h"
#include "cauda/team.h"
#include "cost.h"
#include "work.h"

#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void to_parent(char *path)
{
  char *slash = strrchr(path, '/');
  if (!slash)
    strcpy(path, ".");
  else
    slash[slash == path] = '\0';
}

/* The output folder, or the nearest of its parents that is there, must be one that can be written to. */
static PetscErrorCode check_output(const char *folder)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join("", folder, path));
  while (!file_exists(path)) to_parent(path);
  struct stat st;
  PetscCheck(!stat(path, &st) && S_ISDIR(st.st_mode), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: is a file; a folder is expected (the results are to go to %s)", path, folder);
  PetscCheck(!access(path, W_OK | X_OK), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s: you may not write there (the results are to go to %s)", path, folder);
  return 0;
}

static void print_words(const Work *w, const CostSize *size, const Cost *cost)
{
  double all = cost->seg_s + cost->mesh_s + cost->solve_s + cost->fibers_s;
  printf("case       %s (%s)\n", w->c->name, w->c->path);
  if (w->given)
    printf("mesh       %s, %d regions, %d surface groups\n", w->c->anatomy.mesh, w->given->n_region, w->given->n_group);
  if (w->anatomy)
    printf("anatomy    %.0f mm long, %.0f mm of them in the image; %d roots\n", w->anatomy->z_max - w->anatomy->z_min,
           w->anatomy->seen_z_max - w->anatomy->seen_z_min, w->anatomy->n_root);
  for (int i = 0; w->anatomy && i < w->anatomy->n_repair; i++)
    printf("repair     %s: %d, largest %.2f mm\n", w->anatomy->repair[i].what, w->anatomy->repair[i].count,
           w->anatomy->repair[i].largest_mm);
  if (w->given && w->lead) printf("lead       %d contacts in the mesh\n", w->lead->n_contacts);
  if (!w->given && w->lead)
    printf("lead       %s, %d contacts; the dura yields by %.2f mm\n", w->lead->name, w->lead->n_contacts,
           w->scene->yield_mm);
  if (w->sets) printf("sets       %d; fibres %d\n", w->sets->n_set, size->n_fiber);
  printf("estimate   %.2f million nodes, %.2f million tetrahedra\n", 1e-6 * size->n_node, 1e-6 * size->n_tet);
  printf("           time %.0f s on %d %s: seg %.0f, mesh %.0f, solve %.0f, fibers %.0f\n", all, team_threads(),
         team_threads() == 1 ? "processor" : "processors", cost->seg_s, cost->mesh_s, cost->solve_s, cost->fibers_s);
  printf("           memory %.0f MB\n", cost->memory_MB);
  printf("results    %s\nnothing stands against running it\n", w->out);
}

static void print_json(const Work *w, const CostSize *size, const Cost *cost)
{
  json_object *root = json_object_new_object(), *time = json_object_new_object();
  const struct {
    const char *name;
    double value;
  } times[] = {{"seg", cost->seg_s},
               {"mesh", cost->mesh_s},
               {"solve", cost->solve_s},
               {"fibers", cost->fibers_s},
               {"all", cost->seg_s + cost->mesh_s + cost->solve_s + cost->fibers_s}};
  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    json_object_object_add(time, times[i].name, json_object_new_double(times[i].value));
  json_object_object_add(root, "name", json_object_new_string(w->c->name));
  json_object_object_add(root, "nodes", json_object_new_double(size->n_node));
  json_object_object_add(root, "tets", json_object_new_double(size->n_tet));
  json_object_object_add(root, "fibers", json_object_new_int(size->n_fiber));
  json_object_object_add(root, "time_s", time);
  json_object_object_add(root, "memory_MB", json_object_new_double(cost->memory_MB));
  puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY));
  json_object_put(root);
}

static PetscErrorCode check(Work *w)
{
  CostSize size = {0};
  Cost cost;
  PetscCall(work_open(w->args, w));
  PetscCall(check_output(w->out));
  PetscCall(work_scene(w));
  if (w->given)
    size.n_node = w->given->n_node, size.n_tet = w->given->n_tet;
  else
    PetscCall(mesh_estimate(w->c, w->scene, &size.n_node, &size.n_tet));
  /* second order has a node on each edge, too; by Euler's formula edges are tetrahedra and nodes, nearly */
  size.n_unknown = w->c->field.order == 1 ? size.n_node : size.n_tet + 2.0 * size.n_node;
  size.n_contact = w->lead ? w->lead->n_contacts : 0;
  size.n_set = w->sets ? w->sets->n_set : 0;
  size.n_fiber = w->populations && w->anatomy ? fibers_count(w->c, w->anatomy, w->populations) : 0;
  PetscCall(cost_estimate(&size, team_threads(), &cost));
  (w->args->json ? print_json : print_words)(w, &size, &cost);
  return 0;
}

PetscErrorCode command_check(const Args *args)
{
  Work w = {.args = args};
  PetscErrorCode ierr = check(&w);
  work_close(&w);
  PetscCall(ierr);
  return 0;
}
