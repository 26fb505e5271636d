# shellcheck shell=bash disable=SC2154
# Functions that create and use roots containing only debootstrap's minbase; sourced by scripts that run as on a fresh
# Debian 12 machine. The caller sets `folder` (where roots and apt's cache are) and, for `inside`, `place` (a folder in
# the root). Roots have the packages `included` (A,B), too. Exit code 77: roots cannot be created here.
suite=bookworm
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
name_of_script=$(basename "$0" .sh)

cannot() { echo "$name_of_script: $1" >&2; exit 77; }
fails() { echo "$name_of_script: $1" >&2; exit 1; }
step() { echo "== ${name_of_script//_/ }: $* ($(date +%T))"; }

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

# What roots are copied from: $folder/base.
make_base() {
  [ "$(id -u)" = 0 ] || cannot "roots are made by root"
  command -v apt-get >/dev/null || cannot "this is not a Debian machine"
  if ! command -v debootstrap >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap >/dev/null || fails "debootstrap cannot be installed"
  fi
  mkdir -p "$folder/probe"
  mount --bind "$folder/probe" "$folder/probe" 2>/dev/null || cannot "this container may not mount"
  umount "$folder/probe"
  [ ! -e "$folder/base/.complete" ] || return 0
  step "debootstrap --variant=minbase $suite"
  rm -rf --one-file-system "$folder/base"
  debootstrap --variant=minbase ${included:+--include="$included"} "$suite" "$folder/base" "$(mirror)" >"$folder/debootstrap.log" 2>&1 ||
    { tail -5 "$folder/debootstrap.log" >&2; fails "debootstrap failed"; }
  touch "$folder/base/.complete"
}

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
