"""run_stages.py COMMAND...: runs cauda and prints what each stage took: elapsed and processor time (threads and children
included) and the most memory that it and its children held together, all seen from outside."""
import os
import re
import subprocess
import sys
import threading
import time

TICK, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
NAP_S = 0.02


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for p in found:
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children") as f:
                    found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def usage(pid):
    """Processor seconds, those of children that have ended included, and resident megabytes."""
    seconds = memory = 0.0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/stat") as f:
                ticks = f.read().rsplit(")", 1)[1].split()[11:15]
            with open(f"/proc/{p}/statm") as f:
                pages = f.read().split()
        except OSError:
            continue
        seconds += sum(map(int, ticks[: 4 if p == pid else 2])) / TICK
        # what a child shares with its parent is counted once
        memory += (int(pages[1]) - (int(pages[2]) if p != pid else 0)) * PAGE / 2**20
    return seconds, memory


class Watch(threading.Thread):
    """Keeps the most memory since the last look."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, 0.0

    def run(self):
        while True:
            self.most = max(self.most, usage(self.pid)[1])
            time.sleep(NAP_S)

    def take(self):
        most, self.most = self.most, 0.0
        return most


def main():
    start = before = time.monotonic()
    p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    watch = Watch(p.pid)
    watch.start()
    rows, done, words = [], 0.0, []
    for line in p.stderr:
        words.append(line)
        stage = re.match(r"(\w+): done in", line)
        if not stage:
            continue
        now, seconds = time.monotonic(), usage(p.pid)[0]
        rows.append((stage[1], now - before, seconds - done, watch.take()))
        before, done = now, seconds
    _, status, rest = os.wait4(p.pid, 0)
    if status:
        sys.exit("".join(words) + f"run_stages.py: {sys.argv[1]} ended with {os.waitstatus_to_exitcode(status)}")
    everything = rest.ru_utime + rest.ru_stime
    rows.append(("all", time.monotonic() - start, everything, max(r[3] for r in rows)))
    print("| stage | s | processor s | cores | MB |\n| --- | --- | --- | --- | --- |")
    for name, wall, seconds, memory in rows:
        print(f"| {name} | {wall:.1f} | {seconds:.1f} | {seconds / max(wall, 1e-9):.2f} | {memory:.0f} |")


main()
