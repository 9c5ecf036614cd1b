#!/bin/sh
# `mount --bind -o ro` fails, says "Unknown error 5005", and leaves the mount behind, writable.
#
# Behaviour: where a mount flag of the source is locked (it came from the user namespace further out),
#   mount makes the bind mount, then asks for "read-only" without the locked flags and is refused. It
#   doesn't take the mount back: the target shows the source, writable. The exit status is 32, and the
#   message names a number of libmount's own instead of EPERM. With the locked flags repeated
#   (-o ro,nosuid,nodev) all of it works.
# Expected: mount(8), exit status: 32 is "mount failure", 64 is "some mount succeeded". The refusal of
#   the second step is known (util-linux issue 1705; mount_namespaces(7) on locked flags); that the
#   first step stands after a failure is said nowhere.
# Why it matters: a script that goes on after the failure, or mounts again, has a writable directory
#   where it asked for a read-only one, and each further try adds a mount.
# Versions: mount and libmount1 2.38.1-5+deb12u3 (Debian 12); Linux 6.18.
# Seen:
#   mount: /mnt: filesystem was mounted, but any subsequent operation failed: Unknown error 5005.
#   exit status 32; options: rw,nosuid,nodev,relatime
set -eu
version=2.38.1-5+deb12u3
case ${1:-} in
'')
    unshare --user --map-root-user true 2>/dev/null || { echo "no user namespace can be made" >&2; exit 2; }
    tmp=$(mktemp -d)
    trap 'rm -rf "$tmp"' EXIT
    cd "$tmp"
    apt-get download -qq "mount=$version" "libmount1=$version" 2>/dev/null ||
        { echo "no mount $version to be had" >&2; exit 2; }
    for package in ./*.deb; do dpkg -x "$package" .; done
    case $0 in /*) script=$0 ;; *) script=$OLDPWD/$0 ;; esac
    unshare --user --map-root-user --mount "$script" outer "$tmp"
    ;;
outer)
    mount -t tmpfs -o nosuid,nodev none /media
    exec unshare --user --map-root-user --mount "$0" inner "$2"
    ;;
inner)
    export LD_LIBRARY_PATH="$2/lib/x86_64-linux-gnu:$2/usr/lib/x86_64-linux-gnu"
    status=0 message=$("$2/bin/mount" --bind -o ro /media /mnt 2>&1) || status=$?
    line=$(grep ' /mnt ' /proc/self/mountinfo || true)
    options=$(echo "$line" | cut -d ' ' -f 6)
    echo "$message"
    echo "exit status $status; options: $options"
    case $message in *5005*) ;; *) echo "the message is another one now" >&2; exit 1 ;; esac
    [ "$status" = 32 ] || { echo "the exit status is another one now" >&2; exit 1; }
    touch /mnt/written || { echo "the mount is not left writable any more" >&2; exit 1; }
    "$2/bin/mount" --bind -o ro,nosuid,nodev /media /mnt
    echo "as found: a failed mount --bind -o ro leaves a writable mount; with the locked flags it works"
    ;;
esac
