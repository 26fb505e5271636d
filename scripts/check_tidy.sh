#!/bin/bash
# Runs clang-tidy on the product's source files. Usage: scripts/check_tidy.sh [FILE..]   (default: all except the
# kernels, which are compiled several times with different definitions and without library headers)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# Compile commands for each file separately, in a build folder that is only configured.
build=build/tidy
cmake --preset tidy >/dev/null
cmake --build "$build" --target sociometer_commit >/dev/null
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files 'engine/*.cpp' 'io/*.cpp' 'cli/*.cpp' ':!engine/*/kernels/*')
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p "$build" 2> >(grep -v 'warnings generated' >&2 || true)
