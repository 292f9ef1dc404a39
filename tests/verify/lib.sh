# Words for the checks of whole runs, beside those of tests/pipeline/lib.sh. A run is kept in build/, so that several
# checks share it; the program runs again what a change of program or case has made stale.
verify=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$verify/../.." && pwd)
. "$root/tests/pipeline/lib.sh"
kept="$root/${BUILD:-build/release}/verify"
python=/usr/bin/python3 # Debian's: the packages that checks use are Debian's
sub03="$CAUDA_SHARED/data/sub-03"

need() { # PYTHON-MODULE...: ends the test where one of them is missing
  local m
  for m in "$@"; do
    "$python" -c "import $m" 2>/dev/null || { skip "python3-$m is not installed" && finish; }
  done
}
need_sub03() { [ -d "$sub03" ] || { skip "no data of sub-03 ($sub03)" && finish; }; }

# kept_run NAME CASE [cauda's options...]: the run in $kept/NAME; what it printed in $kept/NAME.txt
kept_run() {
  local name=$1
  shift
  mkdir -p "$kept"
  cauda run "$@" -o "$kept/$name" >"$kept/$name.txt" 2>"$T/.err"
  result $? "$name runs" || return
}

# judge SCRIPT ARGUMENTS...: a Python program that prints a line "0 what holds" or "1 what does not" for each check, and
# other lines, which are told as they are
judge() {
  local status line=0 text
  "$python" -B "$verify/$1" "${@:2}" >"$T/judged" 2>"$T/judge.err"
  local ended=$?
  : >"$T/.err"
  while read -r status text; do
    case $status in
    0 | 1) result "$status" "$text" && line=1 ;;
    *) echo "# $status $text" ;;
    esac
  done <"$T/judged"
  ((ended == 0 && line)) || { cp "$T/judge.err" "$T/.err" && result 1 "$1 ends well"; }
}
