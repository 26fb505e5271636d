#!/bin/bash
# Installs packages, builds, and runs all but the slow tests (ctest -L slow). Usage: scripts/test.sh [ctest options]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
bash scripts/install_packages.sh all
cmake --preset release -DSOCIOMETER_BUILD_TESTS=ON >/dev/null
cmake --build --preset release
ctest --preset release -j "$(nproc)" -LE slow "$@"
