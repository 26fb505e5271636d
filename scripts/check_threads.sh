#!/bin/bash
# The thread sanitizer (clang; libgomp is not instrumented): runs side by side, permutations and readers of the engine;
# given a program, also commands on a tiny study.
# Usage: scripts/check_threads.sh [PROGRAM]   (PROGRAM: a build without the sanitizer, which makes the study)
set -euo pipefail
program=${1:+$(realpath "$1")}
cd "$(dirname "$(readlink -f "$0")")/.."
# Without line numbers, which cost a third of the build: functions are named all the same.
cmake --preset tsan -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -DNDEBUG" >/dev/null
cmake --build --preset tsan --target test_threads ${program:+sociometer_program}
# The OpenMP runtime's own locks look unguarded otherwise.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1
# A sanitizer that finds nothing where there is something says nothing of the rest.
clang++-14 -O1 -fsanitize=thread -fopenmp tests/faults/race.cpp -o build/tsan/race
if build/tsan/race >/dev/null 2>&1; then
  echo "check_threads: the sanitizer does not find the race of tests/faults/race.cpp" >&2
  exit 1
fi
build/tsan/tests/engine/test_threads --gtest_brief=1
[ -z "$program" ] || python3 tests/faults/threads.py "$program" build/tsan/cli/sociometer
