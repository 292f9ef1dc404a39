# Bad input ends in exit 1 with a message for a stranger, and leaves what was there before as it was.
. "$(dirname "$0")/lib.sh"

# ---- files to spoil: a label map that Cauda itself wrote -------------------------------------------------------
coarse_phantom good || { skip 'no phantom' && finish; }
cauda seg good/case.yaml -o seg --quiet || { result 1 'the phantom is made' && finish; }
gzip -dc seg/anatomy.nii.gz >plain.nii
sha256sum seg/* >before

# labels NAME: a case NAME.yaml that reads NAME.nii.gz (or the file given second) through the table table.yaml
awk -F, 'BEGIN {print "source: test\nlabels:\n  - {value: 0, structure: ignore}"}
         NR > 1 && $1 > 0 {print "  - {value: " $1 ", structure: " $2 "}"}' seg/anatomy_labels.csv >table.yaml
labels() {
  cat >"$1.yaml" <<END
name: $1
anatomy:
  labels: {file: ${2:-$1.nii.gz}, table: ${3:-./table.yaml}}
END
}
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; } # FILE OFFSET BYTES (in printf's words)
# spoil NAME OFFSET BYTES...: a copy of the label map with these bytes at these offsets of its header
spoil() {
  local name=$1
  cp plain.nii "$name.nii"
  while shift && [ $# -ge 2 ]; do poke "$name.nii" "$1" "$2" && shift; done
  gzip -f "$name.nii"
  labels "$name"
}
reads() { fails 1 "$2" "$3" cauda seg "$1.yaml" -o "out/$1"; }

labels whole seg/anatomy.nii.gz
holds 'the unspoilt label map is read' cauda check whole.yaml
labels absent
reads absent 'absent.nii.gz' 'no such file'
echo 'this is no image' >text.nii.gz && labels text
reads text 'text.nii.gz' 'not a NIfTI'
gzip -c plain.nii | head -c 20000 >cut.nii.gz && labels cut
reads cut 'cut.nii.gz' 'a truncated .nii.gz'
head -c 100000 plain.nii >short.nii && labels short short.nii
reads short 'short.nii' 'a truncated .nii'
cat plain.nii <(tail -c +353 plain.nii) >four.nii && poke four.nii 40 '\4\0' && poke four.nii 48 '\2\0' # dim[0], dim[4]
gzip -f four.nii && labels four
reads four 'four.nii.gz' 'a 4-D image'
spoil moved 292 '\0\0\100\102' # srow_x[3] = 48: the qform says otherwise
reads moved 'sform.*qform|qform.*sform' 'sform and qform that disagree'
spoil sheared 284 '\0\0\200\76' 252 '\0\0' # srow_x[1] = 0.25, no qform
reads sheared 'shear' 'a sheared affine'
spoil flat 280 '\0\0\0\0\0\0\0\0\0\0\0\0' 252 '\0\0' # srow_x[0..2] = 0, no qform
reads flat 'flat.nii.gz.*singular|singular.*flat.nii.gz' 'a singular affine'
sed '/structure: csf/d' table.yaml >gap.yaml && labels unknown seg/anatomy.nii.gz ./gap.yaml
reads unknown 'label|value' 'a label without an entry in the table'

# ---- the case, the sets, the paddle ----------------------------------------------------------------------------
change() { # NAME SED-SCRIPT FILE
  mkdir -p "$1" && cp good/* "$1/" && sed -i "$2" "$1/$3"
}
case_fails() { fails 1 "$2" "$3" cauda run "$1/case.yaml" -o seg; }
change key 's/^pulse:/puls:/' case.yaml
case_fails key 'case.yaml:[0-9]+.*puls' 'an unknown key, with its line'
change list 's/^paddle:/paddle_: 1/; s/at: {root: L2, side: dorsal}/at: {point_mm: 3}/; s/^paddle_: 1/paddle:/' case.yaml
case_fails list 'case.yaml:[0-9]+' 'a number where a list belongs'
change negative 's/table: default/table: default, csf: {sigma_S_per_m: -1.7}/' case.yaml
case_fails negative 'case.yaml:[0-9]+.*-1.7' 'a negative conductivity'
change zero 's/table: default/table: default, csf: {sigma_S_per_m: 0}/' case.yaml
case_fails zero 'case.yaml:[0-9]+.*csf|csf.*case.yaml:[0-9]+' 'a conductivity of zero'
change sum 's/^left_L1,-1,1/left_L1,-1,0.5/' sets.csv
case_fails sum 'sets.csv:[0-9]+' 'a set that does not sum to zero'
change contact 's/C16/C17/' sets.csv
case_fails contact 'sets.csv:[0-9]+.*C17' 'an unknown contact'
change target 's/target: L1_L_dorsal/target: L9_L/' case.yaml
case_fails target 'case.yaml.*L9_L' 'a target that is no root'
change cord 's/at: {root: L2, side: dorsal}/at: {point_mm: [0, 0, 0]}/' case.yaml
case_fails cord 'case.yaml: paddle.*cord' 'a paddle inside the cord'
change beyond 's/^  at: .*/  at: {root: L2}\n  offset_mm: [0, 300]/' case.yaml
case_fails beyond 'case.yaml: paddle' 'a paddle beyond the body'

# ---- outlines ---------------------------------------------------------------------------------------------------
sub="$CAUDA_SHARED/data/sub-03"
if [ -d "$sub" ]; then
  mkdir outlines && cp "$sub"/*.json outlines/
  cat >outlines/case.yaml <<'END'
name: outlines
anatomy:
  outlines: {cord: "sub-03_cord_*.json", dura: "sub-03_dura_*.json"}
  roots: "sub-03_nerveroots_{root}_{side}.json"
END
  holds 'the unspoilt outlines are read' cauda check outlines/case.yaml
  outline_fails() { # NAME WORDS TEXT FILE SED-SCRIPT
    cp -r outlines "$1" && sed -i "$5" "$1"/$4 && fails 1 "$2" "$3" cauda run "$1/case.yaml" -o seg
  }
  outline_fails open 'cord_10.json.*ClosedCurve|closed' 'an outline that is not closed' sub-03_cord_10.json \
    's/"type": *"ClosedCurve"/"type": "Curve"/'
  outline_fails swapped 'left|right' 'LPS files that are called RAS' '*.json' \
    's/"coordinateSystem": *"LPS"/"coordinateSystem": "RAS"/'
else
  skip "no $sub: outlines are not tried"
fi

# ---- where the results go ---------------------------------------------------------------------------------------
touch file
fails 1 'file' 'an output folder that is a file' cauda seg good/case.yaml -o file
mkdir -p barred && chmod a-w barred
as_nobody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
chmod a+rx . && chmod -R a+rX good
# nobody may not read what lies under root's home: a copy of the program and its data stands where all may
cp "$CAUDA" nobodys-cauda && cp -r "$(dirname "$CAUDA")/../../cases" nobodys-cases && chmod -R a+rX nobodys-c*
export CAUDA_DATA="$T/nobodys-cases"
fails 1 'may not write' 'an output folder that cannot be written' as_nobody ./nobodys-cauda seg good/case.yaml -o barred
fails 1 'may not write' 'which check says before' as_nobody ./nobodys-cauda check good/case.yaml -o barred
holds 'earlier results are as they were' sha256sum --quiet -c before
holds 'no tmp file is left' no_tmp_files .
finish
