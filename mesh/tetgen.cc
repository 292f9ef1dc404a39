/* TetGen's C++ interface. Whatever it throws ends here. */
#define TETLIBRARY
#include <tetgen.h>

#include <new>

#include "fill.h"
#include "predicates.h"

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
  tetgenio plc, out;
  int code = 0;
  try {
    /* with a lead: facets kept as they are (Y, M), convex hull kept (c) */
    char with_lead[] = "pcYMQBF", points_only[] = "QBF";
    set_points(plc, in->xyz, in->n_point);
    if (in->n_tri > 0) set_facets(plc, in);
    tetrahedralize(in->n_tri > 0 ? with_lead : points_only, &plc, &out);
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

extern "C" void exact_begin(void) { exactinit(0, 0, 1, 1.0, 1.0, 1.0); }

/* TetGen's tests take pointers to what they do not change; theirs is the opposite orientation. */
extern "C" double exact_volume(const double a[3], const double b[3], const double c[3], const double d[3])
{
  return -orient3d(const_cast<double *>(a), const_cast<double *>(b), const_cast<double *>(c), const_cast<double *>(d));
}

extern "C" double exact_sphere(const double a[3], const double b[3], const double c[3], const double d[3],
                               const double p[3])
{
  return insphere(const_cast<double *>(a), const_cast<double *>(c), const_cast<double *>(b), const_cast<double *>(d),
                  const_cast<double *>(p));
}
