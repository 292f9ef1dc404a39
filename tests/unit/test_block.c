/* The block solver against PETSc's: every kind of contact and return, both orders, many right-hand sides, ones that
 * depend on each other, badly shaped elements; any number of threads; every kind of machine's code. */
#include "../../fem/block.h"
#include "fem_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct {
  Mesh *m;
  double *sigma;
} Scene;

static ErrorRecord heard;

static Scene scene(void)
{
  BoxSpec spec = lead_spec(1);
  Scene s;
  assert_ok(fixture_mesh(&spec, &s.m));
  s.sigma = lead_sigma(s.m);
  return s;
}

static void scene_free(Scene *s)
{
  mesh_destroy(&s->m);
  free(s->sigma);
}

static LeadField *solved(const Scene *s, FieldOptions o, FieldSolver solver)
{
  LeadField *f;
  o.solver = solver;
  assert_ok(field_solve(s->m, s->sigma, &o, &f));
  return f;
}

static void expect_same(const Scene *s, FieldOptions o, double tolerance)
{
  LeadField *a = solved(s, o, SOLVER_BLOCK), *b = solved(s, o, SOLVER_PETSC);
  for (size_t i = 0; i < (size_t)a->n_contact * (size_t)a->n_node; i++)
    assert_close(a->potential[i], b->potential[i], tolerance * fabs(b->impedance[0]));
  for (int i = 0; i < a->n_contact * a->n_contact; i++)
    assert_close(a->impedance[i], b->impedance[i], tolerance * fabs(b->impedance[0]));
  assert_true(a->residual <= 4.0 * o.tolerance);
  lead_field_destroy(&a);
  lead_field_destroy(&b);
}

static void every_model_is_as_by_petsc(void **state)
{
  static const ContactModel contacts[] = {CONTACT_EQUIPOTENTIAL, CONTACT_IMPEDANCE, CONTACT_UNIFORM};
  static const ReturnModel returns[] = {RETURN_GROUNDED, RETURN_INFINITE, RETURN_INSULATED};
  Scene s = scene();
  (void)state;
  for (int order = 1; order <= 2; order++)
    for (int c = 0; c < 3; c++)
      for (int r = 0; r < 3; r++) {
        FieldOptions o = tight();
        if (order == 2 && c != r) continue;
        o.order = order, o.contact = contacts[c], o.ret = returns[r], o.tolerance = 1e-11;
        if (contacts[c] == CONTACT_IMPEDANCE) o.surface_impedance_ohm_m2 = 1e-4;
        expect_same(&s, o, 1e-9);
      }
  scene_free(&s);
}

/* Layers of cells a thousandth as thick as they are wide, and white matter that conducts 10000 : 1. */
static void flatten(double x[3])
{
  if (fabs(x[2] + 2.0) < 0.6) x[2] = -2.5 + 1e-3 * (x[2] + 2.5);
}

static void bad_meshes_are_solved_or_refused(void **state)
{
  BoxSpec spec = lead_spec(1);
  Scene s;
  (void)state;
  spec.bend = flatten;
  assert_ok(fixture_mesh(&spec, &s.m));
  s.sigma = lead_sigma(s.m);
  for (TetId t = 0; t < s.m->n_tet; t++)
    if (s.m->region[t] == 2)
      for (int i = 0; i < 6; i++) s.sigma[6 * (size_t)t + i] = i == 1 ? 1.0 : i < 3 ? 1e-4 : 0.0;
  FieldOptions o = tight();
  expect_same(&s, o, 1e-8);
  o.tolerance = 1e-18;
  LeadField *f;
  error_record_clear(&heard);
  assert_int_equal(field_solve(s.m, s.sigma, &o, &f), PETSC_ERR_NOT_CONVERGED);
  assert_null(f);
  assert_non_null(strstr(heard.message, "relative residual"));
  assert_non_null(strstr(heard.message, "expected 1e-18"));
  scene_free(&s);
}

/* ---- right-hand sides by themselves ----------------------------------------------------------------------------- */

