/* From Gmsh's view of a file to a Mesh: names, ids, orientation, checks. Runs in a child process (msh_raw.h). */
#include "faces.h"
#include "msh_raw.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* An element of either kind, or a node (corner[0] is its place in the file). */
typedef struct {
  size_t tag;
  size_t corner[4];
  int group;
} Element;

static int by_tag(const void *x, const void *y)
{
  const Element *a = x, *b = y;
  return a->tag < b->tag ? -1 : a->tag > b->tag;
}

/* ---- names ---------------------------------------------------------------------------------------------- */

/* C, T, L or S, digits, _L or _R, then nothing, _dorsal or _ventral. */
static bool names_root(const char *name)
{
  const char *at = name + 1;
  if (!name[0] || !strchr("CTLS", name[0]) || !isdigit((unsigned char)*at)) return false;
  while (isdigit((unsigned char)*at)) at++;
  if (strncmp(at, "_L", 2) && strncmp(at, "_R", 2)) return false;
  at += 2;
  return !*at || !strcmp(at, "_dorsal") || !strcmp(at, "_ventral");
}

static bool names_contact(const char *name)
{
  size_t digits = strspn(name + (name[0] != '\0'), "0123456789");
  return name[0] == 'C' && digits > 0 && !name[1 + digits];
}

static PetscErrorCode region_of_name(const char *path, const char *name, MeshRegion *r)
{
  bool capsule = !strcmp(name, "encapsulation");
  Tissue tissue = names_root(name) ? TISSUE_ROOT : capsule ? TISSUE_FAT : tissue_from_name(name);
  PetscCheck(tissue != TISSUE_COUNT && strlen(name) < CAUDA_NAME_MAX, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
             "%s: the volume group \"%s\" is no tissue and no root; expected body, bone, fat, encapsulation, dura, "
             "csf, white, "
             "grey or a "
             "root such as L1_L_dorsal",
             path, name);
  snprintf(r->name, sizeof r->name, "%s", tissue == TISSUE_ROOT || capsule ? name : tissue_name(tissue));
  r->tissue = tissue;
  return 0;
}

static PetscErrorCode group_of_name(const char *path, const char *name, MeshGroup *g)
{
  bool body = !strcmp(name, "paddle") || !strcmp(name, "lead"), back = !strcmp(name, "case");
  PetscCheck((names_contact(name) || body || back) && strlen(name) < CAUDA_NAME_MAX, PETSC_COMM_SELF,
             PETSC_ERR_USER_INPUT,
             "%s: the surface group \"%s\" is not known; expected C01, C02 ... (contacts), paddle or lead (the body), "
             "case (the return)",
             path, name);
  snprintf(g->name, sizeof g->name, "%s", name);
  g->kind = body ? GROUP_LEAD_BODY : back ? GROUP_RETURN : GROUP_CONTACT;
  return 0;
}

/* ---- elements and nodes, in the order of their tags ------------------------------------------------------ */

