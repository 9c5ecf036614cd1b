#!/bin/sh
# A network namespace that has ended counts against max_net_namespaces for a while; a UTS namespace doesn't.
#
# Behaviour: with a limit of one namespace, a program makes one, ends, and is waited for. The next program that
#   makes a network namespace is mostly refused with ENOSPC. The same with UTS always works. The
#   kernel takes network namespaces apart later, in a work queue, and only then gives the count back.
# Expected: namespaces(7), man-pages 6.03: the files in /proc/sys/user are limits on "the number of namespaces"
#   of a kind; a namespace without a process, a file or a mount that refers to it is torn down. Nothing says
#   that one can be over and still count.
# Why it matters: a loop that starts one sandbox after the other, never two at once, fails at limits far above
#   one, and only under load. A test that asserts on such a limit must try again.
# Versions: Linux 6.18; util-linux's unshare 2.38.1. As an ordinary user too.
# Seen: net: 29 of 30 refused
#   uts: 0 of 30 refused
set -eu
# How many of 30 programs, one after the other, could not make a namespace of the kind $1.
refused() {
    unshare --user --map-root-user sh -euc '
        echo 1 > "/proc/sys/user/max_$1_namespaces"
        refused=0
        for _ in $(seq 30); do
            unshare "--$1" true 2> /dev/null || refused=$((refused + 1))
        done
        echo "$refused"' sh "$1"
}
net=$(refused net)
uts=$(refused uts)
echo "net: $net of 30 refused"
echo "uts: $uts of 30 refused"
[ "$uts" = 0 ] || { echo "UTS namespaces that ended count too" >&2; exit 1; }
[ "$net" -gt 0 ] || { echo "network namespaces that ended no longer count" >&2; exit 1; }
echo "as found: a network namespace that has ended counts for a while"
