/* Sets by number. */
#include "pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const family_name[FAMILIES] = {"monopoles", "bipoles", "tripoles", "guarded", "steering", "quadrupoles"};

struct Generator {
  const LeadModel *lead;
  unsigned families;
  double step;
  int n, steps; /* contacts; parts that a share is made of */
  int n_edge;   /* pairs of neighbours */
  int (*edge)[2];
  int64_t first[FAMILIES + 1]; /* number of each family's first set */
};

/* ---- neighbours ----------------------------------------------------------------------------------------------------- */

static double distance2(const LeadContact *a, const LeadContact *b)
{
  double x = a->at_mm[0] - b->at_mm[0], y = a->at_mm[1] - b->at_mm[1];
  return x * x + y * y;
}

/* A third contact lies within the circle where the angle that it sees the two under is obtuse. */
static bool are_neighbours(const LeadModel *m, int a, int b)
{
  const LeadContact *c = m->contacts;
  for (int k = 0; k < m->n_contacts; k++)
    if (k != a && k != b && distance2(&c[a], &c[k]) + distance2(&c[b], &c[k]) < distance2(&c[a], &c[b]) - 1e-9)
      return false;
  return true;
}

static PetscErrorCode find_edges(Generator *g)
{
  PetscCall(mem_alloc((size_t)g->n * (size_t)g->n / 2 + 1, sizeof *g->edge, &g->edge));
  for (int a = 0; a < g->n; a++)
    for (int b = a + 1; b < g->n; b++)
      if (are_neighbours(g->lead, a, b)) g->edge[g->n_edge][0] = a, g->edge[g->n_edge++][1] = b;
  return 0;
}

/* ---- counting ------------------------------------------------------------------------------------------------------- */

static int64_t pairs(int64_t n) { return n * (n - 1) / 2; }

static int64_t family_count(const Generator *g, Family f)
{
  int64_t n = g->n, split = g->steps - 1;
  switch (f) {
  case MONOPOLES: return n;
  case BIPOLES: return n * (n - 1);
  case TRIPOLES: return n > 2 ? 2 * n * pairs(n - 1) * split : 0;
  case GUARDED: return g->n_edge ? n * g->steps : 0;
  case STEERING: return (int64_t)g->n_edge * split * (n - 1);
  default: return n > 3 ? pairs(n) * pairs(n - 2) * split * split : 0;
  }
}

PetscErrorCode generator_create(const LeadModel *m, unsigned families, double step, Generator **out)
{
  PetscCall(mem_alloc(1, sizeof **out, out));
  Generator *g = *out;
  g->families = families, g->step = step;
  g->lead = m, g->n = m->n_contacts, g->steps = (int)lround(1.0 / step);
  PetscErrorCode ierr = find_edges(g);
  for (int f = 0; f < FAMILIES; f++)
    g->first[f + 1] = g->first[f] + (families & 1U << f ? family_count(g, (Family)f) : 0);
  if (ierr) generator_destroy(out);
  return ierr;
}

void generator_destroy(Generator **g)
{
  if (!*g) return;
  free((*g)->edge);
  free(*g);
  *g = NULL;
}

PetscErrorCode generator_carry(Pack *p, const LeadModel *m, Generator **g)
{
  unsigned families = p->reading ? 0 : (*g)->families;
  double step = p->reading ? 0.0 : (*g)->step;
  PetscCall(pack_carry(p, &families, sizeof families));
  PetscCall(pack_carry(p, &step, sizeof step));
  return p->reading ? generator_create(m, families, step, g) : 0;
}

int64_t generator_count(const Generator *g) { return g->first[FAMILIES]; }

/* ---- making --------------------------------------------------------------------------------------------------------- */

/* The remainder by n, and what is left for the next digit. */
static int digit(int64_t *number, int64_t n)
{
  int d = (int)(*number % n);
  *number /= n;
  return d;
}

/* The k-th pair a < b of n things. */
static void pair_of(int64_t k, int n, int *a, int *b)
{
  *a = 0;
  while (k >= n - 1 - *a) k -= n - 1 - *a, ++*a;
  *b = *a + 1 + (int)k;
}

/* The i-th contact that is none of a and b (ascending; -1: none). */
static int skip(int i, int a, int b)
{
  if (a >= 0 && i >= a) i++;
  if (b >= 0 && i >= b) i++;
  return i;
}

