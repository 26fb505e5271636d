#!/bin/bash
# Runs the fuzz targets of tests/fuzz: first the inputs that once broke something, then new ones.
#
# Usage: scripts/fuzz.sh SECONDS [--seed N] [TARGET..]   SECONDS per target; default: all targets, as many at once as
#                                                        processors
# 0 seconds: the inputs that once broke something and the seeds, no new ones.
# --seed N: from the seed files alone, and with this random seed of libFuzzer.
#
# Builds them with the preset asan (clang's libFuzzer, address and undefined-behaviour sanitizers). What is learned goes to
# build/asan/fuzz/work/TARGET, and is where the next call goes on; an input that breaks something is left in
# build/asan/fuzz/found. Exit code 1 if there is one.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
seconds=${1:?how many seconds per target?}
shift
seed=
[ "${1:-}" != --seed ] || { seed=${2:?which seed?}; shift 2; }
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^sociometer_fuzz(\([a-z]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
build=build/asan
[ -e $build/CMakeCache.txt ] || cmake --preset asan >/dev/null
cmake --build $build --target "${targets[@]/#/fuzz_}" sociometer >$build/fuzz-build.log 2>&1 || { tail -30 $build/fuzz-build.log; exit 1; }
work=$PWD/$build/fuzz
mkdir -p "$work/found"
export SOCIOMETER_FUZZ_STORES=$work/seeds/stores/good
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
[ -d "$work/seeds" ] || python3 tests/fuzz/make_corpus.py $build/cli/sociometer "$work/seeds"

one() { # TARGET SECONDS
  local target=$1 log=$work/$1.log program=$PWD/build/asan/tests/fuzz/fuzz_$1
  local limits=(-rss_limit_mb=2048 -malloc_limit_mb=1024 -timeout=25 -max_len=8192)
  local learned=$work/work/$target
  [ -z "$seed" ] || { learned=$(mktemp -d); limits+=("-seed=$seed"); }
  mkdir -p "$learned" "$work/seeds/$target"
  local effort=-max_total_time=$2
  [ "$2" != 0 ] || effort=-runs=0
  local known=()
  [ ! -d "tests/fuzz/found/$target" ] || mapfile -t known < <(find "tests/fuzz/found/$target" -type f)
  [ ${#known[@]} -eq 0 ] || "$program" "${limits[@]}" "${known[@]}" >"$log" 2>&1 ||
    { echo "fuzz_$target: an input of tests/fuzz/found breaks it again"; tail -40 "$log"; return 1; }
  "$program" "${limits[@]}" "$effort" -print_final_stats=1 -artifact_prefix="$work/found/$target-" \
    "$learned" "$work/seeds/$target" $( [ -d "tests/fuzz/corpus/$target" ] && echo "tests/fuzz/corpus/$target" ) >"$log" 2>&1 ||
    { echo "fuzz_$target: broken, see $log"; grep -m 1 -A 25 'ERROR\|SUMMARY\|runtime error\|libFuzzer' "$log"; tail -5 "$log"; return 1; }
  [ -z "$seed" ] || rm -r "$learned"
  echo "fuzz_$target: ${#known[@]} known inputs, $(sed -n 's/stat::number_of_executed_units: *//p' "$log") new ones in $2 s," \
    "$(grep -o 'cov: [0-9]*' "$log" | tail -1 | grep -o '[0-9]*') edges: clean"
}
export -f one
export work seed
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c "one {} $seconds"
