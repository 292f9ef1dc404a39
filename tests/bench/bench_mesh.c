/* bench_mesh [CASE [INPUT [THREADS]]]: from the anatomy in memory to the mesh in memory, quality steps included: the stages by
 * the clock and by the processors, and a row of the table of mesher.sh. By default the built-in phantom's case. */
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

static void print_times(const Stopwatch *w)
{
  printf("# %-12s %10s %12s\n", "stage", "elapsed s", "processor s");
  for (int i = 0; i < w->n; i++)
    printf("# %-12s %10.2f %12.2f\n", w->lap[i].name, w->lap[i].elapsed_s, w->lap[i].processor_s);
}

/* The region whose volume is furthest from its shape's. Scar around the lead takes from the fat. */
static PetscErrorCode worst_volume(const Scene *s, const Mesh *m, const MeshQuality *q, double *off, const char **which)
{
  double *volume;
  *off = 0.0, *which = "";
  PetscCall(scene_shape_volumes(s, &volume));
  for (int r = 0; r < TISSUE_ROOT + s->anatomy->n_root; r++) {
    char name[CAUDA_NAME_MAX];
    anatomy_region_name(s->anatomy, r, name);
    const int i = mesh_find_region(m, name);
    if (i < 0 || (r == TISSUE_FAT && mesh_find_region(m, "encapsulation") >= 0)) continue;
    const double here = q->regions[i].volume_mm3 / volume[r] - 1.0;
    printf("# volume of %s: %.4f of the shape's, pieces: %d\n", name, 1.0 + here, q->regions[i].pieces);
    if (fabs(here) > fabs(*off)) *off = here, *which = q->regions[i].name;
  }
  free(volume);
  return 0;
}

/* One number for the whole mesh (FNV): the same for any number of threads. */
static uint64_t fingerprint(const Mesh *m)
{
  const unsigned char *part[2] = {(const unsigned char *)m->xyz, (const unsigned char *)m->tet};
  const size_t n[2] = {3 * (size_t)m->n_node * sizeof *m->xyz, (size_t)m->n_tet * sizeof *m->tet};
  uint64_t h = 0xcbf29ce484222325u;
  for (int k = 0; k < 2; k++)
    for (size_t i = 0; i < n[k]; i++) h = (h ^ part[k][i]) * 0x100000001b3u;
  return h;
}

static PetscErrorCode print_row(const Scene *s, const Mesh *m, const Stopwatch *w)
{
  const double elapsed = total(w, false), processor = total(w, true);
  MeshQuality *q;
  const char *which;
  double off;
  printf("# fingerprint %016llx\n", (unsigned long long)fingerprint(m));
  PetscCall(mesh_quality(m, &q));
  PetscCall(worst_volume(s, m, q, &off, &which));
  printf("| by | tetrahedra | elapsed s | processor s | a second | a processor second | smallest dihedral, degrees |"
         " below 5, %% | leaks | worst volume, %% |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  printf("| Cauda | %d | %.2f | %.2f | %.0f | %.0f | %.2f | %.4f | %d | %.2f (%s) |\n", m->n_tet, elapsed, processor,
         m->n_tet / elapsed, m->n_tet / processor, q->dihedral_min_deg, q->dihedral_below_5_percent, q->leaks,
         100.0 * off, which);
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
  print_times(&w);
  PetscCall(print_row(s, m, &w));
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
