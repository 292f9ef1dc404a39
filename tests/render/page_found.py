"""What report.html does with many sets, with what was found besides, and with names that mean harm: python3 page_found.py FOLDER
FOLDER: a run of more than eight sets with a sweep and a search. Prints as page.py does."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser

FOLDER = sys.argv[1]
PICTURES = os.environ.get("PICTURES")
VIEW = "document.querySelector('.view').cauda"


def tell(good, words):
    print("%d %s" % (0 if good else 1, words), flush=True)


def check_choice(page):
    sets = page.evaluate(VIEW + ".run.sets.map(s => s.name)")
    drawn = page.evaluate("document.querySelectorAll('#sets article').length")
    tell(len(sets) > 8 and drawn == 8, "%d of %d sets are drawn at first" % (drawn, len(sets)))
    last = sets[-1]
    page.evaluate("""[...document.querySelectorAll('#ranking [data-choose]')].find(b => b.textContent === %r).focus()""" % last)
    page.key("Enter", number=13, text="\r")
    page.wait("document.querySelectorAll('#sets article').length === 9 && %s.now.name === %r" % (VIEW, last))
    card = page.evaluate("""(() => { const c = document.querySelector('#sets article.chosen');
        return [c.dataset.set, c.querySelectorAll('svg').length, c.querySelectorAll('path[data-root]').length]; })()""")
    tell(card[0] == last and card[1] == 3 and card[2] > 0, "a set of the table that is chosen is drawn: map, curves, scene")
    other = sets[-2]
    page.evaluate("""(() => { const s = document.querySelector('select[data-choose]'); s.value = %r;
        s.dispatchEvent(new Event('change')); })()""" % other)
    page.wait("document.querySelectorAll('#sets article').length === 10 && %s.now.name === %r" % (VIEW, other))
    shares = page.evaluate("[%s.amplitude, %s.now.at_mA]" % (VIEW, VIEW))
    page.evaluate("""(() => { const s = document.querySelector('[data-amplitude]'); s.value = s.max;
        s.dispatchEvent(new Event('input')); })()""")
    tell(shares[0] == shares[1] and page.evaluate(VIEW + ".fired") > 0, "its own amplitude, and its firing sites")
    field = page.evaluate("""(async () => { await %s.setPlane({direction: 'axial'}); return %s.plane.reach; })()""" % (VIEW, VIEW))
    tell(field > 0, "and its field")


def check_found(page):
    for part in ("sweep", "search", "confidence"):
        tell(page.evaluate("!!document.querySelector('#%s svg')" % part), "what the %s found is drawn" % part)
    rows = page.evaluate("document.querySelector('#sweep table.ranking').tBodies[0].rows.length")
    page.evaluate("""(() => { const f = document.querySelector('#sweep [data-filter]');
        f.value = document.querySelector('#sweep tbody tr').dataset.set; f.dispatchEvent(new Event('input')); })()""")
    left = page.evaluate("[...document.querySelectorAll('#sweep tbody tr')].filter(r => !r.hidden).length")
    tell(0 < left < rows, "its table filters (%d of %d)" % (left, rows))
    heads = page.evaluate("[...document.querySelectorAll('#ranking th')].map(h => h.textContent.trim())")
    wanted = {"limit", "score low", "score high", "first probability", "rank probability"}
    tell(wanted <= set(heads), "the ranking has columns for limits and confidence")


with Browser() as b:
    page = b.open("file://" + os.path.abspath(os.path.join(FOLDER, "report.html")), 1300, 1000)
    page.wait("document.getElementById('views')?.dataset.ready === '1'")
    check_choice(page)
    check_found(page)
    if PICTURES:
        page.picture(os.path.join(PICTURES, "found.png"), [0, 0, 1300, page.evaluate("document.body.scrollHeight")])
    evil = page.evaluate("[document.title, document.querySelector('h1').textContent, document.querySelectorAll('img').length]")
    tell("<script>" in evil[0] and "<script>" in evil[1] and evil[2] == 0 and not page.evaluate("window.harmed"),
         "a case named %s harms nobody" % evil[1])
    said, asked = page.complaints(), [u for u in page.requests() if not u.startswith(("file://", "data:", "blob:"))]
    tell(not said and not asked, "nothing is complained of or asked for" + "".join("; " + s[:300] for s in (said + asked)[:3]))
