# The command line: help, unknown words, values that are none.
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/pipeline/lib.sh"

holds 'help ends well' cauda --help
holds 'the version is one line' sh -c '[ "$("$0" --version | wc -l)" = 1 ]' "$CAUDA"
for c in run check seg mesh solve fibers rank field phantom; do
  holds "help of $c" sh -c '"$0" "$1" --help | grep -q "^usage: cauda $1 "' "$CAUDA" $c
done
fails 1 'did you mean solve' 'an unknown command suggests the nearest' cauda sovle
fails 1 'unknown command' 'a far word suggests nothing' cauda xyzzyplugh
fails 1 'did you mean --force' 'an unknown option suggests the nearest' cauda run case.yaml --forse
fails 1 'unknown option' 'an option of another command is unknown here' cauda run case.yaml --set a
fails 1 'needs a value' 'an option without its value' cauda run case.yaml -o
fails 1 'no case file' 'no case' cauda run
fails 1 'too many' 'two cases' cauda run a.yaml b.yaml
fails 1 'expected a number' 'an amplitude that is no number' cauda field case.yaml --amplitude_mA=much
fails 1 'expected a whole number' 'half a thread' cauda run case.yaml --threads 0.5
fails 1 'takes no value' 'a flag with a value' cauda run case.yaml --force=yes
fails 1 'nothing.yaml: no such file' 'no such case' cauda run nothing.yaml
fails 1 'is a folder' 'a folder as the case' cauda run .
holds 'phantom writes a case' sh -c '"$0" phantom -o new && ls new/case.yaml new/sets.csv new/phantom.yaml' "$CAUDA"
holds 'which can be checked' cauda check new/case.yaml
holds 'check writes nothing' sh -c '[ ! -e out/demo ]'
holds 'check tells nodes, time and memory as JSON' sh -c '"$0" check new/case.yaml --json | grep -q memory_MB' "$CAUDA"
fails 1 'exists already' 'phantom overwrites nothing' cauda phantom -o new
holds 'but with --force' cauda phantom -o new --force
fails 1 'no such folder' 'no such input folder' cauda check new/case.yaml --input nowhere
fails 1 'expected a set of .*left_L1' 'a set that is not there' cauda field new/case.yaml --set nobody
fails 1 'found nothing, expected a set' 'no set' cauda field new/case.yaml
fails 1 'expected one of them' 'points and images at once' cauda field new/case.yaml --set left_L1 --at points.csv --nifti
fails 1 'no use beside folders' 'a folder of inputs for results that are there' cauda report new --input new
{ echo fiber,diameter_um,s_mm,potential_V; seq -30 30 | awk '{ print "a,10," $1 "," (-10 / (100 + $1 * $1)) }'; } >along.csv
fails 1 'no use with the model senn' 'a geometry of another model' cauda axon along.csv --model senn --geometry small
fails 1 'no use with the model linear' 'a tolerance of a model that has none' cauda axon along.csv --model linear --tolerance 0.1
holds 'axon writes a file and prints JSON' sh -c '"$0" axon along.csv --model senn -o ax --json | grep -q threshold_mA && grep -q "^a,[0-9]" ax/axon.csv' "$CAUDA"
holds 'an error is JSON, too' sh -c '"$0" check nothing.yaml --json 2>/dev/null | grep -q "\"exit\":1"' "$CAUDA"
cauda --man >man.txt
holds 'the man page has every command of --help' sh -c '"$0" --help | sed -n "s/^  \([a-z][a-z-]*\) .*/\1/p" |
  while read -r c; do grep -q "^.SS cauda $c " man.txt || exit 1; done' "$CAUDA"
holds 'and the words of a command' sh -c '"$0" field --help | grep -o "sum of the cathodic currents" && grep -q "sum of the cathodic currents" man.txt' "$CAUDA"

# ---- options: those of --help, of the man page and of the parser are the same, and no document shows another ------------
commands=$(cauda --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
helped() { # COMMAND: its options, "-o, --out DIR|what it is"
  cauda "$1" --help | sed -nE 's/^  (-., |    )(--[A-Za-z_-]+( [^ ]+)?) +(.*)/\1\2|\4/p' | sed 's/^ *//'
}
manned() {
  awk -v c="$1" '/^\.S[SH]/ { here = $2 == "cauda" && $3 == c; next } here && /^\.B / { b = substr($0, 4); getline; print b "|" $0 }' man.txt |
    sed 's/\\//g'
}
for c in $commands; do helped "$c" | sed "s/^/$c /"; done >helped.txt
for c in $commands; do manned "$c" | sed "s/^/$c /"; done >manned.txt
holds 'options are told' sh -c '[ "$(wc -l <helped.txt)" -gt 100 ]'
holds 'by the man page in the same words' cmp helped.txt manned.txt
told() { grep "^$1 " helped.txt | grep -oE -e '--[A-Za-z_-]+( [^ |]+)?\|' | tr -d '|'; } # "--out DIR"
sed -E 's/^[^ ]+ [^-]*(-., )?(--[A-Za-z_-]+).*/\2/' helped.txt | sort -u >all.txt
number=0
for c in $commands; do
  told "$c" | sed -E 's/ .*/=1/' >taken
  holds "$c takes each of its options" cauda "$c" $(cat taken) --help
  told "$c" | sed 's/ .*//' | sort -u | comm -13 - all.txt >others
  other=$(sed -n "$((number++ % $(wc -l <others) + 1))p" others)
  fails 1 "unknown option \"$other\"" "$c does not take $other" cauda "$c" "$other"
done
holds 'cauda help field tells what cauda field --help does' sh -c '[ "$("$0" help field)" = "$("$0" field --help)" ]' "$CAUDA"
wrong() { # DOCUMENT...: the commands and options in them that are not there
  grep -ohE '(^|[^a-z/])cauda [a-z][a-z-]*( [^`#]*)?' "$@" | sed -E 's/^.*cauda ([a-z-]+)/\1/' | while read -r c rest; do
    grep -q "^$c " helped.txt || echo "cauda $c"
    for o in $(grep -oE -e '(^|[ [])--[A-Za-z_-]+' <<<"$rest" | tr -d '[ '); do
      told "$c" | sed 's/ .*//' | grep -qx -e "$o" || echo "cauda $c $o"
    done
  done
}
printf '%s\n' 'a `cauda field --set X` and' '`cauda field A --sett X`' '`cauda fields A`' >bad.md
holds 'a document that is wrong is found out' [ "$(wrong bad.md | tr '\n' ,)" = 'cauda field --sett,cauda fields,' ]
wrong "$root"/README.md "$root"/cases/README.md "$root"/tests/*/README.md "$root"/viewer/README.md >wrong.txt
holds 'no document shows a command or an option that is not there' sh -c 'cat wrong.txt >&2; [ ! -s wrong.txt ]'
holds 'the README shows every command' sh -c 'for c in $1; do grep -qE "^\| .*\`(cauda )?$c[ \`]" "$0"/README.md || exit 1; done' \
  "$root" "$commands"
command -v groff >/dev/null && holds 'groff has nothing to say about it' \
  sh -c '[ -z "$(groff -man -Tascii -ww -z man.txt 2>&1)" ]'
finish
