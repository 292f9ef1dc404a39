#!/bin/bash
# ranks.sh [CASE [INPUT]]: the solve stage on 1, 2 and 4 ranks of one thread each (RANKS), on the same mesh: medians of REPEATS,
# as a table with its parts, the ratio to 1 rank, memory of each rank, and how far the potentials are from those of 1 rank.
# Without a case: sub-03 where its data are there, else the demo. What rank 0 does alone while the others sleep (reading,
# conductivities) may use all processors, as in any run; on one rank all is by one thread. Then the whole run on 1 and 2 ranks
# (WHOLE), stage by stage.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build="$root/${BUILD:-build/release}"
shared=${CAUDA_SHARED:-$root/../shared}
case=${1:-} input=${2:-}
if [ -z "$case" ]; then
  case=$root/cases/demo/case.yaml input=$root/cases/demo
  [ -d "$shared/data/sub-03" ] && case=$root/cases/sub-03/case.yaml input=$shared/data/sub-03
fi
out=$build/bench/ranks-$(basename "$(dirname "$case")")-$(basename "$case" .yaml)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out"
"$build/cauda" mesh "$case" --input "$input" -o "$out/run" --quiet
on_ranks() { # N COMMAND: one thread each
  local threads=()
  (($1 == 1)) && threads=(--threads 1)
  mpirun --oversubscribe --bind-to none -n "$1" "$build/cauda" "$2" "$case" --input "$input" -o "$out/run" --force --quiet \
    "${threads[@]}" >"$out/words.txt"
}
echo "solve stage, $(nproc) processors, medians of ${REPEATS:-3}; load of the machine now: $(cut -d' ' -f1 /proc/loadavg)"
for n in ${RANKS:-1 2 4}; do
  for ((i = 0; i < ${REPEATS:-3}; i++)); do
    on_ranks "$n" solve
    cp "$out/run/report.json" "$out/$n-$i.json"
  done
  mv "$out/run/leadfield.h5" "$out/$n.h5"
done
/usr/bin/python3 -B "$root/tests/bench/ranks_table.py" "$out" ${RANKS:-1 2 4}
rm -f "$out"/*.h5
for n in ${WHOLE:-1 2}; do
  for ((i = 0; i < ${REPEATS:-3}; i++)); do
    on_ranks "$n" run
    cp "$out/run/report.json" "$out/whole-$n-$i.json"
    cp "$out/run/fiber_thresholds.csv" "$out/whole-$n.csv"
  done
done
/usr/bin/python3 -B "$root/tests/bench/ranks_table.py" --whole "$out" ${WHOLE:-1 2}
