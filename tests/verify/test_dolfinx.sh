#!/bin/bash
# The same mesh and conductivities solved by dolfinx, another finite-element code: equal at the nodes to 1e-6. The mesh
# is a box with a lead, and that of each run that is found in out/.
root=$(cd "$(dirname "$0")/../.." && pwd)
dump="$root/${BUILD:-build/release}/tests/verify/field_dump"
. "$root/tests/pipeline/lib.sh"
python=/usr/bin/python3 # Debian's: dolfinx is a Debian package

compare() { # name [OUT]
  if ! "$python" -c 'import dolfinx, scipy' 2>/dev/null; then skip "$1: python3-dolfinx and python3-scipy are not installed"; return; fi
  "$dump" "$T/dump" $2 2>"$T/.err" && "$python" "$root/tests/verify/dolfinx_compare.py" "$T/dump" 2>>"$T/.err" >"$T/.out"
  result $? "$1: $(tail -n 1 "$T/.out")"
  rm -rf "$T/dump"
}

compare "a box with a lead"
for run in "$root"/out/*/leadfield.h5; do
  [ -e "$run" ] && compare "$(basename "$(dirname "$run")")" "$(dirname "$run")"
done
finish
