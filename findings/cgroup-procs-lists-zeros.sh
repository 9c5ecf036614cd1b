#!/bin/sh
# In a PID namespace cgroup.procs lists processes as 0; writing that 0 back moves the writer itself.
#
# Behaviour: of each member of a cgroup that the reader's PID namespace doesn't hold, cgroup.procs
#   shows the line "0". To write 0 into cgroup.procs moves the writing process. So the usual loop that
#   empties a cgroup (read a number from one cgroup.procs, write it to another) leaves the members where
#   they are, reports success, and has moved itself.
# Expected: cgroups(7), man-pages 6.03: cgroup.procs "can be read to obtain a list of the processes that
#   are members of a cgroup". 0 is documented for writing alone: it "causes the writing process to be
#   moved". /proc, in comparison, leaves such processes out.
# Why it matters: a manager of containers that runs in a PID namespace of its own, with the host's
#   cgroups mounted, puts itself under a container's limits, and never finds the cgroup empty.
# Versions: Linux 6.18, cgroup version 2. Needs root.
# Seen:
#   members of "full" seen from outside: 26831; from within: 0
#   after the loop from within: still 1 member in "full", the loop itself in /finding-26825/empty
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root" >&2; exit 2; }
# In a mount namespace of the script's own, which takes the mount with it.
[ "${1:-}" = inside ] || exec unshare --mount "$0" inside
tmp=$(mktemp -d)
top=$tmp/finding-$$
member=
cleanup() {
    [ -z "$member" ] || kill "$member"
    wait
    rmdir "$top/full" "$top/empty" "$top" 2>/dev/null || true
    umount "$tmp" 2>/dev/null || true
    rmdir "$tmp"
}
trap cleanup EXIT
mount -t cgroup2 none "$tmp" && mkdir "$top" "$top/full" "$top/empty" ||
    { echo "no cgroup2 to be had" >&2; exit 2; }

sleep 60 &
member=$!
echo "$member" > "$top/full/cgroup.procs"
outside=$(cat "$top/full/cgroup.procs")
within=$(unshare --pid --fork cat "$top/full/cgroup.procs")
echo "members of \"full\" seen from outside: $outside; from within: $within"
[ "$outside" = "$member" ]
[ "$within" = 0 ] || { echo "it is listed otherwise now" >&2; exit 1; }

# The loop, as anybody writes it, in a PID namespace of its own.
own=$(unshare --pid --fork sh -euc '
    while read -r pid; do
        echo "$pid" > "$1/empty/cgroup.procs"
    done < "$1/full/cgroup.procs"
    sed -n "s/^0:://p" /proc/self/cgroup' sh "$top")
left=$(wc -l < "$top/full/cgroup.procs")
echo "after the loop from within: still $left member in \"full\", the loop itself in $own"
[ "$left" = 1 ] && [ "${own##*/}" = empty ] || { echo "the loop ends otherwise now" >&2; exit 1; }
echo "as found: 0 is listed, and means somebody else once it is written"
