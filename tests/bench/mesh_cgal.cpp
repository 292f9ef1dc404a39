// mesh_cgal CASE INPUT [THREADS [EDGES]]: the scene of a case by CGAL's Mesh_3, concurrent version, from the same implicit shapes
// and size function, perturbed and exuded with a sliver bound of 10 degrees. Cells are to have a circumradius of at most EDGES
// (default 1.0) of the wanted edge, facets too, and lie within a tenth of it from the surface. Prints what bench_mesh prints.
#define CGAL_CONCURRENT_MESH_3
#include <CGAL/Mesh_3/Worksharing_data_structures.h>

#include <CGAL/Exact_predicates_inexact_constructions_kernel.h>
#include <CGAL/Labeled_mesh_domain_3.h>
#include <CGAL/Mesh_complex_3_in_triangulation_3.h>
#include <CGAL/Mesh_criteria_3.h>
#include <CGAL/Mesh_triangulation_3.h>
#include <CGAL/exude_mesh_3.h>
#include <CGAL/make_mesh_3.h>
#include <CGAL/perturb_mesh_3.h>
#include <petscsys.h>
#include <sys/resource.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "cauda/implicit.h"

using Kernel = CGAL::Exact_predicates_inexact_constructions_kernel;
using Point = Kernel::Point_3;
using Domain = CGAL::Labeled_mesh_domain_3<Kernel>;
using Triangulation = CGAL::Mesh_triangulation_3<Domain, CGAL::Default, CGAL::Parallel_tag>::type;
using Complex = CGAL::Mesh_complex_3_in_triangulation_3<Triangulation>;
using Criteria = CGAL::Mesh_criteria_3<Triangulation>;

struct Edge { // a fraction of the wanted edge
  using FT = Kernel::FT;
  const ImplicitScene *scene;
  double fraction;
  template <class Index> FT operator()(const Point &q, int, const Index &) const
  {
    const double p[3] = {q.x(), q.y(), q.z()};
    return fraction * implicit_edge(scene, p);
  }
};

static double seconds()
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static double processor_s()
{
  rusage r;
  getrusage(RUSAGE_SELF, &r);
  return double(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * double(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static Complex mesh(const ImplicitScene *s, double edges)
{
  namespace P = CGAL::parameters;
  double axis[2], radius, z0, z1;
  implicit_cylinder(s, axis, &radius, &z0, &z1);
  auto label = [s](const Point &q) {
    const double p[3] = {q.x(), q.y(), q.z()};
    return implicit_label(s, p);
  };
  const CGAL::Bbox_3 box(axis[0] - radius - 1, axis[1] - radius - 1, z0 - 1, axis[0] + radius + 1, axis[1] + radius + 1,
                         z1 + 1);
  Domain domain(label, box, P::relative_error_bound = 1e-5);
  const Edge size{s, edges}, distance{s, 0.1};
  Criteria criteria(P::facet_angle = 25, P::facet_size = size, P::facet_distance = distance,
                    P::cell_radius_edge_ratio = 2, P::cell_size = size);
  Complex c = CGAL::make_mesh_3<Complex>(domain, criteria, P::no_perturb(), P::no_exude());
  CGAL::perturb_mesh_3(c, domain, P::sliver_bound = 10);
  CGAL::exude_mesh_3(c, P::sliver_bound = 10);
  return c;
}

static void print(const ImplicitScene *s, const Complex &c, double elapsed, double processor)
{
  double least = 180.0, *shape = nullptr;
  long n = 0, below = 0, leaks = 0;
  std::vector<double> volume(implicit_labels(s), 0.0);
  const auto &tr = c.triangulation();
  for (auto cell = c.cells_in_complex_begin(); cell != c.cells_in_complex_end(); ++cell, n++) {
    const auto t = tr.tetrahedron(cell);
    const int mine = c.subdomain_index(cell);
    volume[mine] += std::abs(t.volume());
    for (int i = 0; i < 4; i++) {
      for (int k = i + 1; k < 4; k++) {
        int other[2], m = 0;
        for (int j = 0; j < 4; j++)
          if (j != i && j != k) other[m++] = j;
        const double d = std::abs(CGAL::approximate_dihedral_angle(t[i], t[k], t[other[0]], t[other[1]]));
        least = std::min(least, d), below += d < 5.0;
      }
      const auto beside = cell->neighbor(i);
      if (c.is_in_complex(beside) && implicit_side(s, mine) == 1 && implicit_side(s, c.subdomain_index(beside)) == 2)
        leaks++;
    }
  }
  if (implicit_volumes(s, &shape)) std::exit(2);
  double worst = 0.0;
  std::string which;
  for (int l = 1; l < int(volume.size()); l++) {
    char name[64];
    implicit_name(s, l, name);
    const double off = shape[l] > 0.0 ? volume[l] / shape[l] - 1.0 : 0.0;
    if (std::abs(off) > std::abs(worst)) worst = off, which = name;
    std::printf("# CGAL volume of %s: %.4f of the shape's\n", name, 1.0 + off);
  }
  std::free(shape);
  std::printf("| CGAL | %ld | %.2f | %.2f | %.0f | %.0f | %.2f | %.4f | %ld | %.2f (%s) |\n", n, elapsed, processor,
              n / elapsed, n / processor, least, 100.0 * below / (6.0 * n), leaks, 100.0 * worst, which.c_str());
}

int main(int argc, char **argv)
{
  ImplicitScene *s;
  if (argc < 3) return std::fprintf(stderr, "usage: mesh_cgal CASE INPUT [THREADS [EDGES]]\n"), 1;
  if (PetscInitialize(nullptr, nullptr, nullptr, nullptr) || implicit_open(argv[1], argv[2], &s)) return 2;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, std::size_t(threads > 0 ? threads : 2));
  const double start = seconds(), processor = processor_s();
  const Complex c = mesh(s, argc > 4 ? std::atof(argv[4]) : 1.0);
  print(s, c, seconds() - start, processor_s() - processor);
  implicit_close(&s);
  return int(PetscFinalize());
}
