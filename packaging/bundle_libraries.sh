#!/bin/bash
# Puts the shared libraries that a program is linked with into PREFIX/lib/sociometer, with their licences, and makes the
# program look for them there. The C library stays that of the machine: its loader and its other parts must fit each
# other.
# Usage: bundle_libraries.sh PREFIX/bin/PROGRAM
set -euo pipefail
program=$1
prefix=$(dirname "$(dirname "$program")")
libraries=$prefix/lib/sociometer
licences=$prefix/share/doc/sociometer/libraries
mkdir -p "$libraries" "$licences"

package_of() { # LIBRARY: the Debian package that has the file, under the name /lib or /usr/lib
  local file
  file=$(readlink -f "$1")
  dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}"
}

ldd "$program" | awk '$2 == "=>" { print $1, $3 }' | while read -r name file; do
  case $name in libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.* | libresolv.so.*) continue ;; esac
  package=$(package_of "$file" | sed 's/:.*//')
  install -m 644 "$file" "$libraries/$name"
  patchelf --set-rpath '$ORIGIN' "$libraries/$name"
  cp "/usr/share/doc/$package/copyright" "$licences/$package.copyright"
  dpkg-query -W -f="$name: Debian package \${Package} \${Version}, source \${source:Package} \${source:Version}\n" "$package"
done >"$licences/LIBRARIES"
patchelf --force-rpath --set-rpath '$ORIGIN/../lib/sociometer' "$program"
