#!/bin/bash
# How far thresholds depend on what has no meaning: the seed of the mesh, and the number of fibres drawn.
. "$(dirname "$0")/lib.sh"
need_sub03
kept_run sub-03 "$root/cases/sub-03/case.yaml" --input "$sub03"
variant() { # NAME KEY VALUE
  mkdir -p "$T/$1" && cp "$root"/cases/sub-03/{case.yaml,sets.csv} "$T/$1"
  echo "$2: $3" >>"$T/$1/case.yaml"
}
variant seed mesh '{seed: 2}'
kept_run sub-03-seed "$T/seed/case.yaml" --input "$sub03"
judge same_answer.py seed "$kept/sub-03" "$kept/sub-03-seed"
variant fibers fibers '{per_root: 100}'
[ -e "$kept/sub-03-fibers" ] || cp -rp "$kept/sub-03" "$kept/sub-03-fibers" # the field is the same
kept_run sub-03-fibers "$T/fibers/case.yaml" --input "$sub03"
judge same_answer.py fibers "$kept/sub-03" "$kept/sub-03-fibers"
finish
