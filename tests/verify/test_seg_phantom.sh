#!/bin/bash
# The phantom as an image and back: what a segmentation of known truth keeps, at three protocols, stored in eight ways,
# and spoilt. SEG_PHANTOM_RANK=0 leaves out the two runs that compare the ranking.
. "$(dirname "$0")/lib.sh"
program="$root/${BUILD:-build/release}/tests/verify/seg_phantom"
value() { awk -v name="$1" '$1 == name { print $2 }' "$T/$2"; }
within() { # what file name limit: the number is at most that, either way
  awk -v x="$(value "$3" "$2")" -v m="$4" 'BEGIN { exit !(x != "" && x <= m && x >= -m) }'
  result $? "$1: $3 $(value "$3" "$2"), within $4"
}
none_lost() { # what file
  [ "$(value roots_lost "$2") $(value roots_false "$2") $(value sides_wrong "$2")" = "0 0 0" ]
  result $? "$1: every root is there, with its name and side"
}
image() { # file arguments...
  local to=$1
  shift
  "$program" "$T" "$@" >"$T/$to" 2>"$T/.err"
}

# half a voxel in plane; volumes of tissues against the truth, of roots against what was labelled
image ciss 0.35 1.8 RAS
none_lost "0.35 x 0.35 x 1.8 mm" ciss
within "0.35 x 0.35 x 1.8 mm" ciss line_95_mm 0.175
for v in white grey csf roots_labelled; do within "0.35 x 0.35 x 1.8 mm" ciss volume_${v}_percent 3; done
image tse 0.63 3 RAS
none_lost "0.63 x 0.63 x 3 mm" tse
within "0.63 x 0.63 x 3 mm" tse line_95_mm 0.315
for v in white grey csf roots_labelled; do within "0.63 x 0.63 x 3 mm" tse volume_${v}_percent 3; done
# roots of 0.7 and 1.0 mm in voxels of 1.27 mm: the image does not show how thick they are
image dess 1.27 1.27 RAS
none_lost "1.27 mm" dess
within "1.27 mm" dess line_mean_mm 0.635
for v in white grey csf; do within "1.27 mm" dess volume_${v}_percent 5; done

for o in LAS LPS RPI LAI PIR ASR SLA; do
  image turned 0.63 3 $o
  diff <(grep -E '^(line|volume|root)' "$T/tse") <(grep -E '^(line|volume|root)' "$T/turned") >"$T/.err"
  result $? "stored as $o, the same comes out"
done

image missing 0.35 1.8 RAS missing=0.2
none_lost "20 % of the roots' voxels missing" missing
within "20 % of the roots' voxels missing" missing line_95_mm 0.175
image merged 0.35 1.8 RAS merged
none_lost "labels by level" merged
within "labels by level" merged line_95_mm 0.175
grep -q "repair .* split into left and right" "$T/merged"
result $? "labels by level: the split is counted"
image wrong 0.35 1.8 RAS wrong=0.03
none_lost "3 % of the roots' voxels mislabelled" wrong
grep -q "repair .* with a wrong label" "$T/wrong"
result $? "3 % of the roots' voxels mislabelled: they are counted"
image all 0.35 1.8 RAS missing=0.2 wrong=0.03 merged
none_lost "all of it together" all
within "all of it together" all line_95_mm 0.175
image entity 0.35 1.8 RAS missing=0.2 entity
none_lost "what is missing lies in a mask of all roots" entity
within "what is missing lies in a mask of all roots" entity volume_roots_labelled_percent 3

# The ranking of the demo's sets, by the predictor and on a coarser mesh, which is the same for both.
if [ "${SEG_PHANTOM_RANK:-1}" = 1 ]; then
  for which in truth image; do
    mkdir -p "$kept/phantom-$which"
    cp "$root/cases/demo/sets.csv" "$kept/phantom-$which/"
    { cat "$root/cases/demo/case.yaml" && echo "mesh: {root_edge_mm: 0.5, dura_edge_mm: 1.0, contact_edge_mm: 0.5, growth: 0.4}" &&
      echo "fibers: {model: linear, per_root: 100}"; } >"$kept/phantom-$which/case.yaml"
  done
  image keep 0.35 1.8 RAS keep
  cp "$T/phantom.nii.gz" "$T/phantom.yaml" "$kept/phantom-image/"
  sed -i -e 's|^  phantom:.*|  labels: {file: phantom.nii.gz, table: ./phantom.yaml}\n  surround: {extend_mm: 0}|' \
    "$kept/phantom-image/case.yaml"
  for which in truth image; do kept_run phantom-$which/out "$kept/phantom-$which/case.yaml"; done
  # a steered set lives on the difference of two currents, and feels tenths of a millimetre: it is told of, not judged
  for which in truth image; do
    grep steered "$kept/phantom-$which/out/ranking.csv" | awk -F, -v w=$which '{ print "#", w ": rank", $1, $2, "score", $4 }'
    tail -n +2 "$kept/phantom-$which/out/ranking.csv" | cut -d, -f2 | grep -v steered >"$T/order-$which"
  done
  diff "$T/order-truth" "$T/order-image" >"$T/.err"
  result $? "the demo's sets keep their order, but for the steered one"
fi
finish
