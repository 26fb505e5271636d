#!/bin/bash
# Opens pages of reports in headless Chromium, over file://, and uses them as readers do: viewer, peaks, keyboard,
# tables, printing, without script, axe-core in light and dark (tests/browser/report_test.mjs).
# Usage: scripts/browser_test.sh PAGE.html..
# Installs Debian's chromium, as root, if it is missing; playwright-core and axe-core come from npm into
# build/browser. Screenshots are left in build/browser/screenshots. Exits 77 if node 20, npm, chromium or the packages
# cannot be had.
set -euo pipefail
pages=()
for page in "$@"; do pages+=("$(readlink -f "$page")"); done
cd "$(dirname "$(readlink -f "$0")")/.."
skip() { echo "skipped: $*"; exit 77; }
[ ${#pages[@]} -gt 0 ] || { echo "usage: scripts/browser_test.sh PAGE.html.." >&2; exit 2; }
for tool in node npm; do command -v $tool >/dev/null || skip "no $tool"; done
[ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || skip "node $(node --version) is older than 20"
if ! command -v chromium >/dev/null; then
  [ "$(id -u)" = 0 ] || skip "no chromium, and only root can install it"
  echo "installing chromium"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 ||
    skip "chromium cannot be installed"
fi
folder=build/browser
mkdir -p "$folder"
cp tests/browser/{package.json,package-lock.json,report_test.mjs} "$folder"
if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"; then
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel error) >"$folder/npm.log" 2>&1 || {
    cat "$folder/npm.log" >&2
    grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|E40[0-9]|E50[0-9]' "$folder/npm.log" || exit 1
    skip "npm packages cannot be had"
  }
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
fi
rm -rf "$folder/screenshots"
# A program that was built after the viewer was made has it.
[ ! -e build/viewer/viewer.js ] || export VIEWER_EXPECTED=1
node "$folder/report_test.mjs" "$(command -v chromium)" "$folder/screenshots" "${pages[@]}"
