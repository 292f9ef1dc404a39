#!/bin/bash
# Every measure of `cauda compare-seg` against SciPy, on real masks and labels.
. "$(dirname "$0")/lib.sh"
need numpy scipy
data="$CAUDA_SHARED/data"
[ -d "$data/cord-gm" ] || { skip "no data of cord-gm ($data)" && finish; }
pairs=()
for seg in "$data"/cord-gm/*_seg-manual.nii.gz; do
  pairs+=("$seg" "${seg/_seg/_gmseg}")
done
rootlets="$data/rootlets-t2"
pairs+=("$rootlets/t2_seg-manual.nii.gz" "$rootlets/t2_seg-manual_labeled.nii.gz")
pairs+=("$rootlets/t2_seg-manual.nii.gz" "$rootlets/t2_seg-deepseg_rootlets-manual.nii.gz")
judge compare_seg_check.py "$CAUDA" "$T" "${pairs[@]}"
finish
