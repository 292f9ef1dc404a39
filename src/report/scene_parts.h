/* Scene_parts: what the page's three-dimensional scene is made of. Everything is in the anatomy's local frame: +x to the
 * subject's right, +y anterior, +z rostral, mm. Inside src/report/. */
#ifndef CAUDA_REPORT_SCENE_PARTS_H
#define CAUDA_REPORT_SCENE_PARTS_H

#include "cauda/report.h"

#include <json-c/json.h>

/* scene_shells: cord and dura, as rings of points around each slice: [{name, points f32 [][3], triangles u32 [][3]}]. */
PetscErrorCode scene_shells(const Scene *s, json_object *list) CAUDA_CHECKED;

/* scene_roots: centre lines, [{name, line f32 [][4]}]: x, y, z and the radius of each point, from distal to the cord. */
PetscErrorCode scene_roots(const Anatomy *a, json_object *list) CAUDA_CHECKED;

/* scene_lead: contacts and body, faces of the mesh: as scene_shells. */
PetscErrorCode scene_lead(const Rigid *world, const Mesh *m, json_object *list) CAUDA_CHECKED;

/* scene_sites: where each fibre fires first at its threshold, for some sets of the thresholds: a box {"origin_mm", "size_mm"}
 * that holds all paths in `box`, and [{name, at u16 [n_fiber][3]}] in `list`: shares of the box's sides in 65535ths. A fibre
 * that never fires has zeros. */
PetscErrorCode scene_sites(const Rigid *world, const FiberSet *f, const ThresholdTable *t, int n_set, const int *set,
                           json_object *box, json_object *list) CAUDA_CHECKED;

/* A regular grid about the lead. */
typedef struct {
  int n[3];
  double origin[3], step; /* mm, local */
} SceneGrid;

/* The grid reaches as far as the dura across, and 15 mm beyond the lead along the cord. */
PetscErrorCode scene_grid(const Scene *s, const Mesh *m, SceneGrid *g) CAUDA_CHECKED;

/* scene_contacts: [{name, most_V_per_mA, values u16 [n[2]][n[1]][n[0]]}] in the field's order: the potential at 1 mA, as
 * 32767 + 32767 sign(v) sqrt(|v| / most); 65535 where there is no tissue. */
PetscErrorCode scene_contacts(const SceneGrid *g, const Rigid *world, const Mesh *m, const MeshLocator *l,
                              const LeadField *f, json_object *list) CAUDA_CHECKED;

#endif
