/* How long edges are to be. Each feature asks for its own edge at its surface; away from it edges grow in proportion
 * to the distance, so the size is as smooth as distances are. */
#include "sample.h"

#include <float.h>

#include "lead_pose.h"

/* Edges in the scar around the lead, in units of its thickness. */
static const double CAPSULE_EDGE = 0.5;
/* Edges at surfaces with finer or coarser features, in units of dura_edge_mm; in the dorsal columns, in units of
 * root_edge_mm; and at the lead's body. */
static const double GREY_OVER_DURA = 0.6, FAT_OVER_DURA = 2.5, BONE_OVER_DURA = 5.0, COLUMN_OVER_ROOT = 1.5,
                    LEAD_EDGE_MM = 1.5;
/* What is far from the lead sees little of the field, and a smooth one. Edges there are longer: by this share a mm beyond
 * reach_mm, up to so many times. Roots and the dura are to keep their volumes. */
static const double FAR_GROWTH = 0.1, ROOT_FARTHEST = 1.2, DURA_FARTHEST = 1.3, WIDE_FARTHEST = 2.0;

/* Nearest root as far as it matters: for the edge, and within `near_edges` edges of p. */
static double root_edge(const Sizing *z, const double p[3], double at_root, double edge, double near_edges, Place *at)
{
  const double reach = (edge - at_root) / z->mesh.growth;
  at->root = anatomy_nearest_root(z->s->anatomy, p, greater(greater(reach, near_edges * edge), 0.0), &at->root_distance,
                                  NULL, NULL);
  return at->root < 0 ? edge : lesser(edge, at_root + z->mesh.growth * fabs(at->root_distance));
}

static double lead_edge(const Sizing *z, const double p[3], double edge, double box)
{
  const LeadModel *m = z->s->model;
  const double capsule = z->s->capsule_mm;
  double flat[3], finest = lesser(LEAD_EDGE_MM, z->mesh.contact_edge_mm);
  if (capsule > 0.0) finest = lesser(finest, CAPSULE_EDGE * capsule);
  if (finest + z->mesh.growth * greater(0.0, box - 1.5 * capsule) >= edge) return edge;
  lead_pose_to_flat(z->s->pose, p, flat);
  const double body = lead_body_distance(m, flat);
  edge = lesser(edge, LEAD_EDGE_MM + z->mesh.growth * fabs(body));
  if (capsule > 0.0) edge = lesser(edge, CAPSULE_EDGE * capsule + z->mesh.growth * greater(0.0, body - 1.5 * capsule));
  if (z->mesh.contact_edge_mm + z->mesh.growth * greater(0.0, body) >= edge) return edge;
  return lesser(edge, z->mesh.contact_edge_mm + z->mesh.growth * greater(0.0, lead_contact_distance(m, flat)));
}

/* Afferents rise in the dorsal columns, half a millimetre to one below the surface (src/fiber/route.c), and many fire
 * there: what the fibres see is nearly as fine as in the roots as far as the lead reaches. */
static double column_edge(const Sizing *z, double lead, double d_white, double edge)
{
  static const double MIDDLE_MM = 0.75, HALF_MM = 0.25, NEAR_LEAD_MM = 6.0;
  const double here = COLUMN_OVER_ROOT * z->mesh.root_edge_mm, largest = (edge - here) / z->mesh.growth;
  double away = greater(0.0, fabs(d_white + MIDDLE_MM) - HALF_MM);
  if (away >= largest) return edge;
  away += greater(0.0, lead - NEAR_LEAD_MM);
  return lesser(edge, here + z->mesh.growth * away);
}

void place_look(const Sizing *z, const double p[3], double near_edges, Place *at)
{
  const CaseMesh *m = &z->mesh;
  const double g = m->growth, *d = at->d, box = z->s->model ? lead_pose_box_distance(z->s->pose, p) : 0.0;
  const double far = 1.0 + FAR_GROWTH * greater(0.0, box - m->reach_mm);
  const double dura = lesser(far, DURA_FARTHEST) * m->dura_edge_mm, wide = lesser(far, WIDE_FARTHEST) * m->dura_edge_mm;
  double edge = m->largest_edge_mm;
  anatomy_shell_distances(z->s->anatomy, p, at->d);
  edge = lesser(edge, dura + g * fabs(d[TISSUE_DURA]));
  edge = lesser(edge, dura + g * fabs(d[TISSUE_WHITE]));
  if (d[TISSUE_GREY] < DBL_MAX) edge = lesser(edge, GREY_OVER_DURA * dura + g * fabs(d[TISSUE_GREY]));
  edge = lesser(edge, FAT_OVER_DURA * wide + g * fabs(d[TISSUE_FAT]));
  edge = lesser(edge, BONE_OVER_DURA * wide + g * fabs(d[TISSUE_BONE]));
  if (z->s->limit.edge_mm) edge = lesser(edge, z->s->limit.edge_mm(z->s->limit.context, p));
  at->lead = scene_lead_distance(z->s, p);
  if (z->s->model) {
    edge = column_edge(z, at->lead, d[TISSUE_WHITE], edge);
    edge = lead_edge(z, p, edge, box);
  }
  at->edge = root_edge(z, p, lesser(far, ROOT_FARTHEST) * m->root_edge_mm, edge, near_edges, at);
}

double edge_length(const Sizing *z, const double p[3])
{
  Place at;
  place_look(z, p, 0.0, &at);
  return at.edge;
}

int place_region(const Scene *s, const Place *at)
{
  const double *d = at->d;
  if (d[TISSUE_OUTSIDE] > 0.0) return TISSUE_OUTSIDE;
  if (at->lead < 0.0) return -1;
  if (at->root >= 0 && at->root_distance < 0.0) return TISSUE_ROOT + at->root;
  for (int t = TISSUE_GREY; t > TISSUE_BODY; t--) {
    if (d[t] >= 0.0) continue;
    return t == TISSUE_CSF && at->lead < s->anatomy->surround.dura_thickness_mm ? TISSUE_DURA : t;
  }
  return TISSUE_BODY;
}
