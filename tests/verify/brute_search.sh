#!/bin/bash
# Search against brute force on the real subject, for every root: no monopole, bipole or tripole (shares in quarters; 10,336
# sets) is better by the full model than what the search finds. The predictor scores all of them for each root; the full
# model looks at those within a margin of the search's best, or above it, and at a sample of all. The margin is wider than
# the predictor's error on all that both have looked at, each for all roots. Longer than the other checks, so `make verify` does not
# run it: half an hour on two idle cores. ROOTS="L1_L S2_R" takes fewer.
here=$(cd "$(dirname "$0")/../.." && pwd)
export CAUDA="${CAUDA:-$here/build/release/cauda}" CAUDA_SHARED="${CAUDA_SHARED:-$here/../shared}"
. "$here/tests/verify/lib.sh"
need_sub03
margin=0.04
roots=${ROOTS:-L1_L L1_R L2_L L2_R L3_L L3_R L4_L L4_R L5_L L5_R S1_L S1_R S2_L S2_R}
folder=$kept/brute
mkdir -p "$folder" && rm -rf "$folder/case" && cp -r "$root/cases/sub-03" "$folder/case"
case=$folder/case/case.yaml
check() { "$python" -B "$verify/brute_check.py" "$@"; }
on_sub03() { "$CAUDA" "$1" "$case" --input "$sub03" -o "$folder/out" --quiet; }
ask() { sed -i "s/^rank:.*/rank: {target: $1, score: selectivity}/" "$case"; }
echo "search: {targets: [${roots// /, }]}" >>"$case"
echo "fibers: {model: mrg}" >>"$case"
echo "sweep: {generate: [monopoles, bipoles, tripoles], keep: 1}" >>"$case"

holds "the search ends" on_sub03 search
((failures)) && finish
cp "$folder/out/search.csv" "$folder/search.csv"
sed -i 's/^fibers:.*/fibers: {model: linear}/' "$case"
for r in $roots; do
  ask "$r"
  for keep in 300 1200 10000; do
    sed -i "s/keep: [0-9]*/keep: $keep/" "$case"
    holds "all simple sets are screened for $r, $keep kept" on_sub03 sweep
    cp "$folder/out/sweep.csv" "$folder/predicted_$r.csv"
    cp "$folder/out/sweep_sets.csv" "$folder/predicted_sets_$r.csv"
    check enough "$margin" "$folder" "$r" && break
  done
done
check candidates "$margin" "$folder" "$folder/case/sets.csv" $roots
sed -i 's/^fibers:.*/fibers: {model: mrg}/' "$case"
for r in $roots; do
  ask "$r"
  holds "the full model's scores for $r" on_sub03 rank
  cp "$folder/out/ranking.csv" "$folder/ranking_$r.csv"
done
judge brute_check.py check "$margin" "$folder" $roots
finish
