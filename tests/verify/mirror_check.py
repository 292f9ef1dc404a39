"""Mirrored sets of the Specify 5-6-5, and how near the answers to mirrored questions are. Arguments: sets FILE; or check
RANKINGS RESULTS: RANKINGS/L1_L.csv ..., and RESULTS/search.csv, search_sets.csv, thresholds.csv."""
import csv
import sys

CONTACTS = [f"C{i:02d}" for i in range(1, 17)]
MIRROR = {c: c for c in CONTACTS}
MIRROR.update({f"C{i:02d}": f"C{i + 11:02d}" for i in range(1, 6)})
MIRROR.update({f"C{i + 11:02d}": f"C{i:02d}" for i in range(1, 6)})
# Cathode and anode on the left; their mirror images are made.
PAIRS = [("C01", "case"), ("C02", "case"), ("C03", "case"), ("C05", "case"), ("C01", "C02"), ("C02", "C01"), ("C04", "C05"),
         ("C03", "C08"), ("C01", "C12")]
MIDDLE = [("C06", "case"), ("C08", "case"), ("C10", "case"), ("C07", "C08"), ("C11", "C09")]


def mirrored(electrode):
    return MIRROR.get(electrode, electrode)


def write_sets(path):
    with open(path, "w") as f:
        f.write("set," + ",".join(CONTACTS) + ",case\n")
        rows = [(f"{c}_{a}", c, a) for c, a in PAIRS + MIDDLE]
        rows += [(f"{mirrored(c)}_{mirrored(a)}", mirrored(c), mirrored(a)) for c, a in PAIRS]
        for name, c, a in rows:
            f.write(name + "".join("," + ("-1" if e == c else "1" if e == a else "0") for e in CONTACTS + ["case"]) + "\n")


def table(path):
    return list(csv.DictReader(open(path)))


def say(holds, text):
    print(0 if holds else 1, text)


def rankings(folder):
    worst = {}
    for segment in ("L1", "L2", "L4"):
        sides = {s: {r["set"]: r for r in table(f"{folder}/{segment}_{s}.csv")} for s in "LR"}
        for c, a in PAIRS + MIDDLE:
            left, right = sides["L"][f"{c}_{a}"], sides["R"][f"{mirrored(c)}_{mirrored(a)}"]
            for score in ("selectivity", "distance", "laterality"):
                d = abs(float(left[score]) - float(right[score]))
                worst[score] = max(worst.get(score, (0, "")), (d, f"{c}_{a} for {segment}"))
            if left["target_threshold_mA"] and right["target_threshold_mA"]:
                d = abs(float(left["target_threshold_mA"]) / float(right["target_threshold_mA"]) - 1)
                worst["threshold"] = max(worst.get("threshold", (0, "")), (d, f"{c}_{a} for {segment}"))
        left, right = first(sides["L"]), first(sides["R"])
        names = sorted("_".join(mirrored(e) for e in s.split("_")) for s in left)
        say(names == right, f"the best sets for {segment} are mirrored: {' = '.join(left)}, {' = '.join(right)}")
    for score in ("selectivity", "distance"):
        say(worst[score][0] < 0.01, f"{score} left and right within 0.01: {worst[score][0]:.4f} ({worst[score][1]})")
    print(f"laterality at most {worst['laterality'][0]:.4f} apart ({worst['laterality'][1]})")
    print(f"thresholds at most {100 * worst['threshold'][0]:.2f} % apart ({worst['threshold'][1]})")


def first(rows):
    """The best set, and those that are declared as good."""
    return sorted(s for s, r in rows.items() if r["rank"] == "1")


def middle(folder):
    rows = {(r["set"], r["root"]): r for r in table(f"{folder}/thresholds.csv") if r["class"] in ("all", "Ia")}
    worst = (0, "")
    for c, a in MIDDLE:
        for root in ("L1", "L2", "L3", "L4", "L5", "S1"):
            left, right = (rows[f"{c}_{a}", f"{root}_{s}_dorsal"]["threshold_50_mA"] for s in "LR")
            if left and right:
                worst = max(worst, (abs(float(left) / float(right) - 1), f"{c}_{a}, {root}"))
    say(worst[0] < 0.02, f"middle contacts recruit left and right alike: within {100 * worst[0]:.2f} % ({worst[1]})")


def search(folder):
    score = {}
    for r in table(f"{folder}/search.csv"):
        score.setdefault(r["target"], float(r["score"]))
    left, right = score["L1_L_dorsal"], score["L1_R_dorsal"]
    say(abs(left - right) < 0.01, f"the search's best left and right within 0.01: {left:.4f}, {right:.4f}")


if __name__ == "__main__":
    if sys.argv[1] == "sets":
        write_sets(sys.argv[2])
    else:
        rankings(sys.argv[2])
        middle(sys.argv[3])
        search(sys.argv[3])
