#!/bin/bash
# What accuracy costs: thresholds of the real subject's roots against a reference, for elements of both orders, on meshes
# that are uniform, finer, coarser or refined for the roots. The default keeps every threshold within 2 %, whatever the
# mesh's seed, and what a run estimates of its own error is true to a factor of two. Runs are kept; those that are there are not timed again. COST_RUNS names some of them, such as "reference
# default"; the others are left out.
. "$(dirname "$0")/lib.sh"
need_sub03
wanted() { [ -z "${COST_RUNS:-}" ] || [[ " $COST_RUNS " == *" $1 "* ]]; }

# trial NAME MESH FIELD [FIBERS]: a case with these keys, stage by stage; seconds in $kept/cost-NAME/cost.csv
trial() {
  local out="$kept/cost-$1" case="$T/$1"
  wanted "$1" || return 0
  mkdir -p "$case" "$out" && cp "$root"/cases/sub-03/{case.yaml,sets.csv} "$case"
  printf 'mesh: {%s}\nfield: {%s}\nfibers: {%s}\n' "$2" "$3" "${4:-}" >>"$case/case.yaml"
  [ -e "$out/cost.csv" ] && [ "$out/cost.csv" -nt "$CAUDA" ] && return 0
  "$python" -B "$verify/cost_run.py" "$out" "$CAUDA" "$case/case.yaml" "$sub03" 2>"$T/.err"
  result $? "$1 runs"
}
finer='root_edge_mm: 0.22, dura_edge_mm: 0.5, contact_edge_mm: 0.22, growth: 0.2, reach_mm: 8'
trial reference "$finer" 'order: 2' 'tolerance: 0.002'
for seed in 2 3; do trial "reference-seed$seed" "$finer, seed: $seed" 'order: 2' 'tolerance: 0.002'; done
trial first 'seed: 1' 'order: 1'
trial first-finer "$finer" 'order: 1'
trial first-adapted 'seed: 1' 'order: 1, error: 0.01'
trial coarser 'root_edge_mm: 0.4, dura_edge_mm: 0.9, contact_edge_mm: 0.5, growth: 0.5' 'order: 2'
trial default 'seed: 1' 'order: 2'
trial default-seed2 'seed: 2' 'order: 2'
trial default-seed3 'seed: 3' 'order: 2'
trial finer-growth 'growth: 0.25, contact_edge_mm: 0.35, reach_mm: 10' 'order: 2'
judge cost_table.py "$kept"
finish