typedef struct {
  Scene s;
  Parts parts;
  Functionals *f;
  Operator op;
  FieldOptions o;
  size_t n;
} Problem;

static Problem problem(void)
{
  Problem p = {.s = scene(), .o = tight()};
  assert_ok(parts_create(p.s.m, p.s.sigma, 1, &p.o, &p.parts));
  assert_ok(functionals_create(p.parts.space, p.parts.dofs, &p.o, &p.f));
  assert_ok(parts_operator(&p.parts, &p.o, &p.op));
  p.n = (size_t)p.parts.dofs->n_unknown;
  return p;
}

static void problem_free(Problem *p)
{
  operator_free(&p->op);
  functionals_destroy(&p->f);
  parts_free(&p->parts);
  scene_free(&p->s);
}

/* Sources of points and contacts; caller frees. */
static double *solutions(const Problem *p, FieldSolver solver, int n, const Source *source)
{
  FieldOptions o = p->o;
  SolveStats stats;
  double *x = malloc((size_t)n * p->n * sizeof *x);
  o.solver = solver;
  assert_ok(solve_sources(&p->op, &o, p->f, n, source, x, &stats));
  assert_true(stats.residual <= 4.0 * o.tolerance);
  return x;
}

static double largest(const double *x, size_t n)
{
  double size = 0.0;
  for (size_t i = 0; i < n; i++) size = fmax(size, fabs(x[i]));
  return size;
}

static void any_number_of_sources_will_do(void **state)
{
  static const int numbers[] = {1, 5, 8, 9, 16, 17, 21};
  Problem p = problem();
  Source source[21];
  (void)state;
  for (int i = 0; i < 21; i++)
    source[i] = i < 4 ? (Source){i, -1, "a contact", 0.0} : (Source){-1, (int32_t)(p.n / 23) * i, "a point", 0.0};
  double *expected = solutions(&p, SOLVER_PETSC, 21, source), size = largest(expected, 21 * p.n);
  for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
    double *x = solutions(&p, SOLVER_BLOCK, numbers[k], source);
    for (size_t i = 0; i < (size_t)numbers[k] * p.n; i++) assert_close(x[i], expected[i], 1e-8 * size);
    free(x);
  }
  free(expected);
  problem_free(&p);
}

static void equal_sources_have_equal_solutions(void **state)
{
  Problem p = problem();
  const Source source[5] = {
      {0, -1, "C01", 0}, {1, -1, "C02", 0}, {0, -1, "C01", 0}, {-1, 77, "point", 0}, {-1, 77, "point", 0}};
  (void)state;
  double *expected = solutions(&p, SOLVER_PETSC, 5, source), size = largest(expected, 5 * p.n);
  double *x = solutions(&p, SOLVER_BLOCK, 5, source);
  for (size_t i = 0; i < 5 * p.n; i++) assert_close(x[i], expected[i], 1e-8 * size);
  free(x);
  free(expected);
  problem_free(&p);
}

static void threads_change_nothing(void **state)
{
  Problem p = problem();
  Source source[16];
  double *first = NULL;
  (void)state;
  for (int i = 0; i < 16; i++) source[i] = (Source){-1, (int32_t)(p.n / 17) * i, "a point", 0.0};
  for (int threads = 1; threads <= 7; threads += 2) {
    team_limit(threads);
    double *x = solutions(&p, SOLVER_BLOCK, 16, source);
    if (first) assert_memory_equal(x, first, 16 * p.n * sizeof *x);
    if (first)
      free(x);
    else
      first = x;
  }
  team_limit(0);
  free(first);
  problem_free(&p);
}

/* ---- the loops over rows, on each kind of machine ------------------------------------------------------------------ */

enum { ROWS = 301, ENTRIES = 7, BELOW = 40 };

/* Everything that an operation reads and writes, filled with numbers about 1. */
typedef struct {
  Csr A;
  BlockPieces pieces;
  BlockSmoother smoother;
  BlockTransfer transfer;
  float *b, *x, *in, *out, *P, *turn, *two;
  double *X, *B, *one, *rotation, *partial;
} Bench;

