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

static PetscErrorCode put_stl(const void *what, FILE *s)
{
  const Part *p = what;
  char header[80] = {0};
  const uint32_t n = (uint32_t)p->n_tri;
  snprintf(header, sizeof header, "Cauda: %.40s, mm, RAS+", p->name);
  fwrite(header, 1, sizeof header, s);
  fwrite(&n, sizeof n, 1, s);
  for (size_t t = 0; t < p->n_tri; t++) stl_triangle(p, t, s);
  return 0;
}

/* ---- Neuroglancer ---- */

static PetscErrorCode put_precomputed(const void *what, FILE *s)
{
  const Part *p = what;
  const uint32_t n = (uint32_t)p->n_point;
  fwrite(&n, sizeof n, 1, s);
  for (size_t i = 0; i < p->n_point; i++) {
    const float at[3] = {(float)(NM_A_MM * p->xyz[i][0]), (float)(NM_A_MM * p->xyz[i][1]),
                         (float)(NM_A_MM * p->xyz[i][2])};
    fwrite(at, sizeof *at, 3, s);
  }
  fwrite(p->tri, sizeof *p->tri, p->n_tri, s);
  return 0;
}

/* ---- files ---- */

static PetscErrorCode put_text(const void *text, FILE *s) { return fputs(text, s), 0; }

static PetscErrorCode write_file(const char *folder, const char *name, FileWriter writer, const void *what)
{
  char path[CAUDA_PATH_MAX];
  PetscCall(path_join(folder, name, path));
  return file_write(path, writer, what);
}

static PetscErrorCode export_part(const char *folder, const char *precomputed, int id, const Part *p)
{
  char name[CAUDA_NAME_MAX + 8], text[64];
  snprintf(name, sizeof name, "%s.stl", p->name);
  PetscCall(write_file(folder, name, put_stl, p));
  snprintf(name, sizeof name, "%d.mesh", id);
  PetscCall(write_file(precomputed, name, put_precomputed, p));
  snprintf(text, sizeof text, "{\"fragments\": [\"%d.mesh\"]}\n", id);
  snprintf(name, sizeof name, "%d:0", id);
  return write_file(precomputed, name, put_text, text);
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

/* What is written, and where it goes. */
typedef struct {
  Surface s;
  int n;
  const char **name;
  const char *folder;
  char precomputed[CAUDA_PATH_MAX];
  int32_t *own; /* [s.n_point], of part_of() */
} Export;

/* The OBJ file; each part's own files on the way. */
static PetscErrorCode put_parts(const void *what, FILE *obj)
{
  const Export *e = what;
  size_t first = 1;
  fprintf(obj, "# Cauda: mm, RAS+\n");
  for (int r = 0; r < e->n; r++) {
    Part p;
    PetscErrorCode ierr = part_of(&e->s, r, e->name[r], e->own, &p);
    if (!ierr) obj_write(&p, first, obj);
    if (!ierr) ierr = export_part(e->folder, e->precomputed, r + 1, &p);
    first += p.n_point;
    part_free(&p);
    PetscCall(ierr);
  }
  return 0;
}

/* Neuroglancer's names: one property "label" for each id. */
static PetscErrorCode put_names(const void *what, FILE *s)
{
  const Export *e = what;
  fprintf(s, "{\"@type\": \"neuroglancer_segment_properties\", \"inline\": {\"ids\": [");
  for (int i = 0; i < e->n; i++) fprintf(s, "%s\"%d\"", i ? ", " : "", i + 1);
  fprintf(s, "], \"properties\": [{\"id\": \"label\", \"type\": \"label\", \"values\": [");
  for (int i = 0; i < e->n; i++) fprintf(s, "%s\"%s\"", i ? ", " : "", e->name[i]);
  fprintf(s, "]}]}}\n");
  return 0;
}

static PetscErrorCode write_names(const Export *e)
{
  char folder[CAUDA_PATH_MAX];
  PetscCall(path_join(e->precomputed, "names", folder));
  PetscCall(folder_create(folder));
  PetscCall(write_file(folder, "info", put_names, e));
  return write_file(e->precomputed, "info", put_text,
                    "{\"@type\": \"neuroglancer_legacy_mesh\", \"segment_properties\": \"names\"}\n");
}

static PetscErrorCode export_all(const Anatomy *a, double step_mm, Export *e)
{
  PetscCall(path_join(e->folder, "precomputed", e->precomputed));
  PetscCall(folder_create(e->precomputed));
  PetscCall(surfaces_make(a, step_mm, &e->s));
  PetscCall(surfaces_names(a, &e->n, &e->name));
  PetscCall(mem_alloc(e->s.n_point, sizeof *e->own, &e->own));
  PetscCall(write_file(e->folder, "surfaces.obj", put_parts, e));
  return write_names(e);
}

PetscErrorCode surfaces_export(const Anatomy *a, double step_mm, const char *folder)
{
  Export e = {.folder = folder};
  PetscErrorCode ierr = export_all(a, step_mm, &e);
  free(e.own), free(e.name);
  surface_free(&e.s);
  return ierr;
}
