#!/bin/bash
# The answer does not depend on the number of ranks: a box with a lead on 1, 2 and 4 of them, to 1e-9 of the largest
# potential (solved to a residual of 1e-11); and a whole run, which also says things once and writes whole files.
. "$(dirname "$0")/lib.sh"
dump="$root/${BUILD:-build/release}/tests/verify/field_dump"
command -v mpirun >/dev/null || { skip "there is no mpirun" && finish; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

difference() { # FILE FILE of doubles: the largest difference over the largest value
  paste -d ' ' <(od -An -v -t f8 -w8 "$1") <(od -An -v -t f8 -w8 "$2") |
    awk '{d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d; if ($1 > top) top = $1; n++}
         END {printf("%.2e", (n && top > 0) ? most / top : 1)}'
}
agree() { # DUMP DUMP LIMIT name
  local d
  d=$(difference "$1/potential_ohm.f8" "$2/potential_ohm.f8")
  awk -v d="$d" -v limit="$3" 'BEGIN {exit !(d != "" && d < limit)}'
  result $? "$4: relative difference $d"
}
same_table() { # FILE FILE: the same but for numbers in the 4th digit
  awk -F, 'NR == FNR {line[FNR] = $0; n = FNR; next}
    {split(line[FNR], a); for (i = 1; i <= NF; i++) {d = a[i] - $i; if (d < 0) d = -d
      if (a[i] != $i && !(a[i] + 0 != 0 && d < 1e-3 * (a[i] < 0 ? -a[i] : a[i]))) exit bad = 1}}
    END {exit bad || FNR != n}' "$1" "$2"
}

error_of() { sed -n 's/^ *"largest": *\([0-9.e+-]*\),*$/\1/p' "$1/report.json"; }

holds "a box on one rank" "$dump" "$T/1"
for n in 2 4; do
  mpirun --oversubscribe -n $n "$dump" "$T/$n" >"$T/.out" 2>"$T/.err"
  agree "$T/1" "$T/$n" 1e-9 "a box on $n ranks"
done

coarse_phantom case
sed -i 's/tolerance: 1e-6/tolerance: 1e-9/' case/case.yaml
holds "a coarse phantom on one rank" cauda run case/case.yaml -o run1
"$dump" run1-dump run1
for n in 2 4; do
  mpirun --oversubscribe -n $n "$CAUDA" run case/case.yaml -o run$n >table$n 2>log$n
  result $? "a coarse phantom on $n ranks" || cat log$n
  holds "says each stage once" [ "$(sed -n 's/: done in.*//p' log$n | tr '\n' ' ')" = "seg mesh solve fibers rank report " ]
  holds "solves once" [ "$(grep -c '^solve \.\.\.' log$n)" = 1 ]
  holds "the same error of the thresholds" same_table <(error_of run1) <(error_of run$n)
  holds "prints the ranking once" [ "$(grep -c '^  *[0-9]*=* *left_L1 ' table$n)" = 1 ]
  holds "leaves no tmp file" no_tmp_files run$n
  holds "the same mesh" cmp run1/mesh.msh run$n/mesh.msh
  "$dump" run$n-dump run$n && agree run1-dump run$n-dump 1e-6 "the same field"
  for table in thresholds impedance ranking; do
    holds "the same $table.csv" same_table run1/$table.csv run$n/$table.csv
  done
done
finish
