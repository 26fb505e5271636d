#!/bin/bash
# The main job on a small simulated participant: installs packages, builds, simulates, fits, compares with the truth.
# Usage: scripts/example.sh [FOLDER]   (default: build/example)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
folder=${1:-build/example}
bash scripts/install_packages.sh
cmake --preset release -DSOCIOMETER_BUILD_TESTS=OFF >/dev/null
cmake --build --preset release --target sociometer_program
sociometer=build/release/cli/sociometer
rm -rf "$folder"
$sociometer example "$folder/study"
runs=("$folder"/study/*_bold.nii.gz)
events=("$folder"/study/*_events.tsv)
confounds=("$folder"/study/*_desc-confounds_timeseries.tsv)
$sociometer design --events "${events[@]}" --tr 2 --n-scans 160 --modulators feedback:match,rank \
  --contrast match=feedback:match 'matchMinusRank=feedback:match - feedback:rank' -o "$folder/design"
$sociometer fit --bold "${runs[@]}" --events "${events[@]}" --confounds "${confounds[@]}" \
  --modulators feedback:match,rank \
  --contrast choice match=feedback:match rank=feedback:rank 'matchMinusRank=feedback:match - feedback:rank' \
  --f-contrast 'learning=feedback:match;feedback:rank' --prefix sub-01_task-feedback -o "$folder/maps"
$sociometer contrast "$folder/maps/sub-01_task-feedback_estimates.h5" --contrast 'both=0.5*feedback:match + 0.5*feedback:rank' \
  --prefix sub-01_task-feedback -o "$folder/maps"
$sociometer example "$folder/study" --verify "$folder/maps" --prefix sub-01_task-feedback
echo "maps, sidecars and estimates: $folder/maps; the design and its picture: $folder/design"
