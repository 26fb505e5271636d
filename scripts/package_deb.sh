#!/bin/bash
# Makes the Debian packages of a finished build, and tries them: installs the program with apt in a root that has
# nothing but its dependencies, and runs it there.
#
# Usage: scripts/package_deb.sh BUILD [PLACE [development]]
#   BUILD        where the program is built; the packages are written to BUILD/packages. Or a folder with packages that
#                were made before, which are only tried
#   PLACE        where the package is tried: a folder in which a bare root is created (as by scripts/bare_root.sh), or
#                `here`: this machine, as root; it stays installed there
#   development  also builds tests/downstream with sociometer-dev in the bare root; needs a build of all libraries
# Exit code 77: bare roots cannot be created here.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/own_mounts.sh"
cd "$(dirname "$(readlink -f "$0")")/.."
given=$(readlink -f "$1")
where=${2:-}
try_development=${3:-}

complain() { echo "package_deb: $1" >&2; exit 1; }

# dpkg-shlibdeps finds the dependencies, with the help of file.
install_tools() {
  local missing=()
  command -v dpkg-shlibdeps >/dev/null || missing+=(dpkg-dev)
  command -v file >/dev/null || missing+=(file)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || complain "install ${missing[*]} first"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# sociometer-dev holds all libraries, of which the target of the program builds only those that it links.
components_of() { # BUILD
  local archive
  for archive in $(grep -oE '"[^"]*/libsociometer_[a-z_]+\.a"' "$1/cmake_install.cmake" | tr -d '"' | sort -u); do
    [ -e "$archive" ] || { echo program && return; }
  done
  echo "program;development"
}

make_packages() { # BUILD FOLDER
  [ -x "$1/cli/sociometer" ] || complain "$1/cli/sociometer is not there; build the target sociometer_program"
  [ -e "$1/CPackConfig.cmake" ] || complain "$1/CPackConfig.cmake is not there; configure with cmake $1"
  install_tools
  rm -f "$2"/sociometer*.deb
  cpack --config "$1/CPackConfig.cmake" -G DEB -B "$2" -D CPACK_COMPONENTS_ALL="$(components_of "$1")" >"$1/cpack.log" 2>&1 ||
    { cat "$1/cpack.log" >&2; complain "cpack failed"; }
  rm -rf "$2/_CPack_Packages"
}

check_contents() { # PACKAGE
  local contents file
  contents=$(dpkg-deb -c "$1")
  for file in bin/sociometer share/man/man1/sociometer.1.gz share/man/man1/sociometer-fit.1.gz share/man/man1/sociometer-roi-test.1.gz \
    share/bash-completion/completions/sociometer share/zsh/vendor-completions/_sociometer share/fish/vendor_completions.d/sociometer.fish \
    share/doc/sociometer/copyright share/doc/sociometer/changelog.gz share/doc/sociometer/README.md \
    share/doc/sociometer/docs/reference/commands.md share/sociometer/models/model-dissociation_smdl.json; do
    grep -q " \./usr/$file$" <<<"$contents" || complain "$(basename "$1") does not hold usr/$file"
  done
  [[ "$(dpkg-deb -f "$1" Depends)" == *libhdf5* ]] || complain "dpkg-shlibdeps found no dependency on HDF5"
  command -v lintian >/dev/null || return 0
  # The project has no address for mail, which these two want.
  lintian --allow-root --fail-on error,warning --suppress-tags malformed-contact,bogus-mail-host-in-debian-changelog \
    "$(dirname "$1")"/sociometer*.deb || complain "lintian complains"
}

if [ -e "$given/CMakeCache.txt" ]; then
  packages=$given/packages
  make_packages "$given" "$packages"
else
  packages=$given
fi
package=$(echo "$packages"/sociometer_*.deb)
[ -e "$package" ] || complain "$given is neither a build nor a folder with one package sociometer_*.deb"
check_contents "$package"
ls "$packages"/sociometer*.deb
[ -n "$where" ] || exit 0

version=$(dpkg-deb -f "$package" Version)
install="DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
if [ "$where" = here ]; then
  [ "$(id -u)" = 0 ] || complain "packages are installed by root"
  apt-get update -qq
  eval "$install '$package' >/dev/null"
  bash scripts/package_try.sh "$version" sociometer
  exit 0
fi

folder=$(realpath -m "$where")
place=/
source scripts/bare_root_functions.sh
make_base
root=$folder/package
step "$(basename "$package")"
make_root "$root"
mkdir "$root/packages"
cp "$packages"/*.deb scripts/package_try.sh "$root/packages"
inside "$root" "apt-get update -qq && $install /packages/$(basename "$package") >/dev/null"
inside "$root" "bash /packages/package_try.sh $version sociometer"
for_building=$(inside "$root" "dpkg-query -W -f '\${Package}\n' | grep -E '^(g\+\+|gcc|cmake|ninja-build|make)$|-dev$'" || true)
[ -z "$for_building" ] || fails "installing the program also installed ${for_building//$'\n'/, }"
if [ "$try_development" = development ]; then
  development=sociometer-dev_${version}_$(dpkg --print-architecture).deb
  [ -e "$packages/$development" ] || fails "there is no $development; build all targets first"
  step "$development"
  cp -r tests/downstream "$root/packages"
  inside "$root" "$install g++ cmake ninja-build /packages/$development >/dev/null"
  inside "$root" "cmake -S /packages/downstream -B /tmp/downstream -G Ninja && cmake --build /tmp/downstream" >"$folder/downstream.log" 2>&1 ||
    { tail -20 "$folder/downstream.log" >&2; fails "tests/downstream cannot be built with $development"; }
  inside "$root" "/tmp/downstream/downstream"
fi
leave
! grep -q " $root/" /proc/mounts || fails "$root still has mounts; unmount them and delete it"
rm -rf "$root"
