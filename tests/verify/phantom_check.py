"""phantom_check.py OUT: impedances, and sets of the left column against their mirror images in the right one."""
import sys

import results
from results import Changes, check

MIRRORED_SETS = {"right_L1": "left_L1", "right_L4": "left_L4"}
USUAL_OHM = (200.0, 2000.0)


def check_impedances(contacts):
    for name, c in contacts.items():
        usual = USUAL_OHM[0] <= c["impedance_ohm"] <= USUAL_OHM[1]
        share = max(c["impedance_share"], key=c["impedance_share"].get)
        check(usual or "impedance_unusual" in c,
              f"{name}: {c['impedance_ohm']:.0f} ohm, {100 * c['impedance_share'][share]:.0f} % of its power in {share}")


def main():
    out = sys.argv[1]
    check_impedances(results.report(out)["contacts"])
    everything = results.thresholds(out)
    for right, left in MIRRORED_SETS.items():
        a = {k: v for k, v in everything.items() if k[0] == left}
        b = {(left, results.mirrored(k[1]), *k[2:]): v for k, v in everything.items() if k[0] == right}
        c = Changes(a, b)
        check(c.median < 0.01 and c.largest < 0.05, f"{right} is the mirror image of {left}: {c}")


if __name__ == "__main__":
    main()
