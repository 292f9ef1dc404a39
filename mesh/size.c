/* How long edges are to be. Each feature asks for its own edge at its surface; away from it edges grow in proportion
 * to the distance, so the size is as smooth as distances are. */
#include "sample.h"

#include <float.h>

#include "lead_pose.h"

/* Edges at surfaces with finer or coarser features, in units of dura_edge_mm; and at the lead's body. */
/* Edges in the scar around the lead, in units of its thickness: its outer face is where tetrahedra are told apart. */
static const double CAPSULE_EDGE = 0.5;
static const double GREY_OVER_DURA = 0.6, FAT_OVER_DURA = 2.5, BONE_OVER_DURA = 5.0, LEAD_EDGE_MM = 1.5;

static double root_edge(const Sizing *z, const double p[3], double edge)
{
  const double reach = (edge - z->mesh.root_edge_mm) / z->mesh.growth;
  double d;
  if (reach <= 0.0 || anatomy_nearest_root(z->s->anatomy, p, reach, &d, NULL, NULL) < 0) return edge;
  return fmin(edge, z->mesh.root_edge_mm + z->mesh.growth * fabs(d));
}

static double lead_edge(const Sizing *z, const double p[3], double edge)
{
  const LeadModel *m = z->s->model;
  if (!m) return edge;
  double flat[3], d[3];
  v3_sub(p, z->s->pose->origin, d);
  if (v3_norm(d) - 0.5 * m->length_mm - fabs(m->body_at_mm) > edge / z->mesh.growth) return edge;
  lead_pose_to_flat(z->s->pose, p, flat);
  const double body = lead_body_distance(m, flat);
  edge = fmin(edge, LEAD_EDGE_MM + z->mesh.growth * fabs(body));
  if (z->capsule_mm > 0.0)
    edge = fmin(edge, CAPSULE_EDGE * z->capsule_mm + z->mesh.growth * fmax(0.0, body - 1.5 * z->capsule_mm));
  return fmin(edge, z->mesh.contact_edge_mm + z->mesh.growth * fmax(0.0, lead_contact_distance(m, flat)));
}

/* Afferents rise in the dorsal columns, half a millimetre to one below the surface (src/fiber/route.c), and many fire
 * there: what the fibres see is as fine as in the roots as far as the lead reaches. */
static double column_edge(const Sizing *z, const double p[3], double d_white, double edge)
{
  static const double MIDDLE_MM = 0.75, HALF_MM = 0.25, NEAR_LEAD_MM = 6.0;
  if (!z->s->model) return edge;
  const double most = (edge - z->mesh.root_edge_mm) / z->mesh.growth;
  double away = fmax(0.0, fabs(d_white + MIDDLE_MM) - HALF_MM);
  if (away >= most) return edge;
  away += fmax(0.0, scene_lead_distance(z->s, p) - NEAR_LEAD_MM);
  return fmin(edge, z->mesh.root_edge_mm + z->mesh.growth * away);
}

double edge_length(const Sizing *z, const double p[3])
{
  const CaseMesh *m = &z->mesh;
  const double g = m->growth;
  double d[TISSUE_COUNT], edge = m->largest_edge_mm;
  anatomy_shell_distances(z->s->anatomy, p, d);
  edge = fmin(edge, m->dura_edge_mm + g * fabs(d[TISSUE_DURA]));
  edge = fmin(edge, m->dura_edge_mm + g * fabs(d[TISSUE_WHITE]));
  edge = column_edge(z, p, d[TISSUE_WHITE], edge);
  if (d[TISSUE_GREY] < DBL_MAX) edge = fmin(edge, GREY_OVER_DURA * m->dura_edge_mm + g * fabs(d[TISSUE_GREY]));
  edge = fmin(edge, FAT_OVER_DURA * m->dura_edge_mm + g * fabs(d[TISSUE_FAT]));
  edge = fmin(edge, BONE_OVER_DURA * m->dura_edge_mm + g * fabs(d[TISSUE_BONE]));
  if (z->s->limit.edge_mm) edge = fmin(edge, z->s->limit.edge_mm(z->s->limit.context, p));
  return root_edge(z, p, lead_edge(z, p, edge));
}
