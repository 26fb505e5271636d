#pragma once

namespace sociometer::testing {

/// Takes what real sbatch takes of our arguments. In its folder: N.args per job N; `twice`: each
/// task runs again; `lost`: ids of jobs whose task is killed; `refuse`: sbatch fails from that job
/// number on.
inline constexpr const char* kFakeSbatch = R"sh(#!/bin/bash
set -u
place=$(dirname "$0")
[ "$1" = --version ] && { echo slurm 1; exit 0; }
n=$(($(cat "$place/count" 2>/dev/null || echo 0) + 1))
if [ -e "$place/refuse" ] && [ "$n" -ge "$(cat "$place/refuse")" ]; then
  echo "sbatch: error: invalid partition specified: moon" >&2
  exit 1
fi
echo "$n" >"$place/count"
printf '%s\n' "$@" >"$place/$n.args"
tasks= log=/dev/null
while [[ ${1:-} == --* ]]; do
  case $1 in
    --array=*) tasks=$(seq 0 "${1#--array=0-}") ;;
    --cpus-per-task=*) export SLURM_CPUS_PER_TASK=${1#*=} ;;
    --output=*) log=${1#*=} ;;
  esac
  shift
done
echo "$n;cluster"
if [ -z "$tasks" ]; then
  bash "$@" >>"$log" 2>&1
  exit 0
fi
for task in $tasks; do
  job=$(sed -n "$((task + 1))p" "$2")
  file=${log//%a/$task}
  if grep -qx -e "$job" "$place/lost" 2>/dev/null; then
    echo "slurmstepd: error: *** JOB $n CANCELLED DUE TO TIME LIMIT ***" >>"$file"
    continue
  fi
  SLURM_ARRAY_TASK_ID=$task bash "$@" >>"$file" 2>&1
  [ ! -e "$place/twice" ] || SLURM_ARRAY_TASK_ID=$task bash "$@" >>"$file" 2>&1
done
exit 0
)sh";

}  // namespace sociometer::testing
