#!/bin/bash
# Runs the README's two set-up commands as on a fresh Debian 12 machine, each in a separate root containing only
# debootstrap's minbase, so that a package that a script forgets to install is missing.
#
# The second root gets the sources with the build of the first: CMake locates every package again, the compiler reads
# the second root's headers, and minutes are saved.
#
# Usage: scripts/bare_root.sh [FOLDER [COMMAND..]]   (default: build/bare)
#   FOLDER   where the roots are created; packages fetched by apt are cached there for the next run
#   COMMAND  run in the second root after the README's command, in the source folder
# Exit code 77: roots cannot be created here: not root, not Debian, or a container without permission to mount.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/own_mounts.sh"
cd "$(dirname "$(readlink -f "$0")")/.."
sources=$PWD
folder=$(realpath -m "${1:-build/bare}")
shift || true
place=/sociometer  # of the sources in each root
source scripts/bare_root_functions.sh
make_base

mapfile -t commands < <(grep -oE '^    bash scripts/[a-z_]+\.sh$' README.md | sed 's/^ *//')
[ ${#commands[@]} = 2 ] || { echo "bare_root: README.md gives ${#commands[@]} set-up commands, not 2: ${commands[*]}" >&2; exit 1; }

root=$folder/first
step "${commands[0]}"
make_root "$root"
mkdir -p "$root$place"
git ls-files -co --exclude-standard -z | tar -c --null -T - | tar -x -C "$root$place"
[ -d .git ] && cp -a .git "$root$place/.git"
# The report's viewer, if it was made (scripts/build_viewer.sh): roots have no npm.
[ -e build/viewer/viewer.js ] && install -D build/viewer/viewer.js "$root$place/build/viewer/viewer.js"
inside "$root" "${commands[0]}"
leave

first=$root
root=$folder/second
step "${commands[1]}"
make_root "$root"
mv "$first$place" "$root$place"
rm -rf --one-file-system "$first"
rm -f "$root$place"/build/*/CMakeCache.txt
inside "$root" "${commands[1]}"
if [ $# -gt 0 ]; then
  step "$*"
  inside "$root" "$(printf '%q ' "$@")"
fi
leave
step "both commands passed"
cd "$sources"
