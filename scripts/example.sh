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

echo "== learning models, and the signals of each trial"
$sociometer learn "$folder/study" "$folder/learning" --models hybrid,rank,outcome --log-level warning

echo "== first level: both signals in one model, and a control model with surprise beside them"
contrasts=(outcome=feedback:outcome_update rank=feedback:rank_update_unsigned)
surprise='surprise=feedback:abs(outcome_update)'
for path in "$folder"/study/sub-*; do
  subject=$(basename "$path")
  preprocessed=$folder/study/derivatives/fmriprep/$subject/func
  common=(--bold "$preprocessed"/*_desc-preproc_bold.nii.gz
    --events "$folder/learning/$subject"/func/*_desc-signals_events.tsv
    --confounds "$preprocessed"/*_desc-confounds_timeseries.tsv --confound-columns 'trans_?' 'rot_?'
    --prefix "${subject}_task-social" --log-level warning)
  $sociometer fit "${common[@]}" --modulators feedback:outcome_update,rank_update_unsigned \
    --contrast "${contrasts[@]}" 'outcomeMinusRank=feedback:outcome_update - feedback:rank_update_unsigned' \
    -o "$folder/first/$subject"
  $sociometer fit "${common[@]}" --modulators 'feedback:outcome_update,rank_update_unsigned,abs(outcome_update)' \
    --contrast "${contrasts[@]}" "$surprise" -o "$folder/control/$subject"
done

echo "== group: mixed effects with clusters, and permutations with TFCE"
for contrast in outcome rank; do
  first=(--effects "$folder/first" --first-level-contrast "$contrast" --log-level warning)
  $sociometer group "${first[@]}" --method mixed --corrections fdr,rft -o "$folder/group/$contrast-mixed"
  $sociometer group "${first[@]}" --permutations 1000 --statistic voxel,tfce -o "$folder/group/$contrast-permutation"
done

echo "== regions, and the question"
$sociometer roi make --like "$folder/study/derivatives/truth/mask.nii.gz" --set rejection striatum control \
  --union rejectionNetwork=dACC,vACC,anteriorInsulaL,anteriorInsulaR,vlPFCL,vlPFCR ventralStriatum=ventralStriatumL,ventralStriatumR \
  -o "$folder/rois" --log-level warning
regions=(--regions ventralStriatum rejectionNetwork)
$sociometer roi extract --estimates "$folder"/first/sub-*/*_estimates.h5 --rois "$folder/rois/rois.tsv" \
  --contrast "${contrasts[@]}" -o "$folder/values" --log-level warning
$sociometer roi dissociate "$folder/values/roi_values.tsv" "${regions[@]}" --signals outcome rank -o "$folder/dissociation"

echo "== control: does the rejection network follow surprise, the unsigned outcome update, too?"
$sociometer roi extract --estimates "$folder"/control/sub-*/*_estimates.h5 --rois "$folder/rois/rois.tsv" \
  --contrast "${contrasts[@]}" "$surprise" -o "$folder/values-control" --log-level warning
$sociometer roi dissociate "$folder/values-control/roi_values.tsv" "${regions[@]}" \
  --signals outcome,rank outcome,surprise -o "$folder/dissociation-control"

echo "== individual differences: who follows which signal less?"
$sociometer roi individual "$folder/values/roi_values.tsv" --participants "$folder/study/participants.tsv" \
  --scores social_anxiety depression "${regions[@]}" --signals outcome rank -o "$folder/individual" --log-level warning
echo "everything: $folder"
