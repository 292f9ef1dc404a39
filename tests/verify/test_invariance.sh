#!/bin/bash
# The subject mirrored, and the subject moved and turned: the same answer, mirrored or as it was.
. "$(dirname "$0")/lib.sh"
need_sub03
need numpy
kept_run sub-03 "$root/cases/sub-03/case.yaml" --input "$sub03"
for how in mirror move; do
  holds "the subject changed: $how" "$python" -B "$verify/change_subject.py" $how "$root/cases/sub-03" "$sub03" "$T/$how"
  kept_run sub-03-$how "$T/$how/case.yaml" --input "$T/$how"
done
judge same_answer.py mirror "$kept/sub-03" "$kept/sub-03-mirror"
judge same_answer.py move "$kept/sub-03" "$kept/sub-03-move"
finish
