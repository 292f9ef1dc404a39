#!/bin/bash
# Several ranks are as one: the same field; faults of one end all, with one message and the right status; an interrupt, too.
. "$(dirname "$0")/lib.sh"
command -v mpirun >/dev/null || { skip "there is no mpirun" && finish; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ranks() { mpirun --oversubscribe -n "$@"; }

same_numbers() { # FILE FILE LIMIT: tables of numbers, apart by that much of the largest in a row
  paste -d '|' "$1" "$2" | awk -F '|' -v limit="$3" 'NR > 1 {
    n = split($1, a, ","); if (split($2, b, ",") != n) exit bad = 1
    top = 0; for (i = 1; i <= n; i++) if (a[i] > top) top = a[i]
    for (i = 1; i <= n; i++) {d = a[i] - b[i]; if (d < 0) d = -d; if (d > limit * top) exit bad = 1}}
    END {exit bad || NR < 3}'
}
# A rank's faults end with words of mpirun's, so not all of fails() holds.
ends() { # status words name command...
  local status=$1 words=$2 name=$3
  shift 3
  one_message "$status" "$name" "$@" || return
  grep -qE "^cauda: .*$words" "$T/.err"
  result $? "$name"
}

coarse_phantom case
sed -i 's/tolerance: 1e-6/tolerance: 1e-9/' case/case.yaml
holds "the phantom on one rank" cauda solve case/case.yaml -o out --quiet
cp out/impedance.csv one.csv
for n in 2 3; do
  holds "on $n ranks" ranks $n "$CAUDA" solve case/case.yaml -o out --quiet --force
  holds "the same impedances" same_numbers one.csv out/impedance.csv 1e-6
  holds "each has its part of the mesh" grep -q "\"ranks\": *$n" out/report.json
  holds "leaves no tmp file" no_tmp_files out
done
sed 's/tolerance: 1e-9/tolerance: 1e-9, solver: petsc/' case/case.yaml >case/petsc.yaml
holds "on 2 ranks by PETSc" ranks 2 "$CAUDA" solve case/petsc.yaml -o out --quiet
holds "the same impedances" same_numbers one.csv out/impedance.csv 1e-6

ends 1 "no such file" "input that is at fault" ranks 2 "$CAUDA" solve case/none.yaml -o out --quiet
sed 's/tolerance: 1e-9/tolerance: 1e-16/' case/case.yaml >case/tight.yaml
ends 2 "did not converge" "what does not converge" ranks 2 "$CAUDA" solve case/tight.yaml -o out --quiet

# A solution that is long enough to do something to its ranks: they are the children of mpirun.
sed 's/order: 1, tolerance: 1e-9/order: 2, tolerance: 1e-11/' case/case.yaml >case/long.yaml
begin() {
  mpirun --oversubscribe -n 2 "$CAUDA" solve case/long.yaml -o out 2>.err &
  running=$!
  for ((i = 0; i < 1200; i++)); do grep -q '^solve \.\.\.' .err && break || sleep 0.05; done
  read -r -d '' -a rank < <(pgrep -P $running)
}
if command -v prlimit >/dev/null; then
  begin
  prlimit --pid "${rank[1]}" --as="$(awk '{print $1 * 4096}' "/proc/${rank[1]}/statm")" # no more than it has
  wait $running
  result $((($? == 4) ? 0 : 1)) "memory that one rank alone lacks ends all"
  holds "in one message" [ "$(grep -c '^cauda: not enough memory' .err)" = 1 ]
else
  skip "there is no prlimit"
fi
begin
kill -INT "${rank[@]}"
wait $running
result $((($? == 130) ? 0 : 1)) "an interrupt ends all ranks"
holds "leaves no tmp file" no_tmp_files out
finish