static void share(const Generator *g, int a, int b, int part, double sign, double *fraction)
{
  fraction[a] = sign * part / g->steps;
  fraction[b] = sign * (g->steps - part) / g->steps;
}

static void tripole(const Generator *g, int64_t k, double *fraction)
{
  int a, b;
  double sign = digit(&k, 2) ? -1.0 : 1.0; /* of the pair */
  int part = 1 + digit(&k, g->steps - 1), one = digit(&k, g->n);
  pair_of(k, g->n - 1, &a, &b);
  share(g, skip(a, one, -1), skip(b, one, -1), part, sign, fraction);
  fraction[one] = -sign;
}

static void guarded(const Generator *g, int64_t k, double *fraction)
{
  int middle = digit(&k, g->n), ring = 0;
  double anodic = (1.0 + (double)k) / g->steps;
  for (int e = 0; e < g->n_edge; e++) ring += g->edge[e][0] == middle || g->edge[e][1] == middle;
  for (int e = 0; e < g->n_edge; e++) {
    if (g->edge[e][0] == middle) fraction[g->edge[e][1]] = anodic / ring;
    if (g->edge[e][1] == middle) fraction[g->edge[e][0]] = anodic / ring;
  }
  fraction[middle] = -1.0;
  fraction[g->n] = 1.0 - anodic;
}

static void steering(const Generator *g, int64_t k, double *fraction)
{
  int part = 1 + digit(&k, g->steps - 1), anode = digit(&k, g->n - 1);
  const int *e = g->edge[k];
  share(g, e[0], e[1], part, -1.0, fraction);
  fraction[skip(anode, e[0], e[1])] = 1.0; /* the last one is the case */
}

static void quadrupole(const Generator *g, int64_t k, double *fraction)
{
  int a, b, c, d, part = 1 + digit(&k, g->steps - 1), anodes = 1 + digit(&k, g->steps - 1);
  int64_t others = k % pairs(g->n - 2);
  pair_of(k / pairs(g->n - 2), g->n, &a, &b);
  pair_of(others, g->n - 2, &c, &d);
  share(g, a, b, part, -1.0, fraction);
  share(g, skip(c, a, b), skip(d, a, b), anodes, 1.0, fraction);
}

void generator_set(const Generator *g, int64_t number, double *fraction)
{
  int f = 0;
  while (number >= g->first[f + 1]) f++;
  int64_t k = number - g->first[f];
  memset(fraction, 0, (size_t)(g->n + 1) * sizeof *fraction);
  if (f == MONOPOLES) {
    fraction[k] = -1.0, fraction[g->n] = 1.0;
  } else if (f == BIPOLES) {
    int a = digit(&k, g->n);
    fraction[a] = -1.0, fraction[skip((int)k, a, -1)] = 1.0;
  } else if (f == TRIPOLES) {
    tripole(g, k, fraction);
  } else if (f == GUARDED) {
    guarded(g, k, fraction);
  } else if (f == STEERING) {
    steering(g, k, fraction);
  } else {
    quadrupole(g, k, fraction);
  }
}

/* ---- as others need them ------------------------------------------------------------------------------------------------ */

void set_name(const LeadModel *m, const double *fraction, char name[CAUDA_NAME_MAX])
{
  size_t used = 0;
  name[0] = '\0';
  for (int sign = -1; sign <= 1; sign += 2)
    for (int i = 0; i <= m->n_contacts; i++) {
      char part[48];
      if (sign * fraction[i] <= 0.0) continue;
      int n = snprintf(part, sizeof part, "%s%.16s%+.0f", used ? "_" : "",
                       i < m->n_contacts ? m->contacts[i].name : "case", 100.0 * fraction[i]);
      if (used + (size_t)n + 2 > CAUDA_NAME_MAX) {
        strcpy(name + used, "+");
        return;
      }
      memcpy(name + used, part, (size_t)n + 1);
      used += (size_t)n;
    }
}

bool sparse_set(int n_contact, const double *fraction, SparseSet *out)
{
  out->n = 0;
  for (int i = 0; i < n_contact; i++) {
    if (fraction[i] == 0.0) continue;
    if (out->n == SET_CONTACTS_MAX) return false;
    out->contact[out->n] = i, out->share[out->n++] = (float)fraction[i];
  }
  return true;
}
