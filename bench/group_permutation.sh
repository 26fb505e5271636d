#!/bin/sh
# CPU seconds per sign flip with TFCE, compared with MRtrix3's mrclusterstats (Debian package mrtrix3) on the same data.
#
# Usage: bench/group_permutation.sh BUILD_FOLDER DATA_FOLDER
# mrclusterstats' time per flip is the difference between two runs, so that reading and writing do not count.
set -e
bench=$(realpath "$1")/bench/bench_group_permutation
mkdir -p "$2"
cd "$2"
"$bench" .
ls sub-*.nii.gz > files.txt
sed 's/.*/1/' files.txt > design.txt
echo 1 > contrast.txt
cpu_of() {
  /usr/bin/env bash -c 'TIMEFORMAT="%U %S"; time mrclusterstats files.txt design.txt contrast.txt mask.nii.gz out_ -errors ise \
    -nshuffles "$0" -nthreads 0 -quiet -force' "$1" 2>&1 | awk 'NF == 2 {print $1 + $2}'
}
few=$(cpu_of 5)
many=$(cpu_of 25)
awk "BEGIN {printf \"%-28s %8.2f ms a flip\\n\", \"mrclusterstats, TFCE\", 1000 * ($many - $few) / 20}"
