/* The surface of a flat lead, by Gmsh: a box with rectangles let into its face, or a stack of cylinders. */
#include "lead_surface.h"

#include <gmshc.h>
#include <stdlib.h>
#include <string.h>

#include "cauda/vec3.h"
#include "child.h"
#include "lead_pose.h"

/* Largest edge on a lead, mm, and fewest edges around a cylinder. */
static const double LARGEST_EDGE_MM = 1.5, LEAST_EDGES_AROUND = 20.0;

typedef struct {
  const LeadModel *m;
  double edge, growth;
  LeadSurface *out; /* filled by the parent */
} Task;

static bool is_cylinder(const LeadModel *m) { return !strcmp(m->kind, "percutaneous"); }

static double edge_at(int dim, int tag, double x, double y, double z, void *data)
{
  const Task *t = data;
  const double p[3] = {x, y, z};
  const double around = is_cylinder(t->m) ? M_PI * t->m->width_mm / LEAST_EDGES_AROUND : LARGEST_EDGE_MM;
  (void)dim, (void)tag;
  return fmin(fmin(around, LARGEST_EDGE_MM), t->edge + t->growth * fmax(0.0, lead_contact_distance(t->m, p)));
}

static PetscErrorCode gmsh_check(int ierr, const char *doing)
{
  if (!ierr) return 0;
  char *why = NULL;
  int ignored;
  gmshLoggerGetLastError(&why, &ignored);
  SETERRQ(PETSC_COMM_SELF, CAUDA_ERR_MESH, "Gmsh failed while %s the lead: %s", doing, why ? why : "no reason given");
}

/* Solids and contact faces, made conformal with one another. */
static PetscErrorCode build_solid(const LeadModel *m)
{
  int n = 0, ierr = 0, *parts = NULL, *joined = NULL, **map = NULL;
  size_t n_joined = 0, *map_n = NULL, map_nn = 0;
  const double y0 = m->body_at_mm - 0.5 * m->length_mm;
  PetscCall(mem_alloc(2 * (size_t)m->n_contacts + 4, 2 * sizeof(int), &parts));
  if (is_cylinder(m)) {
    /* cut at each contact's two ends: discs across the whole solid */
    const double r = 0.5 * m->width_mm;
    parts[0] = 3;
    parts[1] = gmshModelOccAddCylinder(0, y0, r, 0, m->length_mm, 0, r, -1, 2 * M_PI, &ierr);
    n = 1;
    for (int i = 0; i < m->n_contacts && !ierr; i++) {
      const LeadContact *k = &m->contacts[i];
      parts[2 * n] = 3;
      parts[2 * n + 1] =
          gmshModelOccAddCylinder(0, k->at_mm[1] - 0.5 * k->length_mm, r, 0, k->length_mm, 0, r, -1, 2 * M_PI, &ierr);
      n++;
    }
  } else {
    parts[0] = 3;
    parts[1] = gmshModelOccAddBox(-0.5 * m->width_mm, y0, 0, m->width_mm, m->length_mm, m->thickness_mm, -1, &ierr);
    n = 1;
    for (int i = 0; i < m->n_contacts && !ierr; i++) {
      const LeadContact *k = &m->contacts[i];
      parts[2 * n] = 2;
      parts[2 * n + 1] = gmshModelOccAddRectangle(k->at_mm[0] - 0.5 * k->width_mm, k->at_mm[1] - 0.5 * k->length_mm, 0,
                                                  k->width_mm, k->length_mm, -1, 0, &ierr);
      n++;
    }
  }
  if (!ierr && n > 1)
    gmshModelOccFragment(parts, 2, parts + 2, 2 * (size_t)(n - 1), &joined, &n_joined, &map, &map_n, &map_nn, -1, 1, 1,
                         &ierr);
  if (!ierr) gmshModelOccSynchronize(&ierr);
  free(parts);
  return gmsh_check(ierr, "building");
}

