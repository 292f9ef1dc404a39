"""ranks_table.py DIR RANKS...: the table of ranks.sh, from DIR/RANKS-REPEAT.json and DIR/RANKS.h5."""
import glob
import json
import os
import statistics
import sys

folder, numbers = sys.argv[1], [int(n) for n in sys.argv[2:]]
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
