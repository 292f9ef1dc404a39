#!/bin/bash
# Fibres of the real subject: the linear predictor beside the full cable model over many sets, thin beside thick fibres,
# left beside right contacts, one thread beside several.
. "$(dirname "$0")/lib.sh"
need_sub03
need numpy
kept_run sub-03 "$root/cases/sub-03/case.yaml" --input "$sub03"
holds "many sets" "$python" -B "$verify/fibers_check.py" sets "$root/cases/sub-03/case.yaml" "$T/many"
mkdir -p "$kept/fibers" && cp -r "$kept/sub-03/." "$kept/fibers"
kept_run fibers "$T/many/case.yaml" --input "$sub03"
judge fibers_check.py judge "$kept/fibers" "$root/cases/paddles/specify-5-6-5.yaml"
for n in 1 3; do
  mkdir -p "$T/threads$n" && cp -r "$kept/sub-03/." "$T/threads$n"
  holds "fibres on $n threads" cauda fibers "$root/cases/sub-03/case.yaml" --input "$sub03" -o "$T/threads$n" --threads $n --force
done
holds "one thread and three give the same thresholds" cmp "$T/threads1/fiber_thresholds.csv" "$T/threads3/fiber_thresholds.csv"
finish
