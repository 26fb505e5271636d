#!/bin/bash
# What a user does first with an installed program: a simulated study, a design with its picture, the first levels of
# the study, each in a process of its own. Needs nothing but the program and its files.
# Usage: scripts/package_try.sh VERSION PROGRAM [WORD..]
#   VERSION  that the program must have
set -euo pipefail
version=$1
shift
program=$(command -v "$1")
models=$(dirname "$(dirname "$(readlink -f "$program")")")/share/sociometer/models
"$@" --version | grep "^sociometer $version "
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$@" simulate study --participants 2 --grid tiny --log-level warning
"$@" design --events study/sub-01/func/*_run-1_events.tsv --tr 2 --n-scans 515 -o design --log-level warning
[ -s design/design.tsv ] || { echo "package_try: there is no design" >&2; exit 1; }
[ "$(od -An -tx1 -N4 design/design.png | tr -d ' ')" = 89504e47 ] || { echo "package_try: there is no picture" >&2; exit 1; }
"$@" run study results participant --model "$models/model-dissociation_smdl.json" --log-level warning
find results/node-subject/sub-02 -name '*_stat-effect_statmap.nii.gz' | grep -q . || { echo "package_try: there are no maps" >&2; exit 1; }
echo "tried: $program"
