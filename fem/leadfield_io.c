/* The lead field as a file: HDF5, one dataset a thing, the certificate as attributes. Serial: one process writes;
 * any number of them read, each for itself. HDF5's own messages are kept off the terminal: what it could not do is
 * said in our words. */
#include "fem_impl.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536, HASH_LENGTH = 64, MEMORY_STEP = 1 << 24 };

/* An attribute that is one number of the field. */
typedef struct {
  const char *name;
  size_t offset;
} Number;

static const Number NUMBERS[] = {
    {"tolerance", offsetof(LeadField, tolerance)},     {"residual", offsetof(LeadField, residual)},
    {"balance", offsetof(LeadField, balance)},         {"symmetry", offsetof(LeadField, symmetry)},
    {"reciprocity", offsetof(LeadField, reciprocity)}, {"energy", offsetof(LeadField, energy)},
};
enum { N_NUMBER = sizeof NUMBERS / sizeof NUMBERS[0] };

/* HDF5's automatic messages, off for as long as we work with it. */
typedef struct {
  H5E_auto2_t print;
  void *data;
} Silence;

static void silence_begin(Silence *s)
{
  H5Eget_auto2(H5E_DEFAULT, &s->print, &s->data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void silence_end(const Silence *s) { H5Eset_auto2(H5E_DEFAULT, s->print, s->data); }

/* ---- writing --------------------------------------------------------------------------------------------- */

/* One dataset [rows][columns] (rows 0: [columns]), in chunks with checksums. */
static bool write_array(hid_t file, const char *name, hid_t type, hsize_t rows, hsize_t columns, const void *v)
{
  hsize_t size[2] = {rows ? rows : columns, columns}, chunk[2];
  int rank = rows ? 2 : 1;
  for (int i = 0; i < rank; i++) chunk[i] = size[i] < CHUNK ? size[i] : CHUNK;
  if (rank == 2 && size[1] > CHUNK) chunk[0] = 1;
  hid_t space = H5Screate_simple(rank, size, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
  bool ok = space >= 0 && how >= 0 && H5Pset_chunk(how, rank, chunk) >= 0 && H5Pset_fletcher32(how) >= 0;
  hid_t set = ok ? H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT) : -1;
  ok = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0;
  if (set >= 0) ok = H5Dclose(set) >= 0 && ok;
  if (how >= 0) H5Pclose(how);
  if (space >= 0) H5Sclose(space);
  return ok;
}

static bool write_attribute(hid_t file, const char *name, hid_t type, const void *v)
{
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t a = space >= 0 ? H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
  bool ok = a >= 0 && H5Awrite(a, type, v) >= 0;
  if (a >= 0) ok = H5Aclose(a) >= 0 && ok;
  if (space >= 0) H5Sclose(space);
  return ok;
}

static hid_t text_type(size_t length)
{
  hid_t t = H5Tcopy(H5T_C_S1);
  H5Tset_size(t, length);
  H5Tset_strpad(t, H5T_STR_NULLTERM);
  return t;
}

static bool write_attributes(hid_t file, const LeadField *f, const char *mesh_sha256)
{
  char hash[HASH_LENGTH + 1] = "";
  int64_t unknowns = f->unknowns;
  hid_t text = text_type(sizeof hash);
  snprintf(hash, sizeof hash, "%s", mesh_sha256 ? mesh_sha256 : "");
  bool ok = write_attribute(file, "mesh_sha256", text, hash) &&
            write_attribute(file, "order", H5T_NATIVE_INT, &f->order) &&
            write_attribute(file, "iterations", H5T_NATIVE_INT, &f->iterations) &&
            write_attribute(file, "unknowns", H5T_NATIVE_INT64, &unknowns);
  for (int i = 0; ok && i < N_NUMBER; i++)
    ok = write_attribute(file, NUMBERS[i].name, H5T_NATIVE_DOUBLE, (const char *)f + NUMBERS[i].offset);
  H5Tclose(text);
  return ok;
}

/* Both ends of each edge, [n_edge][2]. */
static bool write_edges(hid_t file, const MeshEdges *e)
{
  NodeId(*ends)[2] = malloc(((size_t)e->n_edge + 1) * sizeof *ends);
  if (!ends) return false;
  for (NodeId a = 0; a < e->n_node; a++)
    for (EdgeId i = e->start[a]; i < e->start[a + 1]; i++) ends[i][0] = a, ends[i][1] = e->end[i];
  bool ok = write_array(file, "edge", H5T_NATIVE_INT32, (hsize_t)e->n_edge, 2, ends);
  free(ends);
  return ok;
}

static bool write_all(hid_t file, const LeadField *f, const double *sigma, TetId n_tet, const char *mesh_sha256)
{
  hsize_t n = (hsize_t)f->n_contact;
  hid_t name = text_type(CAUDA_NAME_MAX);
  bool ok = write_attributes(file, f, mesh_sha256) && write_array(file, "contact", name, 0, n, f->contact) &&
            write_array(file, "impedance", H5T_NATIVE_DOUBLE, n, n, f->impedance) &&
            write_array(file, "potential", H5T_NATIVE_DOUBLE, n, (hsize_t)f->n_node, f->potential) &&
            (!f->edges || write_edges(file, f->edges)) &&
            (!sigma || write_array(file, "sigma", H5T_NATIVE_DOUBLE, (hsize_t)n_tet, 6, sigma));
  H5Tclose(name);
  return ok;
}

/* A file that lives in memory alone: HDF5 cannot survive a full disk (it crashes when the program ends), so that
 * it never gets to see one. */
static hid_t memory_file(const char *name)
{
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  bool ok = access >= 0 && H5Pset_fapl_core(access, MEMORY_STEP, 0) >= 0;
  hid_t file = ok ? H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access) : -1;
  if (access >= 0) H5Pclose(access);
  return file;
}

/* The bytes of a file in memory; they are the file's own. */
static bool memory_bytes(hid_t file, const void **bytes, size_t *size)
{
  void **place = NULL;
  if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0) return false;
  ssize_t n = H5Fget_file_image(file, NULL, 0);
  if (n <= 0 || H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&place) < 0 || !place) return false;
  *bytes = *place;
  *size = (size_t)n;
  return true;
}

