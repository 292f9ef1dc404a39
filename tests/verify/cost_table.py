"""cost_table.py FOLDER: the table of what accuracy costs, of the runs FOLDER/cost-NAME against FOLDER/cost-reference.

Errors are those of all thresholds of thresholds.csv (10, 50, 90 % of each root, in each set). What report.json estimates of a
root's threshold is set beside the error it had, the mean over the meshes that differ in nothing but the seed: the linear
median threshold against the reference's, and what the reference estimates of itself, as it is no limit either."""
import math
import sys
from pathlib import Path

import results
from results import check

LARGEST = 0.02
FACTOR = 2.0
NAMES = ("first", "first-finer", "first-adapted", "coarser", "default", "default-seed2", "default-seed3", "finer-growth",
         "reference")


def seconds(folder):
    cost = {r["stage"]: r for r in results.rows(folder, "cost.csv")}
    texts = []
    for kind in ("processor_s", "elapsed_s"):
        each = [float(cost[s][kind]) for s in ("seg", "mesh", "solve", "fibers")]
        texts.append(" + ".join(f"{t:.0f}" for t in each) + f" = {sum(each):.0f}")
    return texts + [f"{max(float(c['memory_MB']) for c in cost.values()) / 1000:.1f}"]


def line(name, folder, changes):
    report = results.report(folder)
    mean = sum(changes.values()) / len(changes) if changes else 0.0
    size = sum(map(abs, changes.values())) / len(changes) if changes else 0.0
    largest = max(map(abs, changes.values())) if changes else 0.0
    tets, unknowns = report["mesh"]["tets"] / 1e6, report["field"]["unknowns"] / 1e6
    print(f"| {name} | {tets:.2f} M | {unknowns:.2f} M | {100 * mean:+.2f} % | {100 * size:.2f} % | {100 * largest:.1f} % | "
          + " | ".join(seconds(folder)) + " |")
    return largest


def estimates(folder):
    return results.report(folder)["errors"]["roots"]


def medians(folder):
    return {(r["set"], r["root"]): float(r["linear_50_mA"]) for r in results.rows(folder, "thresholds.csv") if r["linear_50_mA"]}


def estimate_ratios(folders, reference):
    """{root: (estimated, true)}: means over folders, of which each may tell another set for the root"""
    exact, own = medians(reference), estimates(reference)
    pairs = {}
    for folder in folders:
        found = medians(folder)
        for root, e in estimates(folder).items():
            true = found[e["set"], root] / exact[e["set"], root] - 1.0 + own[root]["threshold"]
            pairs.setdefault(root, []).append((e["threshold"], true))
    return {root: tuple(sum(x) / len(p) for x in zip(*p)) for root, p in pairs.items()}


def judge_estimates(name, folders, reference):
    ratios = estimate_ratios(folders, reference)
    for root, (estimated, true) in ratios.items():
        print(f"{name}: {root} estimated {100 * estimated:.2f} %, true {100 * true:.2f} %")
    worst = max(ratios, key=lambda r: abs(math.log(max(ratios[r][0] / ratios[r][1], 1e-9))))
    ratio = ratios[worst][0] / ratios[worst][1]
    check(1 / FACTOR <= ratio <= FACTOR, f"{name}: estimated errors within a factor of {FACTOR:g} of the true ones "
          f"({ratio:.2f} at {worst})")


def main():
    folders = {n: Path(sys.argv[1]) / f"cost-{n}" for n in NAMES}
    there = [n for n in NAMES if (folders[n] / "cost.csv").exists()]
    reference = results.thresholds(folders["reference"])
    print("| run | tetrahedra | unknowns | mean error | mean size | largest | processor s (seg + mesh + solve + fibers) | "
          "elapsed s | GB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    largest = {}
    for n in there:
        changes = {} if n == "reference" else results.Changes(reference, results.thresholds(folders[n])).change
        largest[n] = line(n, folders[n], changes)
    for n in there:
        if n.startswith("default"):
            check(largest[n] < LARGEST, f"{n}: every threshold within 2 % of the reference's ({100 * largest[n]:.2f} %)")
    alike = [n for n in there if n.startswith("default")]
    judge_estimates("default", [folders[n] for n in alike], folders["reference"])
    if "first" in there:
        judge_estimates("first", [folders["first"]], folders["reference"])


main()