static void fill_f(Rng *rng, size_t n, float *v)
{
  for (size_t i = 0; i < n; i++) v[i] = (float)(rng_uniform(rng) - 0.5);
}

static void fill_d(Rng *rng, size_t n, double *v)
{
  for (size_t i = 0; i < n; i++) v[i] = rng_uniform(rng) - 0.5;
}

static void bench_matrix(Rng *rng, Team *team, Bench *b)
{
  int32_t *start, *column;
  double *value;
  assert_ok(csr_alloc(ROWS, ROWS, ROWS * ENTRIES, &b->A, &start, &column, &value));
  for (int32_t i = 0; i < ROWS; i++) {
    start[i + 1] = start[i] + ENTRIES;
    for (int k = 0; k < ENTRIES; k++) {
      column[start[i] + k] = (i + k * 41) % ROWS;
      value[start[i] + k] = k ? rng_uniform(rng) - 0.5 : 4.0;
    }
    assert_ok(csr_sort_row(ENTRIES, column + start[i], value + start[i]));
  }
  assert_ok(block_pieces_create(ROWS, &b->A, team, &b->pieces));
  assert_ok(block_smoother_create(&b->A, &b->pieces, team, &b->smoother));
}

/* Rows below that have entries of rows in different pieces. */
static void bench_transfer(Rng *rng, int lanes, Team *team, Bench *b)
{
  int32_t *start, *column;
  double *value;
  Csr up;
  assert_ok(csr_alloc(ROWS, BELOW, (int64_t)ROWS * 3, &up, &start, &column, &value));
  for (int32_t i = 0; i < ROWS; i++) {
    start[i + 1] = start[i] + (i % 10 ? 3 : 0);
    for (int32_t k = start[i]; k < start[i + 1]; k++)
      column[k] = (i / 7 + 11 * (k - start[i])) % BELOW, value[k] = rng_uniform(rng);
  }
  assert_ok(block_transfer_create(&up, &b->pieces, lanes, team, &b->transfer));
  csr_free(&up);
}

static Bench bench(int lanes, Team *team)
{
  Rng rng = rng_seed(7, (uint64_t)lanes);
  Bench b = {.x = NULL};
  float **floats[] = {&b.b, &b.x, &b.in, &b.out, &b.P, &b.turn, &b.two};
  double **doubles[] = {&b.X, &b.B, &b.one, &b.rotation, &b.partial};
  bench_matrix(&rng, team, &b);
  bench_transfer(&rng, lanes, team, &b);
  for (int i = 0; i < 7; i++) {
    assert_ok(block_vector(ROWS, lanes, sizeof(float), floats[i]));
    fill_f(&rng, (size_t)ROWS * (size_t)lanes, *floats[i]);
  }
  for (int i = 0; i < 5; i++) {
    assert_ok(block_vector(ROWS, lanes, sizeof(double), doubles[i]));
    fill_d(&rng, (size_t)ROWS * (size_t)lanes, *doubles[i]);
  }
  return b;
}

static void bench_free(Bench *b)
{
  void *all[] = {b->b, b->x, b->in, b->out, b->P, b->turn, b->two, b->X, b->B, b->one, b->rotation, b->partial};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  csr_free(&b->A);
  block_pieces_free(&b->pieces);
  block_smoother_free(&b->smoother);
  block_transfer_free(&b->transfer);
}

static void bench_piece(Bench *b, BlockOp op, BlockCode code, int lanes, int piece)
{
  const BlockLoads loads = {.value = b->B};
  const BlockJob job = {.op = op,
                        .pieces = &b->pieces,
                        .rows = &b->smoother.before,
                        .smoother = &b->smoother,
                        .transfer = &b->transfer,
                        .A = &b->A,
                        .in = b->in,
                        .b = b->b,
                        .x = b->x,
                        .out = b->out,
                        .P = b->P,
                        .X = b->X,
                        .B = &loads,
                        .one = b->one,
                        .rotation = b->rotation,
                        .two = b->two,
                        .turn = b->turn,
                        .partial = b->partial};
  block_kernel(code, lanes)(&job, b->pieces.row[piece], b->pieces.row[piece + 1], piece);
}

