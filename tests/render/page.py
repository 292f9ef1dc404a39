"""What report.html does in a browser: python3 page.py FOLDER CASE [OPTIONS of cauda that the case needs]
FOLDER is one that `cauda run CASE` has filled, by a build with its viewer; $CAUDA is the program. Prints "0 what holds" or
"1 what does not"; with $PICTURES, a folder, screenshots come there. Left and right are checked against the anatomy's own
coordinates: the frame that scene.json gives turns them into the subject's world (RAS+), where a left root has the smaller x."""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser

FOLDER, CASE = sys.argv[1:3]
PICTURES = os.environ.get("PICTURES")
VIEW = "document.querySelector('.view').cauda"
# Times are of a machine that has nothing else to do: on a busy one they may be longer by its load.
BUSY = max(1.0, os.getloadavg()[0] / os.cpu_count())
DRAWN_WITHIN_S, BYTES_MOST, FRAME_S = 3.0 * BUSY, 15e6, 0.15 * BUSY


def tell(good, words):
    print("%d %s" % (0 if good else 1, words), flush=True)


def picture_path(name):
    return os.path.join(PICTURES, os.path.basename(os.path.abspath(FOLDER)) + "-" + name)


def box(page, selector):
    return page.evaluate("""(() => { const b = document.querySelector(%r).getBoundingClientRect();
        return [b.left + scrollX, b.top + scrollY, b.width, b.height]; })()""" % selector)


def scroll_to(page, selector):
    page.evaluate("document.querySelector(%r).scrollIntoView({block: 'center', behavior: 'instant'})" % selector)
    b = page.evaluate("""(() => { const b = document.querySelector(%r).getBoundingClientRect();
        return [b.left, b.top, b.width, b.height]; })()""" % selector)
    return b


# Colours of the scene's picture: how many pixels of each; the picture is taken in the task that draws it.
PIXELS = """(() => { const v = %s, c = v.stage.querySelector('canvas'); v.draw();
  const d = document.createElement('canvas'); d.width = c.width; d.height = c.height;
  const g = d.getContext('2d'); g.drawImage(c, 0, 0);
  const p = g.getImageData(0, 0, d.width, d.height).data; let other = 0, sum = 0;
  for (let i = 0; i < p.length; i += 4) {
    if (p[i + 3] && (p[i] < 250 || p[i + 1] < 250 || p[i + 2] < 250)) other++;
    sum = (sum * 31 + p[i] + 3 * p[i + 1] + 7 * p[i + 2]) %% 4294967291; }
  return [other / (d.width * d.height), sum]; })()""" % VIEW


def slide(page, share):
    page.evaluate("""(() => { const s = document.querySelector('[data-amplitude]'); s.value = %g * s.max;
        s.dispatchEvent(new Event('input')); })()""" % share)


def colours_of_roots(page):
    return page.evaluate("%s.roots.map(r => r.actor.getProperty().getColor().map(x => Math.round(255 * x)).join())" % VIEW)


def check_drawing(page):
    seconds = page.wait("document.getElementById('views')?.dataset.ready === '1'")
    share, _ = page.evaluate(PIXELS)
    tell(share > 0.02, "the scene is drawn (%.1f %% of its pixels are not background)" % (100 * share))
    tell(seconds < DRAWN_WITHIN_S, "within %.3g s of opening (%.2f s)" % (DRAWN_WITHIN_S, seconds))


