#!/bin/bash
# The full cable model beside NEURON on the same fibres: thresholds within 1 %, action potentials within 1 mV, and how
# many times as fast.
. "$(dirname "$0")/lib.sh"
built="$root/${BUILD:-build/release}/tests"
need neuron
command -v nrnivmodl >/dev/null || { skip "neuron-dev is not installed" && finish; }
bench="$built/bench/bench_mrg" # `make bench` builds it
[ -x "$bench" ] || bench=
judge neuron_compare.py "$built/verify/axon_dump" $bench
finish
