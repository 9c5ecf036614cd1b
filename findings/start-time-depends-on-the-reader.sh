#!/bin/sh
# The start time of one process, read at one moment, differs from reader to reader.
#
# Behaviour: field 22 (starttime) of /proc/PID/stat is shifted by the offset of the *reader's* time
#   namespace. Two programs that watch the same process from two time namespaces read two values.
#   (btime of /proc/stat is shifted the other way, so that the sum of both, the date, stays.)
# Expected: proc(5), man-pages 6.03: "The time the process started after system boot." A property of
#   the process. time_namespaces(7) lists what a time namespace changes: calls and /proc/uptime; not
#   /proc/PID/stat.
# Why it matters: (pid, starttime) is the usual key of a process for those that can't hold a pidfd:
#   PID files, supervisors, agents that talk to each other. Across a time namespace the key of the
#   same process is another one, and a stale PID file looks valid or a valid one stale.
# Versions: Linux 6.18; util-linux's unshare. As an ordinary user too.
# Seen (an offset of 100000 s at 100 ticks a second):
#   starttime read outside 218051, read inside 10218051: 100000 s apart
#   btime read inside: 100000 s earlier
set -eu
sleep 60 &
target=$!
trap 'kill "$target"' EXIT
ticks=$(getconf CLK_TCK)
start() { # field 22; the command's name stands in parentheses and may hold blanks
    "$@" sed 's/.*) //' "/proc/$target/stat" | cut -d ' ' -f 20
}
outside=$(start env)
inside=$(start unshare --user --map-root-user --time --boottime 100000)
again=$(start env)
btime() { "$@" sed -n 's/^btime //p' /proc/stat; }
earlier=$(($(btime env) - $(btime unshare --user --map-root-user --time --boottime 100000)))
echo "starttime read outside $outside, read inside $inside: $(((inside - outside) / ticks)) s apart"
echo "btime read inside: $earlier s earlier"
[ "$outside" = "$again" ]
[ $((inside - outside)) = $((100000 * ticks)) ] || { echo "the start time is the same for all now" >&2; exit 1; }
[ "$earlier" -ge 99999 ] && [ "$earlier" -le 100001 ] || { echo "btime is shifted otherwise" >&2; exit 1; }
echo "as found: the start time depends on who reads it"
