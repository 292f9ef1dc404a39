#!/bin/bash
# Search against brute force on the real subject, for every root: no monopole, bipole or tripole (shares in quarters; 10,336
# sets) is better by the full model than what the search finds. The full model looks at those that the predictor puts
# within a margin of the search's best, or above it; the margin is wider than the predictor's error on the simple sets that
# both have looked at: those kept for each root, and a sample of all, each for all roots.
. "$(dirname "$0")/lib.sh"
need_sub03
margin=0.06
roots="L1_L L1_R L2_L L2_R L3_L L3_R L4_L L4_R L5_L L5_R S1_L S1_R S2_L S2_R"
folder=$kept/brute
mkdir -p "$folder" && rm -rf "$folder/case" && cp -r "$root/cases/sub-03" "$folder/case"
case=$folder/case/case.yaml
on_sub03() { "$CAUDA" "$1" "$case" --input "$sub03" -o "$folder/out" --quiet; }
ask() { sed -i "s/^rank:.*/rank: {target: $1, score: selectivity}/" "$case"; }
"$python" -B "$verify/brute_check.py" sample 60 "$folder/case/sets.csv"
echo "search: {targets: [${roots// /, }]}" >>"$case"
echo "sweep: {generate: [monopoles, bipoles, tripoles], keep: 1}" >>"$case"

holds "the search ends" on_sub03 search
cp "$folder/out/search.csv" "$folder/search.csv"
for r in $roots; do
  ask "$r"
  holds "the sample is ranked for $r" on_sub03 rank
  cp "$folder/out/ranking.csv" "$folder/sample_$r.csv"
done
for r in $roots; do
  ask "$r"
  for keep in 20 80 320 1280 5120; do
    sed -i "s/keep: [0-9]*/keep: $keep/" "$case"
    on_sub03 sweep >/dev/null || break
    cp "$folder/out/sweep.csv" "$folder/sweep_$r.csv"
    "$python" -B "$verify/brute_check.py" enough "$margin" "$folder" "$r" && break
  done
done
judge brute_check.py check "$margin" "$folder" $roots
finish