static void bench_run(Bench *b, BlockOp op, BlockCode code, int lanes)
{
  for (int p = 0; p < b->pieces.n; p++) bench_piece(b, op, code, lanes, p);
}

static void expect_near(const Bench *a, const Bench *b, int lanes, int op)
{
  size_t n = (size_t)ROWS * (size_t)lanes, n_gram = (size_t)a->pieces.n * (size_t)lanes * (size_t)lanes;
  for (size_t i = 0; i < n; i++) {
    if (fabsf(a->x[i] - b->x[i]) > 1e-5F || fabsf(a->out[i] - b->out[i]) > 1e-5F || fabsf(a->P[i] - b->P[i]) > 1e-5F ||
        fabsf(a->b[i] - b->b[i]) > 1e-5F)
      fail_msg("operation %d, %d lanes: floats differ at %zu", op, lanes, i);
    if (fabs(a->X[i] - b->X[i]) > 1e-12) fail_msg("operation %d, %d lanes: doubles differ at %zu", op, lanes, i);
  }
  for (size_t i = 0; i < (size_t)a->transfer.first[a->pieces.n] * (size_t)lanes; i++)
    if (fabsf(a->transfer.share[i] - b->transfer.share[i]) > 1e-5F)
      fail_msg("operation %d, %d lanes: shares differ at %zu", op, lanes, i);
  for (size_t i = 0; i < n_gram; i++)
    if (fabs(a->partial[i] - b->partial[i]) > 1e-4) fail_msg("operation %d, %d lanes: Gram at %zu", op, lanes, i);
}

static void machines_agree(void **state)
{
  Team *team;
  (void)state;
  assert_ok(team_create(2, &team));
  for (int lanes = 8; lanes <= 16; lanes += 8)
    for (int op = BLOCK_FORWARD; op <= BLOCK_TRUE; op++)
      for (BlockCode code = BLOCK_CODE_AVX2; code <= BLOCK_CODE_AVX512; code++) {
        Bench plain = bench(lanes, team), fast = bench(lanes, team);
        if (block_code_runs(code)) {
          bench_run(&plain, (BlockOp)op, BLOCK_CODE_PLAIN, lanes);
          bench_run(&fast, (BlockOp)op, code, lanes);
          expect_near(&fast, &plain, lanes, op);
        }
        bench_free(&plain);
        bench_free(&fast);
      }
  team_destroy(&team);
}

/* x = A P, and P'AP, by the rows of the smoother and their sums, beside the matrix itself in double. */
static void products_are_those_of_the_matrix(void **state)
{
  enum { LANES = 16 };
  Team *team;
  (void)state;
  assert_ok(team_create(2, &team));
  Bench b = bench(LANES, team);
  double gram[LANES * LANES] = {0}, expected[LANES * LANES] = {0};
  bench_run(&b, BLOCK_TIMES, BLOCK_CODE_BEST, LANES);
  for (int32_t i = 0; i < ROWS; i++)
    for (int c = 0; c < LANES; c++) {
      double sum = 0.0;
      for (int32_t k = b.A.start[i]; k < b.A.start[i + 1]; k++)
        sum += b.A.value[k] * (double)b.P[(size_t)b.A.column[k] * LANES + (size_t)c];
      assert_true(fabs((double)b.x[(size_t)i * LANES + (size_t)c] - sum) < 1e-5);
      for (int r = 0; r < LANES; r++) expected[r * LANES + c] += (double)b.P[(size_t)i * LANES + (size_t)r] * sum;
    }
  for (int p = 0; p < b.pieces.n; p++)
    for (int k = 0; k < LANES * LANES; k++) gram[k] += b.partial[p * LANES * LANES + k];
  for (int k = 0; k < LANES * LANES; k++) assert_true(fabs(gram[k] - expected[k]) < 1e-3);
  bench_free(&b);
  team_destroy(&team);
}

