/* bench_mesh [CASE [INPUT [THREADS]]]: from the anatomy in memory to the mesh in memory, and the mesh's worth. The stages by
 * the clock and by the processors. By default the built-in phantom's case. */
#include "cauda/scene.h"
#include "cauda/seg.h"
#include "cauda/team.h"

#include <stdlib.h>

static double total(const Stopwatch *w, bool processor)
{
  double sum = 0.0;
  for (int i = 0; i < w->n; i++) sum += processor ? w->lap[i].processor_s : w->lap[i].elapsed_s;
  return sum;
}

static void print_times(const Stopwatch *w, const Mesh *m)
{
  printf("%-12s %10s %12s\n", "stage", "elapsed s", "processor s");
  for (int i = 0; i < w->n; i++)
    printf("%-12s %10.2f %12.2f\n", w->lap[i].name, w->lap[i].elapsed_s, w->lap[i].processor_s);
  printf("%-12s %10.2f %12.2f\n", "all", total(w, false), total(w, true));
  printf("%d nodes, %d tetrahedra: %.0f a second by the clock, %.0f by the processor\n", m->n_node, m->n_tet,
         m->n_tet / total(w, false), m->n_tet / total(w, true));
}

static PetscErrorCode print_quality(const Scene *s, const Mesh *m)
{
  MeshQuality *q;
  double *volume, largest = 0.0;
  PetscCall(mesh_quality(m, &q));
  PetscCall(scene_shape_volumes(s, &volume));
  const char *which = "";
  int pieces = 0;
  for (int r = 0; r < TISSUE_ROOT + s->anatomy->n_root; r++) {
    char name[CAUDA_NAME_MAX];
    anatomy_region_name(s->anatomy, r, name);
    const int i = mesh_find_region(m, name);
    if (i < 0 || r == TISSUE_FAT) continue;
    const double off = q->regions[i].volume_mm3 / volume[r] - 1.0;
    pieces += q->regions[i].pieces > 1 && (r == TISSUE_CSF || r == TISSUE_WHITE || r >= TISSUE_ROOT);
    if (fabs(off) > fabs(largest)) largest = off, which = q->regions[i].name;
  }
  printf("dihedral angles %.2f to %.2f degrees, %.4f %% below 5; inverted %d; leaks %d, pinholes %d; in pieces %d;"
         " largest error of a volume %.2f %% (%s)\n",
         q->dihedral_min_deg, q->dihedral_max_deg, q->dihedral_below_5_percent, q->inverted, q->leaks, q->pinholes,
         pieces, 100.0 * largest, which);
  free(volume);
  mesh_quality_destroy(&q);
  return 0;
}

static PetscErrorCode measure(const char *path, const char *input)
{
  Case *c;
  Anatomy *a;
  Scene *s;
  Mesh *m;
  LeadModel *lead = NULL;
  Stopwatch w;
  PetscCall(case_read(path, &c));
  PetscCall(anatomy_read(c, input ? input : c->folder, &a));
  if (c->paddle) PetscCall(lead_model_read(c->paddle->model, c->folder, &lead));
  stopwatch_start(&w);
  PetscCall(scene_create(c, a, lead, &s));
  stopwatch_lap(&w, "scene");
  s->watch = &w;
  PetscCall(mesh_make(c, s, &m));
  print_times(&w, m);
  PetscCall(print_quality(s, m));
  mesh_destroy(&m);
  scene_destroy(&s);
  anatomy_destroy(&a);
  lead_model_destroy(&lead);
  case_destroy(&c);
  return 0;
}

int main(int argc, char **argv)
{
  if (PetscInitialize(NULL, NULL, NULL, NULL)) return 2;
  progress_configure(true, false);
  if (argc > 3) team_limit(atoi(argv[3]));
  const PetscErrorCode ierr = measure(argc > 1 ? argv[1] : "cases/demo/case.yaml", argc > 2 ? argv[2] : NULL);
  return PetscFinalize() || ierr;
}
