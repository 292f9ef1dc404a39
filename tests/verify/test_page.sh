#!/bin/bash
# report.html of the demo in a browser: it draws, sorts, turns; left is left; nothing is asked of the network. Then that of
# a coarse phantom with many sets and evil names, after a sweep, a search and draws. With PICTURES set to a folder,
# screenshots come there.
. "$(dirname "$0")/lib.sh"
command -v chromium >/dev/null || { skip "chromium is not installed" && finish; }
[ -e "$root/viewer/dist/scene.js" ] || { skip "the viewer was not built (make viewer, which needs npm)" && finish; }
kept_run demo "$root/cases/demo/case.yaml"
judge ../render/page.py "$kept/demo" "$root/cases/demo/case.yaml"

# The real subject's page, too: its size and times are what is asked for.
if [ -d "$sub03" ]; then
  kept_run sub-03 "$root/cases/sub-03/case.yaml" --input "$sub03"
  judge ../render/page.py "$kept/sub-03" "$root/cases/sub-03/case.yaml" --input "$sub03"
fi

coarse_phantom many || { result 1 'the phantom is made' && finish; }
sed -i "s|^fibers: .*|fibers: {per_root: 20, model: linear}|" many/case.yaml
cat >>many/case.yaml <<'END'
sweep: {generate: [monopoles, bipoles], keep: 12}
search: {step: 0.25}
confidence: {samples: 2, meshes: 1}
END
{
  head -n 3 many/sets.csv | grep '^set,'
  for i in $(seq 12); do
    echo "$([ "$i" = 3 ] && echo evil || echo "set$i")$(
      for c in $(seq 16); do [ "$c" = "$i" ] && printf ',-1' || printf ',0'; done),1"
  done
} >many/sets.new && mv many/sets.new many/sets.csv
for command in run sweep search confidence; do
  cauda $command many/case.yaml -o o --quiet >"$T/.out" 2>"$T/.err"
  result $? "cauda $command"
done
# A case cannot have such names, the results that another sends may.
sed -i 's|"name": *"demo"|"name":"<script>window.harmed=1</script>"|' o/report.json
sed -i 's|\bevil\b|<img src=x onerror=window.harmed=1>|g' o/report.json o/scene.json o/*.csv
cauda report o --quiet
result $? 'the page of them all'
judge ../render/page_found.py o
finish
