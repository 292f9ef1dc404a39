/* Private to mesh: a lead bent along the sac.
 *
 * A lead is built flat in lead coordinates, mm: x lateral (to the subject's right for a dorsal lead), y rostral,
 * w away from the cord; w = 0 is the face with the contacts (a percutaneous lead: the line of its skin nearest to the
 * dura; its axis is at w = radius). It is bent in the plane of y and w only, with w = 0 (w = radius) as the neutral
 * face: lengths, and so the areas of contacts, stay what they are. */
#ifndef CAUDA_MESH_LEAD_POSE_H
#define CAUDA_MESH_LEAD_POSE_H

#include "cauda/case.h"
#include "cauda/scene.h"

struct LeadPose {
  double origin[3];                        /* mm, local: the middle of the array on the neutral curve */
  double lateral[3], along[3], outward[3]; /* unit, right-handed: lateral = along x outward */
  double neutral_w;                        /* w of the neutral face: 0 for a paddle, the radius for a cylinder */
  double y_first, y_step;                  /* the curve is sampled at y_first + i y_step */
  int n;
  double (*curve)[3];  /* [n] {distance along `along`, height along `outward`, angle of the tangent} */
  double lo[3], hi[3]; /* mm along lateral, along, outward from the origin: a box about the bent lead */
};

/* lead_pose_create: see scene_create for the errors. */
PetscErrorCode lead_pose_create(const Case *c, const Anatomy *a, const LeadModel *m, LeadPose **out) CAUDA_CHECKED;
void lead_pose_destroy(LeadPose **p);

/* From lead coordinates to the local frame, and back (nearest point of the curve). */
void lead_pose_to_local(const LeadPose *p, const double flat[3], double out[3]);
void lead_pose_to_flat(const LeadPose *p, const double x[3], double flat[3]);

/* Distance from a point in lead coordinates to the lead's body, mm, negative inside. */
double lead_body_distance(const LeadModel *m, const double flat[3]);
/* Distance from a point in the local frame to a box about the bent lead: at most that to the lead. */
double lead_pose_box_distance(const LeadPose *p, const double x[3]);
/* Distance from a point to the nearest contact's face. */
double lead_contact_distance(const LeadModel *m, const double flat[3]);

/* Distance from a point in the local frame to the body of the scene's lead; far from it a lower bound that is cheap.
 * HUGE_VAL without a lead. */
double scene_lead_distance(const Scene *s, const double p[3]);

#endif
