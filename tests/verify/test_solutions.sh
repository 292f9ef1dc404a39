#!/bin/bash
# `cauda verify --refined`: the field solver against exact solutions; a line for each row that has a limit.
. "$(dirname "$0")/lib.sh"

"$CAUDA" verify --refined --quiet --json >"$T/rows.json" 2>"$T/.err"
ended=$?
"$python" - "$T/rows.json" >"$T/rows" 2>>"$T/.err" <<'E2'
import json, sys
for r in json.load(open(sys.argv[1])):
    if "holds" in r:
        limit = f"<= {r['at_most']:g}" if "at_most" in r else f">= {r['at_least']:g}"
        print(0 if r["holds"] else 1, f"{r['test']}, {r['mesh']}: {r['quantity']} {r['value']:.3g} {limit}")
E2
while read -r status text; do result "$status" "$text"; done <"$T/rows"
result $ended "cauda verify ends with 0"
finish
