/* Sets a second that are screened, for 14 roots of 50 fibres and a paddle of 16 contacts, the field given: the largest
 * response by kind of code beside the plain twin (fiber_threshold), then whole sweeps (generator, limits, thresholds,
 * score, the best kept) by family, the last one of a million sets. The targets: 100,000 sets a second on 2 cores by the
 * clock (an idle machine given), a million sets in less than 1 GB.
 * Usage: bench_screen [THREADS] */
#include "../unit/screen_fixture.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const FixtureSize size = {14, 50, 120};

/* What this process has used: other work on the machine does not count. */
static double cpu_seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench_kernel(const FiberResponse *r, const Screen *s, const Generator *g, int n_contact)
{
  enum { SETS = 512 };
  static const char *const names[] = {"best", "plain", "AVX2", "AVX-512"};
  static SparseSet set[SETS];
  double *threshold = malloc(sizeof *threshold * SETS * (size_t)r->n_fiber), fraction[65], site, sum = 0.0;
  for (int i = 0; i < SETS; i++) {
    generator_set(g, generator_count(g) * i / SETS, fraction);
    sparse_set(n_contact, fraction, &set[i]);
  }
  double start = cpu_seconds();
  for (int i = 0; i < r->n_fiber; i++) sum += fiber_threshold(r, i, fraction, &site);
  double twin = cpu_seconds() - start;
  printf("thresholds of a set: twin %.0f us (sum %g)\n", 1e6 * twin, sum);
  for (int code = SCREEN_PLAIN; code <= SCREEN_AVX512; code++) {
    if (!screen_code_runs((ScreenCode)code)) continue;
    start = cpu_seconds();
    int rounds = 0;
    for (; cpu_seconds() - start < 0.5; rounds++) screen_sets(s, (ScreenCode)code, SETS, set, threshold);
    double each = (cpu_seconds() - start) / rounds / SETS;
    printf("  %-8s %6.1f us, %4.0f times as fast\n", names[code], 1e6 * each, twin / each);
  }
  free(threshold);
}

static const double aim = 100000.0;

static PetscErrorCode bench_sweep(Sweep *w, const LeadModel *m, unsigned families, double step, int threads)
{
  Generator *g;
  SweepState *state;
  PetscCall(generator_create(m, families, step, &g));
  PetscCall(sweep_state_create(20, &state));
  w->generator = g;
  double start = seconds_now(), cpu = cpu_seconds();
  PetscCall(sweep_run(w, threads, NULL, "", state));
  double all = seconds_now() - start, n = (double)generator_count(g);
  printf("%8.0f sets in %6.2f s by the clock: %7.0f a second (%.1f times the aim); %5.1f us of a core each, so %7.0f a "
         "second on 2 idle cores\n",
         n, all, n / all, n / all / aim, 1e6 * (cpu_seconds() - cpu) / n, 2.0 * n / (cpu_seconds() - cpu));
  sweep_state_destroy(&state), generator_destroy(&g);
  return 0;
}

static PetscErrorCode bench(int threads)
{
  LeadModel *m;
  FiberResponse *r;
  Screen *s;
  Goal *goal;
  Generator *g;
  Case *c;
  char root[32][CAUDA_NAME_MAX], target[] = "L2_L";
  int *fiber_root;
  double ohm[32 * 32];
  CaseRank rank = {.target = target, .others_weight = 1.0};
  PetscCall(lead_model_read("specify-5-6-5", NULL, &m));
  PetscCall(case_defaults(&c));
  PetscCall(fixture_responses(m, &size, &r));
  PetscCall(mem_alloc((size_t)r->n_fiber, sizeof *fiber_root, &fiber_root));
  fixture_roots(&size, root, fiber_root);
  fixture_impedance(m, ohm);
  PetscCall(goal_create(&rank, "", size.n_root, root, &goal));
  double largest = sweep_largest_mA(c, m, 300.0);
  PetscCall(screen_create(r, largest, &s));
  printf("%d fibres of %d nodes, 2 phases, %d contacts, up to %.1f mA: %.0f %% of the nodes kept\n", r->n_fiber,
         size.n_node, m->n_contacts, largest, 100.0 * screen_kept(s));
  PetscCall(generator_create(m, 1U << TRIPOLES, 0.5, &g));
  bench_kernel(r, s, g, m->n_contacts);
  Sweep w = {.c = c, .lead = m, .impedance_ohm = ohm, .goal = goal, .fiber_root = fiber_root, .screen = s};
  w.width_us = 300.0, w.largest_mA = largest;
  printf("sweeps on %d threads\n", threads);
  PetscCall(bench_sweep(&w, m, 1U << BIPOLES | 1U << MONOPOLES | 1U << TRIPOLES, 0.05, threads));
  PetscCall(bench_sweep(&w, m, 1U << STEERING, 0.01, threads));
  PetscCall(bench_sweep(&w, m, 1U << QUADRUPOLES, 1.0 / 11.0, threads));
  generator_destroy(&g), screen_destroy(&s), goal_destroy(&goal), fiber_response_destroy(&r);
  free(fiber_root);
  lead_model_destroy(&m), case_destroy(&c);
  return 0;
}

int main(int argc, char **argv)
{
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  struct rusage u;
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 2;
  progress_configure(true, false);
  PetscErrorCode ierr = bench(threads);
  getrusage(RUSAGE_SELF, &u);
  printf("peak memory %.0f MB\n", (double)u.ru_maxrss / 1024.0);
  return PetscFinalize() || ierr;
}
