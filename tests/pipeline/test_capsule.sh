#!/bin/bash
# Scar around the lead: a tissue of its own between contacts and dura, with its conductivity's source.
. "$(dirname "$0")/lib.sh"
coarse_phantom case
sed -i '/^  at: {root/a\  encapsulation_mm: 0.5' case/case.yaml
sed -i 's/^tissues: .*/tissues: {table: default, encapsulation: {sigma_S_per_m: 0.11, source: a test}}/' case/case.yaml
holds "a phantom with scar around the lead is solved" cauda solve case/case.yaml -o run
report=$(tr -d ' \n' <run/report.json)
holds "its conductivity and source are told" grep -q '"encapsulation":{"sigma_S_per_m":0.11,"source":"atest"}' <<<"$report"
volume=$(sed -n 's/.*"encapsulation":{"tets":[0-9]*,"volume_mm3":\([0-9.]*\).*/\1/p' <<<"$report")
# 0.5 mm around a body of 64 x 8 x 2 mm are some 700 mm3
awk -v v="$volume" 'BEGIN {exit !(v > 350 && v < 1100)}'
result $? "its volume is that of a layer: $volume mm3"
sed -i 's/encapsulation_mm: 0.5/encapsulation_mm: -1/' case/case.yaml
fails 1 "encapsulation_mm" "a thickness below 0" cauda check case/case.yaml
finish
