#!/bin/bash
# Errors are planted in the elements, each of which still conserves current; `cauda verify` must catch every one. That
# the certificate (balance, symmetry, reciprocity, energy) does not see them is told beside it.
. "$(dirname "$0")/lib.sh"
tree="$T/tree"
mkdir -p "$tree/build"
cp -a "$root"/{Makefile,include,fem,seg,mesh,src,cases} "$tree/" && cp -a "$root/${BUILD:-build/release}" "$tree/build/release"
export BUILD=build/release MODE=release

build() { make -C "$tree" -s build/release/cauda >/dev/null 2>"$T/.err"; }
verify() { CAUDA_DATA="$tree/cases" "$tree/build/release/cauda" verify --quiet --test "$1" >"$T/.out" 2>"$T/.err"; }

mutant() { # name file sed-program
  local file="$tree/fem/$2" caught="" test
  cp "$root/fem/$2" "$file"
  sed -i "$3" "$file"
  cmp -s "$root/fem/$2" "$file" && { result 1 "$1: the line to be changed is not there" && return; }
  if build; then
    verify certificate && echo "# $1: the certificate holds"
    for test in manufactured points electrodes; do
      verify $test || { caught=$test && break; }
    done
    : >"$T/.err"
    [ -n "$caught" ]
    result $? "$1 is caught by: $caught"
  else
    result 1 "$1: builds"
  fi
  cp "$root/fem/$2" "$file"
}

build
result $? "the tree builds"
verify manufactured
result $? "without a change it passes"
mutant "a transposed Jacobian" element_p1.c \
  's/v3_sub(x\[i + 1\], x\[0\], edge\[i\]);/for (int k = 0; k < 3; k++) edge[k][i] = x[i + 1][k] - x[0][k];/'
mutant "a swapped axis" element_p1.c 's/out\[0\] = s\[0\]/out[0] = s[1]/; s/+ s\[1\] \* v\[1\]/+ s[0] * v[1]/'
mutant "yz and xz exchanged" element_p1.c '/out\[[012]\] = s/y/45/54/'
mutant "mm taken for m" element_p1.c 's/#define M_PER_MM 1e-3/#define M_PER_MM 1.0/'
mutant "half the volume" element_p1.c 's|return det / 6.0;|return det / 12.0;|'
mutant "a wrong mean in second order" element_p2.c 's/return i == j ? 0.1 : 0.05/return i == j ? 0.09 : 0.05/'
mutant "the infinite return at half its distance" facets.c 's|/ v3_dot(r, r));|/ (0.25 * v3_dot(r, r)));|'
mutant "a surface impedance per mm2" facets.c 's|1.0 / o->surface_impedance_ohm_m2|1e-6 / o->surface_impedance_ohm_m2|'
finish
