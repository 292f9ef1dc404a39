/* Surfaces as STL, OBJ and Neuroglancer's precomputed meshes. All of
 * them are little-endian. */
#include "surfaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double NM_A_MM = 1e6;

/* One structure's part of a surface: its own points, numbered from 0. */
typedef struct {
  const char *name;
  size_t n_point, n_tri;
  double (*xyz)[3];
  int32_t (*tri)[3];
} Part;

static void part_free(Part *p) { free(p->xyz), free(p->tri); }

/* own [s->n_point]: work; the part's number of each point. */
static PetscErrorCode part_of(const Surface *s, int region, const char *name, int32_t *own, Part *p)
{
  *p = (Part){.name = name};
  for (size_t t = 0; t < s->n_tri; t++) p->n_tri += s->region[t] == region;
  memset(own, -1, s->n_point * sizeof *own);
  PetscCall(mem_alloc(p->n_tri, sizeof *p->tri, &p->tri));
  PetscCall(mem_alloc(3 * p->n_tri, sizeof *p->xyz, &p->xyz));
  for (size_t t = 0, to = 0; t < s->n_tri; t++) {
    if (s->region[t] != region) continue;
    for (int c = 0; c < 3; c++) {
      const int32_t at = s->tri[t][c];
      if (own[at] < 0) {
        own[at] = (int32_t)p->n_point;
        v3_copy(s->xyz + 3 * (size_t)at, p->xyz[p->n_point++]);
      }
      p->tri[to][c] = own[at];
    }
    to++;
  }
  return 0;
}

/* ---- STL ---- */

static void stl_triangle(const Part *p, size_t t, FILE *s)
{
  const double *a = p->xyz[p->tri[t][0]], *b = p->xyz[p->tri[t][1]], *c = p->xyz[p->tri[t][2]];
  const double *corner[3] = {a, b, c};
  const uint16_t none = 0;
  double u[3], v[3], n[3];
  float word[12];
  v3_sub(b, a, u), v3_sub(c, a, v);
  v3_cross(u, v, n);
  v3_normalise(n);
  for (int e = 0; e < 3; e++) word[e] = (float)n[e];
  for (int k = 0; k < 3; k++)
    for (int e = 0; e < 3; e++) word[3 + 3 * k + e] = (float)corner[k][e];
  fwrite(word, sizeof *word, 12, s);
  fwrite(&none, sizeof none, 1, s);
}

static void stl_write(const Part *p, FILE *s)
{
  char header[80] = {0};
  const uint32_t n = (uint32_t)p->n_tri;
  snprintf(header, sizeof header, "Cauda: %.40s, mm, RAS+", p->name);
  fwrite(header, 1, sizeof header, s);
  fwrite(&n, sizeof n, 1, s);
  for (size_t t = 0; t < p->n_tri; t++) stl_triangle(p, t, s);
}

/* ---- Neuroglancer ---- */

static void precomputed_write(const Part *p, FILE *s)
{
  const uint32_t n = (uint32_t)p->n_point;
  fwrite(&n, sizeof n, 1, s);
  for (size_t i = 0; i < p->n_point; i++) {
    const float at[3] = {(float)(NM_A_MM * p->xyz[i][0]), (float)(NM_A_MM * p->xyz[i][1]),
                         (float)(NM_A_MM * p->xyz[i][2])};
    fwrite(at, sizeof *at, 3, s);
  }
  fwrite(p->tri, sizeof *p->tri, p->n_tri, s);
}

/* ---- files ---- */

/* One file of the export: a part, or a text. */
static PetscErrorCode write_file(const char *folder, const char *name, void (*write)(const Part *, FILE *),
                                 const Part *p, const char *text)
{
  char path[CAUDA_PATH_MAX];
  OutFile f;
  FILE *s = NULL;
  PetscCall(path_join(folder, name, path));
  PetscCall(file_begin(path, &f));
  PetscCall(file_open(&f, &s));
  if (write) write(p, s);
  if (text) fputs(text, s);
  PetscCall(file_close(&f, &s));
  return file_commit(&f);
}

static PetscErrorCode export_part(const char *folder, const char *precomputed, int id, const Part *p)
{
  char name[CAUDA_NAME_MAX + 8], text[64];
  snprintf(name, sizeof name, "%s.stl", p->name);
  PetscCall(write_file(folder, name, stl_write, p, NULL));
  snprintf(name, sizeof name, "%d.mesh", id);
  PetscCall(write_file(precomputed, name, precomputed_write, p, NULL));
  snprintf(text, sizeof text, "{\"fragments\": [\"%d.mesh\"]}\n", id);
  snprintf(name, sizeof name, "%d:0", id);
  return write_file(precomputed, name, NULL, NULL, text);
}