/* All elements of some groups in one list; `index` turns a group of the file into one of the mesh. */
static PetscErrorCode gather(const char *path, int n_group, const RawGroup *groups, const int *index, size_t corners,
                             size_t *count, Element **out)
{
  size_t n = 0, k = 0;
  Element *e;
  for (int g = 0; g < n_group; g++) n += groups[g].n;
  PetscCheck(n < (1u << 30), PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: %zu elements, expected fewer than %u", path, n,
             1u << 30);
  PetscCall(mem_alloc(n, sizeof *e, &e));
  for (int g = 0; g < n_group; g++)
    for (size_t i = 0; i < groups[g].n; i++, k++) {
      e[k].tag = groups[g].tag[i], e[k].group = index[g];
      memcpy(e[k].corner, groups[g].node + i * corners, corners * sizeof *e[k].corner);
    }
  qsort(e, n, sizeof *e, by_tag);
  for (size_t i = 1; i < n; i++)
    PetscCheck(e[i].tag != e[i - 1].tag, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: element %zu is in two groups or stands twice; expected one group for each", path, e[i].tag);
  *count = n, *out = e;
  return 0;
}

/* Nodes by tag. */
typedef struct {
  size_t n;
  Element *node; /* [n] by tag */
  NodeId *id;    /* [n] in the mesh, -1 where no tetrahedron uses it */
} NodeMap;

static PetscErrorCode node_map_create(const RawMesh *raw, NodeMap *map)
{
  map->n = raw->n_node;
  PetscCall(mem_alloc(map->n, sizeof *map->node, &map->node));
  PetscCall(mem_alloc(map->n, sizeof *map->id, &map->id));
  for (size_t i = 0; i < map->n; i++) map->node[i] = (Element){.tag = raw->node_tag[i], .corner = {i}}, map->id[i] = -1;
  qsort(map->node, map->n, sizeof *map->node, by_tag);
  return 0;
}

/* Place of a tag in the map; tags without gaps, the usual case, are found at once. */
static PetscErrorCode node_map_find(const NodeMap *map, const char *path, size_t tag, size_t *place)
{
  size_t guess = map->n && tag >= map->node[0].tag ? tag - map->node[0].tag : map->n;
  const Element *found = guess < map->n && map->node[guess].tag == tag
                             ? map->node + guess
                             : bsearch(&(Element){.tag = tag}, map->node, map->n, sizeof *map->node, by_tag);
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: an element refers to node %zu, which is not there",
             path, tag);
  *place = (size_t)(found - map->node);
  return 0;
}

/* Replaces node tags by places in the map. */
static PetscErrorCode find_corners(const NodeMap *map, const char *path, size_t n, Element *e, int corners)
{
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < corners; k++) PetscCall(node_map_find(map, path, e[i].corner[k], &e[i].corner[k]));
  return 0;
}

/* Numbers the nodes that tetrahedra use, in the order of their tags. */
static NodeId number_nodes(NodeMap *map, size_t n_tet, const Element *tet)
{
  NodeId n = 0;
  for (size_t i = 0; i < n_tet; i++)
    for (int k = 0; k < 4; k++) map->id[tet[i].corner[k]] = 0;
  for (size_t i = 0; i < map->n; i++)
    if (map->id[i] >= 0) map->id[i] = n++;
  return n;
}

/* ---- the mesh ------------------------------------------------------------------------------------------- */

static void swap_nodes(NodeId *a, NodeId *b)
{
  NodeId swap = *a;
  *a = *b, *b = swap;
}

static void fill_nodes(const RawMesh *raw, const NodeMap *map, Mesh *m)
{
  for (size_t i = 0; i < map->n; i++)
    if (map->id[i] >= 0)
      memcpy(m->xyz + 3 * (size_t)map->id[i], raw->xyz + 3 * map->node[i].corner[0], 3 * sizeof *m->xyz);
}

