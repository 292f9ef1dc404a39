"""What the checks read of a run's folder, and how two runs are compared."""
import csv
import json
from pathlib import Path

LEVELS = ("threshold_10_mA", "threshold_50_mA", "threshold_90_mA")
OTHER_SIDE = {"L": "R", "R": "L"}


def check(holds, text):
    print(0 if holds else 1, text)


def rows(folder, name):
    with open(Path(folder) / name) as f:
        return list(csv.DictReader(f))


def report(folder):
    with open(Path(folder) / "report.json") as f:
        return json.load(f)


def mirrored(root):
    """L1_L_dorsal for L1_R_dorsal, and back."""
    parts = root.split("_")
    if len(parts) > 1:
        parts[1] = OTHER_SIDE[parts[1]]
    return "_".join(parts)


def thresholds(folder, rename_root=lambda r: r, rename_set=lambda s: s):
    """{(set, root, class, level): mA}, without what was never reached."""
    return {
        (rename_set(r["set"]), rename_root(r["root"]), r["class"], level): float(r[level])
        for r in rows(folder, "thresholds.csv")
        for level in LEVELS
        if r[level]
    }


class Changes:
    """Relative changes of thresholds from one run to another, over all that both have."""

    def __init__(self, before, after):
        both = before.keys() & after.keys()
        self.one_sided = sorted(before.keys() ^ after.keys())
        self.change = {k: after[k] / before[k] - 1.0 for k in both}
        self.worst = max(both, key=lambda k: abs(self.change[k]))
        self.largest = abs(self.change[self.worst])
        ordered = sorted(abs(c) for c in self.change.values())
        self.median = ordered[len(ordered) // 2]
        self.rms = (sum(c * c for c in ordered) / len(ordered)) ** 0.5

    def __str__(self):
        name, root, kind, level = self.worst
        lost = f", {len(self.one_sided)} reached in one run only" if self.one_sided else ""
        return (f"{len(self.change)} thresholds change by {100 * self.median:.2f} % (median), {100 * self.rms:.2f} % (rms), "
                f"{100 * self.largest:.2f} % (largest: {level[:12]} of {root} {kind} in {name}){lost}")
