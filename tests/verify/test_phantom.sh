#!/bin/bash
# The phantom at default resolution: it is symmetric and its contacts have usual impedances.
. "$(dirname "$0")/lib.sh"
kept_run demo "$root/cases/demo/case.yaml"
judge phantom_check.py "$kept/demo"
finish
