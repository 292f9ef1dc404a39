"""The page's colours, told apart by people who do not see red or green: each colour as they see it (a published matrix),
and the least difference between those that must not be mistaken, in CIELAB (CIE 1976; 2.3 is just noticeable: Mahy, Van
Eycken, Oosterlinck 1994, Color Res. Appl. 19:105). Reads the colours out of the sources."""
import csv
import itertools
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
count = failures = 0


def read(name):
    with open(os.path.join(ROOT, name)) as f:
        return f.read()


def holds(good, words):
    global count, failures
    count += 1
    failures += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, words))


def matrices():
    lines = [l for l in read("tests/render/colour_vision.csv").splitlines() if not l.startswith("#")]
    out = {"all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}
    for r in csv.DictReader(lines):
        out.setdefault("no " + r["without"], []).append([float(r[c]) for c in ("red", "green", "blue")])
    return out


def linear(rgb):
    return [c / 3294.6 if c <= 10.31475 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]  # IEC 61966-2-1


def lab(rgb, matrix):
    r, g, b = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear(rgb))))) for row in matrix)
    xyz = (0.4124 * r + 0.3576 * g + 0.1805 * b, 0.2126 * r + 0.7152 * g + 0.0722 * b, 0.0193 * r + 0.1192 * g + 0.9505 * b)
    f = [t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29
         for t in (v / w for v, w in zip(xyz, (0.9505, 1.0, 1.089)))]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def difference(a, b, matrix):
    return sum((p - q) ** 2 for p, q in zip(lab(a, matrix), lab(b, matrix))) ** 0.5


def triples(text):
    return [tuple(map(int, t)) for t in re.findall(r"\[(\d+), (\d+), (\d+)\]", text)]


def from_hex(text):
    return [tuple(int(h[i:i + 2], 16) for i in (0, 2, 4)) for h in re.findall(r"#([0-9a-f]{6})", text)]


def between(text, begin, end):
    return text[text.index(begin) + len(begin):].split(end, 1)[0]


def along(stops, t):
    x = t * (len(stops) - 1)
    i = min(int(x), len(stops) - 2)
    return [a + (x - i) * (b - a) for a, b in zip(stops[i], stops[i + 1])]


colours, curves, contacts = read("viewer/src/colours.js"), read("src/report/svg_curves.c"), read("src/report/svg_contacts.c")
ramp = triples(between(colours, "const cividis = [", "];"))
signed = triples(between(colours, "const diverging = [", "];\n"))
hues = from_hex(between(curves, "hue[] = {", "}"))
dashes = re.findall(r'"([^"]*)"', between(curves, "dash[] = {", "}"))
cathode, anode, off = from_hex(between(contacts, "svg_fill(double share) {", "}"))
sites = triples(between(colours, "firing: ", "}"))

for who, m in matrices().items():
    steps = [along(ramp, i / 10) for i in range(11)]
    light = [lab(c, m)[0] for c in steps]
    least = min(difference(a, b, m) for a, b in zip(steps, steps[1:]))
    holds(light == sorted(light) and least > 4.6, "%s: activation grows in lightness; a tenth more differs by %.1f" % (who, least))
    least = min(difference(along(signed, i / 10), along(signed, (i + 1) / 10), m) for i in range(10))
    holds(least > 4.6, "%s: a tenth more of the potential differs by %.1f" % (who, least))
    least = min(difference(along(signed, 0.5 - s), along(signed, 0.5 + s), m) for s in (0.125, 0.25, 0.375, 0.5))
    holds(least > 23, "%s: cathode and anode of the same current differ by %.0f" % (who, least))
    least = min(difference(a, b, m) for a, b in itertools.combinations((cathode, anode, off), 2))
    holds(least > 11.5, "%s: contacts of the map differ by %.0f" % (who, least))
    pairs = [(difference(hues[i], hues[k], m), i, k) for i, k in itertools.combinations(range(len(hues)), 2)
             if dashes[i] == dashes[k]]
    holds(len(hues) == len(dashes) and min(pairs)[0] > 23,
          "%s: segments of the same dashes differ by %.0f at least (%d and %d)" % (who, *min(pairs)))
    under = steps + [along(signed, i / 10) for i in range(11)] + triples(between(colours, "cord: ", ", dura"))
    least = min(difference(sites[0], c, m) for c in under)
    holds(least > 23, "%s: firing sites differ from roots, plane and cord by %.0f" % (who, least))
print("1..%d" % count)
raise SystemExit(failures > 0)