typedef struct {
  const void *bytes;
  size_t size;
} Content;

static PetscErrorCode put_bytes(const void *what, FILE *s)
{
  const Content *c = what;
  (void)!fwrite(c->bytes, 1, c->size, s); /* file_write() finds what went wrong */
  return 0;
}

static PetscErrorCode write_file(hid_t file, const LeadField *f, const double *sigma, TetId n_tet,
                                 const char *mesh_sha256, const char *path)
{
  Content c;
  bool ok = file >= 0 && write_all(file, f, sigma, n_tet, mesh_sha256) && memory_bytes(file, &c.bytes, &c.size);
  PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_MEM, "%s: not enough memory to make the file", path);
  return file_write(path, put_bytes, &c);
}

PetscErrorCode lead_field_write(const LeadField *f, const double *sigma, TetId n_tet, const char *mesh_sha256,
                                const char *path)
{
  Silence s;
  PetscMPIInt rank;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) return 0;
  silence_begin(&s);
  hid_t file = memory_file(path);
  PetscErrorCode ierr = write_file(file, f, sigma, n_tet, mesh_sha256, path);
  if (file >= 0) H5Fclose(file);
  silence_end(&s);
  return ierr;
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static bool read_attribute(hid_t file, const char *name, hid_t type, void *v)
{
  hid_t a = H5Aopen(file, name, H5P_DEFAULT);
  bool ok = a >= 0 && H5Aread(a, type, v) >= 0;
  if (a >= 0) H5Aclose(a);
  return ok;
}

/* Size of a dataset with two dimensions. */
static bool array_size(hid_t file, const char *name, hsize_t size[2])
{
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
  bool ok = space >= 0 && H5Sget_simple_extent_ndims(space) == 2 && H5Sget_simple_extent_dims(space, size, NULL) == 2;
  if (space >= 0) H5Sclose(space);
  if (set >= 0) H5Dclose(set);
  return ok;
}

/* The whole of a dataset, whose size must be n. */
static bool read_array(hid_t file, const char *name, hid_t type, size_t n, void *v)
{
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
  bool ok = space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)n &&
            H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0;
  if (space >= 0) H5Sclose(space);
  if (set >= 0) H5Dclose(set);
  return ok;
}