/* Runs in the child: meshes the solid's faces and writes nodes and triangles. */
static PetscErrorCode work(void *context, int fd)
{
  Task *t = context;
  int ierr;
  size_t *tag = NULL, n_tag = 0, *element = NULL, n_element = 0, *corner = NULL, n_corner = 0, n_par = 0;
  double *xyz = NULL, *par = NULL;
  size_t n_xyz = 0;
  uint64_t size[2];
  gmshInitialize(0, NULL, 0, &ierr);
  PetscCall(gmsh_check(ierr, "starting for"));
  const char *const option[] = {"General.Terminal",        "Mesh.MeshSizeExtendFromBoundary",
                                "Mesh.MeshSizeFromPoints", "Mesh.MeshSizeFromCurvature",
                                "Mesh.Algorithm",          "General.NumThreads"};
  const double value[] = {0, 0, 0, 0, 6, 1};
  for (int i = 0; i < 6; i++) gmshOptionSetNumber(option[i], value[i], &ierr);
  gmshModelAdd("lead", &ierr);
  PetscCall(build_solid(t->m));
  gmshModelMeshSetSizeCallback(edge_at, t, &ierr);
  gmshModelMeshGenerate(2, &ierr);
  PetscCall(gmsh_check(ierr, "meshing"));
  gmshModelMeshGetNodes(&tag, &n_tag, &xyz, &n_xyz, &par, &n_par, -1, -1, 0, 0, &ierr);
  PetscCall(gmsh_check(ierr, "reading the nodes of"));
  gmshModelMeshGetElementsByType(2, &element, &n_element, &corner, &n_corner, -1, 0, 1, &ierr);
  PetscCall(gmsh_check(ierr, "reading the triangles of"));
  size[0] = n_tag, size[1] = n_corner;
  PetscCall(child_write_all(fd, size, sizeof size));
  PetscCall(child_write_all(fd, tag, n_tag * sizeof *tag));
  PetscCall(child_write_all(fd, xyz, 3 * n_tag * sizeof *xyz));
  return child_write_all(fd, corner, n_corner * sizeof *corner);
}

static void centroid(const LeadSurface *s, int t, double c[3])
{
  for (int k = 0; k < 3; k++) {
    c[k] = 0.0;
    for (int i = 0; i < 3; i++) c[k] += s->flat[3 * s->tri[t][i] + k] / 3.0;
  }
}

/* The contact that a face belongs to, n_contacts for the body, -1 for a disc inside a cylinder. */
static int part_of(const LeadModel *m, const LeadSurface *s, int t)
{
  const double eps = 1e-6, r = 0.5 * m->width_mm;
  double c[3];
  centroid(s, t, c);
  if (is_cylinder(m)) {
    double off = 1.0;
    for (int i = 0; i < 3; i++) {
      const double *v = s->flat + 3 * s->tri[t][i];
      off = fmin(off, hypot(v[0], v[2] - r) - r);
    }
    if (off < -eps) return fabs(fabs(c[1] - m->body_at_mm) - 0.5 * m->length_mm) < eps ? m->n_contacts : -1;
    const double flat_disc = fabs(s->flat[3 * s->tri[t][0] + 1] - c[1]) + fabs(s->flat[3 * s->tri[t][1] + 1] - c[1]);
    if (flat_disc < eps) return fabs(fabs(c[1] - m->body_at_mm) - 0.5 * m->length_mm) < eps ? m->n_contacts : -1;
  }
  return lead_part_at(m, c);
}

int lead_part_at(const LeadModel *m, const double c[3])
{
  if (!is_cylinder(m) && fabs(c[2]) > 0.01) return m->n_contacts;
  for (int i = 0; i < m->n_contacts; i++) {
    const LeadContact *k = &m->contacts[i];
    const bool across = is_cylinder(m) || fabs(c[0] - k->at_mm[0]) < 0.5 * k->width_mm;
    if (across && fabs(c[1] - k->at_mm[1]) < 0.5 * k->length_mm) return i;
  }
  return m->n_contacts;
}

static int by_tag(const void *a, const void *b)
{
  const size_t *x = a, *y = b;
  return x[0] < y[0] ? -1 : x[0] > y[0];
}

