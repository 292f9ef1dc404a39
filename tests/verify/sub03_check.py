"""sub03_check.py OUT: what the report of the real subject must say."""
import sys

import results
from results import check

ROOTS = [f"{s}_{side}_dorsal" for s in ("L1", "L2", "L3", "L4", "L5", "S1", "S2") for side in "LR"]
CONTACT_MM2 = 6.0
USUAL_OHM = (200.0, 2000.0)


def check_regions(regions):
    missing = [r for r in ROOTS if r not in regions]
    check(not missing and sum("_" in r for r in regions) == len(ROOTS), f"{len(ROOTS)} roots, missing: {missing}")
    whole = ROOTS + ["white", "dura", "csf"]
    broken = {r: regions[r]["pieces"] for r in whole if r in regions and regions[r]["pieces"] != 1}
    check(not broken, f"roots, cord, dura and CSF are one piece each: {broken or 'all'}")
    off = {r: g["volume_mm3"] / g["shape_volume_mm3"] - 1.0 for r, g in regions.items() if g["shape_volume_mm3"]}
    worst = max(off, key=lambda r: abs(off[r]))
    check(len(off) == len(regions), f"{len(off)} of {len(regions)} regions have a shape to compare with")
    check(abs(off[worst]) < 0.02, f"volumes are those of the shapes: {worst} is off by {100 * off[worst]:.2f} %")


def check_mesh(mesh):
    check(mesh["dura_leaks"] == 0, f"faces where fat touches CSF: {mesh['dura_leaks']}")
    check(mesh["inverted"] == 0, f"inverted tetrahedra: {mesh['inverted']}")
    below = mesh["dihedral_below_5_percent"]
    check(below < 0.1, f"dihedral angles below 5 degrees: {below} %")
    check(mesh["dihedral_min_deg"] >= 1.0, f"smallest dihedral angle: {mesh['dihedral_min_deg']:.2f} degrees")


def check_contacts(contacts):
    area = {n: c["area_mm2"] for n, c in contacts.items()}
    worst = max(area, key=lambda n: abs(area[n] - CONTACT_MM2))
    check(len(area) == 16 and abs(area[worst] / CONTACT_MM2 - 1.0) < 0.005,
          f"{len(area)} contacts, areas within 0.5 % of 6 mm2: {worst} has {area[worst]:.6f}")
    ohm = {n: c["impedance_ohm"] for n, c in contacts.items()}
    share = [abs(sum(c["impedance_share"].values()) - 1.0) for c in contacts.values()]
    check(max(share) < 1e-6, "shares of the tissues in the power of each contact sum to 1")
    unexplained = [n for n in ohm if not USUAL_OHM[0] <= ohm[n] <= USUAL_OHM[1] and "impedance_unusual" not in contacts[n]]
    check(not unexplained, f"impedances {min(ohm.values()):.0f} to {max(ohm.values()):.0f} ohm, unexplained: {unexplained}")


def main():
    out = sys.argv[1]
    r = results.report(out)
    check_regions(r["mesh"]["regions"])
    check_mesh(r["mesh"])
    check_contacts(r["contacts"])
    field = r["field"]
    check(field["balance"] <= 1e-6, f"currents balance to {field['balance']:.1e}")
    check(field["symmetry"] <= 1e-6, f"the impedance matrix is symmetric to {field['symmetry']:.1e}")
    check(field["reciprocity"] <= 1e-6, f"reciprocity holds to {field['reciprocity']:.1e}")
    check(field["energy"] <= 1e-6, f"power is voltage by current to {field['energy']:.1e}")
    best = results.rows(out, "ranking.csv")[0]
    check(best["set"].startswith("left") and best["target"].startswith("L1_L"), f"the best set for L1_L is {best['set']}")


if __name__ == "__main__":
    main()
