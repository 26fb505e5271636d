#!/bin/bash
# The main job on a small simulated study: installs packages, builds, simulates people who learn from acceptance and rank,
# fits learning models and brains, and ends with the sentence that says which regions follow which signal.
# Usage: scripts/example.sh [FOLDER [PARTICIPANTS]]   (default: build/example, 20)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
folder=${1:-build/example}
participants=${2:-20}
bash scripts/install_packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --target sociometer_program
sociometer=build/release/cli/sociometer
rm -rf "$folder"
mkdir -p "$folder"

echo "== a study whose truth is known"
$sociometer simulate "$folder/study" --participants "$participants" --grid tiny --seed 1 --log-level warning

echo "== learning models, and the signals of each trial"
$sociometer learn "$folder/study" "$folder/learning" --models hybrid,rank,outcome --log-level warning

echo "== first level: both signals in one model"
for path in "$folder"/study/sub-*; do
  subject=$(basename "$path")
  preprocessed=$folder/study/derivatives/fmriprep/$subject/func
  $sociometer fit --bold "$preprocessed"/*_desc-preproc_bold.nii.gz \
    --events "$folder/learning/$subject"/func/*_desc-signals_events.tsv \
    --confounds "$preprocessed"/*_desc-confounds_timeseries.tsv --confound-columns 'trans_?' 'rot_?' \
    --modulators feedback:outcome_update,rank_update_unsigned \
    --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned \
    'outcomeMinusRank=feedback:outcome_update - feedback:rank_update_unsigned' \
    --prefix "${subject}_task-social" -o "$folder/first/$subject" --log-level warning
done

echo "== group: mixed effects with clusters, and permutations with TFCE"
for contrast in outcome rank; do
  $sociometer group --effects "$folder"/first/sub-*/*_contrast-${contrast}_stat-effect_statmap.nii.gz \
    --variances "$folder"/first/sub-*/*_contrast-${contrast}_stat-variance_statmap.nii.gz \
    --method mixed --corrections fdr,rft -o "$folder/group/$contrast-mixed" --log-level warning
  $sociometer group --effects "$folder"/first/sub-*/*_contrast-${contrast}_stat-effect_statmap.nii.gz \
    --permutations 1000 --statistic voxel,tfce -o "$folder/group/$contrast-permutation" --log-level warning
done

echo "== regions, and the question"
$sociometer roi make --like "$folder/study/derivatives/truth/mask.nii.gz" --set rejection striatum control \
  --union rejectionNetwork=dACC,vACC,anteriorInsulaL,anteriorInsulaR,vlPFCL,vlPFCR ventralStriatum=ventralStriatumL,ventralStriatumR \
  -o "$folder/rois" --log-level warning
$sociometer roi extract --estimates "$folder"/first/sub-*/*_estimates.h5 --rois "$folder/rois/rois.tsv" \
  --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned -o "$folder/values" --log-level warning
$sociometer roi dissociate "$folder/values/roi_values.tsv" --regions ventralStriatum rejectionNetwork \
  --signals outcome rank -o "$folder/dissociation"
echo "everything: $folder"