def check_turning(page):
    """Dragged with the mouse; each picture is read back, so that it counts when it is there, not when it was asked for."""
    x, y, w, h = scroll_to(page, ".stage")
    page.mouse("mousePressed", x + w / 2, y + h / 2)
    before = page.evaluate(VIEW + ".camera.getPosition().join()")
    seconds, small = [], page.evaluate("document.querySelector('.stage canvas').width")
    for i in range(12):
        begun = time.monotonic()
        page.mouse("mouseMoved", x + w / 2 + 8 * i, y + h / 2)
        page.evaluate("""new Promise(done => requestAnimationFrame(() => { const g = document.querySelector('.stage canvas')
            .getContext('webgl2'); g.readPixels(0, 0, 1, 1, g.RGBA, g.UNSIGNED_BYTE, new Uint8Array(4)); done(); }))""")
        seconds.append(time.monotonic() - begun)
    turned = page.evaluate(VIEW + ".camera.getPosition().join()") != before
    page.mouse("mouseReleased", x + w / 2 + 88, y + h / 2)
    full = page.evaluate("document.querySelector('.stage canvas').width")
    frame = sorted(seconds)[len(seconds) // 2]
    tell(turned and frame < FRAME_S, "dragged, it turns; a picture takes less than %.2g s (%.3f s)" % (FRAME_S, frame))
    tell(full >= small, "and is sharp when it stands (%d px across, %d while it turns)" % (full, small))
    page.evaluate(VIEW + ".lookFrom('behind')")


def check_slider(page):
    slide(page, 0.0)
    none, before = colours_of_roots(page), page.evaluate(PIXELS)
    fired = page.evaluate(VIEW + ".fired")
    slide(page, 1.0)
    most, after = colours_of_roots(page), page.evaluate(PIXELS)
    tell(len(set(none)) == 1 and none != most and before[1] != after[1], "roots change colour with the slider")
    tell(fired == 0 and page.evaluate(VIEW + ".fired") > 0, "firing sites appear with it")
    shares = page.evaluate(VIEW + ".roots.map(r => r.share)")
    tell(max(shares) > 0.5 and all(0 <= s <= 1 for s in shares), "activation is a share")


def check_structures(page):
    for name in ("cord", "dura", "paddle"):
        before = page.evaluate(PIXELS)
        page.evaluate("document.querySelector('[data-show=%s]').click()" % name)
        after = page.evaluate(PIXELS)
        page.evaluate("document.querySelector('[data-show=%s]').click()" % name)
        tell(before[1] != after[1] and page.evaluate(PIXELS)[1] == before[1], name + " switches off and on")
    before = page.evaluate(PIXELS)
    for direction in ("axial", "coronal", "sagittal"):
        page.evaluate("%s.setPlane({direction: '%s'})" % (VIEW, direction))
        after = page.evaluate(PIXELS)
        tell(before[1] != after[1], "the %s plane is drawn" % direction)
        before = after
    page.evaluate("%s.setPlane({direction: 'none'})" % VIEW)


def check_field(page, scene):
    """What the cutting plane shows of the best set against the field itself, at 400 points of the grid."""
    page.evaluate("%s.setPlane({direction: 'axial', quantity: 'E_V_per_m'})" % VIEW)
    page.evaluate("%s.setPlane({direction: 'none', quantity: 'potential_V'})" % VIEW)
    n, origin, step = (scene["grid"][k] for k in ("n", "origin_mm", "step_mm"))
    world = scene["world"]
    some = random.Random(1).sample(range(n[0] * n[1] * n[2]), 400)
    shown = page.evaluate("""(async () => { const f = %s.now.fields, V = await f.potential_V, E = await f.E_V_per_m;
        return [%s.now.name, %s.map(i => [V[i], E[i]])]; })()""" % (VIEW, VIEW, some))
    with tempfile.TemporaryDirectory() as folder:
        points = os.path.join(folder, "points.csv")
        with open(points, "w") as f:
            f.write("x_mm,y_mm,z_mm\n")
            for i in some:
                p = [origin[k] + step * [i % n[0], i // n[0] % n[1], i // (n[0] * n[1])][k] for k in range(3)]
                f.write("%.9g,%.9g,%.9g\n" % tuple(sum(world[4 * r + k] * p[k] for k in range(3)) + world[4 * r + 3]
                                                   for r in range(3)))
        done = subprocess.run([os.environ["CAUDA"], "field", CASE, "--set", shown[0], "--amplitude_mA", "1", "--at", points,
                               "-o", FOLDER, "--quiet"] + sys.argv[3:], capture_output=True, text=True)
        tell(done.returncode == 0, "cauda field tells of the same points %s" % done.stderr.strip())
    name = "field_%s_at_points.csv" % shown[0]
    with open(os.path.join(FOLDER, name)) as f:
        rows = list(csv.DictReader(f))
    os.remove(os.path.join(FOLDER, name))
    both = [(v, float(r["potential_V"])) for (v, _), r in zip(shown[1], rows) if r["potential_V"] and v is not None]
    strength = sorted(abs(e / max(float(r["E_V_per_m"]), 1e-9) - 1) for (_, e), r in zip(shown[1], rows)
                      if r["E_V_per_m"] and e is not None)
    far, most = max(abs(a - b) for a, b in both), max(abs(b) for _, b in both)
    tell(len(both) > 300 and far < 1e-3 * most, "the plane's potential is that of cauda field (%.1e of %.2g V)" % (far, most))
    tell(strength[len(strength) // 2] < 0.1, "and its field, over 1 mm, is near that at points (median %.1f %%)" %
         (100 * strength[len(strength) // 2]))


def check_currents(page):
    """The largest cathode and anode have the strongest colours, what is off is neither."""
    colours = page.evaluate("""%s.lead.filter(p => p.contact).map(p => [%s.now.share[p.name] ?? 0,
        ...p.actor.getProperty().getColor().map(x => Math.round(255 * x))])""" % (VIEW, VIEW))
    blue = all(c[3] > c[1] for c in colours if c[0] < 0)
    orange = all(c[1] > c[3] for c in colours if c[0] > 0)
    grey = all(c[1] == c[2] == c[3] for c in colours if c[0] == 0)
    depth = lambda c: abs(c[1] - c[3])
    order = sorted((c for c in colours if c[0]), key=lambda c: abs(c[0]))
    same = all(depth(a) <= depth(b) + 1 for a, b in zip(order, order[1:]) if abs(a[0]) < abs(b[0]) - 1e-9 and a[0] * b[0] > 0)
    tell(blue and orange and grey and same, "contacts are coloured by their currents (%d drive)" % len(order))


def check_click(page):
    scroll_to(page, ".stage")
    hit = page.evaluate("""(() => { const v = %s, names = v.roots.map(r => r.name);
        for (const r of v.roots) for (let i = 0; i < r.line.length; i += 4) {
            const [x, y] = v.project([r.line[i], r.line[i + 1], r.line[i + 2]]);
            const b = v.stage.getBoundingClientRect();
            if (x < 5 || y < 5 || x > b.width - 5 || y > b.height - 5 || v.rootAt(x, y) !== r.name) continue;
            if (y + b.top < 100 || y + b.top > innerHeight - 5) continue;
            return [r.name, x + b.left, y + b.top]; } })()""" % VIEW)
    page.click(hit[1], hit[2])
    got = page.evaluate("[document.querySelector('.picked').textContent, !!document.querySelector('.picked svg path')]")
    tell(hit[0] in got[0] and got[1], "a click on a root opens its curve (%s)" % hit[0])
    faint = page.evaluate("document.querySelectorAll('#sets path.faint').length")
    tell(faint > 0, "and the other curves of the page step back")
    if PICTURES:
        page.picture(picture_path("picked.png"), box(page, "#scene"))


def check_sides(page, scene):
    """Truth: the roots' names and their places in the world, from the file, not from the page."""
    world = scene["world"]
    frame = page.evaluate("""%s.roots.map(r => [r.name, r.line[r.line.length - 4], r.line[r.line.length - 3],
        r.line[r.line.length - 2]])""" % VIEW)
    to_world = lambda p: [sum(world[4 * k + i] * p[i] for i in range(3)) + world[4 * k + 3] for k in range(3)]
    mean = lambda side, k: (lambda x: sum(x) / len(x))([to_world(r[1:])[k] for r in frame if r[0].split("_")[1] == side])
    tell(mean("L", 0) < mean("R", 0), "left roots enter left of right ones in the world (x %.1f and %.1f mm, RAS)" %
         (mean("L", 0), mean("R", 0)))
    entry = dict((r[0].split("_")[0], to_world(r[1:])) for r in frame)
    first, last = min(entry), max(entry)  # L1 .. S2 in the order of the alphabet
    tell(entry[first][2] > entry[last][2], "%s enters above %s" % (first, last))
    for look in ("behind", "front", "left", "above"):
        page.evaluate("%s.lookFrom('%s')" % (VIEW, look))
        seen = page.evaluate("""(() => { const v = %s, m = {};
            for (const k of v.marks) if (!k.element.hidden)
                m[k.name] = [parseFloat(k.element.style.left), parseFloat(k.element.style.top)];
            const side = (s) => { const x = v.roots.filter(r => r.name.split('_')[1] === s).map(r =>
                v.project([r.line[r.line.length - 4], r.line[r.line.length - 3], r.line[r.line.length - 2]])[0]);
                return x.reduce((a, b) => a + b) / x.length; };
            return [m, side('L'), side('R')]; })()""" % VIEW)
        marks, left, right = seen
        if look in ("behind", "front", "above"):
            same = (marks["Left"][0] < marks["Right"][0]) == (left < right)
            tell(same and abs(left - right) > 5, "from %s, \"Left\" stands where the left roots are" % look)
        if look != "above":
            tell(marks["Rostral"][1] < marks["Caudal"][1], "and rostral is up" if look == "behind" else
                 "from %s rostral is up" % look)
        if look == "behind":
            tell(left < right and "Dorsal" not in marks, "from behind, the subject's left is on the left")
        if look == "left":
            tell(marks["Ventral"][0] < marks["Dorsal"][0] and "Left" not in marks, "from the left, ventral is on the left")
    page.evaluate("%s.lookFrom('behind')" % VIEW)
    paddle = page.evaluate("""%s.scene.lead.flatMap(s => [...s.points].filter((_, i) => i %% 3 === 1)).reduce(
        (a, y, _, all) => a + y / all.length, 0)""" % VIEW)
    cord = page.evaluate("""(() => { const p = %s.scene.shells[0].points; let s = 0;
        for (let i = 1; i < p.length; i += 3) s += p[i]; return s / (p.length / 3); })()""" % VIEW)
    tell(paddle < cord, "the paddle lies dorsally of the cord")


def check_table(page):
    def column(name):
        return page.evaluate("""(() => { const t = document.querySelector('table.ranking');
            const i = [...t.tHead.rows[0].cells].findIndex(c => c.textContent.trim() === %r);
            return [i, [...t.tBodies[0].rows].map(r => r.cells[i].dataset.v)]; })()""" % name)
    scroll_to(page, "table.ranking")
    i, values = column("score")
    head = "table.ranking th:nth-child(%d) button" % (i + 1)
    for expected in (False, True):
        x, y, w, h = scroll_to(page, head)
        page.click(x + w / 2, y + h / 2)
        values = [float(v) for v in column("score")[1]]
        tell(values == sorted(values, reverse=expected) and len(set(values)) > 1,
             "a click on its head sorts the table %s" % ("down" if expected else "up"))
    page.evaluate("document.querySelector(%r).focus()" % head)
    page.key("Enter", number=13, text="\r")
    values = [float(v) for v in column("score")[1]]
    tell(values == sorted(values), "and so does the keyboard")
    names = page.evaluate("[...document.querySelectorAll('table.ranking tbody tr')].map(r => r.dataset.set)")
    page.evaluate("document.querySelector('[data-filter]').focus()")
    for letter in names[0]:
        page.key(letter, text=letter)
    left = page.evaluate("[...document.querySelectorAll('table.ranking tbody tr')].filter(r => !r.hidden).length")
    tell(1 <= left < len(names), "typing filters the rows (%d of %d)" % (left, len(names)))
    page.evaluate("(() => { const f = document.querySelector('[data-filter]'); f.value = '';"
                  "f.dispatchEvent(new Event('input')); })()")


def check_keys(page):
    page.evaluate("document.querySelector('.stage').focus()")
    before = page.evaluate(PIXELS)
    page.key("ArrowRight", number=39)
    page.key("ArrowRight", number=39)
    turned = page.evaluate(PIXELS)
    tell(before[1] != turned[1], "arrow keys turn the scene")
    page.evaluate("%s.lookFrom('behind')" % VIEW)
    unnamed = page.evaluate("""[...document.querySelectorAll('button, select, input, [tabindex="0"]')].filter(e =>
        !e.textContent.trim() && !e.getAttribute('aria-label') && !e.closest('label')).length""")
    tell(unnamed == 0, "every control has a name")


def main():
    size = os.path.getsize(os.path.join(FOLDER, "report.html"))
    tell(size < BYTES_MOST, "the page has less than %g MB (%.1f)" % (BYTES_MOST / 1e6, size / 1e6))
    with open(os.path.join(FOLDER, "scene.json")) as f:
        scene = json.load(f)
    with Browser() as b:
        page = b.open("file://" + os.path.abspath(os.path.join(FOLDER, "report.html")), 1300, 1000)
        check_drawing(page)
        check_turning(page)
        check_sides(page, scene)
        check_slider(page)
        check_structures(page)
        check_field(page, scene)
        check_currents(page)
        check_click(page)
        check_keys(page)
        check_table(page)
        if PICTURES:
            page.evaluate("scrollTo(0, 0)")
            page.evaluate("""(() => { const change = (e, v) => { e.value = v; e.dispatchEvent(new Event('change')); };
                change(document.querySelector('.side select'), %s.run.sets[0].name);
                change(document.querySelector('[data-plane]'), 'axial'); })()""" % VIEW)
            page.evaluate("%s.setPlane({position: 0.7}).then(() => %s.turn(25, 25))" % (VIEW, VIEW))
            page.picture(picture_path("scene.png"), box(page, "#scene"))
            page.picture(picture_path("page.png"), [0, 0, 1300, page.evaluate("document.body.scrollHeight")])
        pdf = page.pdf()
        tell(pdf[:5] == b"%PDF-" and len(pdf) > 50000, "it prints to PDF (%d kB)" % (len(pdf) // 1000))
        if PICTURES:
            with open(picture_path("page.pdf"), "wb") as f:
                f.write(pdf)
        page.evaluate("document.querySelector('.add button').click()")
        page.wait("document.querySelectorAll('.view').length === 2")
        page.wait("document.querySelectorAll('.view')[1].cauda?.now")
        page.evaluate("document.querySelectorAll('[data-look=left]')[0].click()")
        same = page.evaluate("""(() => { const [a, b] = [...document.querySelectorAll('.view')].map(e =>
            e.cauda.camera.getPosition()); return Math.hypot(...a.map((x, k) => x - b[k])); })()""")
        tell(same < 1e-6, "a second view stands beside the first and turns with it")
        page.evaluate("""(() => { const s = document.querySelectorAll('.view')[1].querySelector('select');
            s.value = s.options[1].value; s.dispatchEvent(new Event('change')); })()""")
        page.wait("document.querySelectorAll('.view')[1].cauda?.now?.name === %s.run.sets[1].name" % VIEW)
        tell(page.evaluate(VIEW + ".now.name === %s.run.sets[0].name" % VIEW), "and shows another set beside the first's")
        said, asked = page.complaints(), page.requests()
        tell(not said, "no error in the console" + "".join("; " + s[:300] for s in said[:3]))
        out = [u for u in asked if not u.startswith(("file://", "data:", "blob:"))] + \
              [u for u in asked if u.startswith("file://") and not u.endswith("/report.html")]
        tell(not out and len(asked) > 0, "no request leaves the page" + "".join(" " + u for u in out[:3]))


main()
