#!/bin/bash
# How far the outer boundary is felt: a coarse phantom in bodies of two radii, each grounded, infinite and insulated: what
# the boundary is changes no mean threshold by 1 %. What the radius changes is told.
. "$(dirname "$0")/lib.sh"
coarse_phantom phantom
threshold() { # RUN: mean of the linear 50 % thresholds
  awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "linear_50_mA") c = i} NR > 1 && $c > 0 {s += $c; n++}
    END {printf("%.6g", n ? s / n : 0)}' "$1/thresholds.csv"
}
for radius in 30 80; do
  sed -i "s/^body_radius_mm: .*/body_radius_mm: $radius/" phantom/phantom.yaml
  for ret in grounded infinite insulated; do
    sed "s/^field: {.*/field: {order: 1, tolerance: 1e-6, return: $ret}/; s/^fibers: .*/fibers: {per_root: 5, model: linear}/" \
      phantom/case.yaml >phantom/$ret.yaml
    holds "radius $radius mm, $ret" cauda fibers phantom/$ret.yaml -o "run$radius" --quiet
    declare "t_${ret}_$radius=$(threshold "run$radius")"
  done
done
spread() { # RADIUS: the largest difference among the three, as a share
  local g="t_grounded_$1" i="t_infinite_$1" n="t_insulated_$1"
  awk -v g="${!g}" -v i="${!i}" -v n="${!n}" 'BEGIN {
    hi = g > i ? g : i; hi = n > hi ? n : hi; lo = g < i ? g : i; lo = n < lo ? n : lo; printf("%.5f", hi / lo - 1)}'
}
small=$(spread 30) large=$(spread 80)
awk -v s="$small" -v l="$large" 'BEGIN {exit !(s < 0.01 && l < 0.01)}'
result $? "returns differ by $small at 30 mm, by $large at 80 mm"
echo "# mean threshold, infinite: $t_infinite_30 mA at 30 mm, $t_infinite_80 mA at 80 mm"
finish