/* What a sweep leaves of the right-hand side, on the next level: up' (b - A x), beside the matrices themselves in double. */
static void residuals_are_restricted(void **state)
{
  enum { LANES = 8 };
  Team *team;
  (void)state;
  assert_ok(team_create(2, &team));
  Bench b = bench(LANES, team);
  const BlockTransfer *t = &b.transfer;
  double expected[BELOW][LANES] = {{0}}, largest = 0.0;
  assert_true(b.pieces.n > 1);
  for (int c = 0; c < b.pieces.n_colour; c++)
    for (int k = b.pieces.of_colour[c]; k < b.pieces.of_colour[c + 1]; k++)
      bench_piece(&b, BLOCK_FORWARD, BLOCK_CODE_BEST, LANES, b.pieces.order[k]);
  bench_run(&b, BLOCK_RESTRICT, BLOCK_CODE_BEST, LANES);
  for (int32_t i = 0; i < ROWS; i++)
    for (int c = 0; c < LANES; c++) {
      double r = (double)b.b[i * LANES + c];
      for (int32_t k = b.A.start[i]; k < b.A.start[i + 1]; k++)
        r -= b.A.value[k] * (double)b.x[b.A.column[k] * LANES + c];
      for (int32_t k = t->up.start[i]; k < t->up.start[i + 1]; k++)
        expected[t->up.entry[k].column][c] += (double)t->up.entry[k].value * r;
    }
  for (int32_t i = 0; i < BELOW; i++)
    for (int c = 0; c < LANES; c++) {
      double sum = 0.0;
      for (int32_t k = t->collect.start[i]; k < t->collect.start[i + 1]; k++)
        sum += (double)(t->collect.entry[k].value * t->share[t->collect.entry[k].column * LANES + c]);
      assert_true(fabs(sum - expected[i][c]) < 1e-5);
      largest = fmax(largest, fabs(sum));
    }
  assert_true(largest > 0.01);
  bench_free(&b);
  team_destroy(&team);
}

/* ---- levels -------------------------------------------------------------------------------------------------------- */

/* Rows of 60 couplings, none of them strong beside the diagonal entry, as on levels below the first. */
static void long_rows_are_held_by_heaps(void **state)
{
  enum { N = 3000, REACH = 30 };
  Csr A, P;
  Team *team;
  Halo *none;
  int32_t *start, *column;
  double *value;
  (void)state;
  assert_ok(csr_alloc(N, N, (int64_t)N * (2 * REACH + 1), &A, &start, &column, &value));
  for (int32_t i = 0, k = 0; i < N; i++) {
    for (int32_t j = i - REACH; j <= i + REACH; j++)
      if (j >= 0 && j < N) column[k] = j, value[k++] = j == i ? 2.0 * REACH + 0.01 : -1.0;
    start[i + 1] = k;
  }
  assert_ok(team_create(2, &team));
  assert_ok(block_prolongation(&A, NULL, 0.04, team, &P, &none));
  assert_in_range(P.n_column, 1, N / REACH);
  for (int32_t i = 0; i < N; i++) {
    double sum = 0.0;
    for (int32_t k = P.start[i]; k < P.start[i + 1]; k++) sum += P.value[k];
    assert_true(fabs(sum - 1.0) < 0.5);
  }
  csr_free(&A), csr_free(&P);
  team_destroy(&team);
}

/* Nothing is coupled: there is no heap, and no entry of any matrix below. */
static void single_unknowns_have_no_heap(void **state)
{
  enum { N = 5 };
  Csr A, P, down, below;
  BlockPieces pieces;
  BlockRows up;
  Team *team;
  Halo *none;
  int32_t *start, *column;
  double *value;
  (void)state;
  assert_ok(csr_alloc(N, N, N, &A, &start, &column, &value));
  for (int32_t i = 0; i < N; i++) start[i + 1] = i + 1, column[i] = i, value[i] = 2.0;
  assert_ok(team_create(1, &team));
  assert_ok(block_prolongation(&A, NULL, 0.04, team, &P, &none));
  assert_int_equal(P.n_column, 0);
  assert_int_equal(P.start[N], 0);
  assert_ok(csr_transpose(&P, team, &down));
  assert_ok(block_pieces_create(N, NULL, team, &pieces));
  assert_ok(block_rows_from(&P, &pieces, team, &up));
  assert_ok(block_product(&down, &A, &up, 0, true, team, &below));
  assert_int_equal(below.n, 0);
  csr_free(&A), csr_free(&P), csr_free(&down), csr_free(&below);
  block_rows_free(&up), block_pieces_free(&pieces);
  team_destroy(&team);
}

