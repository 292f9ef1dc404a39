# A few words to write tests with. Each test file is a program of its own: it sources this, says what holds, and ends
# with `finish`. Output is TAP. $CAUDA is the program, $CAUDA_SHARED the folder of real data (may be absent), $T a
# folder of the test's own.
CAUDA="${CAUDA:?set CAUDA to the program}"
T=$(mktemp -d "${TMPDIR:-/tmp}/cauda-test-XXXXXX") || exit 1
trap 'cd /; rm -rf "$T"' EXIT
cd "$T" || exit 1
count=0 failures=0

result() { # status name
  ((++count))
  if (($1 == 0)); then
    echo "ok $count - $2"
  else
    ((++failures)) && echo "not ok $count - $2"
    [ -s "$T/.err" ] && sed 's/^/#   /' "$T/.err"
  fi
}
skip() { echo "not ok $((++count)) # SKIP $*"; }
holds() { # name command...: the command succeeds
  local name=$1
  shift
  "$@" >"$T/.out" 2>"$T/.err"
  result $? "$name"
}
cauda() { "$CAUDA" "$@"; }
one_message() { # status name command...: it ends so, with one message; if not, that is a failure
  local status=$1 name=$2 got
  shift 2
  "$@" >"$T/.out" 2>"$T/.err" </dev/null
  got=$?
  ((got == status)) || { result 1 "$name (exit $got instead of $status)"; return 1; }
  [ "$(grep -c '^cauda: ' "$T/.err")" = 1 ] || { result 1 "$name (not one message)"; return 1; }
}
# A failure is one line for a stranger: the status, the words in it, and nothing of the libraries beneath.
fails() { # status words name command...
  local status=$1 words=$2 name=$3
  shift 3
  one_message "$status" "$name" "$@" || return
  ! grep -qE 'PETSC ERROR|MPI_ABORT|HDF5-DIAG|\*\*\*' "$T/.err" || { result 1 "$name (a library speaks)" && return; }
  grep -qiE "^cauda: .*$words" "$T/.err" || { result 1 "$name (no \"$words\" in the message)" && return; }
  result 0 "$name"
}
no_tmp_files() { [ -z "$(find "$1" -name '.tmp-*' -print -quit)" ]; }
finish() { echo "1..$count"; exit $((failures > 0)); }

# coarse_phantom DIR: a phantom with the roots L1 and L2, short, thick and coarse enough for a test.
coarse_phantom() {
  cauda phantom -o "$1" --quiet --force || return
  sed -i -E '/name: (L3|L4|L5|S1|S2)/s/, exit.*/}/; s/, ventral_radius_mm: [0-9.]*//
    s/dorsal_radius_mm: 0.5/dorsal_radius_mm: 0.7/; s/^(dura_thickness_mm): .*/\1: 0.6/
    s/^(below_tip_mm): .*/\1: 15/; s/^(body_radius_mm): .*/\1: 40/' "$1/phantom.yaml"
  sed -i -E '/^(left_L2|left_L4|left_L1_steered|middle_L3|right_L4),/d' "$1/sets.csv"
  cat >>"$1/case.yaml" <<'END'
mesh: {root_edge_mm: 0.7, dura_edge_mm: 1.0, contact_edge_mm: 0.8, largest_edge_mm: 12, growth: 0.6}
field: {order: 1, tolerance: 1e-6}
fibers: {per_root: 5}
END
}
