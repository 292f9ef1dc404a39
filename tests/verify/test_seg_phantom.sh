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
# Roots of 0.7 and 1.0 mm in voxels of 1.27 mm: the image does not show how thick they are, nor where in its voxels one runs
# that stays in them: half a voxel along each axis is what its labels know (labels_95_mm tells). How many voxels a shape
# covers hangs on where it lies among them (by up to 9 %), so volumes are judged against what was labelled.
half_diagonal() { awk -v w="$1" 'BEGIN { print w * sqrt(0.5) }'; }
for shift in 0 0.125 0.25 0.375 0.5 -0.3; do
  image dess$shift 1.27 1.27 RAS shift=$shift
  none_lost "1.27 mm, moved by $shift voxels" dess$shift
  within "1.27 mm, moved by $shift voxels" dess$shift line_mean_mm 0.635
  within "1.27 mm, moved by $shift voxels" dess$shift line_95_mm "$(half_diagonal 1.27)"
  for v in cord grey sac; do within "1.27 mm, moved by $shift voxels" dess$shift shape_${v}_labelled_percent 3; done
done

# the same words (but for the worst root's name: two are alike), and numbers (mm, percent) that differ by no more than what
# an affine's last digits can do
numbers() { grep -E '^(line|volume_|shape|root)' "$1" | sed -E 's/^(line_worst\S+ \S+) .*/\1/'; }
same_numbers() { # file file
  paste <(numbers "$1") <(numbers "$2") |
    awk '{ for (i = 1; i <= NF / 2; i++) { a = $i; b = $(i + NF / 2)
           if (a ~ /^[-+.0-9]+$/ ? (a - b) ^ 2 > 0.02 ^ 2 : a != b) { print a, "is not", b, "in", $0; bad = 1 } } }
         END { exit bad || !NR }'
}
for protocol in "0.35 1.8 ciss" "0.63 3 tse" "1.27 1.27 dess0"; do
  read -r wide high same <<<"$protocol"
  for o in LAS LPS RPI LAI PIR ASR SLA; do
    image turned $wide $high $o
    same_numbers "$T/$same" "$T/turned" >"$T/.err"
    result $? "$wide x $high mm stored as $o, the same comes out"
  done
done

counted() { # what file words
  grep -q "repair .* $3" "$T/$2"
  result $? "$1: counted ($(grep -o "repair [0-9]*.*$3" "$T/$2" | head -1))"
}
for protocol in "0.35 1.8" "0.63 3" "1.27 1.27"; do
  read -r wide high <<<"$protocol"
  # half a voxel, or along each axis half a voxel where a root has but one or two in a slice and a fifth of them is missing
  near=$([ "$wide" = 0.35 ] && echo 0.175 || half_diagonal "$wide")
  image missing $wide $high RAS missing=0.2
  none_lost "$wide mm, 20 % of the roots' voxels missing" missing
  within "$wide mm, 20 % of the roots' voxels missing" missing line_95_mm $near
  image merged $wide $high RAS merged
  none_lost "$wide mm, labels by level" merged
  within "$wide mm, labels by level" merged line_95_mm $near
  counted "$wide mm, labels by level" merged "split into left and right"
  image wrong $wide $high RAS wrong=0.03
  none_lost "$wide mm, 3 % of the roots' voxels mislabelled" wrong
  counted "$wide mm, 3 % of the roots' voxels mislabelled" wrong "with a wrong label"
  image all $wide $high RAS missing=0.2 wrong=0.03 merged
  none_lost "$wide mm, all of it together" all
  within "$wide mm, all of it together" all line_95_mm $near
done
image entity 0.35 1.8 RAS missing=0.2 entity
none_lost "what is missing lies in a mask of all roots" entity
within "what is missing lies in a mask of all roots" entity volume_roots_labelled_percent 3

# All roots as one, and the cord's segments.
for spoilt in "" missing=0.2; do
  image alone 0.35 1.8 RAS alone $spoilt
  none_lost "0.35 mm, one mask of all roots, segments beside it ${spoilt:+($spoilt)}" alone
  within "0.35 mm, one mask of all roots ${spoilt:+($spoilt)}" alone line_95_mm 0.175
done
image coarse 0.63 3 RAS alone
grep -q "^refused.*cannot be told from their neighbours" "$T/coarse"
result $? "0.63 mm, one mask of all roots: refused, and why"

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
  for which in truth image; do
    awk -F, -v w=$which 'NR > 1 { print "#", w ": rank", $1, $2, "score", $4, "threshold", $6, "mA" }' \
      "$kept/phantom-$which/out/ranking.csv"
    tail -n +2 "$kept/phantom-$which/out/ranking.csv" | cut -d, -f2 >"$T/order-$which"
  done
  diff "$T/order-truth" "$T/order-image" >"$T/.err"
  result $? "the demo's sets keep their order"
fi
finish
