/* What an array covers of the phantom's enlargement, and where it is proposed. */
#include "cauda/place.h"
#include "cauda/seg.h"
#include "seg_fixture.h"

static Anatomy *phantom;
static LeadModel *lead;

static int make_phantom(void **state)
{
  Case c = {0};
  CasePhantom p = {.model = (char *)"lumbosacral"};
  c.anatomy.phantom = &p;
  return setup(state) || anatomy_read(&c, "", &phantom) || lead_model_read("specify-5-6-5", "", &lead);
}

static int drop_phantom(void **state)
{
  anatomy_destroy(&phantom);
  lead_model_destroy(&lead);
  return teardown(state);
}

static void shares_add_up(void **state)
{
  (void)state;
  Place *p;
  double segment[16], part[16], volume = 0.0;
  assert_done(place_create(phantom, lead, "L1", "S2", &p));
  assert_int_equal(p->n, 7);
  assert_near(p->array_rostral - p->array_caudal, 46.5, 1e-9);
  for (int i = 0; i < p->n; i++) {
    volume += p->segment[i].volume_mm3;
    assert_true(p->segment[i].rostral_z > p->segment[i].entry_z && p->segment[i].entry_z > p->segment[i].caudal_z);
  }
  assert_near(volume, p->volume_mm3, 1e-6 * volume);
  for (double z = p->caudal_z - 40.0; z < p->rostral_z + 40.0; z += 3.3) {
    const Coverage c = place_coverage(p, z, segment, part);
    double length = 0.0, covered = 0.0;
    for (int i = 0; i < p->n; i++) {
      assert_true(segment[i] >= 0.0 && segment[i] <= 1.0);
      assert_true(part[i] >= 0.0 && part[i] <= 1.0 + 1e-12);
      covered += part[i] * p->segment[i].volume_mm3;
      length += segment[i] * (p->segment[i].rostral_z - p->segment[i].caudal_z);
    }
    assert_near(covered, c.volume * p->volume_mm3, 1e-6 * p->volume_mm3);
    assert_near(length, c.length * (p->rostral_z - p->caudal_z), 1e-9);
    assert_true(c.volume >= 0.0 && c.volume <= 1.0 + 1e-12);
    assert_true(c.volume <= place_best(p).volume + 1e-9);
  }
  assert_near(place_coverage(p, p->rostral_z + 60.0, NULL, NULL).volume, 0.0, 1e-12);
  place_destroy(&p);
}

/* The phantom's cord is a stack of ellipses of known areas. */
static void volume_is_that_of_the_cord(void **state)
{
  (void)state;
  Place *p;
  double slow = 0.0;
  assert_done(place_create(phantom, lead, "L3", "L5", &p));
  Rng rng = rng_seed(1, 0);
  const int n = 400000;
  for (int i = 0; i < n; i++) {
    const double q[3] = {16.0 * rng_uniform(&rng) - 8.0, 16.0 * rng_uniform(&rng) - 8.0,
                         p->caudal_z + (p->rostral_z - p->caudal_z) * rng_uniform(&rng)};
    slow += anatomy_distance(phantom, TISSUE_WHITE, q) < 0.0;
  }
  slow *= 256.0 * (p->rostral_z - p->caudal_z) / n;
  assert_near(p->volume_mm3, slow, 0.01 * slow);
  place_destroy(&p);
}

static void a_long_array_covers_all(void **state)
{
  (void)state;
  Place *p;
  LeadContact contact[2] = {{(char *)"C01", {0, 60}, 4, 1}, {(char *)"C02", {0, -60}, 4, 1}};
  const LeadModel longer = {.n_contacts = 2, .contacts = contact};
  assert_done(place_create(phantom, &longer, "L1", "S2", &p));
  const Coverage best = place_best(p);
  assert_near(best.volume, 1.0, 1e-9);
  assert_near(best.length, 1.0, 1e-9);
  place_destroy(&p);
}

static void a_target_gets_a_contact_on_its_side(void **state)
{
  (void)state;
  Place *p;
  static const char *const names[] = {"L2_L_dorsal", "L4_R_dorsal", "S1_L_dorsal"};
  assert_done(place_create(phantom, lead, "L1", "S2", &p));
  for (int i = 0; i < 3; i++) {
    int root = anatomy_find_root(phantom, names[i]), contact;
    double near, worse;
    const double z = place_for(p, 1, &root, &contact, &near);
    const double lateral = lead->contacts[contact].at_mm[0];
    assert_true(names[i][3] == 'L' ? lateral < 0.0 : lateral > 0.0);
    place_distances(p, z + 4.0, 1, &root, &contact, &worse);
    assert_true(worse >= near);
    assert_true(near < 8.5);
  }
  place_destroy(&p);
}

static void what_cannot_be_is_told(void **state)
{
  (void)state;
  Place *p;
  assert_complains(place_create(phantom, lead, "S2", "L1", &p), "expected two segments", "");
  assert_complains(place_create(phantom, lead, "C3", "S2", &p), "expected two segments", "");
  assert_complains(place_create(phantom, lead, "T1", "T2", &p), "expected at least 2", "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_add_up),           cmocka_unit_test(volume_is_that_of_the_cord),
      cmocka_unit_test(a_long_array_covers_all), cmocka_unit_test(a_target_gets_a_contact_on_its_side),
      cmocka_unit_test(what_cannot_be_is_told),
  };
  return cmocka_run_group_tests_name("place", tests, make_phantom, drop_phantom);
}
