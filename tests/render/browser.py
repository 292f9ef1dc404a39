"""A headless Chromium, driven through its own debugging pipe: no driver, no port, no package but chromium.

    with Browser() as b:
        page = b.open("file:///tmp/report.html", 1300, 1000)
        page.evaluate("document.title")
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

LIMIT_S = 60


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="cauda-chromium-")
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()
        # The pipe is 3 (it reads) and 4 (it writes) in the child.
        run = 'exec 3<&%d 4>&%d; exec "$0" "$@"' % (to_read, from_write)
        words = [find(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--use-angle=swiftshader",
                 "--enable-unsafe-swiftshader", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
                 "--user-data-dir=" + self.folder, "about:blank"]
        self.process = subprocess.Popen(["bash", "-c", run] + words, pass_fds=(to_read, from_write),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read), os.close(from_write)
        self.rest, self.number, self.events = b"", 0, []
        return self

    def __exit__(self, *_):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        os.close(self.back)
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, limit_s):
        until = time.monotonic() + limit_s
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.back], [], [], left)[0]:
                raise TimeoutError("chromium said nothing for %g s" % limit_s)
            more = os.read(self.back, 1 << 20)
            if not more:
                raise EOFError("chromium ended")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, session=None, **parameters):
        self.number += 1
        ask = {"id": self.number, "method": method, "params": parameters}
        if session:
            ask["sessionId"] = session
        os.write(self.to, json.dumps(ask).encode() + b"\0")
        while True:
            m = self.message(LIMIT_S)
            if m.get("id") == self.number:
                if "error" in m:
                    raise RuntimeError("%s: %s" % (method, m["error"]["message"]))
                return m["result"]
            self.events.append(m)

    def open(self, url, width, height):
        return Page(self, url, width, height)


class Page:
    def __init__(self, browser, url, width, height):
        self.b = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.begun = time.monotonic()
        self.call("Page.navigate", url=url)

    def call(self, method, **parameters):
        return self.b.call(method, self.session, **parameters)

    def evaluate(self, expression):
        r = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            d = r["exceptionDetails"]
            raise RuntimeError(d.get("exception", {}).get("description", d["text"]))
        return r["result"].get("value")

    def wait(self, expression, limit_s=LIMIT_S):
        """Seconds from the page's opening until the expression holds."""
        until = time.monotonic() + limit_s
        while not self.evaluate(expression):
            if time.monotonic() > until:
                raise TimeoutError("not within %g s: %s" % (limit_s, expression))
            time.sleep(0.05)
        return time.monotonic() - self.begun

    def mouse(self, kind, x, y, button="left"):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)

    def click(self, x, y):
        self.mouse("mouseMoved", x, y, "none")
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def key(self, key, code=None, number=0, text=""):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=code or key, windowsVirtualKeyCode=number,
                  text=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code or key, windowsVirtualKeyCode=number)

    def picture(self, path, clip=None):
        more = {"clip": dict(zip(("x", "y", "width", "height"), clip), scale=1)} if clip else {}
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                               **more)["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def complaints(self):
        """Errors in the console and exceptions so far."""
        self.evaluate("0")
        out = []
        for m in self.b.events:
            p = m.get("params", {})
            if m["method"] == "Runtime.exceptionThrown":
                d = p["exceptionDetails"]
                out.append(d.get("exception", {}).get("description", d["text"]))
            if m["method"] == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
                out.append(p["type"] + ": " + " ".join(str(a.get("value", a.get("description"))) for a in p["args"]))
            if m["method"] == "Log.entryAdded" and p["entry"]["level"] == "error":
                out.append(p["entry"]["text"])
        return out

    def requests(self):
        self.evaluate("0")
        return [m["params"]["request"]["url"] for m in self.b.events if m["method"] == "Network.requestWillBeSent"]
