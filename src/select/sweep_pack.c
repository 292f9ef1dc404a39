/* A sweep as bytes, for other processes: all that screening and scoring need; names of contacts, which they do not, stay
 * behind. */
#include "pack.h"

#include <stdlib.h>

/* ---- parts ------------------------------------------------------------------------------------------------------ */

static PetscErrorCode carry_lead(Pack *p, LeadModel *m)
{
  PetscCall(pack_carry(p, m, sizeof *m));
  if (p->reading) m->name = m->maker = m->source = m->kind = NULL, m->contacts = NULL;
  PetscCall(pack_carry_array(p, (size_t)m->n_contacts, sizeof *m->contacts, &m->contacts));
  for (int i = 0; p->reading && i < m->n_contacts; i++) m->contacts[i].name = NULL;
  return 0;
}

static PetscErrorCode carry_goal(Pack *p, Goal *g)
{
  PetscCall(pack_carry(p, g, sizeof *g));
  if (p->reading) g->pool = NULL, g->share = g->wanted = g->spared = NULL, g->mirror = NULL;
  size_t n = (size_t)g->n_pool;
  PetscCall(pack_carry_array(p, n, sizeof *g->pool, &g->pool));
  PetscCall(pack_carry_array(p, n * (size_t)g->n_root, sizeof *g->share, &g->share));
  PetscCall(pack_carry_array(p, n, sizeof *g->wanted, &g->wanted));
  PetscCall(pack_carry_array(p, n, sizeof *g->spared, &g->spared));
  return pack_carry_array(p, n, sizeof *g->mirror, &g->mirror);
}

static PetscErrorCode carry_list(Pack *p, int n_contact, SetTable **list)
{
  int n = p->reading ? 0 : (*list)->n_set;
  PetscCall(pack_carry(p, &n, sizeof n));
  if (p->reading) PetscCall(sets_create(n_contact, n, list));
  for (int i = 0; i < n; i++) {
    StimulationSet *s = &(*list)->set[i];
    PetscCall(pack_carry(p, &s->control, sizeof s->control));
    PetscCall(pack_carry(p, &s->amplitude_mA, sizeof s->amplitude_mA));
    PetscCall(pack_carry(p, &s->width_us, sizeof s->width_us));
    PetscCall(pack_carry(p, s->fraction, (size_t)(n_contact + 1) * sizeof *s->fraction));
  }
  return 0;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* What a copy owns; the sweep points into it. */
struct SweepCopy {
  Sweep sweep;
  Case c;
  LeadModel lead;
  char kind[CAUDA_NAME_MAX]; /* of the lead */
  Goal goal;
  Screen *screen;
  Generator *generator;
  SetTable *list;
  int *fiber_root;
  double *impedance_ohm;
};

static PetscErrorCode carry(Pack *p, SweepCopy *c)
{
  size_t n;
  PetscCall(pack_carry(p, &c->sweep, sizeof c->sweep));
  PetscCall(pack_carry(p, &c->c.limits, sizeof c->c.limits));
  if (p->reading) c->c.limits.device = NULL;
  PetscCall(carry_lead(p, &c->lead));
  PetscCall(pack_carry(p, c->kind, sizeof c->kind));
  if (p->reading) c->lead.kind = c->kind;
  n = (size_t)c->lead.n_contacts;
  PetscCall(pack_carry_array(p, n * n, sizeof *c->impedance_ohm, &c->impedance_ohm));
  PetscCall(carry_goal(p, &c->goal));
  PetscCall(screen_carry(p, &c->screen));
  PetscCall(pack_carry_array(p, (size_t)screen_fibers(c->screen), sizeof *c->fiber_root, &c->fiber_root));
  return c->sweep.list ? carry_list(p, c->lead.n_contacts, &c->list) : generator_carry(p, &c->lead, &c->generator);
}

PetscErrorCode sweep_pack(const Sweep *w, char **bytes, size_t *n)
{
  Pack p = {.reading = false};
  /* carried things are only read here */
  SweepCopy c = {.sweep = *w,
                 .lead = *w->lead,
                 .goal = *w->goal,
                 .screen = (Screen *)w->screen,
                 .generator = (Generator *)w->generator,
                 .list = (SetTable *)w->list,
                 .fiber_root = (int *)w->fiber_root,
                 .impedance_ohm = (double *)w->impedance_ohm};
  c.c.limits = w->c->limits;
  snprintf(c.kind, sizeof c.kind, "%s", w->lead->kind);
  PetscErrorCode ierr = carry(&p, &c);
  if (ierr) free(p.bytes), p.bytes = NULL;
  *bytes = p.bytes, *n = p.n;
  return ierr;
}

PetscErrorCode sweep_unpack(char *bytes, size_t n, SweepCopy **out)
{
  Pack p = {.reading = true, .bytes = bytes, .n = n};
  PetscCall(mem_alloc(1, sizeof **out, out));
  SweepCopy *c = *out;
  PetscErrorCode ierr = carry(&p, c);
  Sweep *w = &c->sweep;
  w->c = &c->c, w->lead = &c->lead, w->goal = &c->goal, w->screen = c->screen, w->generator = c->generator;
  w->list = c->list, w->fiber_root = c->fiber_root, w->impedance_ohm = c->impedance_ohm;
  if (ierr) sweep_copy_destroy(out);
  return ierr;
}

const Sweep *sweep_of(const SweepCopy *c) { return &c->sweep; }

void sweep_copy_destroy(SweepCopy **c)
{
  if (!*c) return;
  Goal *g = &(*c)->goal;
  free(g->pool), free(g->share), free(g->wanted), free(g->spared), free(g->mirror);
  free((*c)->lead.contacts), free((*c)->fiber_root), free((*c)->impedance_ohm);
  screen_destroy(&(*c)->screen), generator_destroy(&(*c)->generator), sets_destroy(&(*c)->list);
  free(*c);
  *c = NULL;
}
