#!/bin/bash
# Installs a build into a temporary folder, checks its manual pages and completions, and builds and runs a project that
# only uses find_package(sociometer).
# Usage: scripts/check_install.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
share=$work/prefix/share
for file in man/man1/sociometer.1 man/man1/sociometer-fit.1 man/man1/sociometer-roi-test.1 \
  bash-completion/completions/sociometer zsh/site-functions/_sociometer fish/vendor_completions.d/sociometer.fish; do
  [ -s "$share/$file" ] || { echo "check_install: share/$file was not installed" >&2; exit 1; }
done
bash -n "$share/bash-completion/completions/sociometer"
if command -v zsh >/dev/null; then zsh -n "$share/zsh/site-functions/_sociometer"; fi
if command -v fish >/dev/null; then fish --no-execute "$share/fish/vendor_completions.d/sociometer.fish"; fi
if command -v man >/dev/null; then
  for page in "$share"/man/man1/*.1; do
    warnings=$(MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || { echo "check_install: $page: $warnings" >&2; exit 1; }
  done
fi
cmake -S tests/downstream -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/downstream"
"$work/prefix/bin/sociometer" --version | head -1
