# A sweep of a million sets on the coarse phantom: killed half-way and begun again it ends with the same file; so it does
# on another number of threads, and of ranks. Its sets are a file that the case can take. Sets of a file, and a device with one
# source. Then a search, and how sure the ranking is.
. "$(dirname "$0")/lib.sh"
coarse_phantom case || { result 1 'the phantom is made' && finish; }
cat >>case/case.yaml <<'END'
sweep: {generate: [quadrupoles], step: 0.1, keep: 12}
END
sed -i 's/^fibers: .*/fibers: {per_root: 20, model: linear}/' case/case.yaml
sweep() { cauda sweep case/case.yaml -o o "$@" >table 2>log; }

cauda solve case/case.yaml -o o --quiet
result $? 'the field is solved' || finish

# killed_sweep CASE ALL: begun on one thread, and killed as soon as it has noted how far it is, which is not all sets.
killed_sweep() {
  "$CAUDA" sweep "$1" -o o --threads 1 >table 2>log &
  local process=$! done
  rm -f o/sweep.csv
  for _ in $(seq 3000); do
    [ -s o/sweep.state ] && break
    kill -0 $process 2>/dev/null || break
    sleep 0.02
  done
  kill -9 $process 2>/dev/null
  wait $process 2>/dev/null
  holds 'a sweep that is killed has noted how far it was' test -s o/sweep.state
  holds 'and has made no file' test ! -e o/sweep.csv
  read -r _ done _ <o/sweep.state
  holds 'it was not at its end' test "$done" -lt "$2"
}
killed_sweep case/case.yaml 884520

sweep
result $? 'it runs again' || cat log
holds 'goes on where it was' grep -q 'going on after [1-9][0-9]* sets' log
holds 'and leaves no state' test ! -e o/sweep.state
holds 'the ranking is printed' grep -q '^Best for' table
holds 'in at most 80 columns' sh -c '! grep -qE "^.{81}" table'
(cd o && sha256sum sweep.csv sweep_sets.csv) >before

sweep --force --threads 1
result $? 'the whole again, in one go'
holds 'makes the same files' sh -c 'cd o && sha256sum --quiet -c ../before'
holds 'holding less than 1 GB' sh -c "grep -oE '\"peak_memory_MB\": *[0-9]+' o/report.json | grep -oE '[0-9]+$' | xargs -I{} test {} -lt 1024"
sweep
holds 'and is up to date then' grep -q 'sweep: up to date' log

holds 'and in the page' grep -q '<section id="sweep">' o/report.html

cp o/sweep_sets.csv case/sets.csv
holds 'its sets can be ranked' cauda rank case/case.yaml -o o --quiet
best() { sed -n 2p "$1" | cut -d, -f2,4; }
holds 'with the same best' test "$(best o/sweep.csv)" = "$(best o/ranking.csv)"

