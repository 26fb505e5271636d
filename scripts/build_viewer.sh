#!/bin/bash
# Makes the report's viewer: takes NiiVue and esbuild from npm (io/report/viewer/package-lock.json says which) and
# bundles them with io/report/viewer/viewer.js into build/viewer/viewer.js, which the next build puts into the program.
# Without that file everything builds, and reports have still pictures only.
# Usage: scripts/build_viewer.sh
# Needs node 18 or later and npm. Exit code 77: they, or the packages, cannot be had.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
source=io/report/viewer
folder=build/viewer/packages
for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "build_viewer needs $tool: apt-get install nodejs npm" >&2; exit 77; }
done
mkdir -p "$folder"
cp "$source"/{package.json,package-lock.json,bundle.mjs,viewer.js,viewer.css,no_zarr.js,niivue.license} "$folder"
# What is installed stays for the next time, as long as the same is wanted.
if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"; then
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel error) >"$folder/npm.log" 2>&1 || {
    cat "$folder/npm.log" >&2
    # Only a registry that cannot be reached is a reason to do without the viewer.
    grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|E40[0-9]|E50[0-9]' "$folder/npm.log" || exit 1
    echo "build_viewer: the packages cannot be had from npm" >&2
    exit 77
  }
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
fi
cd "$folder"
node bundle.mjs ../viewer.js
