"""The full cable model beside NEURON: neuron_compare.py AXON_DUMP [BENCH_MRG]

Straight and bent fibres, one to three electrodes, isotropic and anisotropic media, pulses of 0.06 to 1 ms. NEURON must
fire at 1.01 times Cauda's threshold and not at 0.99 times; at 1.2 times, both codes' potentials of a node must agree
within 1 mV. The node's mechanism is written from the equations (cases/fibers/mrg_gates.csv). Prints a line for each
check, "0 what holds" or "1 what does not".
"""
import math
import os
import subprocess
import sys
import tempfile
import time

MECHANISM = """
NEURON { SUFFIX mrgnode NONSPECIFIC_CURRENT i RANGE gnaf, gnap, gks, gl, m, h, p, s }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { gnaf = 3.0 (S/cm2) gnap = 0.01 (S/cm2) gks = 0.08 (S/cm2) gl = 0.007 (S/cm2) celsius (degC) }
ASSIGNED { v (mV) i (mA/cm2) qa qb qc }
STATE { m h p s }
BREAKPOINT {
  SOLVE gates METHOD cnexp
  i = (gnaf*m*m*m*h + gnap*p*p*p)*(v - 50) + gks*s*(v + 90) + gl*(v + 90)
}
INITIAL {
  qa = 2.2^((celsius - 20)/10)
  qb = 2.9^((celsius - 20)/10)
  qc = 3.0^((celsius - 36)/10)
  m = am(v)/(am(v) + bm(v))
  h = ah(v)/(ah(v) + bh(v))
  p = ap(v)/(ap(v) + bp(v))
  s = as(v)/(as(v) + bs(v))
}
DERIVATIVE gates {
  m' = am(v)*(1 - m) - bm(v)*m
  h' = ah(v)*(1 - h) - bh(v)*h
  p' = ap(v)*(1 - p) - bp(v)*p
  s' = as(v)*(1 - s) - bs(v)*s
}
FUNCTION ratio(x, k) { if (fabs(x/k) < 1e-6) { ratio = k*(1 + x/k/2) } else { ratio = x/(1 - exp(-x/k)) } }
FUNCTION am(v) { am = qa*1.86*ratio(v + 21.4, 10.3) }
FUNCTION bm(v) { bm = qa*0.086*ratio(-(v + 25.7), 9.16) }
FUNCTION ah(v) { ah = qb*0.062*ratio(-(v + 114), 11) }
FUNCTION bh(v) { bh = qb*2.3/(1 + exp(-(v + 31.8)/13.4)) }
FUNCTION ap(v) { ap = qa*0.01*ratio(v + 27, 10.2) }
FUNCTION bp(v) { bp = qa*0.00025*ratio(-(v + 34), 10) }
FUNCTION as(v) { as = qc*0.3/(1 + exp(-(v + 53)/5)) }
FUNCTION bs(v) { bs = qc*0.03/(1 + exp(-(v + 90))) }
"""
# diameter: axon, node, internode, FLUT, lamellae (cases/fibers/mrg_geometry.csv)
GEOMETRY = {5.7: (3.4, 1.9, 500, 35, 80), 8.7: (5.8, 2.8, 1000, 40, 110), 10.0: (6.9, 3.3, 1150, 46, 120),
            12.8: (9.2, 4.2, 1350, 54, 135), 16.0: (12.7, 5.5, 1500, 60, 150)}
NODES, STEPS, SETTLE_MS = 31, 700, 200.0


