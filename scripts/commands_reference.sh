#!/bin/bash
# Writes docs/reference/commands.md from the program's declarations; with --check only reports whether it is up to date.
# Usage: scripts/commands_reference.sh [--check] [PROGRAM]   (default: build/release/cli/sociometer)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
check=0
if [ "${1:-}" = --check ]; then
  check=1
  shift
fi
program=${1:-build/release/cli/sociometer}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" documentation "$work/share"
if [ "$check" = 1 ]; then
  diff -u docs/reference/commands.md "$work/share/doc/sociometer/commands.md" ||
    { echo "docs/reference/commands.md is not what the program says; run scripts/commands_reference.sh" >&2; exit 1; }
else
  cp "$work/share/doc/sociometer/commands.md" docs/reference/commands.md
fi