/* Objects of the OBJ count their points on through the file. */
static void obj_write(const Part *p, size_t first, FILE *s)
{
  fprintf(s, "o %s\n", p->name);
  for (size_t i = 0; i < p->n_point; i++) fprintf(s, "v %.5f %.5f %.5f\n", p->xyz[i][0], p->xyz[i][1], p->xyz[i][2]);
  for (size_t t = 0; t < p->n_tri; t++)
    fprintf(s, "f %zu %zu %zu\n", first + (size_t)p->tri[t][0], first + (size_t)p->tri[t][1],
            first + (size_t)p->tri[t][2]);
}

static PetscErrorCode export_parts(const Surface *s, int n, const char *const *name, const char *folder,
                                   const char *precomputed, int32_t *own, FILE *obj)
{
  size_t first = 1;
  for (int r = 0; r < n; r++) {
    Part p;
    PetscErrorCode ierr = part_of(s, r, name[r], own, &p);
    if (!ierr) obj_write(&p, first, obj);
    if (!ierr) ierr = export_part(folder, precomputed, r + 1, &p);
    first += p.n_point;
    part_free(&p);
    PetscCall(ierr);
  }
  return 0;
}

static PetscErrorCode export_all(const Surface *s, int n, const char *const *name, const char *folder,
                                 const char *precomputed, OutFile *f, FILE **obj)
{
  char path[CAUDA_PATH_MAX];
  int32_t *own = NULL;
  PetscCall(path_join(folder, "surfaces.obj", path));
  PetscCall(file_begin(path, f));
  PetscCall(file_open(f, obj));
  fprintf(*obj, "# Cauda: mm, RAS+\n");
  PetscErrorCode ierr = mem_alloc(s->n_point, sizeof *own, &own);
  if (!ierr) ierr = export_parts(s, n, name, folder, precomputed, own, *obj);
  free(own);
  PetscCall(ierr);
  PetscCall(file_close(f, obj));
  return file_commit(f);
}

/* Neuroglancer's names: one property "label" for each id. */
static PetscErrorCode write_names(const char *precomputed, int n, const char *const *name)
{
  char folder[CAUDA_PATH_MAX], path[CAUDA_PATH_MAX];
  OutFile f;
  FILE *s = NULL;
  PetscCall(path_join(precomputed, "names", folder));
  PetscCall(folder_create(folder));
  PetscCall(path_join(folder, "info", path));
  PetscCall(file_begin(path, &f));
  PetscCall(file_open(&f, &s));
  fprintf(s, "{\"@type\": \"neuroglancer_segment_properties\", \"inline\": {\"ids\": [");
  for (int i = 0; i < n; i++) fprintf(s, "%s\"%d\"", i ? ", " : "", i + 1);
  fprintf(s, "], \"properties\": [{\"id\": \"label\", \"type\": \"label\", \"values\": [");
  for (int i = 0; i < n; i++) fprintf(s, "%s\"%s\"", i ? ", " : "", name[i]);
  fprintf(s, "]}]}}\n");
  PetscCall(file_close(&f, &s));
  PetscCall(file_commit(&f));
  return write_file(precomputed, "info", NULL, NULL,
                    "{\"@type\": \"neuroglancer_legacy_mesh\", \"segment_properties\": \"names\"}\n");
}

PetscErrorCode surfaces_export(const Anatomy *a, double step_mm, const char *folder)
{
  Surface s = {.n_point = 0};
  const char **name = NULL;
  char precomputed[CAUDA_PATH_MAX];
  OutFile f = {.open = false};
  FILE *obj = NULL;
  int n = 0;
  PetscCall(path_join(folder, "precomputed", precomputed));
  PetscCall(folder_create(precomputed));
  PetscErrorCode ierr = surfaces_make(a, step_mm, &s);
  if (!ierr) ierr = surfaces_names(a, &n, &name);
  if (!ierr) ierr = export_all(&s, n, name, folder, precomputed, &f, &obj);
  if (!ierr) ierr = write_names(precomputed, n, name);
  if (obj) fclose(obj);
  file_abort(&f);
  free(name);
  surface_free(&s);
  return ierr;
}
