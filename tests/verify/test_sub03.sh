#!/bin/bash
# The real subject at default resolution, run anew: time, memory, and what its report must say.
. "$(dirname "$0")/lib.sh"
need_sub03
mkdir -p "$kept" && rm -rf "$kept/sub-03"
judge timed.py 180 6000 "$CAUDA" run "$root/cases/sub-03/case.yaml" --input "$sub03" -o "$kept/sub-03"
judge sub03_check.py "$kept/sub-03"
holds "no tmp file is left" no_tmp_files "$kept/sub-03"
need numpy vtk
judge pinholes.py "$kept/sub-03"
finish
