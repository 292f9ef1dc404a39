#!/bin/bash
# A mesh from elsewhere: three shells against their series, within 1 % as it is and 0.2 % refined once (second order).
. "$(dirname "$0")/lib.sh"
mesh="$CAUDA_SHARED/data/fem/sphere3.msh"
[ -e "$mesh" ] || { skip "no mesh ($mesh)" && finish; }
need numpy

"$python" -B "$verify/sphere3_named.py" "$mesh" "$T/sphere3.msh" 2>"$T/.err"
result $? "its groups are named"
"$root/${BUILD:-build/release}/tests/verify/field_sphere3" "$T/sphere3.msh" 1 >"$T/.out" 2>"$T/.err"
result $? "solved"
within() { # PATTERN LIMIT name
  local line
  line=$(grep "^$1" "$T/.out")
  awk -v line="$line" -v limit="$2" 'BEGIN {split(line, w, " "); exit !(w[5] > 0 && w[5] <= limit)}'
  result $? "$3: $line"
}
within "refined 0 P1" 0.01 "first order"
within "refined 0 P2" 0.01 "second order"
within "refined 1 P2" 0.002 "second order, refined"
finish
