#!/bin/bash
# Runs groups of tests (unit, pipeline, verify) and closes with "N passed, N failed, N skipped".
# A unit test is a cmocka program; the others are shell or Python programs that print TAP lines of the same form:
# "ok N - name", "not ok N - name", "not ok N # SKIP name". A program that dies without such a line counts as failed.
cd "$(dirname "$0")/.." || exit 1
export BUILD="${BUILD:-build/release}" CAUDA="$PWD/${BUILD:-build/release}/cauda"
export CAUDA_SHARED="${CAUDA_SHARED:-$PWD/../shared}" CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
passed=0 failed=0 skipped=0
log=$(mktemp) && trap 'rm -f "$log"' EXIT

run() { # name command...
  local name=$1 start=$SECONDS status ok bad skip
  shift
  timeout 600 "$@" >"$log" 2>&1 </dev/null
  status=$?
  ok=$(grep -c '^ok [0-9]' "$log")
  skip=$(grep -c '^not ok [0-9]* # SKIP' "$log")
  bad=$(($(grep -c '^not ok [0-9]' "$log") - skip))
  ((status != 0 && bad == 0)) && bad=1
  ((ok + bad + skip == 0)) && bad=1
  ((passed += ok, failed += bad, skipped += skip))
  printf '%-40s %3d passed %3d failed %3d skipped  %4d s\n' "$name" "$ok" "$bad" "$skip" $((SECONDS - start))
  if ((bad)); then
    echo "--- $name (exit $status)" && tail -n 200 "$log" && echo "---"
  else
    grep '^not ok [0-9]* # SKIP' "$log"
  fi
  true
}

for group in "$@"; do
  case $group in
  unit) for t in tests/unit/test_*.c; do run "$group/$(basename "$t" .c)" "$BUILD/${t%.c}"; done ;;
  *)
    for t in tests/"$group"/test_*.sh; do [ -e "$t" ] && run "$group/$(basename "$t")" bash "$t"; done
    for t in tests/"$group"/test_*.py; do [ -e "$t" ] && run "$group/$(basename "$t")" python3 "$t"; done
    ;;
  esac
done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
