#!/bin/bash
# Tests of the Python and R packages with a built program; about half a minute. What needs an optional package that is
# not installed is skipped, and told. Without Rscript the R package is skipped.
# Usage: scripts/check_doors.sh [PROGRAM]   (default: build/release/cli/sociometer)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
program=${1:-build/release/cli/sociometer}
[ -x "$program" ] || { echo "check_doors: there is no program $program" >&2; exit 2; }
SOCIOMETER=$(readlink -f "$program")
export SOCIOMETER

# A python3 that comes first in PATH may lack the packages of Debian's.
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "check_doors needs numpy: apt-get install python3-numpy" >&2; exit 1; }
echo "== Python: $("$python" --version) ($(date +%T))"
PYTHONPATH=$PWD/python PYTHONDONTWRITEBYTECODE=1 "$python" -m unittest discover -s python/tests -v

if ! command -v Rscript >/dev/null; then
  echo "== R: skipped, there is no Rscript: apt-get install r-base-core r-cran-jsonlite"
  exit 0
fi
echo "== R: $(Rscript --version 2>&1) ($(date +%T))"
library=$(mktemp -d)
trap 'rm -rf "$library"' EXIT
R CMD INSTALL --library="$library" r >"$library/log" 2>&1 || { cat "$library/log" >&2; exit 1; }
R_LIBS=$library Rscript r/tests/doors.R
echo "== doors hold ($(date +%T))"
