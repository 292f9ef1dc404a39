"""cost_run.py OUT CAUDA CASE INPUT: the stages of a run, one after the other; OUT/cost.csv has the processor and elapsed
seconds of each (what it reads of the stages before included), and its memory."""
import csv
import os
import subprocess
import sys
import time
from pathlib import Path

out, cauda, case, folder = sys.argv[1:]
rows = []
for stage in ("seg", "mesh", "solve", "fibers"):
    before = time.monotonic()
    child = subprocess.Popen([cauda, stage, case, "--input", folder, "-o", out, "--quiet"])
    _, status, use = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{stage} ends with {os.waitstatus_to_exitcode(status)}")
    rows.append([stage, use.ru_utime + use.ru_stime, time.monotonic() - before, use.ru_maxrss / 1024])
with open(Path(out) / "cost.csv", "w", newline="") as f:
    writer = csv.writer(f)
    writer.writerow(["stage", "processor_s", "elapsed_s", "memory_MB"])
    writer.writerows(rows)
