#!/bin/sh
# A descriptor of a namespace that was opened by its bind mount is a plain file to who looks at it.
#
# Behaviour: two descriptors of the same network namespace, one opened at /proc/PID/ns/net, one at a file
#   on which it is bind-mounted (what `ip netns` and container engines do). In /proc/PID/fd the first
#   reads "net:[4026531833]", the second is the path of the file. lsof, too, shows the path, and calls it
#   a regular file; nothing tells that a namespace is held, nor of which kind. fstat(2) gives both
#   the same device and inode; only NS_GET_NSTYPE (ioctl_nsfs(2)) tells the kind.
# Expected: proc_pid_fd(5): for descriptors that have no path, the link is "type:[inode]". namespaces(7)
#   says nothing of a descriptor that was opened at a bind mount.
# Why it matters: who looks for the holder of a namespace by reading the links (grep 'net:\[') misses
#   exactly the namespaces that are kept by a file.
# Versions: lsof 4.95.0-1 (Debian 12); Linux 6.18. Needs no root where users can make user namespaces.
# Seen:
#   opened in /proc: net:[4026531833]; opened at the mount: a path; same inode: yes; lsof: REG
set -eu
version=4.95.0-1
case ${1:-} in
'')
    unshare --user --map-root-user true 2>/dev/null || { echo "no user namespace can be made" >&2; exit 2; }
    tmp=$(mktemp -d)
    trap 'rm -rf "$tmp"' EXIT
    cd "$tmp"
    apt-get download -qq "lsof=$version" 2>/dev/null || { echo "no lsof $version to be had" >&2; exit 2; }
    dpkg -x ./*.deb .
    case $0 in /*) script=$0 ;; *) script=$OLDPWD/$0 ;; esac
    # A network namespace of the script's own: it may be bind-mounted there.
    unshare --user --map-root-user --mount --net "$script" inside "$tmp"
    ;;
inside)
    touch "$2/held"
    mount --bind /proc/self/ns/net "$2/held"
    exec 7<"/proc/self/ns/net" 8<"$2/held"
    first=$(readlink "/proc/$$/fd/7") second=$(readlink "/proc/$$/fd/8")
    inode=$(stat -L -c %i "/proc/$$/fd/8")
    kind=$("$2/usr/bin/lsof" -w -a -p $$ -d 8 -F t | sed -n 's/^t//p')
    echo "opened in /proc: $first; opened at the mount: $second; inode $inode; lsof: $kind"
    [ "$first" = "net:[$inode]" ] || { echo "they are not the same namespace" >&2; exit 1; }
    [ "$second" = "$2/held" ] || { echo "the link is another one now" >&2; exit 1; }
    [ "$kind" = REG ] || { echo "lsof calls it $kind now" >&2; exit 1; }
    echo "as found: a namespace held by a descriptor of its bind mount reads as a file"
    ;;
esac
