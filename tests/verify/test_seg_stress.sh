#!/bin/bash
# Files that others use to break readers: each ends in an anatomy or in a reason that names it, and needs no more memory
# than ten times its image beyond what the program has when it begins.
. "$(dirname "$0")/lib.sh"
data="$CAUDA_SHARED/data/stress"
[ -d "$data" ] || { skip "no folder of stress files ($data)" && finish; }

case_of() { # file table
  printf 'name: stress\nanatomy:\n  labels: {file: "%s", table: %s, units: mm}\n' "$1" "$2" >"$T/case.yaml"
}
goes_or_tells() { # what file
  "$python" -B "$verify/peak.py" "$T/peak" "$CAUDA" seg "$T/case.yaml" -o "$T/out" --force --quiet 2>"$T/.err"
  local status=$? image own peak
  image=$(case "$2" in *.gz) zcat "$2" ;; *) cat "$2" ;; esac | wc -c)
  peak=$(cat "$T/peak") own=$(cat "$T/own")
  local what="$1: $((image >> 20)) MB image, $(((peak - own) >> 20)) MB beside the program's $((own >> 20))"
  if [ $status = 0 ]; then
    [ -s "$T/out/anatomy.nii.gz" ]
    result $? "$what; an anatomy"
  else
    [ $status = 1 ] && grep -q "^cauda: .*$(basename "$2")" "$T/.err"
    result $? "$what; $(grep '^cauda: ' "$T/.err" | sed "s|$data/||g" | cut -c 8-180)"
  fi
  # an anatomy of a small image is larger than the image: what it needs on the whole is a matter of its size in mm
  [ $((peak - own)) -lt $((10 * image > 400 << 20 ? 10 * image : 400 << 20)) ]
  result $? "$1: memory"
}

"$python" -B "$verify/peak.py" "$T/own" "$CAUDA" seg "$T/none.yaml" >"$T/.err" 2>&1
printf 'source: OSS-DBS\nlabels:\n  - {value: 1, structure: grey}\n  - {value: 2, structure: cord}\n  - {value: 3, structure: csf}\n' >"$T/head.yaml"
for file in "$data"/*.nii*; do
  name=$(basename "$file")
  for table in simple totalsegmentator ./head.yaml; do
    [ $table = ./head.yaml ] && [ "$name" != JD_segmask.nii.gz ] && continue
    [ $table = totalsegmentator ] && [ "$name" != example_seg.nii.gz ] && continue
    case_of "$file" "$table"
    goes_or_tells "$name with the table $table" "$file"
  done
done
finish
