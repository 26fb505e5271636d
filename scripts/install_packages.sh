#!/bin/bash
# Installs missing Debian packages from scripts/packages.txt: those for the program, or with
# `all` also those for the tests and checks.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
if [ "${1:-program}" = all ]; then
  wanted=$(grep -v '^#' "$here/packages.txt" | grep .)
else
  wanted=$(grep -v '^#' "$here/packages.txt" | sed '/^$/,$d')
fi
missing=()
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
