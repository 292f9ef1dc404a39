"""timed.py SECONDS MB COMMAND...: runs it; it must end well, within this time and memory (that of its largest process,
children included, as /usr/bin/time has it)."""
import resource
import subprocess
import sys
import time

from results import check

limit_s, limit_MB = map(float, sys.argv[1:3])
start = time.monotonic()
status = subprocess.run(sys.argv[3:], stdout=subprocess.DEVNULL).returncode
seconds = time.monotonic() - start
use = resource.getrusage(resource.RUSAGE_CHILDREN)
check(status == 0, f"the run ends well (exit {status})")
check(seconds < limit_s, f"in {seconds:.0f} s of at most {limit_s:.0f} (processor {use.ru_utime + use.ru_stime:.0f} s)")
check(use.ru_maxrss / 1024 < limit_MB, f"with {use.ru_maxrss / 1024:.0f} MB of at most {limit_MB:.0f}")
