#!/bin/sh
# Root of a user namespace may not mount /sys or an mqueue file system until it owns NET or IPC.
#
# Behaviour: in new user and mount namespaces, mounting sysfs and mqueue is refused (EPERM). With a
#   new network namespace sysfs works, with a new IPC namespace mqueue does. A file system that shows a
#   namespace may be mounted by who has CAP_SYS_ADMIN over *that* namespace. tmpfs, which shows
#   none, works from the start.
# Expected: user_namespaces(7), man-pages 6.03: holding CAP_SYS_ADMIN "within the user namespace that
#   owns a process's mount namespace allows that process to ... mount the following types of
#   filesystems: /proc, /sys, devpts, tmpfs, ramfs, mqueue, bpf, overlayfs". For /proc and for cgroup2
#   the page goes on to name the PID and the cgroup namespace. For /sys and mqueue it names no other.
# Why it matters: a rootless container that shares the host's network can't have a /sys of its own, one
#   that shares its IPC can't have a /dev/mqueue. The errno is the same as for everything that refuses
#   a mount, and the page that one reads says that all is in order.
# Versions: Linux 6.18; util-linux's unshare and mount. As an ordinary user too.
# Seen (new namespaces beside USER and MNT: answer for sysfs, mqueue, tmpfs):
#   none:  refused refused mounted
#   NET:   mounted refused mounted
#   IPC:   refused mounted mounted
set -eu
tmp=$(mktemp -d)
trap 'rmdir "$tmp"' EXIT

try() { # what becomes of each kind in new USER and MNT namespaces, and these
    for kind in sysfs mqueue tmpfs; do
        unshare --user --map-root-user --mount "$@" sh -c '
            message=$(LC_ALL=C mount -t "$1" none "$2" 2>&1) && { echo mounted; exit; }
            case $message in
                *"permission denied"*) echo refused ;;
                *) echo "$message" ;;
            esac' sh "$kind" "$tmp"
    done | xargs
}

none=$(try) net=$(try --net) ipc=$(try --ipc)
printf '%s\n' "none:  $none" "NET:   $net" "IPC:   $ipc"
[ "$none" = "refused refused mounted" ] || { echo "the mount namespace's owner may mount more now" >&2; exit 1; }
[ "$net" = "mounted refused mounted" ] && [ "$ipc" = "refused mounted mounted" ]
echo "as found: sysfs wants the network namespace's owner, mqueue the IPC namespace's"
