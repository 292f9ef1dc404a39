#!/bin/bash
# field.sh [CASE [INPUT]]: the field of all contacts on a run's mesh, by Cauda and by dolfinx with its best preconditioner,
# on the same cores, in one go: medians of REPEATS, as a table with the ratio. Without a case: sub-03 where its data are
# there, else the demo. CORES: as many as there are.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build="$root/${BUILD:-build/release}"
shared=${CAUDA_SHARED:-$root/../shared}
cores=${CORES:-$(nproc)} repeats=${REPEATS:-3}
case=${1:-} input=${2:-}
if [ -z "$case" ]; then
  case=$root/cases/demo/case.yaml input=$root/cases/demo
  [ -d "$shared/data/sub-03" ] && case=$root/tests/bench/sub-03-fine.yaml input=$shared/data/sub-03
fi
out=$build/bench/$(basename "$(dirname "$case")")-$(basename "$case" .yaml)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out"
"$build/cauda" solve "$case" --input "$input" -o "$out/run" --quiet >"$out/run.txt"
echo "field of all contacts, $cores cores, medians of $repeats; load of the machine now: $(cut -d' ' -f1 /proc/loadavg)"
{
  taskset -c "$(seq -s, 0 $((cores - 1)))" "$build/tests/bench/field_times" "$out/run" "$out/arrays" 1 1e-8 "$repeats"
  if /usr/bin/python3 -c 'import dolfinx' 2>/dev/null; then
    mpirun -n "$cores" /usr/bin/python3 -B "$root/tests/bench/bench_dolfinx.py" "$out/arrays" "$repeats" ${PRECONDITIONERS:-} \
      2>"$out/dolfinx.txt"
  fi
} >"$out/times.csv"
rm -rf "$out/arrays"
awk -F, '
  BEGIN { printf "%-16s %9s %11s %18s %8s %12s %11s %10s %9s\n", "by", "unknowns", "assembly s", "set-up, solves s", "all s",
                 "processor s", "iterations", "residual*", "MB" }
  { printf "%-16s %9d %11.2f %18.2f %8.2f %12.2f %11d %10s %9d\n", $1, $2, $3, $4, $5, $6, $7, $8, $9
    if ($1 == "cauda-block") { own = $5; own_cpu = $6 }
    if ($1 ~ /^dolfinx/ && (!best || $5 < best)) { best = $5; name = $1; best_cpu = $6 } }
  END { if (best) printf "%s / cauda-block: %.1f (processor time: %.1f)\n", name, best / own, best_cpu / own_cpu
        print "*  of dolfinx: largest difference of a potential from cauda-block, relative to the largest" }' "$out/times.csv"
