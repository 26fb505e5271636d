#!/bin/bash
# The main workflow on a small simulated study: installs packages, builds, simulates participants who learn from
# acceptance and rank, fits learning models and images, and ends by stating which regions follow which signal.
# Usage: scripts/example.sh [FOLDER [PARTICIPANTS]]   (default: build/example, 20)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
folder=${1:-build/example}
participants=${2:-20}
bash scripts/install_packages.sh
cmake --preset release -DSOCIOMETER_BUILD_TESTS=OFF >/dev/null
cmake --build --preset release --target sociometer_program
sociometer=build/release/cli/sociometer
rm -rf "$folder"
mkdir -p "$folder"

echo "== a study whose truth is known (effects several times the realistic defaults, so that few people show them)"
cat > "$folder/settings.json" <<'JSON'
{"response": {"outcome_percent": 4, "rank_percent": 0.7, "rank_per_anxiety": -0.5, "effect_sd": 0.3}}
JSON
$sociometer simulate "$folder/study" --participants "$participants" --grid tiny --seed 1 --settings "$folder/settings.json" --log-level warning

echo "== the whole study in one call: learning models and their signals, first levels, the group, regions, the question"
$sociometer run "$folder/study" "$folder/results" group --model docs/models/model-dissociation_smdl.json --log-level warning

echo "== control: does the rejection network follow surprise, the unsigned outcome update, too?"
$sociometer run "$folder/study" "$folder/control" group --model docs/models/model-surprise_smdl.json --log-level warning

echo "== individual differences: who follows which signal less?"
$sociometer roi individual "$folder/results/node-dataset/roi_values.tsv" --participants "$folder/study/participants.tsv" \
  --scores social_anxiety depression --regions ventralStriatum rejectionNetwork --signals outcome rank -o "$folder/individual" --log-level warning
echo "everything: $folder"
