#!/bin/bash
# The demo's files in VTK's own readers: names of structures, units in the names of arrays.
. "$(dirname "$0")/lib.sh"
need vtk
kept_run demo "$root/cases/demo/case.yaml"
judge vtk_files.py "$kept/demo"
finish
