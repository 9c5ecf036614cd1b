#!/bin/sh
# unshare --fork turns a child's death by SIGKILL into an ordinary exit status 1.
#
# Behaviour: of a child that dies by a signal, unshare(1) dies by the same signal (a shell sees
#   143 for SIGTERM, 139 for SIGSEGV). Not so for SIGKILL: it prints "sigprocmask unblock failed:
#   Invalid argument" and exits with 1, as if the command had failed by itself. (It asks for the
#   default action of the signal first, which signal(2) refuses for SIGKILL.)
#   nsenter of the same package gives 137.
# Expected: 137, as for the other signals and as the sibling does. unshare(1) has no word on the
#   exit status.
# Why it matters: 137 is how one sees the OOM killer's and `timeout -s KILL`'s work. A supervisor of
#   a container made by unshare --fork takes both for exit status 1, and reads of a signal mask.
# Versions: util-linux 2.38.1-5+deb12u3 (Debian 12). Any kernel with user namespaces; Linux 6.18 here.
# Seen:
#   unshare --fork: TERM 143, SEGV 139, KILL 1
#   nsenter:        TERM 143, SEGV 139, KILL 137
#   unshare: sigprocmask unblock failed: Invalid argument
set -eu
package=util-linux version=2.38.1-5+deb12u3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get download -qq "$package=$version" 2>/dev/null || { echo "no $package $version to be had" >&2; exit 2; }
dpkg -x ./*.deb .

status() { # prints how the command ended, as the shell sees it
    "$@" 2>>errors && echo 0 || echo $?
}

made=; entered=
for signal in TERM SEGV KILL; do
    made="$made $signal $(status usr/bin/unshare --user --fork sh -c "kill -$signal \$\$"),"
    # nsenter forks only where it joins a PID namespace: here that of the caller, which needs privilege
    # over it. So both stand in a namespace made for this.
    entered="$entered $signal $(status usr/bin/unshare --user --map-root-user --pid --fork \
        sh -c "usr/bin/nsenter --pid=/proc/self/ns/pid_for_children sh -c 'kill -$signal \$\$'; exit \$?"),"
done
echo "unshare --fork:$made"
echo "nsenter:       $entered"
grep unshare: errors
[ "$made" = " TERM 143, SEGV 139, KILL 1," ] || { echo "unshare's exit status is another" >&2; exit 1; }
[ "$entered" = " TERM 143, SEGV 139, KILL 137," ] || { echo "nsenter's exit status is another" >&2; exit 1; }
grep -q 'sigprocmask unblock failed: Invalid argument' errors
echo "as found: SIGKILL becomes exit status 1"
