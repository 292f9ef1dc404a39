/* How large a mesh will be, from the edge lengths alone. */
#include "lead_pose.h"
#include "sample.h"

/* Nodes in a cube of one edge, and tetrahedra a node: measured on meshes of the three cases that come with Cauda. */
static const double NODES_PER_EDGE3 = 1.0, TETS_PER_NODE = 6.45, CUBE_MM = 16.0;

/* A cube larger than the edge length in its middle is halved: edges change little within one edge. */
static double nodes_in(const Sizing *z, const double lo[3], double side)
{
  const Anatomy *a = z->s->anatomy;
  const double half = 0.5 * side, c[3] = {lo[0] + half, lo[1] + half, lo[2] + half};
  if (lo[2] >= a->z_max || lo[2] + side <= a->z_min) return 0.0;
  const double edge = edge_length(z, c);
  double sum = 0.0;
  if (side > edge) {
    for (int i = 0; i < 8; i++) {
      double corner[3];
      for (int e = 0; e < 3; e++) corner[e] = lo[e] + (i >> e & 1 ? half : 0.0);
      sum += nodes_in(z, corner, half);
    }
    return sum;
  }
  if (anatomy_distance(a, TISSUE_OUTSIDE, c) > 0.0 || scene_lead_distance(z->s, c) < 0.0) return 0.0;
  return NODES_PER_EDGE3 * side * side * side / (edge * edge * edge);
}

PetscErrorCode mesh_estimate(const Case *c, const Scene *s, double *n_node, double *n_tet)
{
  const Sizing z = {s, c->mesh};
  const Anatomy *a = s->anatomy;
  const double r = a->surround.body_radius_mm;
  *n_node = 0.0;
  for (double x = a->axis_xy[0] - r; x < a->axis_xy[0] + r; x += CUBE_MM)
    for (double y = a->axis_xy[1] - r; y < a->axis_xy[1] + r; y += CUBE_MM)
      for (double zz = a->z_min; zz < a->z_max; zz += CUBE_MM) {
        const double lo[3] = {x, y, zz};
        *n_node += nodes_in(&z, lo, CUBE_MM);
      }
  *n_tet = TETS_PER_NODE * *n_node;
  return 0;
}
