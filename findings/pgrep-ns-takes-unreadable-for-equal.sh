#!/bin/sh
# pgrep --ns lists the processes whose namespaces can't be read, when it can't read those that it was asked for.
#
# Behaviour: an ordinary user asks for the processes in the namespaces of process 1, which belongs to root. pgrep can read
#   /proc/PID/ns only of this user's processes. It takes "can't be read" for a namespace like any other: all
#   processes of other users are listed, and none of this user's, though they are in the same namespaces as process 1.
#   There is no message, and the exit status is 0.
# Expected: pgrep(1) says "Match processes that belong to the same namespaces. Required to run as root to match processes from
#   other users." So an error, or nothing (exit status 1). lsns of the same user leaves out what it can't read.
# Why it matters: `pgrep --ns "$pid"` is used to stay inside one container, or outside of all. Without the rights for that
#   pid the answer is the complement of the truth, and looks like success.
# Versions: procps 2:4.0.2-3 (Debian 12), Linux 6.18. As root the script gives up root first.
# Seen: the same namespaces as process 1: 85 processes, exit status 0
#   of these this user's: 0, and 85 whose namespaces can't be read
set -eu
package=procps version=2:4.0.2-3
if [ "$(id -u)" = 0 ]; then
    command -v setpriv > /dev/null || { echo "needs setpriv" >&2; exit 2; }
    exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0"
fi
for need in apt-get dpkg-deb; do
    command -v "$need" > /dev/null || { echo "needs $need" >&2; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "$package=$version" "libproc2-0=$version" 2> /dev/null || { echo "no $package $version to be had" >&2; exit 2; }
for file in *.deb; do dpkg-deb -x "$file" .; done
library=$(dirname "$(find . -name 'libproc2.so.0')")
pgrep() { LD_LIBRARY_PATH=$library usr/bin/pgrep "$@"; }

readlink /proc/1/ns/uts > /dev/null && { echo "this user can read the namespaces of process 1" >&2; exit 2; }
status=0
pgrep --ns 1 > listed || status=$?
own=0 unreadable=0
while read -r pid; do
    if readlink "/proc/$pid/ns/uts" > /dev/null; then own=$((own + 1))
    elif [ -d "/proc/$pid" ]; then unreadable=$((unreadable + 1)); fi
done < listed
echo "the same namespaces as process 1: $(wc -l < listed) processes, exit status $status"
echo "of these this user's: $own, and $unreadable whose namespaces can't be read"
pgrep --ns $$ | grep -qx $$ || { echo "not even a process of one's own is found in its own namespaces" >&2; exit 1; }
[ "$status" = 0 ] && [ "$own" = 0 ] && [ "$unreadable" -gt 0 ] || { echo "pgrep no longer does so" >&2; exit 1; }
echo "as found: what can't be read is taken for equal"
