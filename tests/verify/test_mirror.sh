#!/bin/bash
# The phantom is symmetric: what is asked of the left is answered as what is asked of the right, mirrored. Sets in mirrored
# pairs, ranked for L1, L2 and L4 of either side by the linear predictor with 400 fibres a root (with 50, one fibre of the
# target alone is worth 2 %); then a search for L1 of both sides among sets of three contacts.
. "$(dirname "$0")/lib.sh"
mkdir -p "$kept" && rm -rf "$kept/mirror-case" && cp -r "$root/cases/demo" "$kept/mirror-case"
case=$kept/mirror-case/case.yaml
sed -i 's/^rank:.*/rank: {target: L1_L_dorsal}/; s/^name:.*/name: mirror/' "$case"
printf '%s\n' 'fibers: {model: linear, per_root: 400}' 'search: {targets: [L1_L_dorsal, L1_R_dorsal], step: 0.2, contacts: 3}' >>"$case"
"$python" -B "$verify/mirror_check.py" sets "$kept/mirror-case/sets.csv"
for segment in L1 L2 L4; do
  for side in L R; do
    sed -i "s/^rank:.*/rank: {target: ${segment}_${side}_dorsal}/" "$case"
    holds "the sets are ranked for $segment, $side" cauda rank "$case" -o "$kept/mirror" --quiet
    cp "$kept/mirror/ranking.csv" "$kept/mirror-case/${segment}_$side.csv"
  done
done
sed -i 's/per_root: 400/per_root: 100/' "$case"
holds 'the search ends' cauda search "$case" -o "$kept/mirror" --quiet
judge mirror_check.py check "$kept/mirror-case" "$kept/mirror"
finish
