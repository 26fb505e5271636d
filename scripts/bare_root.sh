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
cd "$(dirname "$(readlink -f "$0")")/.."
sources=$PWD
folder=$(realpath -m "${1:-build/bare}")
shift || true
suite=bookworm
place=/sociometer  # of the sources in each root
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

cannot() { echo "bare_root: $1" >&2; exit 77; }
fails() { echo "bare_root: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || cannot "roots are made by root"
command -v apt-get >/dev/null || cannot "this is not a Debian machine"
if ! command -v debootstrap >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap >/dev/null || fails "debootstrap cannot be installed"
fi

mounted=()
leave() {
  local at
  for ((at = ${#mounted[@]} - 1; at >= 0; --at)); do umount -l "${mounted[at]}" 2>/dev/null || true; done
  mounted=()
}
trap leave EXIT

attach() { # SOURCE PLACE [OPTIONS..]
  mkdir -p "$2"
  mount "${@:3}" "$1" "$2" || fails "cannot mount $2"
  mounted+=("$2")
}

# The machine's own mirror: the first one configured in its apt.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 . || echo http://deb.debian.org/debian
}

step() { echo "== bare root: $* ($(date +%T))"; }

make_root() { # ROOT
  rm -rf --one-file-system "$1"
  mkdir -p "$1"
  cp -a "$folder/base/." "$1"
  # The package source is configured by the machine; the set of packages is not.
  rm -rf "$1/etc/apt"
  cp -a /etc/apt "$1/etc/apt"
  rm -f "$1"/etc/apt/apt.conf.d/docker-*
  for certificates in /usr/share/keyrings /usr/local/share/ca-certificates /etc/ssl/certs; do
    [ -d "$certificates" ] && mkdir -p "$1$certificates" && cp -aL "$certificates/." "$1$certificates"
  done
  for name in /etc/resolv.conf /etc/hosts; do [ -e "$name" ] && cp -L "$name" "$1$name"; done
  echo 'Binary::apt-get::APT::Keep-Downloaded-Packages "true"; APT::Keep-Downloaded-Packages "true";' >"$1/etc/apt/apt.conf.d/zz-keep"
  attach proc "$1/proc" -t proc
  attach /dev "$1/dev" --bind
  for name in pts shm; do [ -d "/dev/$name" ] && attach "/dev/$name" "$1/dev/$name" --bind; done
  mkdir -p "$folder/archives/partial"
  attach "$folder/archives" "$1/var/cache/apt/archives" --bind
}

inside() { # ROOT COMMAND
  chroot "$1" env -i PATH=$path HOME=/root LANG=C.UTF-8 bash -c "cd $place && $2"
}

mkdir -p "$folder/probe"
mount --bind "$folder/probe" "$folder/probe" 2>/dev/null || cannot "this container may not mount"
umount "$folder/probe"
if [ ! -e "$folder/base/.complete" ]; then
  step "debootstrap --variant=minbase $suite"
  rm -rf --one-file-system "$folder/base"
  debootstrap --variant=minbase "$suite" "$folder/base" "$(mirror)" >"$folder/debootstrap.log" 2>&1 ||
    { tail -5 "$folder/debootstrap.log" >&2; fails "debootstrap failed"; }
  touch "$folder/base/.complete"
fi

mapfile -t commands < <(grep -oE '^    bash scripts/[a-z_]+\.sh$' README.md | sed 's/^ *//')
[ ${#commands[@]} = 2 ] || { echo "bare_root: README.md gives ${#commands[@]} set-up commands, not 2: ${commands[*]}" >&2; exit 1; }

root=$folder/first
step "${commands[0]}"
make_root "$root"
mkdir -p "$root$place"
git ls-files -co --exclude-standard -z | tar -c --null -T - | tar -x -C "$root$place"
[ -d .git ] && cp -a .git "$root$place/.git"
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
