# The README's worked example, command for command, on a coarse phantom that is read back from its image.
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/pipeline/lib.sh"
awk '/^### A worked example/ { here = 1 } block && /^```$/ { exit } block { print } here && /^```sh/ { block = 1 }' \
  "$root/README.md" >example.sh
holds 'there is an example' sh -c '[ "$(grep -c "^cauda " example.sh)" -ge 7 ]'
coarse_phantom phantom && cauda seg phantom/case.yaml -o data --quiet
result $? 'and a subject, as an image' || finish

# The example's case is made as coarse as that, and asks for less.
mkdir bin
cat >bin/cauda <<'END'
"$CAUDA" "$@" --quiet || exit
[ "$1" != phantom ] || {
  sed -n '/^mesh:/,$p' phantom/case.yaml
  printf '%s\n' 'confidence: {samples: 2, meshes: 1}' 'search: {step: 0.1, contacts: 4}'
} >>example/case.yaml
END
chmod +x bin/cauda
export CAUDA PATH=$T/bin:$PATH
holds 'every command of it ends well' bash -e example.sh
holds 'the best of the search has a field' test -s out/example/field_L1_L_best.vtu
holds 'and a place in the ranking of its sets' grep -q ',L1_L_best,' out/example/confidence.csv
holds 'the page tells all of it' sh -c 'for s in ranking sweep search confidence; do
  grep -q "<section id=\"$s\">" out/example/report.html || exit 1; done'
finish
