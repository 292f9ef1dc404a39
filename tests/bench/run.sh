#!/bin/bash
# run.sh [CASE [INPUT]]: a whole run, stage by stage: elapsed and processor time, memory. The case is sub-03 where its data
# are there, else the phantom of cases/demo. The load says whether elapsed times mean anything.
cd "$(dirname "$0")/../.." || exit 1
shared="${CAUDA_SHARED:-$PWD/../shared}"
case="${1:-cases/sub-03/case.yaml}" input="${2:-$shared/data/sub-03}"
[ -d "$input" ] || { case=cases/demo/case.yaml && input=cases/demo; }
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT
echo "$case, $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg)"
python3 tests/bench/run_stages.py "${BUILD:-build/release}/cauda" run "$case" --input "$input" -o "$out/run"
