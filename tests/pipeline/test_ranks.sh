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

# Fibres and their thresholds in one field, by as many as there are.
holds "fibres on one rank" cauda fibers case/case.yaml -o out --quiet --force
mkdir one && cp out/{fiber_thresholds,thresholds,recruitment}.csv out/fibers.vtp one
for n in 2 3; do
  holds "fibres on $n ranks" ranks $n "$CAUDA" fibers case/case.yaml -o out --quiet --force
  for file in one/*; do holds "the same $(basename "$file")" cmp "$file" "out/$(basename "$file")"; done
  holds "leaves no tmp file" no_tmp_files out
done
error() { sed -n 's/^ *"largest": *\([0-9.e+-]*\),*$/\1/p' out/report.json; }
holds "the same error of the thresholds" [ "$(error)" = "$(ranks 2 "$CAUDA" fibers case/case.yaml -o out --quiet --force; error)" ]
sed 's/per_root: 5/per_root: 5, model: linear/' case/case.yaml >case/linear.yaml
holds "fibres by the predictor alone" cauda fibers case/linear.yaml -o out --quiet
cp out/fiber_thresholds.csv one
holds "on 3 ranks" ranks 3 "$CAUDA" fibers case/linear.yaml -o out --quiet --force
holds "the same thresholds" cmp one/fiber_thresholds.csv out/fiber_thresholds.csv

# Work that is long enough to do something to its ranks: they are the children of mpirun.
begin() { # COMMAND CASE STAGE
  mpirun --oversubscribe -n 2 "$CAUDA" "$1" "$2" -o out 2>.err &
  running=$!
  for ((i = 0; i < 1200; i++)); do grep -q "^$3 \.\.\." .err && break || sleep 0.05; done
  read -r -d '' -a rank < <(pgrep -P $running)
}
starved() { # COMMAND CASE STAGE: the second rank gets no more memory than it has
  begin "$@"
  prlimit --pid "${rank[1]}" --as="$(awk '{print $1 * 4096}' "/proc/${rank[1]}/statm")"
  wait $running
  result $((($? == 4) ? 0 : 1)) "memory that one rank alone lacks ends all ($3)"
  holds "in one message" [ "$(grep -c '^cauda: not enough memory' .err)" = 1 ]
}
interrupted() { # COMMAND CASE STAGE WHO...
  begin "$1" "$2" "$3"
  shift 3
  for i; do kill -INT "${rank[$i]}"; done
  wait $running
  result $((($? == 130) ? 0 : 1)) "an interrupt of rank $* ends all"
  holds "leaves no tmp file" no_tmp_files out
}
sed 's/order: 1, tolerance: 1e-9/order: 2, tolerance: 1e-11/' case/case.yaml >case/long.yaml
sed 's/per_root: 5/per_root: 200, dt_us: 2/' case/case.yaml >case/many.yaml
holds "the field" cauda solve case/many.yaml -o out --quiet
if command -v prlimit >/dev/null; then
  starved solve case/long.yaml solve
  holds "the field again" cauda solve case/many.yaml -o out --quiet
  starved fibers case/many.yaml fibers
else
  skip "there is no prlimit"
fi
interrupted fibers case/many.yaml fibers 0 1
interrupted fibers case/many.yaml error 0 1
interrupted fibers case/many.yaml error 1
interrupted fibers case/many.yaml "cable model" 0 1
interrupted solve case/long.yaml solve 0 1
finish
