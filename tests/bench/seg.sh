#!/bin/bash
# seg.sh: `cauda seg` on images of one to fifty million voxels (the phantom, sampled finely: cord, grey matter, CSF, fat, bone
# and 28 roots), and on a head where its data are there, as a table of sizes, seconds, and peak memory over the image's.
# CORES: as many as there are. SMALL=1 leaves out the largest.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build="$root/${BUILD:-build/release}"
shared=${CAUDA_SHARED:-$root/../shared}
cores=${CORES:-$(nproc)}
out=$build/bench/seg
make -s -C "$root" "${BUILD:-build/release}/cauda" "${BUILD:-build/release}/tests/verify/seg_phantom"
mkdir -p "$out"
echo "cauda seg, $cores threads; load of the machine now: $(cut -d' ' -f1 /proc/loadavg)"
printf '%-24s %12s %9s %9s %12s %9s %9s %6s\n' image voxels 'limit s' seconds 'processor s' 'image MB' 'peak MB' ratio
row() { # name voxels limit file case
  "/usr/bin/python3" -B "$root/tests/verify/peak.py" --time "$out/time" \
    "$build/cauda" seg "$5" -o "$out/$1" --force --quiet --threads "$cores"
  local image
  image=$(gzip -dc "$4" | wc -c)
  read -r seconds processor peak <"$out/time"
  awk -v n="$1" -v v="$2" -v l="$3" -v s="$seconds" -v p="$processor" -v i="$image" -v m="$peak" \
    'BEGIN { printf "%-24s %12d %9s %9.2f %12.2f %9.1f %9.0f %6.1f\n", n, v, l, s, p, i / 2^20, m / 2^20, m / i }'
  rm -rf "${out:?}/$1"
}
phantom() { # name limit step_xy step_z
  mkdir -p "$out/image"
  local size
  size=$("$build/tests/verify/seg_phantom" "$out/image" "$3" "$4" RAS keep | awk '$1 == "voxels" { print $2 * $4 * $6 }')
  printf 'name: bench\nanatomy:\n  labels: {file: phantom.nii.gz, table: ./phantom.yaml}\n' >"$out/image/case.yaml"
  row "$1" "$size" "$2" "$out/image/phantom.nii.gz" "$out/image/case.yaml"
  rm -rf "$out/image"
}
phantom phantom-1M 5 0.35 2.3
phantom phantom-7M - 0.35 0.35
head="$shared/data/stress/JD_segmask.nii.gz"
if [ -e "$head" ]; then
  printf 'name: bench\nanatomy:\n  labels: {file: "%s", table: ./head.yaml, units: mm}\n' "$(realpath "$head")" >"$out/head-case.yaml"
  printf 'source: OSS-DBS\nlabels:\n  - {value: 1, structure: grey}\n  - {value: 2, structure: cord}\n  - {value: 3, structure: csf}\n' \
    >"$out/head.yaml"
  row head-12M 12582912 - "$head" "$out/head-case.yaml"
fi
[ "${SMALL:-}" ] || phantom phantom-50M 120 0.18 0.18
