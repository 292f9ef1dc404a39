#!/bin/bash
# The error of the roots' thresholds: told, and brought below what the case asks for.
. "$(dirname "$0")/lib.sh"
largest() { sed -n 's/^ *"largest": *\([0-9.e+-]*\),*$/\1/p' "$1/report.json" | tail -n 1; }
below() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a != "" && a > 0 && a < b)}'; }

coarse_phantom case
holds "a phantom in first order" cauda fibers case/case.yaml -o run
first=$(largest run)
holds "tells the error of its thresholds" below "$first" 1
holds "and that of each root" grep -q '"L2_R_dorsal":{' <(tr -d ' \n' <run/report.json | sed 's/.*"errors"//')
asked=$(awk -v a="$first" 'BEGIN {print 0.5 * a}')
sed -i "s/^field: {/field: {error: $asked, /" case/case.yaml
holds "refines until it is half of that" cauda fibers case/case.yaml -o run
below "$(largest run)" "$asked"
result $? "which it tells: $first, then $(largest run)"
holds "has a mesh and a field that belong together" cauda field case/case.yaml --set left_L1 -o run
cauda fibers case/case.yaml -o run 2>log
holds "and does not do it again" [ "$(grep -c 'done in' log)" = 0 ]
finish
