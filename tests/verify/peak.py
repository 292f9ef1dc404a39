"""peak.py FILE COMMAND...: runs it, writes the bytes of memory it had at most (its largest process) into FILE, and ends as it
does. With --time, "SECONDS PROCESSOR-SECONDS BYTES"."""
import resource
import subprocess
import sys
import time

timed = sys.argv[1] == "--time"
path, command = (sys.argv[2], sys.argv[3:]) if timed else (sys.argv[1], sys.argv[2:])
start = time.monotonic()
status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
seconds = time.monotonic() - start
use = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(path, "w") as f:
    times = f"{seconds:.2f} {use.ru_utime + use.ru_stime:.2f} " if timed else ""
    f.write(f"{times}{use.ru_maxrss * 1024}\n")
sys.exit(status)
