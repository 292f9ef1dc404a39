#!/bin/bash
# The same mesh and conductivities solved by dolfinx, another finite-element code: equal at the nodes, in L2 and at most:
# to 1e-8 on a bent box with a lead, floating contacts and turning tensors, with elements of both orders; to 1e-6 on the
# mesh of the real subject at default resolution, which is solved to a residual of 1e-9.
. "$(dirname "$0")/lib.sh"
need dolfinx scipy
dump="$root/${BUILD:-build/release}/tests/verify/field_dump"

compare() { # name 1|2|OUT LIMIT
  holds "$1: arrays written" "$dump" "$T/dump" $2
  "$python" -B "$verify/dolfinx_compare.py" "$T/dump" "$3" 2>"$T/.err" >"$T/.out"
  result $? "$1: $(tail -n 1 "$T/.out")"
  rm -rf "$T/dump"
}

compare "a box with a lead, first order" 1 1e-8
compare "a box with a lead, second order" 2 1e-8
need_sub03
kept_run sub-03 "$root/cases/sub-03/case.yaml" --input "$sub03"
compare sub-03 "$kept/sub-03" 1e-6
finish
