#!/bin/sh
# kernel.pid_max is no limit of the machine any more: each PID namespace begins with the largest.
#
# Behaviour: a process in a new PID namespace reads 4194304 in /proc/sys/kernel/pid_max, whatever
#   the namespace around it says. It may set another value for itself, which the outside doesn't see. The
#   outer value still bounds the number that a process has outside.
# Expected: proc(5), man-pages 6.03: the value "acts as a system-wide limit on the total number of
#   processes and threads". pid_namespaces(7) doesn't mention the file. In kernels before 6.14 there
#   was one value for all.
# Why it matters: who sizes a table or a column by pid_max gets another answer in a container than on
#   its host; a sysctl that an administrator set to keep numbers small is not seen there.
# Versions: Linux 6.18; util-linux's unshare. As an ordinary user too.
# Seen:
#   outside 32768, within 4194304
#   set to 1000 within; outside still 32768; nested within 4194304
set -eu
outside=$(cat /proc/sys/kernel/pid_max)
# The value of pid_max within, of the same after it was set to 1000, and of a namespace within that one.
set -- $(unshare --user --map-root-user --pid --fork --mount-proc sh -euc '
    cat /proc/sys/kernel/pid_max
    echo 1000 > /proc/sys/kernel/pid_max
    cat /proc/sys/kernel/pid_max
    unshare --pid --fork --mount-proc cat /proc/sys/kernel/pid_max')
after=$(cat /proc/sys/kernel/pid_max)
echo "outside $outside, within $1"
echo "set to $2 within; outside still $after; nested within $3"
[ "$outside" != 4194304 ] || { echo "outside is the largest value already: nothing to tell apart" >&2; exit 2; }
[ "$1" = 4194304 ] || { echo "a new namespace begins with another value" >&2; exit 1; }
[ "$2" = 1000 ] && [ "$after" = "$outside" ] || { echo "the value is shared" >&2; exit 1; }
[ "$3" = 4194304 ] || { echo "a nested namespace takes over what is around it" >&2; exit 1; }
echo "as found: each PID namespace has its own pid_max, and begins with the largest"
