/* Private to mesh: scar around the lead. */
#ifndef CAUDA_MESH_CAPSULE_H
#define CAUDA_MESH_CAPSULE_H

#include "cauda/scene.h"

/* capsule_tag: what lies outside the dura and within thickness_mm of the lead (by the tetrahedra's middles) becomes the
 * region "encapsulation", of the kind of fat. */
PetscErrorCode capsule_tag(const Scene *s, double thickness_mm, Mesh *m) CAUDA_CHECKED;

#endif