static PetscErrorCode fill_tets(const char *path, const NodeMap *map, const Element *e, Mesh *m)
{
  for (TetId t = 0; t < m->n_tet; t++) {
    for (int k = 0; k < 4; k++) m->tet[t][k] = map->id[e[t].corner[k]];
    m->region[t] = (int16_t)e[t].group;
    if (mesh_tet_volume(m, t) < 0.0) swap_nodes(&m->tet[t][2], &m->tet[t][3]);
    PetscCheck(mesh_tet_volume(m, t) > 0.0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: element %zu has the volume %g mm3, expected a positive one", path, e[t].tag, mesh_tet_volume(m, t));
  }
  return 0;
}

static PetscErrorCode fill_tris(const char *path, const NodeMap *map, const Element *e, const FaceTable *faces, Mesh *m)
{
  for (TriId t = 0; t < m->n_tri; t++) {
    FaceId found[2];
    NodeId *v = m->tri[t], outward[3];
    int n = 0;
    for (int k = 0; k < 3; k++) v[k] = map->id[e[t].corner[k]];
    if (v[0] >= 0 && v[1] >= 0 && v[2] >= 0) n = faces_find(faces, v, found);
    PetscCheck(n == 1, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT,
               "%s: element %zu of the surface group \"%s\" %s; expected a face on the boundary of the tetrahedra",
               path, e[t].tag, m->groups[e[t].group].name,
               n ? "lies between two tetrahedra" : "is no face of a tetrahedron");
    mesh_face_nodes(m, found[0], outward);
    if (!face_same_turn(v, outward)) swap_nodes(&v[1], &v[2]);
    m->group[t] = (int16_t)e[t].group;
  }
  return 0;
}

/* What is left to go wrong once the tetrahedra are in place: how they meet. */
static PetscErrorCode check_faces(const char *path, const Mesh *m, const FaceTable *faces)
{
  char fault[MESH_FAULT_MAX] = "";
  faces_fault(m, faces, fault);
  PetscCheck(!fault[0], PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: %s (counted from 0 in the order of their numbers)",
             path, fault);
  return 0;
}

static PetscErrorCode name_regions(const RawMesh *raw, Mesh *m, int *index)
{
  m->n_region = 0;
  for (int i = 0; i < raw->n_volume; i++) {
    MeshRegion r;
    PetscCall(region_of_name(raw->path, raw->volume[i].name, &r));
    index[i] = mesh_find_region(m, r.name); /* "cord" and "white" are one */
    if (index[i] < 0) m->regions[index[i] = m->n_region++] = r;
  }
  return 0;
}

static PetscErrorCode name_groups(const RawMesh *raw, Mesh *m, int *index)
{
  for (int i = 0; i < raw->n_surface; i++) {
    PetscCall(group_of_name(raw->path, raw->surface[i].name, &m->groups[i]));
    index[i] = i;
  }
  return 0;
}

PetscErrorCode msh_build(const RawMesh *raw, Mesh **out)
{
  Mesh *m, *names;
  NodeMap map;
  Element *tet, *tri;
  FaceTable *faces;
  size_t n_tet, n_tri;
  int *region, *group;
  PetscCall(mem_alloc((size_t)raw->n_volume + 1, sizeof *region, &region));
  PetscCall(mem_alloc((size_t)raw->n_surface + 1, sizeof *group, &group));
  PetscCall(mesh_create(0, 0, 0, raw->n_volume, raw->n_surface, &names));
  PetscCall(name_regions(raw, names, region));
  PetscCall(name_groups(raw, names, group));
  PetscCall(gather(raw->path, raw->n_volume, raw->volume, region, 4, &n_tet, &tet));
  PetscCall(gather(raw->path, raw->n_surface, raw->surface, group, 3, &n_tri, &tri));
  PetscCheck(n_tet > 0, PETSC_COMM_SELF, PETSC_ERR_USER_INPUT, "%s: holds no tetrahedra", raw->path);
  PetscCall(node_map_create(raw, &map));
  PetscCall(find_corners(&map, raw->path, n_tet, tet, 4));
  PetscCall(find_corners(&map, raw->path, n_tri, tri, 3));
  NodeId n_node = number_nodes(&map, n_tet, tet);
  PetscCall(mesh_create(n_node, (TetId)n_tet, (TriId)n_tri, names->n_region, names->n_group, &m));
  memcpy(m->regions, names->regions, (size_t)m->n_region * sizeof *m->regions);
  memcpy(m->groups, names->groups, (size_t)m->n_group * sizeof *m->groups);
  fill_nodes(raw, &map, m);
  PetscCall(fill_tets(raw->path, &map, tet, m));
  PetscCall(faces_create(m, &faces));
  PetscCall(check_faces(raw->path, m, faces));
  PetscCall(fill_tris(raw->path, &map, tri, faces, m));
  *out = m;
  return 0;
}
