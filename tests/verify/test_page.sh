#!/bin/bash
# report.html of the demo in a browser: it draws, sorts, turns; left is left; nothing is asked of the network. With
# PICTURES set to a folder, screenshots come there.
. "$(dirname "$0")/lib.sh"
command -v chromium >/dev/null || { skip "chromium is not installed" && finish; }
[ -e "$root/viewer/dist/scene.js" ] || { skip "the viewer was not built (make viewer, which needs npm)" && finish; }
kept_run demo "$root/cases/demo/case.yaml"
judge ../render/page.py "$kept/demo" ${PICTURES:+"$PICTURES"}
finish
