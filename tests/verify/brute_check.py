"""Search against brute force, in a FOLDER with search.csv, predicted_ROOT.csv and predicted_sets_ROOT.csv (sweeps by the linear
predictor) and ranking_ROOT.csv (the full model). Arguments:
  enough MARGIN FOLDER ROOT               exit 0: no set that the sweep left out is within the margin of the search's best
  candidates MARGIN FOLDER FILE ROOT...   those that are, for any root, and a sample of all, as a file of sets
  check MARGIN FOLDER ROOT..."""
import csv
import random
import sys

CONTACTS = [f"C{i + 1:02d}" for i in range(16)] + ["case"]
SAMPLE = 60
NEAR = 0.2  # of the best score: there the predictor's error matters


def simple_set(r):
    """A monopole, bipole or tripole in quarters by chance: all equally likely."""
    fraction = [0.0] * len(CONTACTS)
    number = r.randrange(16 + 240 + 10080)
    if number < 16:
        fraction[number], fraction[16] = -1.0, 1.0
        return fraction
    one, a, b = r.sample(range(16), 3)
    sign = r.choice((-1.0, 1.0))
    part = 1.0 if number < 256 else r.choice((0.25, 0.5, 0.75))
    fraction[one] = -sign
    fraction[a] += sign * part
    fraction[b] += sign * (1.0 - part)
    return fraction


def table(path):
    with open(path) as f:
        return list(csv.DictReader(f))


def number(row, column):
    return float(row[column] or 0)


def best_of_search(folder, root):
    return max(number(r, "score") for r in table(f"{folder}/search.csv")
               if r["target"] == root + "_dorsal" and not r["limit"])


def left_out(folder, root):
    """The predictor's score that no set left out exceeds."""
    return min(number(r, "score_predicted") for r in table(f"{folder}/predicted_{root}.csv"))


def candidates(margin, folder, path, roots):
    r = random.Random(1)
    sets = {tuple(simple_set(r)): None for _ in range(SAMPLE)}
    for root in roots:
        share = {s["set"]: tuple(number(s, c) for c in CONTACTS) for s in table(f"{folder}/predicted_sets_{root}.csv")}
        least = best_of_search(folder, root) - margin
        near = [s["set"] for s in table(f"{folder}/predicted_{root}.csv") if number(s, "score_predicted") >= least]
        sets.update((share[name], None) for name in near)
        print(f"# {root}: {len(near)} sets within {margin} of the search's best by the predictor")
    with open(path, "w") as f:
        f.write("set," + ",".join(CONTACTS) + "\n")
        for i, s in enumerate(sets):
            f.write(f"s{i + 1}," + ",".join(f"{v:.10g}" for v in s) + "\n")
    print(f"# {len(sets)} sets for the full model")


def check(margin, folder, roots):
    """Errors count where a set might be best: those of sets that the predictor has far below need not be small."""
    gains, errors, others = [], [], []
    for root in roots:
        rows = table(f"{folder}/ranking_{root}.csv") + [r for r in table(f"{folder}/search.csv")
                                                        if r["target"] == root + "_dorsal" and "_simple-" in r["set"]]
        best, simple = best_of_search(folder, root), max(number(r, "score") for r in rows if not r["limit"])
        gains.append(best - simple)
        for r in rows:
            near = number(r, "score_predicted") > best - NEAR
            (errors if near else others).append(number(r, "score") - number(r, "score_predicted"))
        print(0 if gains[-1] >= 0 else 1, f"{root}: the search has {best:.4f}, the best simple set {simple:.4f}: gain {gains[-1]:.4f}")
        limit = left_out(folder, root) + margin
        print(0 if limit < best else 1, f"{root}: what the full model has not seen has at most {limit:.4f}, margin included")
    errors.sort()
    print(0 if errors[-1] < margin else 1, f"the full model's score exceeds the predictor's by at most {errors[-1]:.4f} < {margin}",
          f"within {NEAR} of the best ({len(errors)} scores, 99 % below {errors[int(0.99 * len(errors))]:.4f}, median {errors[len(errors) // 2]:.4f})")
    print(0 if max(others, default=0) < NEAR else 1, f"and by {max(others, default=0):.4f} at most elsewhere ({len(others)} scores)")
    print(f"gain {min(gains):.4f} to {max(gains):.4f}, mean {sum(gains) / len(gains):.4f}")


if __name__ == "__main__":
    what, margin = sys.argv[1], float(sys.argv[2])
    if what == "enough":
        sys.exit(not left_out(sys.argv[3], sys.argv[4]) + margin < best_of_search(sys.argv[3], sys.argv[4]))
    elif what == "candidates":
        candidates(margin, sys.argv[3], sys.argv[4], sys.argv[5:])
    else:
        check(margin, sys.argv[3], sys.argv[4:])
