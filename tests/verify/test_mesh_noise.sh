#!/bin/bash
# Meshing never dies of the anatomy: random label volumes, and files made to break readers, end in a valid mesh or in a
# message. One line a volume with the program tests/verify/mesh_noise itself.
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/pipeline/lib.sh"
noise="$root/${BUILD:-build/release}/tests/verify/mesh_noise"

mkdir "$T/noise"
holds "200 random label volumes" "$noise" 1 200 "$T/noise"
grep -E '^(not )?ok' "$T/.out" | sed 's/^/# /'

# exit 0 with a mesh, or 1 with one message
mesh_or_reason() { # name case
  cauda mesh "$2" -o "$T/out" --quiet >"$T/.out" 2>"$T/.err" </dev/null
  local got=$?
  case $got in
  0) [ -s "$T/out/mesh.msh" ]; result $? "$1: a mesh" ;;
  1) [ "$(grep -c '^cauda: ' "$T/.err")" = 1 ]; result $? "$1: $(grep '^cauda: ' "$T/.err" | cut -c 8-150)" ;;
  *) result 1 "$1: exit $got" ;;
  esac
  rm -rf "$T/out"
}

case_of() { # file table
  cat >"$T/case.yaml" <<END
name: stress
anatomy:
  labels: {file: "$1", table: $2, units: mm}
  surround: {extend_mm: 5}
mesh: {dura_edge_mm: 2, root_edge_mm: 1, growth: 0.4}
END
}

printf 'source: OSS-DBS\nlabels:\n  - {value: 1, structure: grey}\n  - {value: 2, structure: cord}\n  - {value: 3, structure: csf}\n' >"$T/head.yaml"
if [ -d "$CAUDA_SHARED/data/stress" ]; then
  for file in "$CAUDA_SHARED"/data/stress/*.nii*; do
    case_of "$file" simple
    mesh_or_reason "$(basename "$file")" "$T/case.yaml"
  done
  case_of "$CAUDA_SHARED/data/stress/JD_segmask.nii.gz" ./head.yaml
  mesh_or_reason "JD_segmask.nii.gz, a head as a cord" "$T/case.yaml"
else
  skip "no folder of stress files at $CAUDA_SHARED/data/stress"
fi
finish
