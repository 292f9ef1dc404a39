/* Fuzzing label maps: whatever is labelled, there is an anatomy without a not-a-number in it, or an error in words.
 * The first bytes are the seed of a volume (label_noise.h), the others overwrite its first voxels' labels. */
#include "../unit/label_noise.h"
#include "cauda/image.h"
#include "cauda/seg.h"

#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ErrorRecord record;
static char image[64], table[64];

static void remove_files(void)
{
  unlink(image);
  unlink(table);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc, (void)argv;
  if (PetscInitializeNoArguments() || error_record_install(&record)) abort();
  progress_configure(true, false);
  snprintf(image, sizeof image, "/tmp/cauda-fuzz-%d.nii.gz", (int)getpid());
  snprintf(table, sizeof table, "/tmp/cauda-fuzz-%d.yaml", (int)getpid());
  atexit(remove_files);
  FILE *s = fopen(table, "w");
  if (!s) abort();
  fputs("source: fuzzing\nlabels:\n  - {value: 1, structure: cord}\n  - {value: 2, structure: csf}\n"
        "  - {value: 3, structure: grey}\n  - {value: 4, structure: dura}\n  - {value: 5, structure: fat}\n"
        "  - {value: 6, structure: bone}\n  - {value: 10, structure: L1_L}\n  - {value: 11, structure: L1_R}\n",
        s);
  return fclose(s);
}

static void ask(const Anatomy *a, uint64_t seed)
{
  Rng r = rng_seed(seed, 78);
  for (int i = 0; i < 300; i++) {
    const double p[3] = {30 * rng_normal(&r), 30 * rng_normal(&r), 30 * rng_normal(&r)};
    double d[TISSUE_COUNT];
    anatomy_distances(a, p, d);
    for (int t = TISSUE_BODY; t < TISSUE_COUNT; t++)
      if (!isfinite(d[t])) abort();
    const int region = anatomy_region_at(a, p);
    if (region < 0 || region >= TISSUE_ROOT + a->n_root) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint64_t seed = 0;
  NoiseVolume o = {.v = NULL};
  CaseLabels labels = {.file = image, .table = table};
  Case *c = NULL;
  Anatomy *a = NULL;
  memcpy(&seed, data, size < 3 ? size : 3);
  error_record_clear(&record);
  if (noise_volume(seed, &o) || mem_alloc(1, sizeof *c, &c)) abort();
  for (size_t i = 3; i < size && i - 3 < (size_t)o.n[0] * (size_t)o.n[1] * (size_t)o.n[2]; i++)
    o.v[i - 3] = data[i] % 13;
  if (image_write_int16(image, o.n, (const double(*)[4])o.affine, o.v, "fuzz")) abort();
  c->anatomy.labels = &labels;
  c->anatomy.dura_thickness_mm = 0.3, c->anatomy.root_radius_mm = 0.5;
  c->anatomy.surround = (CaseSurround){2.5, 8.0, 60.0, 30.0};
  const PetscErrorCode ierr = anatomy_read(c, "", &a);
  if (ierr && (error_exit_status(ierr) != 1 || !*record.message)) abort();
  if (!ierr) ask(a, seed);
  anatomy_destroy(&a);
  free(c), free(o.v);
  return 0;
}
