"""change_subject.py mirror|move CASE_FOLDER INPUT_FOLDER OUT: the case and its 3D Slicer markups, changed, into OUT.

mirror  x becomes -x; left and right exchange their names, in the files, the target and the contacts of a 5-6-5 paddle
        (C01..C05 and C12..C16: the outer columns).
move    turned by 17 degrees about an oblique axis and moved by 40 mm.
"""
import json
import re
import sys
from pathlib import Path

import numpy as np


def turning(axis, degrees):
    """Rodrigues' formula."""
    a = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


MOTION = {
    "mirror": (np.diag([-1.0, 1.0, 1.0]), np.zeros(3)),
    "move": (turning([1.0, 0.5, 0.7], 17.0), np.array([24.0, -32.0, 0.0])),
}


def exchange(text, pattern):
    """Left and right exchanged in what stands in the pattern's group."""
    return re.sub(pattern, lambda m: m.group(1) + {"L": "R", "R": "L"}[m.group(2)], text)


def change_markups(source, target, how):
    turn, shift = MOTION[how]
    for path in sorted(source.glob("*.json")):
        with open(path) as f:
            data = json.load(f)
        for markup in data["markups"]:
            for point in markup["controlPoints"]:
                point["position"] = list(map(float, turn @ np.array(point["position"]) + shift))
        name = exchange(path.name, r"(_[LS]\d_)([LR])\b") if how == "mirror" else path.name
        with open(target / name, "w") as f:
            json.dump(data, f)


def mirrored_contact(match):
    i = int(match.group(1))
    return f"C{i + 11:02}" if i <= 5 else f"C{i - 11:02}" if i >= 12 else match.group(0)


def change_case(source, target, how):
    case, sets = (source / "case.yaml").read_text(), (source / "sets.csv").read_text()
    if how == "mirror":
        case = exchange(case, r"(target: [LS]\d_)([LR])\b")
        sets = re.sub(r"\bC(\d\d)\b", mirrored_contact, sets)
    (target / "case.yaml").write_text(case)
    (target / "sets.csv").write_text(sets)


def main():
    how, case, source, target = sys.argv[1], *map(Path, sys.argv[2:])
    target.mkdir(parents=True, exist_ok=True)
    change_markups(source, target, how)
    change_case(case, target, how)


if __name__ == "__main__":
    main()
