/* What every field must satisfy, solved tightly: a box of layers, anisotropic along a turning axis, with two contacts in
 * its floor, for each order, model of contact and return. */
#include "verify_impl.h"

#include "cauda/vec3.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LIMIT = 1e-8;

static const MeshRegion regions[] = {{"csf", TISSUE_CSF}, {"dura", TISSUE_DURA}, {"white", TISSUE_WHITE}};
static const MeshGroup groups[] = {{"C01", GROUP_CONTACT}, {"C02", GROUP_CONTACT}, {"case", GROUP_RETURN}};

static void place(const void *context, const double t[3], double x[3])
{
  (void)context;
  x[0] = 20.0 * (t[0] - 0.5) + 2.0 * t[1] * t[2];
  x[1] = 20.0 * (t[1] - 0.5) + sin(3.0 * t[0]) * t[2];
  x[2] = 10.0 * t[2];
}

static int region(const void *context, const double t[3])
{
  (void)context;
  return t[2] < 0.4 ? 0 : t[2] < 0.5 ? 1 : 2;
}

static int group(const void *context, const double t[3], int axis, int upper)
{
  (void)context;
  if (axis != 2 || upper) return 2;
  if (fabs(t[1] - 0.5) > 0.2) return -1;
  return fabs(t[0] - 0.3) < 0.1 ? 0 : fabs(t[0] - 0.7) < 0.1 ? 1 : -1;
}

static PetscErrorCode tensors(const Mesh *m, double **sigma)
{
  static const double across[] = {1.7, 0.03, 0.083}, more[] = {0.0, 0.0, 0.517};
  PetscCall(mem_alloc((size_t)m->n_tet, 6 * sizeof **sigma, sigma));
  for (TetId t = 0; t < m->n_tet; t++) {
    double *s = *sigma + 6 * (size_t)t, a[3] = {0.3 * sin(0.2 * m->xyz[3 * (size_t)m->tet[t][0]]), 1.0, 0.2};
    int r = m->region[t];
    v3_normalise(a);
    for (int i = 0; i < 3; i++) {
      s[i] = across[r] + more[r] * a[i] * a[i];
      s[3 + i] = more[r] * a[i] * a[(i + 1) % 3];
    }
  }
  return 0;
}

/* Both contacts wired to one output of 1 mA, from the impedances, against the contacts as one surface of the mesh. */
static PetscErrorCode superposition(Mesh *m, const double *sigma, const FieldOptions *o, const LeadField *f,
                                    double *largest)
{
  static const Drive drive[2] = {{DRIVE_SHARED, 0.0, 0}, {DRIVE_SHARED, 0.0, 0}};
  double output = 1.0, current[2], potential[2], *v;
  LeadField *one = NULL;
  PetscCall(control_solve(f, drive, 1, &output, true, current, potential));
  PetscCall(mem_alloc((size_t)f->n_node, sizeof *v, &v));
  field_superpose(f, current, v);
  for (TriId t = 0; t < m->n_tri; t++) m->group[t] = m->group[t] == 1 ? 0 : m->group[t];
  m->groups[1].kind = GROUP_LEAD_BODY;
  PetscErrorCode ierr = field_solve(m, sigma, o, &one);
  for (NodeId n = 0; !ierr && n < f->n_node; n++)
    *largest = fmax(*largest, fabs(1e3 * v[n] - one->potential[n]) / one->impedance[0]);
  lead_field_destroy(&one);
  free(v);
  return ierr;
}

static PetscErrorCode rows(Mesh *m, const double *sigma, const FieldOptions *o, VerifyTable *t)
{
  static const char *const contacts[] = {"equipotential", "impedance", "uniform"};
  static const char *const returns[] = {"grounded", "infinite", "insulated"};
  LeadField *f;
  char mesh[40];
  double wired = 0.0;
  snprintf(mesh, sizeof mesh, "P%d, %s, %s", o->order, contacts[o->contact], returns[o->ret]);
  PetscCall(field_solve(m, sigma, o, &f));
  double worst = fmax(fmax(f->balance, f->symmetry), fmax(f->reciprocity, f->energy));
  bool wire = o->contact == CONTACT_EQUIPOTENTIAL && o->ret != RETURN_INSULATED;
  PetscErrorCode ierr = wire ? superposition(m, sigma, o, f, &wired) : 0;
  lead_field_destroy(&f);
  if (ierr) return ierr;
  PetscCall(verify_row(t, "certificate", mesh, "worst of four checks", worst, VERIFY_AT_MOST, LIMIT));
  if (wire) PetscCall(verify_row(t, "certificate", mesh, "superposition", wired, VERIFY_AT_MOST, LIMIT));
  return 0;
}

static PetscErrorCode with_options(const FieldOptions *o, VerifyTable *t)
{
  Block b = {{20, 20, 20}, place, region, group, 3, 3, regions, groups, NULL};
  Mesh *m;
  double *sigma = NULL;
  PetscCall(block_mesh(&b, &m));
  PetscErrorCode ierr = tensors(m, &sigma);
  if (!ierr) ierr = rows(m, sigma, o, t);
  free(sigma);
  mesh_destroy(&m);
  return ierr;
}

PetscErrorCode verify_certificate(bool refined, VerifyTable *t)
{
  (void)refined;
  for (int order = 1; order <= 2; order++)
    for (int contact = 0; contact < 3; contact++)
      for (int ret = 0; ret < 3; ret++) {
        FieldOptions o = {.order = order, .tolerance = 1e-11, .preconditioner = "ml"};
        o.contact = (ContactModel)contact, o.ret = (ReturnModel)ret, o.surface_impedance_ohm_m2 = 1e-3;
        PetscCall(with_options(&o, t));
      }
  return 0;
}
