#!/bin/bash
# A mesh from elsewhere: our own one handed back, a box in Gmsh's text format of old, and files that cannot be used.
. "$(dirname "$0")/lib.sh"

# box FILE SCALE VOLUME-NAME CONTACT-NAME CASE-NAME: 8 x 8 x 8 cells of 5 mm in format 2.2; an empty name leaves the
# group without one (volume) or out (surfaces). The contact is four cells of the floor, the return is the ceiling.
box() {
  awk -v scale="$2" -v volume="$3" -v contact="$4" -v back="$5" '
    function node(i, j, k) { return 1 + i + 9 * (j + 9 * k) }
    function tri(a, b, c, g) { line[++n] = n " 2 2 " g " " g " " a " " b " " c }
    BEGIN {
      print "$MeshFormat\n2.2 0 8\n$EndMeshFormat"
      names = (volume != "") + (contact != "") + (back != "")
      print "$PhysicalNames\n" names
      if (volume != "") print "3 1 \"" volume "\""
      if (contact != "") print "2 2 \"" contact "\""
      if (back != "") print "2 3 \"" back "\""
      print "$EndPhysicalNames\n$Nodes\n729"
      for (k = 0; k < 9; k++) for (j = 0; j < 9; j++) for (i = 0; i < 9; i++)
        print node(i, j, k), 5 * scale * i, 5 * scale * j, 5 * scale * k
      print "$EndNodes\n$Elements"
      for (k = 0; k < 8; k++) for (j = 0; j < 8; j++) for (i = 0; i < 8; i++)
        for (p = 0; p < 6; p++) {
          split(substr("123132213231312321", 3 * p + 1, 3), axis, "")
          v[0] = i; v[1] = j; v[2] = k; s = node(i, j, k)
          for (q = 1; q <= 3; q++) { v[axis[q] - 1]++; s = s " " node(v[0], v[1], v[2]) }
          line[++n] = n " 4 2 1 1 " s
        }
      for (j = 0; j < 8; j++) for (i = 0; i < 8; i++) {
        if (contact != "" && i > 2 && i < 5 && j > 2 && j < 5) {
          tri(node(i, j, 0), node(i + 1, j, 0), node(i + 1, j + 1, 0), 2)
          tri(node(i, j, 0), node(i + 1, j + 1, 0), node(i, j + 1, 0), 2)
        }
        if (back != "") {
          tri(node(i, j, 8), node(i + 1, j, 8), node(i + 1, j + 1, 8), 3)
          tri(node(i, j, 8), node(i + 1, j + 1, 8), node(i, j + 1, 8), 3)
        }
      }
      print n
      for (q = 1; q <= n; q++) print line[q]
      print "$EndElements"
    }' >"$1"
}
given() { # FILE [lines...]: a case in case.yaml
  printf '%s\n' "name: given" "anatomy: {mesh: $1}" "${@:2}" >case.yaml
}
same_numbers() { # FILE FILE LIMIT: tables of numbers that agree to LIMIT
  awk -F, -v limit="$3" 'NR == FNR {line[FNR] = $0; n = FNR; next}
    {split(line[FNR], a); for (i = 1; i <= NF; i++) {d = a[i] - $i; if (d < 0) d = -d
      if (a[i] != $i && !(d <= limit * (a[i] < 0 ? -a[i] : a[i]))) exit bad = 1}}
    END {exit bad || FNR != n}' "$1" "$2"
}

coarse_phantom phantom
holds "a phantom runs" cauda run phantom/case.yaml -o first --quiet
cp phantom/sets.csv .
given first/mesh.msh "field: {order: 1, tolerance: 1e-6}" "fibers: {per_root: 5}" "sets: sets.csv" "rank: {target: L1_L}"
holds "its own mesh is checked" cauda check case.yaml
holds "its own mesh runs, to the ranking" cauda run case.yaml -o again
holds "with the same impedances" same_numbers first/impedance.csv again/impedance.csv 1e-3
holds "with the roots of its volumes" grep -q '"L2_R_dorsal"' again/report.json
cauda run case.yaml -o again >/dev/null 2>log
holds "a second run has nothing to do" [ "$(grep -c 'done in' log)" = 0 ]

box box.msh 1 csf C01 case
printf '%s\n' "set,C01,case" "one,-1,1" >one.csv
printf '%s\n' "x_mm,y_mm,z_mm" "20,20,10" "20,20,39.9" "20,20,60" >points.csv
given box.msh "sets: one.csv"
holds "a box in format 2.2 is solved" cauda solve case.yaml -o box
holds "its field is asked for at points" cauda field case.yaml --set one --at points.csv -o box
holds "which has sense" awk -F, 'NR == 2 && !($4 < 0) {bad = 1} NR == 3 && !($4 < 0 && $4 > -0.01) {bad = 1}
  NR == 4 && $6 != "outside" {bad = 1} END {exit bad || NR != 4}' box/field_one_at_points.csv
fails 1 "no volumes named white" "fibres in a box" cauda run case.yaml -o box

broken() { # words name, then the arguments of box
  box broken.msh "${@:3}"
  given broken.msh "sets: one.csv"
  fails 1 "$1" "$2" cauda solve case.yaml -o broken
}
broken "in m, it seems" "a box in metres" 1e-3 csf C01 case
broken "in um, it seems" "a box in micrometres" 1e3 csf C01 case
broken "no name" "a volume without a name" 1 "" C01 case
broken "muscle.*is no tissue" "a volume of another tissue" 1 muscle C01 case
broken "has no contacts" "no contact" 1 csf "" case
broken "surface group named case" "no return" 1 csf C01 ""
given nothing.msh
fails 1 "nothing.msh" "no such mesh" cauda solve case.yaml -o broken
finish
