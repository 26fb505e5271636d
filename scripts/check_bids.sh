#!/bin/bash
# Simulates a tiny study and passes it to the BIDS validator (npm package bids-validator, which needs node 18 or
# later; the package is downloaded once into build/bids). Fails on errors; prints the validator's summary. Exit code 77:
# the validator is not available here.
# Usage: scripts/check_bids.sh [BUILD_FOLDER]   (default: build/release)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${1:-build/release}
version=1.15.0
for tool in node npm; do
  command -v "$tool" >/dev/null || { echo "check_bids needs $tool: apt-get install nodejs npm" >&2; exit 77; }
done
folder=build/bids
validator=$folder/bids-validator-$version/package/bin/bids-validator
if [ ! -e "$validator" ]; then
  # The package is self-contained; its dependencies, hundreds of megabytes, are not installed.
  mkdir -p "$folder/bids-validator-$version"
  (cd "$folder/bids-validator-$version" && npm pack --silent "bids-validator@$version" >/dev/null && tar xzf ./*.tgz && rm ./*.tgz) ||
    { echo "check_bids could not fetch bids-validator $version" >&2; exit 77; }
fi
rm -rf "$folder/study"
"$build/cli/sociometer" simulate "$folder/study" --participants 2 --runs 2 --trials 8 --grid tiny --log-level warning
node "$validator" "$folder/study" --json >"$folder/report.json" || true
node - "$folder/report.json" <<'EOF'
const report = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'))
const {errors, warnings} = report.issues
for (const [kind, list] of [['error', errors], ['warning', warnings]])
  for (const issue of list)
    console.log(`${kind} ${issue.code} ${issue.key}: ${issue.reason} (${issue.files.length} file(s))`)
const s = report.summary
if (!s || s.subjects.length !== 2 || s.totalFiles < 10) {
  console.log('the validator did not see the study')
  process.exit(1)
}
console.log(`BIDS validator: ${errors.length} errors, ${warnings.length} warnings; ${s.totalFiles} files, ` +
            `${s.subjects.length} subjects, tasks ${s.tasks.join(', ')}, modalities ${s.modalities.join(', ')}`)
process.exit(errors.length > 0 ? 1 : 0)
EOF
