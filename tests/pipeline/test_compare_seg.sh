#!/bin/bash
# `cauda compare-seg` over folders: pairs by path, groups from the path or a table, words for what is wrong.
. "$(dirname "$0")/lib.sh"
# The phantom's own label image is at hand without data.
coarse_phantom "$T/p" && cauda seg "$T/p/case.yaml" -o "$T/o" --quiet || { result 1 "the phantom's labels" && finish; }
for s in 1 2; do
  mkdir -p "$T/a/sub-01/ses-$s" "$T/b/sub-01/ses-$s"
  cp "$T/o/anatomy.nii.gz" "$T/a/sub-01/ses-$s/labels.nii.gz"
  cp "$T/o/anatomy.nii.gz" "$T/b/sub-01/ses-$s/labels.nii.gz"
done
cp "$T/o/anatomy.nii.gz" "$T/a/alone.nii.gz"
holds "folders are compared" cauda compare-seg "$T/a" "$T/b" -o "$T/r"
grep -q "1 images only in" "$T/.err"
result $? "an image without partner is told of"
[ "$(awk -F, '$5 == "6" && $12 == 1' "$T/r/labels.csv" | wc -l)" = 2 ]
result $? "equal images have Dice 1 in both sessions"
grep -q '^6,a,volume_mm3,1,0,' "$T/r/variation.csv"
result $? "two sessions of one subject do not vary"
grep -q '</svg>' "$T/r/compare.svg" && no_tmp_files "$T/r"
result $? "the plot is whole"
printf 'file,subject,session,site\nsub-01/ses-1/labels.nii.gz,x,1,north\nsub-01/ses-2/labels.nii.gz,y,1,south\n' >"$T/g.csv"
holds "a table names groups" cauda compare-seg "$T/a" "$T/b" --groups "$T/g.csv" -o "$T/r" --quiet
grep -q '^6,a,volume_mm3,0,,2,0$' "$T/r/variation.csv"
result $? "two sites of equal images do not vary"
fails 1 "found files and folders" "a file and a folder" cauda compare-seg "$T/a" "$T/b/sub-01/ses-1/labels.nii.gz"
fails 1 "no image .* has the same path" "folders without common names" cauda compare-seg "$T/a" "$T/o"
head -1 "$T/g.csv" >"$T/empty.csv"
fails 1 "has no row for the file" "a table that lacks a file" cauda compare-seg "$T/a" "$T/b" --quiet --groups "$T/empty.csv"
fails 1 "has no entry in the label table" "a table that lacks a value" \
  cauda compare-seg "$T/a/alone.nii.gz" "$T/a/alone.nii.gz" --table simple
finish