# ---- sets of a file, and ranks ------------------------------------------------------------------------------------
# All tripoles in tenths, one a row, and some rows with a pulse width of their own: more than one block of them.
tripoles() {
  awk 'BEGIN { printf "set"; for (i = 1; i <= 16; i++) printf ",C%02d", i; print ",case,width_us"
    for (one = 1; one <= 16; one++) for (a = 1; a <= 16; a++) for (b = a + 1; b <= 16; b++) for (p = 1; p < 10; p++)
      for (s = -1; s < 2 && one != a && one != b; s += 2) {
        printf "t%d", ++n
        for (i = 1; i <= 16; i++) printf ",%s", i == one ? -s : i == a ? s * p / 10 : i == b ? s * (10 - p) / 10 : ""
        print n % 1000 ? ",," : ",,210"
      } }'
}
tripoles >case/many.csv
cp case/case.yaml case/generated.yaml
sed -i 's/^sweep:.*/sweep: {generate: [tripoles], step: 0.1, keep: 12}/' case/generated.yaml
sed 's/^sweep:.*/sweep: {sets: many.csv, keep: 12}/' case/generated.yaml >case/listed.yaml
cauda sweep case/generated.yaml -o o --quiet >table
(cd o && sha256sum sweep.csv sweep_sets.csv) >generated
scores() { cut -d, -f4 "$1"; }
scores o/sweep.csv >scores
holds 'a sweep of a file' cauda sweep case/listed.yaml -o o --quiet
(cd o && sha256sum sweep.csv sweep_sets.csv) >listed
scores o/sweep.csv | cmp -s - scores
result $? 'finds what is found where the same sets are generated'
holds 'looks at every row once' grep -q '"screened": *30240' o/report.json
sed 's/^sweep:.*/sweep: {sets: many.csv, widths_us: [150, 200, 210, 300], keep: 12}/' case/listed.yaml >case/widths.yaml
killed_sweep case/widths.yaml 120960
cauda sweep case/widths.yaml -o o >table 2>log
result $? 'one of a file, too, runs again' || cat log
holds 'and goes on where it was' grep -q 'going on after [1-9][0-9]* sets' log
(cd o && sha256sum sweep.csv sweep_sets.csv) >before
holds 'the whole file again, in one go' cauda sweep case/widths.yaml -o o --quiet --force
holds 'makes the same files' sh -c 'cd o && sha256sum --quiet -c ../before'
sed 's/^t30000,.*/t30000,-1/' case/many.csv >case/short.csv
sed 's/many/short/' case/listed.yaml >case/broken.yaml
fails 1 'short.csv:30001: the row has 2 values; expected 19' 'a bad row far down' cauda sweep case/broken.yaml -o o
sed 's/{sets/{step: 0.5, sets/' case/listed.yaml >case/broken.yaml
fails 1 'broken.yaml:[0-9]+: .*"step" beside "sets"' 'a key that a file has no use for' cauda sweep case/broken.yaml -o o
if command -v mpirun >/dev/null; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  for ranks in 2 3; do
    for kind in generated listed; do
      holds "a sweep on $ranks ranks ($kind sets)" mpirun --oversubscribe -n $ranks "$CAUDA" sweep case/$kind.yaml -o o --force --quiet
      holds 'makes the same files' sh -c "cd o && sha256sum --quiet -c ../$kind"
    done
  done
else
  skip 'there is no mpirun'
fi

# ---- a device with one source ---------------------------------------------------------------------------------------
echo 'limits: {device: intellis}' >>case/generated.yaml
echo 'search: {step: 0.1}' >>case/generated.yaml
holds 'a sweep for one source' cauda sweep case/generated.yaml -o o --quiet
holds 'wires contacts together' grep -q ',single_source,' o/sweep_sets.csv
cp o/sweep_sets.csv case/one.csv
holds 'a search for one source' cauda search case/generated.yaml -o o --quiet
# The model is the predictor, and of equals the first is best, which is a set that was found.
no_simple_best() { ! grep -qE '"simple_best": *"[^"]*_best"' o/report.json; }
holds 'is no worse than the simple sets' no_simple_best
sed 's/^sets:.*/sets: one.csv/' case/generated.yaml >case/one.yaml
holds 'its sets can be ranked' cauda rank case/one.yaml -o o --quiet
holds 'with the same best score' test "$(sed -n 2p o/sweep.csv | cut -d, -f4)" = "$(sed -n 2p o/ranking.csv | cut -d, -f4)"

# ---- search -----------------------------------------------------------------------------------------------------
echo 'search: {targets: [L1_L_dorsal, L1_R_dorsal], step: 0.1}' >>case/case.yaml
cauda search case/case.yaml -o o >table 2>log
result $? 'a search for two targets' || cat log
holds 'answers for both' sh -c 'grep -c "^Best for" table | grep -qx 2'
holds 'in at most 80 columns' sh -c '! grep -qE "^.{81}" table'
holds 'the best is no worse than any simple set' no_simple_best
holds 'its front falls: less of the target, less spill' awk -F, 'NR > 1 { if ($1 == t && !($4 <= a && $5 < b)) exit 1
  t = $1; a = $4; b = $5 }' o/pareto.csv
holds 'the page shows it with the front' grep -q 'the front of the search</title>' o/report.html
# The place that the case has, tried anew, is worth what the search's simple sets are (the model is the predictor).
cauda place case/case.yaml --targets L1_L --try --json --quiet >tried.json 2>.err
result $? 'places are tried'
tried=$(grep -m1 -A1 '"L1_L_dorsal":{' tried.json | grep -oE '"score":[0-9.]+' | cut -d: -f2)
holds 'and the own one is worth as much as the search says' \
  awk "BEGIN { d = ${tried:-9} - $(grep -m1 -oE '"simple_score": *[0-9.]+' o/report.json | grep -oE '[0-9.]+$'); exit !(d < 0.01 && d > -0.01) }"
