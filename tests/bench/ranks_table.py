"""ranks_table.py [--whole] DIR RANKS...: the tables of ranks.sh: of the solve stage, from DIR/RANKS-REPEAT.json and DIR/RANKS.h5;
of the whole run, from DIR/whole-RANKS-REPEAT.json and the thresholds in DIR/whole-RANKS.csv."""
import csv
import glob
import json
import os
import statistics
import sys

whole = sys.argv[1] == "--whole"
folder, *numbers = sys.argv[2 if whole else 1:]
numbers = [int(n) for n in numbers]
STAGES = ("seg", "mesh", "solve", "fibers", "rank", "report")
PARTS = ("share_s", "solve_s", "gather_s")


def potentials(n):
    try:
        import h5py
    except ImportError:
        return None
    with h5py.File(os.path.join(folder, f"{n}.h5")) as f:
        return f["potential"][()]


def of(n):
    runs = [json.load(open(path)) for path in glob.glob(os.path.join(folder, f"{n}-*.json"))]
    times = {p: statistics.median(r["ranks"][p] for r in runs) for p in PARTS}
    times["field"] = statistics.median(sum(r["ranks"][p] for p in PARTS) for r in runs)
    times["stage"] = statistics.median(r["time_s"]["solve"] for r in runs)
    return runs[-1], times


def megabytes(values):
    return " ".join(f"{v:.0f}" for v in values)


def thresholds(n):
    """Of every fibre in every set, by name; None where it does not fire."""
    with open(os.path.join(folder, f"whole-{n}.csv")) as f:
        rows = list(csv.DictReader(f))
    return {(r["set"], r["fiber"]): float(r["threshold_mA"]) if r["threshold_mA"] else None for r in rows}


def largest_change(a, b):
    off = [abs(a[k] - b[k]) / a[k] for k in a if a[k] and b.get(k)]
    return max(off, default=float("nan"))


def solve_table():
    print(f"{'ranks':>5} {'stage s':>8} {'field s':>8} = {'share':>6} + {'solve':>6} + {'gather':>6} {'stage/1':>8} {'field/1':>8} "
          f"{'iterations':>10} {'off*':>8}")
    first = first_v = None
    memory = []
    for n in numbers:
        report, t = of(n)
        v = potentials(n)
        if first is None:
            first, first_v = t, v
        off = abs(v - first_v).max() / abs(first_v).max() if v is not None else float("nan")
        print(f"{n:5d} {t['stage']:8.2f} {t['field']:8.2f} = {t['share_s']:6.2f} + {t['solve_s']:6.2f} + {t['gather_s']:6.2f} "
              f"{t['stage'] / first['stage']:8.2f} {t['field'] / first['field']:8.2f} {report['field']['iterations']:10d} {off:8.1e}")
        r = report["ranks"]
        memory.append(f"{n:5d} tetrahedra {megabytes(r['tets'])}; MB with the part {megabytes(r['memory_MB'])}; "
                      f"at most {megabytes(r['peak_memory_MB'])}")
    print("*  largest difference of a potential from the first row's, relative to the largest")
    print("\n".join(memory))


def whole_table():
    print("whole run, s by stage" + "".join(f"{s:>9}" for s in STAGES) + f"{'all':>9} {'all/first':>9} {'off*':>8} MB of rank 0")
    first = None
    for n in numbers:
        runs = [json.load(open(path)) for path in glob.glob(os.path.join(folder, f"whole-{n}-*.json"))]
        time = [statistics.median(r["time_s"][s] for r in runs) for s in STAGES]
        time.append(statistics.median(sum(r["time_s"][s] for s in STAGES) for r in runs))
        found = thresholds(n)
        first = first or (time, found)
        print(f"{n:>15} ranks" + "".join(f"{t:9.2f}" for t in time) + f" {time[-1] / first[0][-1]:9.2f} "
              f"{largest_change(first[1], found):8.1e} {max(r['peak_memory_MB'] for r in runs):.0f}")
        print(f"{'/ first':>21}" + "".join(f"{t / f:9.2f}" if f > 0.05 else f"{'-':>9}" for t, f in zip(time, first[0])))
    print("*  largest relative change of a fibre's threshold from the first row's")


whole_table() if whole else solve_table()
