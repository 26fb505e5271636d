#!/bin/bash
# Fails if clang-format would change a file; with --fix applies the changes.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
mode=(--dry-run -Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git ls-files -co --exclude-standard '*.cpp' '*.hpp' | xargs clang-format "${mode[@]}"
