"""cost_table.py FOLDER: the table of what accuracy costs, of the runs FOLDER/cost-NAME against FOLDER/cost-reference.

Errors are those of all thresholds of thresholds.csv (10, 50, 90 % of each root, in each set)."""
import sys
from pathlib import Path

import results
from results import check

LARGEST = 0.02
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


main()
