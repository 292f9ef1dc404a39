/* Private to mesh: scar around the lead. */
#ifndef CAUDA_MESH_CAPSULE_H
#define CAUDA_MESH_CAPSULE_H

#include "cauda/scene.h"

/* capsule_tag: what lies outside the dura and within s->capsule_mm of the lead (by the tetrahedra's middles: points of the
 * mesh lie on the outer face) becomes the region "encapsulation", of the kind of fat. */
PetscErrorCode capsule_tag(const Scene *s, Mesh *m) CAUDA_CHECKED;

#endif
