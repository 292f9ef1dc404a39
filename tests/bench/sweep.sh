#!/bin/bash
# sweep.sh [CASE [INPUT]]: a sweep of a file of a million sets (all quadrupoles in elevenths of the current), from the field on:
# seconds, processor seconds, and the most memory of it; then the same killed (kill -9) half-way and begun again, which must
# end with the same files. The case is sub-03 where its data are there, else the phantom of cases/demo; its lead has contacts
# C01 to C16. ROWS=1000000 takes fewer.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cauda=$root/${BUILD:-build/release}/cauda
input="${2:-${CAUDA_SHARED:-$root/../shared}/data/sub-03}"
case="${1:-$root/cases/sub-03/case.yaml}"
[ -d "$input" ] || { case=$root/cases/demo/case.yaml && input=$root/cases/demo; }
rows=${ROWS:-1000000}
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
cp -r "$(dirname "$case")" "$folder/case"
case=$folder/case/$(basename "$case") out=$folder/out
echo 'sweep: {sets: many.csv}' >>"$case"
awk -v rows="$rows" 'BEGIN { printf "set"; for (i = 1; i <= 16; i++) printf ",C%02d", i; print ",case"
  for (a = 1; a <= 16; a++) for (b = a + 1; b <= 16; b++) for (c = 1; c <= 16; c++) for (d = c + 1; d <= 16; d++)
    for (p = 1; p <= 10 && c != a && c != b && d != a && d != b; p++) for (q = 1; q <= 10; q++) {
      if (++n > rows) exit
      x = sprintf("%.6f", p / 11); y = sprintf("%.6f", q / 11)
      printf "q%d", n
      for (i = 1; i <= 16; i++) printf ",%s", i == a ? -x : i == b ? x - 1 : i == c ? y : i == d ? 1 - y : ""
      print ","
    } }' >"$folder/case/many.csv"
sweep=("$cauda" sweep "$case" --input "$input" -o "$out")
sums() { (cd "$out" && sha256sum sweep.csv sweep_sets.csv); }
"$cauda" solve "$case" --input "$input" -o "$out" --quiet

echo "$(($(wc -l <"$folder/case/many.csv") - 1)) sets, $(wc -c <"$folder/case/many.csv") bytes; $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
/usr/bin/python3 -B "$root/tests/verify/peak.py" --time "$folder/time" \
  "${sweep[@]}" 2>"$folder/log"
grep 'sets of the file' "$folder/log"
awk '{ printf "all, the best by the full model included: %.1f s, processor %.1f s, %.0f MB at most\n", $1, $2, $3 / 2^20 }' "$folder/time"
sums >"$folder/sums"

rm "$out/sweep.csv" # else it is up to date
"${sweep[@]}" >/dev/null 2>"$folder/log" &
process=$!
until [ -s "$out/sweep.state" ] && read -r _ at _ <"$out/sweep.state" && ((at >= rows / 2)); do
  kill -0 $process 2>/dev/null || { echo "sweep.sh: it ended before it could be killed" >&2 && exit 1; }
  sleep 0.1
done
kill -9 $process
wait $process 2>/dev/null || true
echo "killed after $at sets"
"${sweep[@]}" 2>"$folder/log" >/dev/null
grep -o 'going on after .*' "$folder/log"
[ "$(sums)" = "$(cat "$folder/sums")" ] || { echo "sweep.sh: the files differ from those of the sweep in one go" >&2 && exit 1; }
echo "the files are those of the sweep in one go"
