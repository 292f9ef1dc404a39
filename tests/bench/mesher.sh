#!/bin/bash
# mesher.sh [CASE [INPUT]]: the mesher of Cauda beside CGAL's Mesh_3 (concurrent; perturbed and exuded, sliver bound 10 degrees)
# on the same implicit anatomy, size function and cores: one row each. THREADS (2), EDGES (circumradius of CGAL's cells over
# the wanted edge, 1.0), REPEATS (1).
root=$(cd "$(dirname "$0")/../.." && pwd)
bench="$root/${BUILD:-build/release}/tests/bench"
case=${1:-$root/cases/sub-03/case.yaml} input=${2:-${CAUDA_SHARED:-$root/../shared}/data/sub-03}
if [ ! -d "$input" ]; then
  case=$root/cases/demo/case.yaml input=$root/cases/demo
fi
for ((i = 0; i < ${REPEATS:-1}; i++)); do
  "$bench/bench_mesh" "$case" "$input" "${THREADS:-2}" || exit
  if [ -x "$bench/mesh_cgal" ]; then
    "$bench/mesh_cgal" "$case" "$input" "${THREADS:-2}" "${EDGES:-1.0}" || exit
  fi
done
