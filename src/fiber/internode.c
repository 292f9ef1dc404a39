/* The compartments of the MRG axon. Units: um and cm as the constants have them, then uS, nF, mV, ms, nA. */
#include "mrg.h"

static const double pi = 3.14159265358979323846;

static double axial_MOhm(double ohm_cm, double length_um, double area_um2)
{
  return ohm_cm * length_um / area_um2 * 1e-2; /* ohm cm um / um2 = 1e4 ohm */
}

static double ring_um2(double diameter_um, double gap_um)
{
  double r = 0.5 * diameter_um;
  return pi * ((r + gap_um) * (r + gap_um) - r * r);
}

static MrgCompartment compartment(const MrgModel *m, const MrgGeometry *g, double length_um, double axon_um,
                                  double gap_um, double g_S_per_cm2, bool myelinated)
{
  double area_cm2 = pi * axon_um * length_um * 1e-8, myelin_cm2 = pi * g->diameter_um * length_um * 1e-8;
  double layers = 2.0 * g->lamellae;
  return (MrgCompartment){.length_um = length_um,
                          .area_cm2 = area_cm2,
                          .inner_MOhm = axial_MOhm(m->axoplasm_ohm_cm, length_um, 0.25 * pi * axon_um * axon_um),
                          .outer_MOhm = axial_MOhm(m->axoplasm_ohm_cm, length_um, ring_um2(axon_um, gap_um)),
                          .g_uS = 1e6 * g_S_per_cm2 * area_cm2,
                          .c_nF = 1e3 * m->capacitance_uF_per_cm2 * area_cm2,
                          .myelin_g_uS = myelinated ? 1e6 * m->myelin_g_S_per_cm2 / layers * myelin_cm2 : 0.0,
                          .myelin_c_nF = myelinated ? 1e3 * m->myelin_c_uF_per_cm2 / layers * myelin_cm2 : 0.0};
}

void mrg_internode(const MrgModel *m, const MrgGeometry *g, MrgCompartment part[MRG_PER_INTERNODE])
{
  double stin_um = (g->internode_um - m->node_length_um - 2.0 * (m->mysa_length_um + g->flut_um)) / 6.0;
  part[0] = compartment(m, g, m->node_length_um, g->node_um, m->mysa_gap_um, m->node_g_rest_S_per_cm2, false);
  part[1] = compartment(m, g, m->mysa_length_um, g->node_um, m->mysa_gap_um, m->mysa_g_S_per_cm2, true);
  part[2] = compartment(m, g, g->flut_um, g->axon_um, m->flut_gap_um, m->flut_g_S_per_cm2, true);
  part[3] = compartment(m, g, stin_um, g->axon_um, m->stin_gap_um, m->stin_g_S_per_cm2, true);
  for (int i = 4; i < 9; i++) part[i] = part[3];
  part[9] = part[2];
  part[10] = part[1];
}
