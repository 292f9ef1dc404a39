#include "search.h"

#include <math.h>

static const double quiet_mV = 5.0;  /* nodes that stay this near to rest after the pulse will not fire */
static const double settle_ms = 0.1; /* after the pulse: what crosses -30 mV later does so of itself */
enum { free_nodes = 6 };             /* that many, and it runs */
static const double last_words_ms =
    4.0; /* what is not decided after that long, and the way to the end, does not fire */
static const double slowest_m_per_s_um = 3.0; /* conduction velocity over diameter, at least */
static const double first_stride = 1.04, longest_stride = 3.0;

int search_detect_node(int n_node) { return n_node >= 25 ? 4 : 2; }

/* A lane of the batch and the search in it. */
typedef struct {
  double low, high, at, stride; /* does not fire at low, fires at high (HUGE_VAL: not known yet) */
  double travel_ms;             /* that an action potential takes from end to end, at most */
  int fiber;                    /* its number in the queue; -1: the lane is empty */
  SearchFiber result;
} Lane;

/* Once the pulse is over, nothing stops an action potential that runs. */
static bool runs_free(const Batch *b, int lane, double pulse_end)
{
  int running = 0;
  for (int i = 0; i < b->lane_nodes[lane]; i++) {
    double step = b->node[i].crossed[lane];
    running += step > pulse_end && step < BATCH_NEVER;
  }
  return running >= free_nodes;
}

static bool has_fired(const Batch *b, int lane, double pulse_end)
{
  int n = b->lane_nodes[lane], d = search_detect_node(n);
  return b->node[d].crossed[lane] < BATCH_NEVER || b->node[n - 1 - d].crossed[lane] < BATCH_NEVER ||
         runs_free(b, lane, pulse_end);
}

/* Whether all nodes of a lane are near rest; what is no number is not. */
static bool is_quiet(const Batch *b, int lane)
{
  for (int i = 0; i < b->lane_nodes[lane]; i++)
    if (!(fabs(b->node[i].v[lane] - b->rest_v[lane]) < quiet_mV)) return false;
  return true;
}

typedef struct {
  double pulse_end; /* step */
  const Lane *lane;
} Verdict;

/* Whether every lane has fired, or has come to rest. */
static bool all_decided(const Batch *b, void *context)
{
  const Verdict *v = context;
  for (int k = 0; k < LANES; k++)
    if (v->lane[k].fiber >= 0 && !has_fired(b, k, v->pulse_end) && !is_quiet(b, k)) return false;
  return true;
}

/* The node that crossed first; of several in a row that crossed in the same step, the middle one. */
static int first_site(const Batch *b, int lane)
{
  int first = 0, last;
  for (int i = 1; i < b->lane_nodes[lane]; i++)
    if (b->node[i].crossed[lane] < b->node[first].crossed[lane]) first = i;
  for (last = first; last + 1 < b->lane_nodes[lane]; last++)
    if (b->node[last + 1].crossed[lane] != b->node[first].crossed[lane]) break;
  return (first + last) / 2;
}

/* Where to look next: strides that grow until the threshold lies between two, then halves. Returns whether it is found. */
static bool next_amplitude(const SearchOptions *o, Lane *l)
{
  bool bracketed = l->low > 0.0 && isfinite(l->high);
  if (bracketed && l->high - l->low <= o->tolerance * l->high) return true;
  if (l->low >= o->largest_mA || l->high < 1e-12) return true;
  if (bracketed) {
    l->at = l->high > 2.0 * l->low ? sqrt(l->low * l->high) : 0.5 * (l->low + l->high);
    return false;
  }
  l->at = l->low > 0.0 ? fmin(l->low * l->stride, o->largest_mA) : l->high / l->stride;
  l->stride = fmin(l->stride * l->stride, longest_stride);
  return false;
}

static void fill_lane(const SearchOptions *o, const AxonModel *m, Batch *b, int k, int fiber, const SearchQueue *queue,
                      Lane *l)
{
  SearchFiber f;
  queue->take(queue->context, fiber, &f);
  batch_lane(b, k, m, f.axon, f.n_node, f.node, f.inside);
  *l = (Lane){.high = HUGE_VAL, .at = fmin(f.guess_mA, o->largest_mA), .stride = first_stride, .fiber = fiber};
  l->travel_ms = f.n_node * f.axon->internode_mm / (slowest_m_per_s_um * f.axon->diameter_um);
  l->result = (SearchFiber){.threshold_mA = HUGE_VAL, .site = -1};
}

/* What the last run says about a lane; returns whether its search has ended. */
static bool learn(const SearchOptions *o, const Batch *b, int k, Lane *l)
{
  bool fired = has_fired(b, k, o->pulse->n + settle_ms / b->dt_ms);
  *(fired ? &l->high : &l->low) = l->at;
  if (fired) l->result.site = first_site(b, k);
  if (!next_amplitude(o, l)) return false;
  if (isfinite(l->high)) l->result.threshold_mA = 0.5 * (l->low + l->high);
  return true;
}

static void run_all(const SearchOptions *o, Batch *b, Lane lane[LANES])
{
  Verdict verdict = {o->pulse->n + settle_ms / b->dt_ms, lane};
  BatchWatch watch = {.stop = all_decided, .context = &verdict};
  double amplitude[LANES], longest_ms = 0.0;
  for (int k = 0; k < LANES; k++) {
    amplitude[k] = lane[k].fiber >= 0 ? lane[k].at : 0.0;
    if (lane[k].fiber >= 0) longest_ms = fmax(longest_ms, lane[k].travel_ms);
  }
  batch_run(b, o->pulse, amplitude, o->pulse->n + (int)ceil((last_words_ms + longest_ms) / b->dt_ms), &watch);
}

bool search_thresholds(const SearchOptions *o, const AxonModel *m, Batch *b, int n, const SearchQueue *queue)
{
  Lane lane[LANES];
  int taken = 0, going = 0;
  batch_clear(b);
  for (int k = 0; k < LANES; k++) lane[k].fiber = -1;
  do {
    for (int k = 0; k < LANES && taken < n; k++)
      if (lane[k].fiber < 0) fill_lane(o, m, b, k, taken++, queue, &lane[k]), going++;
    run_all(o, b, lane);
    for (int k = 0; k < LANES; k++) {
      if (lane[k].fiber < 0 || !learn(o, b, k, &lane[k])) continue;
      queue->put(queue->context, lane[k].fiber, &lane[k].result);
      lane[k].fiber = -1, going--;
    }
  } while ((going > 0 || taken < n) && !signal_pending());
  return going == 0 && taken == n;
}
