"""same_answer.py mirror|move|seed|fibers A B: compares two runs of one subject.

mirror  B is the mirrored subject with the mirrored sets: the ranking is the mirror image
move    B is the subject moved and turned: no threshold level changes by 1 %
seed    B has another mesh: what the mesh's noise is worth; the order of the sets is the same
fibers  B has twice the fibres: what the sample of fibres is worth, told only; the best set is the same

Thresholds are those of thresholds.csv: 10, 50, 90 % of each root's fibres, in each set.
"""
import sys

import results
from results import Changes, check

LARGEST_MOVED = 0.01
# Of the noise of a mesh: goals of the default sizes, not of any theory.
MEDIAN_NOISE, LARGEST_NOISE = 0.01, 0.05


def order(folder):
    return [r["set"] for r in results.rows(folder, "ranking.csv")]


def check_ranking(before, after, rename):
    """Same sets in the same order, and the same first other root, or one whose threshold is within 2 % of it."""
    check(order(before) == order(after), f"the order of the sets: {order(before)}, {order(after)}")
    other = {r["set"]: r for r in results.rows(after, "ranking.csv")}
    for r in results.rows(before, "ranking.csv"):
        s = other[r["set"]]
        first, second = float(r["first_other_threshold_mA"]), float(s["first_other_threshold_mA"])
        holds = rename(s["first_other"]) == r["first_other"] or abs(second / first - 1.0) < 0.02
        check(holds, f"{r['set']}: score {float(r['score']):.3f} and {float(s['score']):.3f}, first other "
                     f"{r['first_other']} at {first:.3f} mA and {s['first_other']} at {second:.3f} mA")


def impedances(folder):
    table = results.rows(folder, "impedance.csv")
    return {name: float(row[name]) for name, row in zip(table[0], table)}


def mirrored_contact(name):
    i = int(name[1:])
    return f"C{i + 11:02}" if i <= 5 else f"C{i - 11:02}" if i >= 12 else name


def check_impedances(before, after, rename):
    a, b = impedances(before), impedances(after)
    worst = max(a, key=lambda n: abs(b[rename(n)] / a[n] - 1.0))
    change = b[rename(worst)] / a[worst] - 1.0
    check(abs(change) < LARGEST_NOISE, f"impedances change by at most {100 * abs(change):.1f} % ({worst}: {a[worst]:.0f} ohm)")


def tell_sample(c, before, after):
    """The sample of fibres is told, not judged: 50 of them make no exact 10 %."""
    print(f"twice the fibres: {c}")
    print(f"twice the fibres: the order of the sets: {order(before)}, {order(after)}")
    check(order(before)[0] == order(after)[0], f"twice the fibres: the best set is {order(after)[0]}")


def main():
    how, before, after = sys.argv[1:]
    mirror = how == "mirror"
    root = results.mirrored if mirror else lambda r: r
    contact = mirrored_contact if mirror else lambda n: n
    c = Changes(results.thresholds(before), results.thresholds(after, rename_root=root))
    if how == "fibers":
        return tell_sample(c, before, after)
    if how == "move":
        check(c.largest < LARGEST_MOVED, f"moved and turned: {c}")
    else:
        check(c.median < MEDIAN_NOISE and c.largest < LARGEST_NOISE, f"{how}: {c}")
    check_impedances(before, after, contact)
    check_ranking(before, after, root)


if __name__ == "__main__":
    main()
