/* Private to mesh: which tissue each tetrahedron is. */
#ifndef CAUDA_MESH_TAG_H
#define CAUDA_MESH_TAG_H

#include "cauda/team.h"
#include "tet_mesh.h"

enum { REGIONS_MAX = 4096 };

typedef struct {
  int disagreeing;    /* tetrahedra with vertices inside two regions: the centroid decided */
  int leaks_closed;   /* tetrahedra made dura so that nothing outside it touches CSF or cord */
  int crumbs_removed; /* loose tetrahedra given to the region around them */
} TagReport;

/* tag_tetrahedra: a tetrahedron's region is that of its vertices in a volume; where all its vertices lie on interfaces,
 * or they disagree, its centroid decides. */
PetscErrorCode tag_tetrahedra(TetMesh *m, const Scene *s, Team *team, TagReport *r) CAUDA_CHECKED;

/* tag_repair_once: closes leaks of the dura and removes crumbs; *changed: tetrahedra. What it has changed may have made others.
 * tag_repair: until there are none. A crumb is a piece of a root or of
 * any tissue that is not its largest piece and holds no sampled point of its region. */
PetscErrorCode tag_repair_once(TetMesh *m, const Scene *s, Team *team, TagReport *r, int *changed) CAUDA_CHECKED;
PetscErrorCode tag_repair(TetMesh *m, const Scene *s, Team *team, TagReport *r) CAUDA_CHECKED;

/* Does face f of t join t, inside the dura, to what lies outside it? */
bool tag_leaks(const TetMesh *m, int t, int f);

#endif
