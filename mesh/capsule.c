/* Scar around the lead: the tetrahedra near it. */
#include "capsule.h"

#include <stdlib.h>
#include <string.h>

#include "lead_pose.h"

static bool outside_dura(Tissue t) { return t == TISSUE_FAT || t == TISSUE_BONE || t == TISSUE_BODY; }

/* Distance of a tetrahedron's middle from the lead, mm. */
static double away(const Scene *s, const Mesh *m, TetId t)
{
  double c[3] = {0.0, 0.0, 0.0}, local[3];
  for (int i = 0; i < 4; i++) v3_axpy(c, 0.25, m->xyz + 3 * (size_t)m->tet[t][i], c);
  rigid_apply_inverse(&s->anatomy->world, c, local);
  return scene_lead_distance(s, local);
}

static PetscErrorCode add_region(Mesh *m)
{
  MeshRegion *grown = realloc(m->regions, ((size_t)m->n_region + 1) * sizeof *grown);
  PetscCheck(grown, PETSC_COMM_SELF, PETSC_ERR_MEM, "not enough memory for the mesh's regions");
  m->regions = grown;
  m->regions[m->n_region++] = (MeshRegion){"encapsulation", TISSUE_FAT};
  return 0;
}

/* Pieces of regions by faces: the tetrahedra of each stand together in `queue`. */
typedef struct {
  TetId (*adj)[4];
  TetId *queue; /* [n_tet] */
  bool *seen;   /* [n_tet] */
} Pieces;

/* The piece of t in the queue from its beginning; returns its size. */
static TetId piece_of(const Mesh *m, TetId t, Pieces *p)
{
  TetId n = 0;
  p->seen[t] = true;
  p->queue[n++] = t;
  for (TetId i = 0; i < n; i++)
    for (int f = 0; f < 4; f++) {
      TetId other = p->adj[p->queue[i]][f];
      if (other < 0 || p->seen[other] || m->region[other] != m->region[t]) continue;
      p->seen[other] = true;
      p->queue[n++] = other;
    }
  return n;
}

/* Crumbs of fat and bone that the scar leaves between it and the dura are scar. */
static void take_crumbs(const Scene *s, Mesh *m, Pieces *p)
{
  const TetId crumb = 1000;
  for (TetId t = 0; t < m->n_tet; t++) {
    if (p->seen[t] || !outside_dura(m->regions[m->region[t]].tissue) || m->region[t] == m->n_region - 1) continue;
    TetId n = piece_of(m, t, p);
    if (n > crumb || away(s, m, t) > 3.0 * s->capsule_mm) continue;
    for (TetId i = 0; i < n; i++) m->region[p->queue[i]] = (int16_t)(m->n_region - 1);
  }
}

static PetscErrorCode crumbs(const Scene *s, Mesh *m)
{
  Pieces p = {NULL, NULL, NULL};
  PetscErrorCode ierr = mesh_neighbours(m, &p.adj);
  if (!ierr) ierr = mem_alloc((size_t)m->n_tet, sizeof *p.queue, &p.queue);
  if (!ierr) ierr = mem_alloc((size_t)m->n_tet, sizeof *p.seen, &p.seen);
  if (!ierr) take_crumbs(s, m, &p);
  free(p.adj), free(p.queue), free(p.seen);
  return ierr;
}

PetscErrorCode capsule_tag(const Scene *s, Mesh *m)
{
  PetscCall(add_region(m));
  for (TetId t = 0; t < m->n_tet; t++)
    if (outside_dura(m->regions[m->region[t]].tissue) && away(s, m, t) < s->capsule_mm)
      m->region[t] = (int16_t)(m->n_region - 1);
  return crumbs(s, m);
}
