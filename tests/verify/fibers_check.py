"""fibers_check.py sets CASE.yaml FOLDER: the case with 40 sets: monopoles, bipoles along and across, tripoles.
fibers_check.py judge RUN PADDLE.yaml: what a run with these sets must show."""
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import results
from results import check

N = 16
COLUMNS = [range(0, 5), range(5, 11), range(11, 16)]
CLEAR = 0.05  # roots whose thresholds are nearer than this are not in an order that a predictor could know


def all_sets():
    """{name: {contact number: share}}; -1: the case electrode"""
    sets = {f"mono_{i + 1:02d}": {i: -1, -1: 1} for i in range(N)}
    for column in COLUMNS:
        for i in column[:-1]:
            sets[f"down_{i + 1:02d}"] = {i: -1, i + 1: 1}
    for i in range(5):
        sets[f"across_{i + 1:02d}"] = {i: -1, 11 + i: 1}
    for i in (1, 2, 3, 7, 12, 13):
        sets[f"guarded_{i + 1:02d}"] = {i: -1, i - 1: 0.5, i + 1: 0.5}
    return sets


def write_sets(case, folder):
    folder.mkdir(parents=True)
    rows = ["set," + ",".join(f"C{i + 1:02d}" for i in range(N)) + ",case"]
    for name, share in all_sets().items():
        rows.append(name + "," + ",".join(str(share.get(i, 0)) for i in [*range(N), -1]))
    (folder / "sets.csv").write_text("\n".join(rows) + "\n")
    (folder / "case.yaml").write_text(case.read_text())


def read(run):
    """thresholds[set][root]: rows of diameter, full model, predictor (inf: never)"""
    table = defaultdict(lambda: defaultdict(list))
    for r in results.rows(run, "fiber_thresholds.csv"):
        mA = [float(r[k] or "inf") for k in ("threshold_mA", "threshold_linear_mA")]
        table[r["set"]][r["root"]].append([float(r["diameter_um"]), *mA])
    return {s: {r: np.array(v) for r, v in roots.items()} for s, roots in table.items()}


def judge_tiers(table):
    both = np.concatenate([v[:, 1:] for roots in table.values() for v in roots.values()])
    check(np.isfinite(both).all(), "every fibre has a threshold by both tiers, and a finite one")
    error = np.abs(both[:, 1] / both[:, 0] - 1)
    middle, most, largest = np.percentile(error, [50, 95, 100])
    check(middle < 0.05 and most < 0.15, f"{len(error)} pairs of fibre and set: the predictor is off by {100 * middle:.1f} % "
          f"(median), {100 * most:.1f} % (95th percentile), {100 * largest:.0f} % (largest)")
    agree = strict = 0
    for roots in table.values():
        full, linear = (np.array([np.median(v[:, k]) for v in roots.values()]) for k in (1, 2))
        clear = np.log(full[:, None] / full[None, :]) > np.log1p(CLEAR)
        agree += not (clear & (linear[:, None] <= linear[None, :])).any()
        strict += (np.argsort(full) == np.argsort(linear)).all()
    n = len(table)
    check(agree >= 0.95 * n, f"the order of roots (that are {100 * CLEAR:.0f} % apart) agrees in {agree} of {n} sets; "
          f"that of all, however near, in {strict}")


def ranks(v):
    return np.argsort(np.argsort(v)).astype(float)


def judge_diameters(table):
    rho = [np.corrcoef(ranks(v[:, 0]), ranks(v[:, 1]))[0, 1] for roots in table.values() for v in roots.values()]
    check(np.mean(np.array(rho) < 0) > 0.99, f"larger fibres have lower thresholds: rank correlation {np.median(rho):.2f} "
          f"(median of {len(rho)} roots and sets), {max(rho):.2f} (largest)")


def judge_sides(table, paddle):
    lateral = dict(re.findall(r"name: C(\d+), at_mm: \[([-\d.]+)", Path(paddle).read_text()))
    wrong, n = [], 0
    for name, x in lateral.items():
        if float(x) == 0:
            continue
        roots = table[f"mono_{name}"]
        own, other = ("L", "R") if float(x) < 0 else ("R", "L")
        for r in roots:
            if f"_{own}_" not in r:
                continue
            n += 1
            pair = [np.quantile(roots[q][:, 1], 0.1) for q in (r, r.replace(f"_{own}_", f"_{other}_"))]
            if pair[0] >= pair[1]:
                wrong.append(f"C{name} {r} {pair[0]:.2f} {pair[1]:.2f}")
    check(not wrong, f"a lateral contact recruits its own side first: {n - len(wrong)} of {n} roots and contacts {wrong[:5]}")


def tell_spread(table):
    levels = np.array([np.quantile(v[:, 1], [0.1, 0.5, 0.9]) for roots in table.values() for v in roots.values()])
    print("median over roots and sets: A10/A50 = %.2f, A90/A50 = %.2f" %
          (np.median(levels[:, 0] / levels[:, 1]), np.median(levels[:, 2] / levels[:, 1])))


if sys.argv[1] == "sets":
    write_sets(Path(sys.argv[2]), Path(sys.argv[3]))
else:
    thresholds = read(sys.argv[2])
    judge_tiers(thresholds)
    judge_diameters(thresholds)
    judge_sides(thresholds, sys.argv[3])
    tell_spread(thresholds)