def build(folder):
    """NEURON's own script stops on a wrong path in Debian; its makefile works."""
    with open(os.path.join(folder, "mrgnode.mod"), "w") as f:
        f.write(MECHANISM)
    subprocess.run(["nrnivmodl"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = os.path.join(folder, "x86_64")
    subprocess.run(["make", "-f", "/usr/lib/nrn/nrnmech_makefile", "ROOT=/usr", "libdir=/usr/lib/nrn",
                    "MODOBJFILES=./mrgnode.o", "mech_lib_shared"], cwd=made, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    for at, _, names in os.walk(made):
        for name in names:
            if name.startswith("libnrnmech.so"):
                return os.path.join(at, name)
    raise SystemExit("no mechanism was built")


class Fiber:
    """A fibre in NEURON, kept for all fields of its diameter."""

    def __init__(self, h, diameter, dt_us):
        axon, node, internode, flut, lamellae = GEOMETRY[diameter]
        stin = (internode - 1 - 6 - 2 * flut) / 6
        kinds = [(1, node, 0.002), (3, node, 0.002), (flut, axon, 0.004)] + [(stin, axon, 0.004)] * 6
        kinds += [(flut, axon, 0.004), (3, node, 0.002)]
        self.h, self.sections, self.place = h, [], []
        at = 0.0
        for i in range((NODES - 1) * 11 + 1):
            length, d, gap = kinds[i % 11]
            s = h.Section(name="s%d" % i)
            s.nseg, s.L, s.diam, s.Ra, s.cm = 1, length, d, 70, 2
            s.insert("extracellular")
            ring = math.pi * ((d / 2 + gap) ** 2 - (d / 2) ** 2)
            s.xraxial[0], s.xraxial[1] = 0.7e6 * 0.01 / ring, 1e9
            if i % 11 == 0:
                s.xg[0], s.xc[0] = 1e10, 0
                end = i == 0 or i == (NODES - 1) * 11
                s.insert("pas" if end else "mrgnode")
                if end:
                    s.g_pas, s.e_pas = 1e-4, -80
            else:
                # the myelin's area is that of the fibre, NEURON's that of the axon
                s.insert("pas")
                s.g_pas, s.e_pas = (1e-3 if length == 3 else 1e-4), -80
                s.xg[0] = 1e-3 / (2 * lamellae) * diameter / d
                s.xc[0] = 0.1 / (2 * lamellae) * diameter / d
            if self.sections:
                s.connect(self.sections[-1](1), 0)
            self.sections.append(s)
            self.place.append(at + length / 2)
            at += length
        self.place = [1e-3 * (x - self.place[0]) for x in self.place]
        h.celsius, h.dt = 37, 1e-3 * dt_us
        h.finitialize(-80)
        h.dt = 0.2
        while h.t < SETTLE_MS:
            h.fadvance()
        h.dt = 1e-3 * dt_us
        self.rest = h.SaveState()
        self.rest.save()

    def run(self, outside, heights, amplitude, watched, steps=STEPS):
        """Height i holds over step i. Returns the watched node's potential after each step."""
        h, before, trace = self.h, 0.0, []
        segments = [s(0.5) for s in self.sections]
        self.rest.restore()
        for t in range(steps):
            w = heights[t] if t < len(heights) else 0.0
            if w != before:
                for segment, v in zip(segments, outside):
                    segment.e_extracellular = w * amplitude * v
            before = w
            h.fadvance()
            trace.append(segments[11 * watched].v)
        for segment in segments:
            segment.e_extracellular = 0
        return trace


def position(s, bend_mm):
    """Along a fibre with a quarter circle in its middle (0: straight)."""
    if bend_mm == 0:
        return s, 0.0
    arc = math.pi * bend_mm / 4
    on = max(-arc, min(arc, s))
    a = on / bend_mm
    return (bend_mm * math.sin(a) + (s - on) * math.cos(a), bend_mm * (math.cos(a) - 1) - (s - on) * math.sin(a))


def potential(x, y, sources, along, across):
    """mV at 1 mA of point sources in a medium with two conductivities, S/m."""
    v = 0.0
    for share, sx, sy, sz in sources:
        stretched = math.sqrt(across * (x - sx) ** 2 + along * ((y - sy) ** 2 + sz ** 2))
        v += share * 1e3 / (4 * math.pi * math.sqrt(across) * stretched)
    return v


def pulse(shape, width_us, gap_us, dt_us):
    n, gap = round(width_us / dt_us), round(gap_us / dt_us)
    if shape == "mono":
        return [1.0] * n
    if shape == "bi":
        return [1.0] * n + [0.0] * gap + [-1.0] * n
    return [1.0] * n + [0.0] * gap + [-0.2] * (5 * n)  # asymmetric


def cases():
    fields = [("monopole", [(-1, 0, 2, 0)], 0), ("far", [(-1, 0.4, 5, 1)], 0), ("bipole", [(-1, 0, 3, 0), (1, 9, 3, 0)], 0),
              ("across", [(-1, 0, 3, -2), (1, 0, 3, 4)], 0),
              ("tripole", [(-1, 0.3, 3, 0), (0.5, 8, 3, 0), (0.5, -8, 3, 0)], 0),
              ("bent", [(-1, 0, 2.5, 0)], 5), ("bent-bipole", [(-1, 0, 3, 1), (1, 8, -1, 0)], 7),
              ("anode", [(1, 0, 2, 0)], 0)]
    pulses = [("mono", 60, 0), ("bi", 60, 0), ("mono", 200, 0), ("bi", 300, 50), ("mono", 1000, 0), ("asym", 210, 100)]
    n = 0
    for diameter in sorted(GEOMETRY):
        for k, (name, sources, bend) in enumerate(fields):
            shape, width, gap = pulses[n % len(pulses)]
            medium = (0.3, 0.3) if n % 3 else (0.6, 0.083)
            n += 1
            yield dict(name="%s-%g-%s%d%s" % (name, diameter, shape, width, "" if n % 3 != 1 else "-aniso"),
                       diameter=diameter, sources=sources, bend=bend, pulse=pulse(shape, width, gap, 5), medium=medium)


def cauda(dump, todo):
    text = []
    for c in todo:
        watched = NODES // 2 + 6
        text.append("%s %g %d 5 %d %d %d" % (c["name"], c["diameter"], NODES, watched, STEPS, len(c["pulse"])))
        text.append(" ".join("%.9g" % x for x in c["pulse"]))
        text.append(" ".join("%.12g" % x for x in c["outside"]))
    out = subprocess.run([dump], input="\n".join(text) + "\n", stdout=subprocess.PIPE, check=True, text=True).stdout
    for c, line in zip(todo, out.splitlines()):
        words = line.split()
        assert words[0] == c["name"]
        c["threshold"], c["trace"] = float(words[1]), [float(x) for x in words[2:]]


def fires(trace):
    return any(a <= -30 < b for a, b in zip([-80.0] + trace, trace))


def level_ends(fiber, outside):
    """Flat at both ends: there alone NEURON's sealed end and a fibre that goes on differ."""
    v = list(outside)
    v[0], v[-1] = v[1], v[-2]
    return v


def main():
    from neuron import h
    with tempfile.TemporaryDirectory() as folder:
        h.nrn_load_dll(build(folder))
        todo, fibers = list(cases()), {}
        worst, worst_mV, each = 0.0, 0.0, []
        for diameter in sorted(GEOMETRY):
            mine = [c for c in todo if c["diameter"] == diameter]
            fiber = Fiber(h, diameter, 5)
            middle = fiber.place[11 * (NODES // 2)]
            for c in mine:
                points = [position(s - middle, c["bend"]) for s in fiber.place]
                c["outside"] = level_ends(fiber, [potential(x, y, c["sources"], *c["medium"]) for x, y in points])
            cauda(sys.argv[1], mine)
            for c in mine:
                watched, ends = NODES // 2 + 6, (4, NODES - 5)
                thr = c["threshold"]
                high = any(fires(fiber.run(c["outside"], c["pulse"], 1.01 * thr, e)) for e in ends)
                low = any(fires(fiber.run(c["outside"], c["pulse"], 0.99 * thr, e)) for e in ends)
                start = time.time()
                trace = fiber.run(c["outside"], c["pulse"], 1.2 * thr, watched)
                each.append(time.time() - start)
                off = max(abs(a - b) for a, b in zip(trace, c["trace"]))
                worst_mV = max(worst_mV, off)
                print(int(not (high and not low)), "%s: threshold %.4f mA within 1 %% of NEURON's" % (c["name"], thr))
                print(int(not off < 1.0), "%s: potentials within %.3f mV of NEURON's" % (c["name"], off))
            del fiber
        print("%d cases; potentials differ by at most %.3f mV" % (len(todo), worst_mV))
    if len(sys.argv) > 2:
        speed(h)


def speed(h):
    """Simulations a second beside NEURON's: 61 nodes, 5 ms, 5 us, in this very run."""
    global NODES
    NODES = 61
    fiber = Fiber(h, 10.0, 5)
    middle = fiber.place[11 * 30]
    outside = [potential(s - middle, 0, [(-1, 0, 2, 0)], 0.3, 0.3) for s in fiber.place]
    heights = [0.0] * 100 + [1.0] * 40
    times = []
    for _ in range(3):
        start = time.time()
        fiber.run(outside, heights, 0.4, 40, 1000)
        times.append(time.time() - start)
    each = min(times)
    print("NEURON: %.2f simulations a second" % (1 / each))
    for line in subprocess.run([sys.argv[2]], stdout=subprocess.PIPE, text=True).stdout.splitlines():
        if "fibres:" in line:
            rate = float(line.split()[2])
            print(int(not rate * each > 100), "%s: %.0f times NEURON's" % (line, rate * each))


main()