cp o/search_sets.csv case/sets.csv
holds 'its sets can be ranked' cauda rank case/case.yaml -o o --quiet

# ---- a case that has changed since ------------------------------------------------------------------------------------
# Sets of the case's own are nothing to a sweep or a search; fibres are, and thresholds of others are not shown beside them.
cauda search case/case.yaml -o o >table 2>log
holds 'a search does not depend on the sets of the case' grep -q 'search: up to date' log
sed 's/per_root: 20/per_root: 10/' case/case.yaml >case/fewer.yaml
holds 'a search of other fibres' cauda search case/fewer.yaml -o o --quiet
holds 'has a page' grep -q '<section id="search">' o/report.html
holds 'without the thresholds of the fibres before' sh -c '! grep -q "\"fibers\":" o/report.json && ! grep -q "<section id=\"sweep\">" o/report.html'

# The full model may prefer another set than the predictor, and a device with steps has sets at amplitudes: the best is
# called so for all that, and it is there for the next command.
sed -e 's/model: linear/model: mrg/' -e 's/^sets:.*/sets: found.csv/' case/case.yaml >case/mrg.yaml
sed '$a limits: {device: laboratory}' case/mrg.yaml >case/steps.yaml
cp o/search_sets.csv case/found.csv
for kind in mrg steps; do
  holds "a search by the full model ($kind)" cauda search case/$kind.yaml -o o --quiet
  cp o/search_sets.csv case/found.csv
  for target in L1_L L1_R; do
    holds "its best is ${target}_best" awk -F, -v t=$target '$3 == t "_dorsal" { exit !($1 == 1 && $2 == t "_best") }' o/search.csv
    holds 'which has a field' cauda field case/$kind.yaml -o o --set ${target}_best --quiet
  done
done

# ---- a target that cannot be reached ----------------------------------------------------------------------------------
sed '/^search:/d' case/case.yaml >case/weak.yaml
printf '%s\n' 'limits: {compliance_V: 0.05}' 'search: {step: 0.1, contacts: 2}' >>case/weak.yaml
for command in rank search; do
  cauda $command case/weak.yaml -o o --quiet >table 2>.err
  result $? "a device that is too weak is no error of $command"
  tr '\n' ' ' <table >words
  holds 'but told, with what comes nearest, and how near' \
    grep -qE 'No set reaches L1_L_dorsal within the limits\. \S+ comes nearest: it would need [0-9.]+ mA, and compliance allows 0\.[0-9]+ mA' words
done

# ---- confidence -------------------------------------------------------------------------------------------------
echo 'confidence: {samples: 3, meshes: 2}' >>case/case.yaml
cauda confidence case/case.yaml -o o >table 2>log
result $? 'how sure the ranking is' || cat log
holds 'the page shows ranges and probabilities' grep -q 'first probability' o/report.html
holds 'by draws on two meshes' sh -c 'grep -c "confidence: draw" log | grep -qx 3 && grep -q "mesh 2 of 2" log'
holds 'which are told' sh -c 'wc -l <o/confidence_samples.csv | grep -qx 4'
holds 'in words, too' grep -q '^How sure: in 3 draws' table
holds 'every range holds its median' awk -F, 'NR > 1 && $4 != "" && !($4 <= $5 && $5 <= $6) { exit 1 }' o/confidence.csv

# ---- two results side by side ---------------------------------------------------------------------------------------
cauda compare o o >table 2>log
result $? 'a result beside itself' || cat log
holds 'lies where it lies' grep -qE '^C01 by the cord, mm apart +0 ' table
holds 'in the same order' sh -c 'grep -E "^order of .* rho" table | awk "{ if (\$0 !~ / 1  /) exit 1 }"'

sed -i 's/quadrupoles/octopus/' case/case.yaml
fails 1 'case.yaml:[0-9]+: .*octopus.*expected some of' 'an unknown family' cauda sweep case/case.yaml -o o
finish
