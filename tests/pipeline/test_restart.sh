# A whole run of the coarse phantom; what is done again and what is not; an interrupt and a full disk in the middle.
. "$(dirname "$0")/lib.sh"
OUTPUTS="anatomy.nii.gz anatomy_labels.csv surfaces.vtp regions.csv sections.csv mesh.msh mesh.vtu contacts.vtp
  leadfield.h5 impedance.csv fiber_thresholds.csv thresholds.csv recruitment.csv fibers.vtp ranking.csv"
RESULTS="impedance.csv fiber_thresholds.csv thresholds.csv recruitment.csv ranking.csv"

coarse_phantom case || { result 1 'the phantom is made' && finish; }
run() { cauda "$1" case/case.yaml -o o "${@:2}" >table 2>log; }
# ran LIST: these stages ran and no others
ran() { [ "$(sed -n 's/^\([a-z]*\): done in.*/\1/p' log | xargs)" = "$1" ]; }
sums() { (cd o && sha256sum $OUTPUTS); }
unchanged() { (cd o && grep -v "${1:-^$}" ../before | sha256sum --quiet -c); }

run run
result $? 'the coarse phantom runs to the ranking' || cat log
cp log .err
holds 'all stages ran' ran 'seg mesh solve fibers rank report'
holds 'all outputs are there' sh -c 'cd o && ls '"$(echo $OUTPUTS)"
holds 'the page of them, too' grep -q 'left_L1</h4>' o/report.html
holds 'the ranking is printed' grep -q left_L1 table
holds 'in at most 80 columns' sh -c '! grep -qE "^.{81}" table'
holds 'no output holds NaN' sh -c '! grep -qiE "(^|,)-?nan(,|$)" o/*.csv && ! grep -qi "nan" o/report.json'
for key in version inputs mesh contacts field time_s peak_memory_MB repairs paddle conductivities ranking; do
  holds "report.json tells $key" grep -q "^  \"$key\":" o/report.json
done
holds 'no tmp file is left' no_tmp_files o
sums >before

run run
result $? 'it runs again'
holds 'and nothing is done twice' ran ''
holds 'but the ranking is printed' grep -q left_L1 table
run rank --force
holds 'rank --force runs rank alone' ran 'rank'
sed -i 's/^name:/limits: {compliance_V: 12}\nname:/' case/case.yaml && run run
holds 'a limit concerns the ranking alone' ran 'rank report'
sums >before
sed -i 's/^rank:/# a comment\nrank:/' case/case.yaml && run run
holds 'a comment concerns nothing' ran ''
echo >>o/thresholds.csv && run run
holds 'an output that was changed is made again' ran 'fibers rank report'
rm o/leadfield.h5 && run run
holds 'and so is one that is gone' ran 'solve fibers rank report'
holds 'with the same bytes in every table' sh -c 'cd o && sha256sum '"$(echo $RESULTS)"' | sort >../now
  grep -F "$(cat ../now)" ../before | wc -l | grep -qx 5'
cp case/case.yaml kept.yaml
sed -i 's/table: default/table: default, csf: {sigma_S_per_m: 1.8}/' case/case.yaml && run run
holds 'a conductivity concerns the field and what follows' ran 'solve fibers rank report'
cp kept.yaml case/case.yaml && run run
holds 'and back' ran 'solve fibers rank report'
sums >before

# ---- a set's field --------------------------------------------------------------------------------------------
printf 'name,x_mm,y_mm,z_mm\na,0,0,0\nfar,900,0,0\n' >points.csv
holds 'a field at points' cauda field case/case.yaml -o o --set left_L1 --amplitude_mA 2 --at points.csv
holds 'with the columns that were there, and ours' grep -qx 'name,x_mm,y_mm,z_mm,potential_V,E_V_per_m,tissue' \
  o/field_left_L1_at_points.csv
holds 'empty where there is no tissue' grep -qx 'far,900,0,0,,,outside' o/field_left_L1_at_points.csv
holds 'a whole field' sh -c '"$0" field case/case.yaml -o o --set left_L1 && [ -s o/field_left_L1.vtu ]' "$CAUDA"

# ---- a full disk: a small one of our own, in a name space of our own ---------------------------------------------
cat >disk.sh <<'END'
# STAGE FILE: runs a stage again on a disk that has room for 6/10 of this file beside the results that are there
mkdir -p disk && mount -t tmpfs -o size=2g none disk && cp -p o/* disk/ || exit 99
used=$(df -k --output=used disk | tail -n 1)
mount -o remount,size=$((used + $(stat -c %s "o/$2") * 6 / 10240))k disk || exit 99
"$CAUDA" "$1" case/case.yaml -o disk --force
status=$?
(cd disk && sha256sum --quiet -c ../before) || echo 'cauda: earlier results were changed' >&2
[ -z "$(find disk -name '.tmp-*')" ] || echo 'cauda: a tmp file was left' >&2
exit $status
END
space() { if [ "$(id -u)" = 0 ]; then unshare -m "$@"; else unshare -rm "$@"; fi; }
export CAUDA
full() { fails 1 "$2: .*space left" "a full disk at $2" space bash disk.sh "$1" "$2"; }
if space sh -c 'mkdir -p disk && mount -t tmpfs none disk' 2>/dev/null; then
  full seg anatomy.nii.gz
  full seg surfaces.vtp
  full mesh mesh.msh
  full solve leadfield.h5
  full fibers fibers.vtp
else
  skip 'no small disk can be made here'
fi

# ---- an interrupt ---------------------------------------------------------------------------------------------
# interrupt SIGNAL WORDS: sends the signal once the log says so; sets status, and took (seconds from the signal)
interrupt() {
  rm -f o/stages.json
  "$CAUDA" run case/case.yaml -o o >table 2>log &
  local run=$! start
  for start in $(seq 600); do
    grep -q "^$2" log && break
    sleep 0.1
  done
  sleep 0.2
  start=$SECONDS
  kill "-$1" $run
  wait $run
  status=$? took=$((SECONDS - start))
}
for moment in 'seg \.\.\.' 'fill \.\.\.' 'improve \.\.\.'; do
  interrupt INT "$moment"
  holds "Ctrl-C at \"$moment\" ends with 130" [ $status = 130 ]
  holds 'soon' [ $took -le 8 ]
  holds 'with one line' [ "$(grep -c '^cauda: .*interrupted' log)" = 1 ]
  holds 'without tmp files' no_tmp_files o
  holds 'and earlier results as they were' unchanged
done
run run
result $? 'the next run ends well'
holds 'with the same results' unchanged leadfield.h5 # HDF5 notes the time

# ---- several processes ------------------------------------------------------------------------------------------
if command -v mpirun >/dev/null; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  cp -r o o2 && cp -p o/* o2/
  holds 'two processes solve' mpirun --oversubscribe -n 2 "$CAUDA" rank case/case.yaml -o o2 --quiet --force
  rm -f o2/leadfield.h5
  holds 'the field, too' mpirun --oversubscribe -n 2 "$CAUDA" rank case/case.yaml -o o2 --quiet
  # to the tolerance of the solution: 4 digits of every threshold level
  holds 'and agree with one' awk -F, 'NR == FNR {a[FNR] = $6; next} FNR > 1 && a[FNR] != "" {
    d = a[FNR] - $6; if (d < 0) d = -d; if (d > 1e-3 * a[FNR]) exit 1}' o/thresholds.csv o2/thresholds.csv
else
  skip 'there is no mpirun'
fi
finish