static bool edges_from_ends(NodeId (*const ends)[2], MeshEdges *e)
{
  for (EdgeId i = 0; i < e->n_edge; i++) {
    if (ends[i][0] < 0 || ends[i][1] <= ends[i][0] || ends[i][1] >= e->n_node) return false;
    if (i && ends[i][0] < ends[i - 1][0]) return false;
    e->end[i] = ends[i][1];
    e->start[ends[i][0] + 1]++;
  }
  for (NodeId a = 0; a < e->n_node; a++) e->start[a + 1] += e->start[a];
  return true;
}

/* The edges of a field of second order, whose nodes are the mesh's and theirs. */
static bool read_edges(hid_t file, LeadField *f)
{
  hsize_t size[2];
  NodeId(*ends)[2] = NULL;
  if (!array_size(file, "edge", size) || size[1] != 2 || size[0] >= (hsize_t)f->n_node) return false;
  MeshEdges *e = f->edges = calloc(1, sizeof *e);
  if (!e) return false;
  e->n_edge = (EdgeId)size[0];
  e->n_node = f->n_node - e->n_edge;
  e->start = calloc((size_t)e->n_node + 1, sizeof *e->start);
  e->end = malloc(((size_t)e->n_edge + 1) * sizeof *e->end);
  ends = malloc(((size_t)e->n_edge + 1) * sizeof *ends);
  bool ok = e->start && e->end && ends && read_array(file, "edge", H5T_NATIVE_INT32, 2 * size[0], ends) &&
            edges_from_ends(ends, e);
  free(ends);
  return ok;
}

static bool read_all(hid_t file, LeadField *f)
{
  size_t n = (size_t)f->n_contact;
  int64_t unknowns = 0;
  hid_t name = text_type(CAUDA_NAME_MAX);
  bool ok = read_array(file, "contact", name, n, f->contact) &&
            read_array(file, "impedance", H5T_NATIVE_DOUBLE, n * n, f->impedance) &&
            read_array(file, "potential", H5T_NATIVE_DOUBLE, n * (size_t)f->n_node, f->potential) &&
            read_attribute(file, "order", H5T_NATIVE_INT, &f->order) &&
            read_attribute(file, "iterations", H5T_NATIVE_INT, &f->iterations) &&
            read_attribute(file, "unknowns", H5T_NATIVE_INT64, &unknowns);
  for (int i = 0; ok && i < N_NUMBER; i++)
    ok = read_attribute(file, NUMBERS[i].name, H5T_NATIVE_DOUBLE, (char *)f + NUMBERS[i].offset);
  for (size_t i = 0; i < n; i++) f->contact[i][CAUDA_NAME_MAX - 1] = '\0';
  f->unknowns = (long)unknowns;
  H5Tclose(name);
  return ok && (f->order == 1 || read_edges(file, f));
}

static PetscErrorCode hash_check(hid_t file, const char *path, const char *expected)
{
  char found[HASH_LENGTH + 1] = "";
  hid_t text = text_type(sizeof found);
  bool ok = read_attribute(file, "mesh_sha256", text, found);
  H5Tclose(text);
  PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s: not a lead field: it has no mesh_sha256", path);
  PetscCheck(!expected || !strcmp(found, expected), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: belongs to another mesh: found mesh_sha256 %.12s..., expected %.12s...; solve again", path, found,
             expected);
  return 0;
}

static PetscErrorCode read_field(hid_t file, const char *path, const char *mesh_sha256, LeadField **out)
{
  hsize_t size[2];
  PetscCall(hash_check(file, path, mesh_sha256));
  PetscCheck(array_size(file, "potential", size) && size[0] >= 1 && size[0] <= INT16_MAX && size[1] <= INT32_MAX,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s: not a lead field: expected /potential [contacts][nodes]",
             path);
  PetscCall(lead_field_create((int)size[0], (NodeId)size[1], out));
  PetscCheck(read_all(file, *out), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: a part of the lead field is missing or damaged; solve again", path);
  return 0;
}

PetscErrorCode lead_field_read(const char *path, const char *mesh_sha256, LeadField **out)
{
  Silence s;
  *out = NULL;
  PetscCheck(file_exists(path), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: no such file", path);
  silence_begin(&s);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  PetscErrorCode ierr = file < 0 ? 0 : read_field(file, path, mesh_sha256, out);
  if (ierr) lead_field_destroy(out);
  if (file >= 0) H5Fclose(file);
  silence_end(&s);
  PetscCheck(file >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "%s: not an HDF5 file, or cut off; expected a lead field", path);
  return ierr;
}