/* Nodes in the order of their tags; triangles in Gmsh's order, without discs inside the lead. */
static PetscErrorCode assemble(const LeadModel *m, size_t n_node, const size_t *tag, const double *xyz, size_t n_corner,
                               const size_t *corner, LeadSurface *s)
{
  size_t(*order)[2] = NULL;
  int *used = NULL;
  PetscCall(mem_alloc(n_node, sizeof *order, &order));
  PetscCall(mem_alloc(n_node, sizeof *used, &used));
  PetscCall(mem_alloc(3 * n_node, sizeof *s->flat, &s->flat));
  PetscCall(mem_alloc(n_corner / 3, sizeof *s->tri, &s->tri));
  PetscCall(mem_alloc(n_corner / 3, sizeof *s->part, &s->part));
  for (size_t i = 0; i < n_node; i++) order[i][0] = tag[i], order[i][1] = i;
  qsort(order, n_node, sizeof *order, by_tag);
  for (size_t i = 0; i < n_node; i++) v3_copy(xyz + 3 * order[i][1], s->flat + 3 * i);
  for (size_t t = 0; t < n_corner / 3; t++) {
    for (int k = 0; k < 3; k++) {
      const size_t key[2] = {corner[3 * t + (size_t)k], 0};
      const size_t(*hit)[2] = bsearch(key, order, n_node, sizeof *order, by_tag);
      PetscCheck(hit, PETSC_COMM_SELF, CAUDA_ERR_MESH, "Gmsh's surface of the lead names a node that it does not list");
      s->tri[s->n_tri][k] = (int)(hit - (const size_t(*)[2])order);
    }
    const int part = part_of(m, s, s->n_tri);
    if (part < 0) continue;
    s->part[s->n_tri++] = part;
  }
  for (int t = 0; t < s->n_tri; t++)
    for (int k = 0; k < 3; k++) used[s->tri[t][k]] = 1;
  for (size_t i = 0; i < n_node; i++) {
    if (!used[i]) continue;
    v3_copy(s->flat + 3 * i, s->flat + 3 * s->n_node);
    used[i] = ++s->n_node;
  }
  for (int t = 0; t < s->n_tri; t++)
    for (int k = 0; k < 3; k++) s->tri[t][k] = used[s->tri[t][k]] - 1;
  free(order);
  free(used);
  return 0;
}

/* What the child wrote: nodes with their tags, and the triangles' corners. */
typedef struct {
  size_t *tag, *corner;
  double *xyz;
} Raw;

static PetscErrorCode receive_raw(Task *t, int fd, Raw *r)
{
  uint64_t size[2];
  PetscCall(child_read_all(fd, size, sizeof size));
  PetscCall(mem_alloc(size[0], sizeof *r->tag, &r->tag));
  PetscCall(mem_alloc(3 * size[0], sizeof *r->xyz, &r->xyz));
  PetscCall(mem_alloc(size[1], sizeof *r->corner, &r->corner));
  PetscCall(child_read_all(fd, r->tag, size[0] * sizeof *r->tag));
  PetscCall(child_read_all(fd, r->xyz, 3 * size[0] * sizeof *r->xyz));
  PetscCall(child_read_all(fd, r->corner, size[1] * sizeof *r->corner));
  return assemble(t->m, size[0], r->tag, r->xyz, size[1], r->corner, t->out);
}

static PetscErrorCode receive(void *context, int fd)
{
  Raw r = {0};
  PetscErrorCode ierr = receive_raw(context, fd, &r);
  free(r.tag);
  free(r.xyz);
  free(r.corner);
  return ierr;
}

/* Chords shorten a ring's way around: the radius grows until the contacts' area is that of the round ring. */
static void round_out(const LeadModel *m, LeadSurface *s)
{
  const double r = 0.5 * m->width_mm;
  double area = 0.0, round = 0.0;
  for (int t = 0; t < s->n_tri; t++) {
    if (s->part[t] == m->n_contacts) continue;
    const double *a = s->flat + 3 * s->tri[t][0], *b = s->flat + 3 * s->tri[t][1], *c = s->flat + 3 * s->tri[t][2];
    double u[3], v[3], n[3];
    v3_sub(b, a, u), v3_sub(c, a, v);
    v3_cross(u, v, n);
    area += 0.5 * v3_norm(n);
  }
  for (int i = 0; i < m->n_contacts; i++) round += lead_contact_area_mm2(m, i);
  const double f = round / area;
  for (int i = 0; i < s->n_node; i++) {
    double *p = s->flat + 3 * i;
    p[0] *= f, p[2] = r + f * (p[2] - r);
  }
}

PetscErrorCode lead_surface_start(const LeadModel *m, double contact_edge_mm, double growth, Child **out)
{
  Task task = {m, contact_edge_mm, growth, NULL};
  return child_start("Gmsh", work, &task, out);
}

PetscErrorCode lead_surface_finish(Child **c, const LeadModel *m, LeadSurface **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  Task task = {.m = m, .out = *out};
  const PetscErrorCode ierr = child_finish(c, &task, receive);
  if (ierr) {
    lead_surface_destroy(out);
    return ierr;
  }
  if (is_cylinder(m)) round_out(m, *out);
  return 0;
}

void lead_surface_destroy(LeadSurface **s)
{
  if (!*s) return;
  free((*s)->flat);
  free((*s)->tri);
  free((*s)->part);
  free(*s);
  *s = NULL;
}
