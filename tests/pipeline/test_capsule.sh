#!/bin/bash
# Scar around the lead: a tissue of its own between contacts and dura, with its conductivity's source.
. "$(dirname "$0")/lib.sh"
coarse_phantom case
sed -i '/^  at: {root/a\  encapsulation_mm: 0.5' case/case.yaml
sed -i 's/^tissues: .*/tissues: {table: default, encapsulation: {sigma_S_per_m: 0.11, source: a test}}/' case/case.yaml
holds "a phantom with scar around the lead is solved" cauda solve case/case.yaml -o run
report=$(tr -d ' \n' <run/report.json)
holds "its conductivity and source are told" grep -q '"encapsulation":{"sigma_S_per_m":0.11,"source":"atest"}' <<<"$report"
volumes=$(sed -n 's/.*"encapsulation":{"tets":[0-9]*,"volume_mm3":\([0-9.]*\),"shape_volume_mm3":\([0-9.]*\).*/\1 \2/p' <<<"$report")
awk -v v="$volumes" 'BEGIN {split(v, a, " "); exit !(a[2] > 350 && a[1] > 0.95 * a[2] && a[1] < 1.05 * a[2])}'
result $? "its volume is that of the layer: $volumes mm3"
shares=$(grep -o '"impedance_share":{[^}]*"encapsulation":[0-9.]*' <<<"$report" | wc -l)
[ "$shares" -ge 8 ]
result $? "its share of each contact's impedance has its name: $shares contacts"
sed -i 's/encapsulation_mm: 0.5/encapsulation_mm: -1/' case/case.yaml
fails 1 "encapsulation_mm" "a thickness below 0" cauda check case/case.yaml
finish
