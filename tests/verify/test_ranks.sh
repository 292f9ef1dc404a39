#!/bin/bash
# The answer does not depend on the number of ranks: a box with a lead on 1, 2 and 4 of them, to 1e-9 of the largest
# potential (solved to a residual of 1e-11).
root=$(cd "$(dirname "$0")/../.." && pwd)
dump="$root/${BUILD:-build/release}/tests/verify/field_dump"
. "$root/tests/pipeline/lib.sh"

difference() { # FILE FILE of doubles: the largest difference over the largest value
  paste -d ' ' <(od -An -v -t f8 -w8 "$1") <(od -An -v -t f8 -w8 "$2") |
    awk '{d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d; if ($1 > top) top = $1; n++}
         END {printf("%.2e", (n && top > 0) ? most / top : 1)}'
}

holds "one rank" "$dump" "$T/1"
for n in 2 4; do
  if ! command -v mpirun >/dev/null; then skip "$n ranks: there is no mpirun"; continue; fi
  mpirun --oversubscribe --allow-run-as-root -n "$n" "$dump" "$T/$n" >"$T/.out" 2>"$T/.err"
  d=$(difference "$T/1/potential_ohm.f8" "$T/$n/potential_ohm.f8")
  awk -v d="$d" 'BEGIN {exit !(d != "" && d < 1e-9)}'
  result $? "$n ranks: relative difference $d"
done
finish
