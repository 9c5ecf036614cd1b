#!/bin/sh
# `ip -all netns exec` goes on after a failure, not after a signal; its exit status tells neither.
#
# Behaviour: where the command exits with a failure, ip runs it in the remaining namespaces and
#   exits with 0. Where the command dies by a signal, ip stops there: the remaining namespaces are
#   not visited, without a message. Only then the exit status is not 0.
# Expected: ip-netns(8), of -all: the command "will be executed synchronously on the each named
#   network namespace even if cmd fails on some of them". And an exit status that tells a failure,
#   as that of `ip netns exec NAME` does.
# Why it matters: a health check over all namespaces is green whatever it finds; a clean-up that the
#   OOM killer or a `timeout` hits in one namespace leaves the others as they are.
# Versions: iproute2 6.1.0-3 (Debian 12); Linux 6.18. Needs root.
# Seen:
#   exit 3: visited 2 of 2, exit status 0
#   kill -TERM $$: visited 1 of 2, exit status 1
#   one namespace alone, exit 3: exit status 3
set -eu
package=iproute2 version=6.1.0-3
[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
# In a mount namespace with an empty /run/netns: namespaces of the machine are left alone.
[ "${1:-}" = inside ] || exec unshare --mount "$0" inside
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get download -qq "$package=$version" 2>/dev/null || { echo "no $package $version to be had" >&2; exit 2; }
dpkg -x ./*.deb .
mount -t tmpfs none /run
bin/ip netns add first
bin/ip netns add second

everywhere() { # runs the command in all namespaces; prints how many were visited, and ip's status
    : > visited
    status=0
    bin/ip -all netns exec sh -c "echo >> $tmp/visited; $1" >/dev/null 2>&1 || status=$?
    echo "$1: visited $(wc -l < visited) of 2, exit status $status"
}

failing=$(everywhere 'exit 3')
killed=$(everywhere 'kill -TERM $$')
status=0
bin/ip netns exec first sh -c 'exit 3' || status=$?
printf '%s\n' "$failing" "$killed" "one namespace alone, exit 3: exit status $status"
[ "$status" = 3 ]
[ "$failing" = 'exit 3: visited 2 of 2, exit status 0' ] || { echo "a failure is told now" >&2; exit 1; }
[ "$killed" = 'kill -TERM $$: visited 1 of 2, exit status 1' ] || { echo "a signal ends it otherwise" >&2; exit 1; }
echo "as found: a failure is not told, a signal ends the round"
