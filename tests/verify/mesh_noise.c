/* Meshing never dies of the anatomy: random label volumes, from seed FIRST on, end in a valid mesh or a clear reason.
 *   mesh_noise FIRST COUNT FOLDER    (FOLDER: for the volumes, one at a time)
 * Prints a line a volume and TAP at the end. */
#include <stdlib.h>
#include <string.h>

#include "../unit/label_noise.h"
#include "cauda/image.h"
#include "cauda/scene.h"
#include "cauda/seg.h"

static char noise_table[CAUDA_PATH_MAX];

static PetscErrorCode write_table(const char *folder)
{
  PetscCall(path_join(folder, "noise.yaml", noise_table));
  FILE *f = fopen(noise_table, "w");
  PetscCheck(f, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be written", noise_table);
  fputs("source: random volumes\nlabels:\n"
        "  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n  - {value: 3, structure: grey}\n"
        "  - {value: 4, structure: dura}\n  - {value: 5, structure: fat}\n  - {value: 6, structure: bone}\n"
        "  - {value: 10, structure: L1_L}\n  - {value: 11, structure: L1_R}\n",
        f);
  return fclose(f);
}

static void noise_case(Case *c, CaseLabels *labels)
{
  static char file[] = "noise.nii.gz";
  memset(c, 0, sizeof *c);
  memset(labels, 0, sizeof *labels);
  snprintf(c->path, sizeof c->path, "noise");
  labels->file = file, labels->table = noise_table;
  c->anatomy.labels = labels;
  c->anatomy.root_radius_mm = 0.5, c->anatomy.dura_thickness_mm = 0.3;
  c->anatomy.surround = (CaseSurround){.epidural_fat_mm = 2.5, .bone_mm = 5, .body_radius_mm = 40, .extend_mm = 5};
  c->mesh = (CaseMesh){.root_edge_mm = 0.5,
                       .dura_edge_mm = 1.5,
                       .contact_edge_mm = 0.5,
                       .largest_edge_mm = 10,
                       .growth = 0.35,
                       .seed = 1};
}

/* 0: a valid mesh; else the code of a clear reason; *worst_deg and *leaks tell how good the mesh is */
static PetscErrorCode mesh_one(const Case *c, const char *folder, double *worst_deg, int *leaks)
{
  Anatomy *a = NULL;
  Scene *s = NULL;
  Mesh *m = NULL;
  MeshQuality *q = NULL;
  PetscErrorCode ierr = anatomy_read(c, folder, &a);
  if (!ierr) ierr = scene_create(c, a, NULL, &s);
  if (!ierr) ierr = mesh_make(c, s, &m);
  if (!ierr) ierr = mesh_check(m);
  if (!ierr) ierr = mesh_quality(m, &q);
  if (!ierr) *worst_deg = q->dihedral_min_deg, *leaks = q->leaks + q->pinholes;
  mesh_quality_destroy(&q);
  mesh_destroy(&m);
  scene_destroy(&s);
  anatomy_destroy(&a);
  return ierr;
}

static PetscErrorCode try_all(uint64_t first, int count, const char *folder, ErrorRecord *record, int n[3])
{
  char path[CAUDA_PATH_MAX];
  PetscCall(write_table(folder));
  PetscCall(path_join(folder, "noise.nii.gz", path));
  for (uint64_t seed = first; seed < first + (uint64_t)count; seed++) {
    NoiseVolume v;
    Case c;
    CaseLabels labels;
    double worst = 0.0;
    int leaks = 0;
    PetscCall(noise_volume(seed, &v));
    PetscCall(image_write_int16(path, v.n, (const double(*)[4])v.affine, v.v, "noise"));
    free(v.v);
    noise_case(&c, &labels);
    error_record_clear(record);
    const PetscErrorCode ierr = mesh_one(&c, folder, &worst, &leaks);
    const int status = ierr ? error_exit_status(ierr) : 0;
    const bool clear = status == 1 && strlen(record->message) > 20, good = !ierr && worst > 0.0 && !leaks;
    n[good ? 0 : clear ? 1 : 2]++;
    printf("# %llu: %s%s smallest angle %.2f leaks %d exit %d %s\n", (unsigned long long)seed,
           good    ? "mesh"
           : clear ? "reason"
                   : "FAULT",
           good ? "," : "", worst, leaks, status, ierr ? record->message : "");
  }
  return 0;
}

int main(int argc, char **argv)
{
  static ErrorRecord record;
  int n[3] = {0};
  if (argc != 4) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  progress_configure(true, false);
  if (PetscInitializeNoArguments() || error_record_install(&record)) return 2;
  const PetscErrorCode ierr = try_all(strtoull(argv[1], NULL, 10), atoi(argv[2]), argv[3], &record, n);
  if (ierr) printf("# stopped: %s\n", record.message);
  printf("%s 1 - %s volumes from seed %s: %d meshes, %d clear reasons, %d faults\n", ierr || n[2] ? "not ok" : "ok",
         argv[2], argv[1], n[0], n[1], n[2]);
  PetscFinalize();
  return ierr || n[2];
}