/* sum += P' A P, [P's columns][P's columns], entry by entry. */
static void add_product(const Csr *A, const Csr *P, double *sum)
{
  for (int32_t i = 0; i < A->n; i++)
    for (int32_t k = A->start[i]; k < A->start[i + 1]; k++)
      for (int32_t p = P->start[i]; p < P->start[i + 1]; p++)
        for (int32_t q = P->start[A->column[k]]; q < P->start[A->column[k] + 1]; q++)
          sum[P->column[p] * P->n_column + P->column[q]] += P->value[p] * A->value[k] * P->value[q];
}

/* The product is that of its definition, its rows are in order, and threads change nothing. */
static void product_is_as_defined(void **state)
{
  Csr P, down, one, two;
  BlockPieces pieces;
  BlockRows up;
  Team *team[2];
  Halo *none;
  double *dense;
  (void)state;
  for (int t = 0; t < 2; t++) assert_ok(team_create(t + 1, &team[t]));
  Bench b = bench(8, team[0]);
  assert_ok(block_prolongation(&b.A, NULL, 0.04, team[0], &P, &none));
  assert_ok(csr_transpose(&P, team[0], &down));
  assert_ok(block_pieces_create(P.n, NULL, team[0], &pieces));
  assert_ok(block_rows_from(&P, &pieces, team[0], &up));
  assert_ok(block_product(&down, &b.A, &up, P.n_column, true, team[0], &one));
  assert_ok(block_product(&down, &b.A, &up, P.n_column, true, team[1], &two));
  assert_ok(mem_alloc((size_t)P.n_column * (size_t)P.n_column, sizeof *dense, &dense));
  add_product(&b.A, &P, dense);
  assert_memory_equal(one.start, two.start, ((size_t)one.n + 1) * sizeof *one.start);
  assert_memory_equal(one.value, two.value, (size_t)one.start[one.n] * sizeof *one.value);
  for (int32_t i = 0; i < one.n; i++)
    for (int32_t k = one.start[i]; k < one.start[i + 1]; k++) {
      double *expected = &dense[(size_t)i * (size_t)P.n_column + (size_t)one.column[k]];
      if (k > one.start[i]) assert_true(one.column[k] > one.column[k - 1]);
      assert_true(fabs(one.value[k] - *expected) < 1e-5);
      *expected = 0.0;
    }
  for (size_t k = 0; k < (size_t)P.n_column * (size_t)P.n_column; k++) assert_true(dense[k] == 0.0);
  free(dense);
  csr_free(&P), csr_free(&down), csr_free(&one), csr_free(&two);
  block_rows_free(&up), block_pieces_free(&pieces);
  for (int t = 0; t < 2; t++) team_destroy(&team[t]);
  bench_free(&b);
}

static int start(void **state)
{
  (void)state;
  progress_configure(true, false);
  return PetscInitialize(NULL, NULL, NULL, NULL) || error_record_install(&heard);
}

static int end(void **state) { return (void)state, PetscFinalize(); }

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_model_is_as_by_petsc),
      cmocka_unit_test(bad_meshes_are_solved_or_refused),
      cmocka_unit_test(any_number_of_sources_will_do),
      cmocka_unit_test(equal_sources_have_equal_solutions),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(machines_agree),
      cmocka_unit_test(products_are_those_of_the_matrix),
      cmocka_unit_test(long_rows_are_held_by_heaps),
      cmocka_unit_test(residuals_are_restricted),
      cmocka_unit_test(single_unknowns_have_no_heap),
      cmocka_unit_test(product_is_as_defined),
  };
  return cmocka_run_group_tests(tests, start, end);
}
