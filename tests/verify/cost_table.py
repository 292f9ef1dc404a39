"""cost_table.py FOLDER: the table of what accuracy costs, of the runs FOLDER/cost-NAME against FOLDER/cost-reference.

Errors are those of all thresholds of thresholds.csv (10, 50, 90 % of each root, in each set). What report.json estimates of a
root's threshold is set beside the error that its linear median threshold had against the references'."""
import math
import sys
from pathlib import Path

import results
from results import check

LARGEST = 0.02
FACTOR = 2.0
NAMES = ("first", "first-finer", "first-adapted", "coarser", "default", "default-seed2", "default-seed3", "finer-growth",
         "reference", "reference-seed2", "reference-seed3")


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


def without_error(folders, key, root):
    """The references' median threshold, less what each estimates of itself: the mean, as they differ by their meshes, too."""
    each = [medians(f)[key] / (1.0 + estimates(f)[root]["threshold"]) for f in folders]
    return sum(each) / len(each)


def mean_and_error(values):
    """The mean, and the standard error of it."""
    n, mean = len(values), sum(values) / len(values)
    return mean, (sum((v - mean) ** 2 for v in values) / (n - 1) / n) ** 0.5 if n > 1 else 0.0


def judge_estimates(name, folders, references):
    """Estimated and true errors of the roots' medians, means over folders. A true error is known to twice its standard error
    from mesh to mesh: the factor is that to the nearest of what it may be."""
    worst, at, ratios = 1.0, "", []
    for root, e in estimates(folders[0]).items():
        key = (e["set"], root)
        exact = without_error(references, key, root)
        true, error = mean_and_error([medians(f)[key] / exact - 1.0 for f in folders])
        estimated = sum(estimates(f)[root]["threshold"] for f in folders) / len(folders)
        low, high = true - 2.0 * error, true + 2.0 * error
        factor = max(low / estimated, estimated / high if high > 0.0 else math.inf, 1.0)
        ratios.append(estimated / true)
        print(f"{name}: {root} estimated {100 * estimated:.2f} %, true {100 * true:.2f} +- {200 * error:.2f} %")
        if factor > worst or not at:
            worst, at = factor, root
    ratios.sort()
    check(worst <= FACTOR, f"{name}: estimated errors within a factor of {FACTOR:g} of the true ones (at most {worst:.2f}, at "
          f"{at}; estimated over true {ratios[0]:.2f} to {ratios[-1]:.2f}, median {ratios[len(ratios) // 2]:.2f})")


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
    references = [folders[n] for n in there if n.startswith("reference")]
    judge_estimates("default", [folders[n] for n in alike], references)
    if "first" in there:
        judge_estimates("first", [folders["first"]], references)


main()
