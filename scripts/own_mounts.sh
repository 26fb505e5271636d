# shellcheck shell=bash
# Sourced first by scripts that mount: runs the script again in a mount namespace of its own, so that its mounts end with
# it, however it ends. A root that a killed script left behind has no /dev of the machine in it, and can be removed.
if [ "$(id -u)" = 0 ] && [ -z "${SOCIOMETER_OWN_MOUNTS:-}" ] && unshare --mount --propagation private true 2>/dev/null; then
  SOCIOMETER_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$0" "$@"
fi
