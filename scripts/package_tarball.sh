#!/bin/bash
# Makes the portable folder of a finished build as a .tar.gz, the program with its libraries, states the C library that
# it needs, and tries it in a root with nothing but a font and its configuration.
#
# Usage: scripts/package_tarball.sh BUILD [FOLDER [SUITE]]
#   BUILD   where the program is built; the file is written to BUILD/packages. Or a folder with the file, made before
#   FOLDER  where a bare root is created (as by scripts/bare_root.sh) and the program is tried
#   SUITE   the Debian of the root (default: bookworm)
# Exit code 77: bare roots cannot be created here.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/own_mounts.sh"
cd "$(dirname "$(readlink -f "$0")")/.."
given=$(readlink -f "$1")

complain() { echo "package_tarball: $1" >&2; exit 1; }

make_tarball() { # BUILD FOLDER
  [ -x "$1/cli/sociometer" ] || complain "$1/cli/sociometer is not there; build the target sociometer_program"
  [ -e "$1/CPackConfig.cmake" ] || complain "$1/CPackConfig.cmake is not there; configure with cmake $1"
  if ! command -v patchelf >/dev/null; then
    [ "$(id -u)" = 0 ] || complain "install patchelf first"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends patchelf >/dev/null
  fi
  rm -f "$2"/sociometer-*.tar.gz
  cpack --config "$1/CPackConfig.cmake" -G TGZ -B "$2" >"$1/cpack.log" 2>&1 ||
    { cat "$1/cpack.log" >&2; complain "cpack failed"; }
  rm -rf "$2/_CPack_Packages"
}

if [ -e "$given/CMakeCache.txt" ]; then
  packages=$given/packages
  make_tarball "$given" "$packages"
else
  packages=$given
fi
tarball=$(echo "$packages"/sociometer-*.tar.gz)
[ -e "$tarball" ] || complain "$given is neither a build nor a folder with one sociometer-*.tar.gz"
ls "$tarball"

work=$(mktemp -d)
tar -x -C "$work" --strip-components=1 -f "$tarball"
needed() { objdump -T "$@" | grep -oE '\bGLIBC_[0-9.]+' | sort -uV | tail -1; }
echo "the program needs $(needed "$work/bin/sociometer"); with its libraries, $(needed "$work"/bin/sociometer "$work"/lib/sociometer/*.so*)"
outside=$(ldd "$work/bin/sociometer" | awk '$2 == "=>" { print $3 }' | grep -v "^$work" |
  grep -vE '/lib(c|m|dl|rt|pthread|resolv)\.so' || true)
[ -z "$outside" ] || complain "the program does not take these libraries from its folder: ${outside//$'\n'/, }"
rm -rf "$work"
[ $# -gt 1 ] || exit 0

folder=$(realpath -m "$2/${3:-bookworm}")
place=/
source scripts/bare_root_functions.sh
suite=${3:-$suite}
included=fontconfig-config,fonts-dejavu-core  # as any desktop has
make_base
root=$folder/package
step "$(basename "$tarball") in Debian $suite"
make_root "$root"
mkdir "$root/opt/sociometer"
tar -x -C "$root/opt/sociometer" --strip-components=1 -f "$tarball"
cp scripts/package_try.sh "$root"
version=$(grep -oP '^project\(sociometer VERSION \K[0-9.]+' CMakeLists.txt)
inside "$root" "ldd --version | head -1 && bash /package_try.sh $version /opt/sociometer/bin/sociometer"
leave
! grep -q " $root/" /proc/mounts || fails "$root still has mounts; unmount them and delete it"
rm -rf "$root"
