# The command line: help, unknown words, values that are none.
. "$(dirname "$0")/lib.sh"

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
holds 'an error is JSON, too' sh -c '"$0" check nothing.yaml --json 2>/dev/null | grep -q "\"exit\":1"' "$CAUDA"
cauda --man >man.txt
holds 'the man page has every command of --help' sh -c '"$0" --help | sed -n "s/^  \([a-z][a-z-]*\) .*/\1/p" |
  while read -r c; do grep -q "^.SS cauda $c " man.txt || exit 1; done' "$CAUDA"
holds 'and the words of a command' sh -c '"$0" field --help | grep -o "sum of the cathodic currents" && grep -q "sum of the cathodic currents" man.txt' "$CAUDA"
command -v groff >/dev/null && holds 'groff has nothing to say about it' \
  sh -c '[ -z "$(groff -man -Tascii -ww -z man.txt 2>&1)" ]'
finish
