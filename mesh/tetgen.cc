/* TetGen's C++ interface. Whatever it throws ends here. */
#define TETLIBRARY
#include <tetgen.h>

#include <new>

#include "fill.h"

static const char *reason(int code)
{
  switch (code) {
  case 1: return "out of memory";
  case 2: return "an internal error of TetGen";
  case 3: return "the lead's surface intersects itself";
  case 4: return "a very small feature of the lead's surface";
  case 5: return "two facets of the lead nearly coincide";
  case 10: return "an error in the input";
  default: return "an unknown fault";
  }
}

static void set_facets(tetgenio &io, const FillInput *in)
{
  io.numberoffacets = in->n_tri;
  io.facetlist = new tetgenio::facet[in->n_tri];
  io.facetmarkerlist = new int[in->n_tri];
  for (int t = 0; t < in->n_tri; t++) {
    tetgenio::facet *f = &io.facetlist[t];
    tetgenio::init(f);
    f->numberofpolygons = 1;
    f->polygonlist = new tetgenio::polygon[1];
    tetgenio::init(f->polygonlist);
    f->polygonlist->numberofvertices = 3;
    f->polygonlist->vertexlist = new int[3];
    for (int k = 0; k < 3; k++) f->polygonlist->vertexlist[k] = in->tri[t][k];
    io.facetmarkerlist[t] = t + 1;
  }
}

static void set_points(tetgenio &io, const double *xyz, int n)
{
  io.numberofpoints = n;
  io.pointlist = new REAL[3 * (size_t)n];
  for (size_t i = 0; i < 3 * (size_t)n; i++) io.pointlist[i] = xyz[i];
}

extern "C" PetscErrorCode tetgen_call(const FillInput *in, FillEmit emit, void *context)
{
  tetgenio plc, more, out;
  int code = 0;
  try {
    /* with a lead: facets kept as they are (Y, M), convex hull kept (c), the other points inserted afterwards (i) */
    const bool lead = in->n_tri > 0;
    char with_lead[] = "pcYMiQBF", points_only[] = "QBF";
    set_points(plc, in->xyz, lead ? in->n_fixed : in->n_point);
    if (lead) {
      set_facets(plc, in);
      set_points(more, in->xyz + 3 * (size_t)in->n_fixed, in->n_point - in->n_fixed);
    }
    tetrahedralize(lead ? with_lead : points_only, &plc, &out, lead ? &more : nullptr);
  } catch (int e) {
    code = e ? e : 2;
  } catch (const std::bad_alloc &) {
    code = 1;
  } catch (...) {
    code = -1;
  }
  PetscCheck(code != 1, PETSC_COMM_SELF, PETSC_ERR_MEM, "TetGen ran out of memory with %d points", in->n_point);
  PetscCheck(!code, PETSC_COMM_SELF, (PetscErrorCode)CAUDA_ERR_MESH, "TetGen made no mesh of %d points: %s",
             in->n_point, reason(code));
  return emit(context, out.numberofpoints, out.pointlist, out.numberoftetrahedra, out.tetrahedronlist);
}
