#!/bin/sh
# A connection attempt to an address that nobody has yet delays the first packet to it by a second, once somebody has it.
#
# Behaviour: a program tries to connect to an address on a veth and gives up after 20 ms. Then the other end gets that
#   address. The next ping waits for nearly a second, though the address answers at once. The attempt left an
#   entry INCOMPLETE in the neighbour table; a new packet only joins its queue, and the kernel asks again when
#   the second is over, not when the packet comes. Without the attempt, or with the entry deleted, the ping takes
#   less than a millisecond.
# Expected: arp(7), man-pages 6.03, has retrans_time, "the number of jiffies to delay before retransmitting a
#   request", 1 second. Nothing says that a new packet doesn't make a new request.
# Why it matters: a test that probes "is it up yet?" in a loop makes the answer late, and `ping -W1` right after it fails now
#   and then. A probe should delete the entry that it made (ip neigh del).
# Versions: Linux 6.18; iproute2 6.1.0, iputils 20221126 (Debian 12). As an ordinary user too.
# Seen: without an attempt: 0 ms
#   after an attempt: 982 ms
#   after an attempt, entry deleted: 0 ms
set -eu
for need in ip ping python3 nsenter unshare; do
    command -v "$need" > /dev/null || { echo "needs $need" >&2; exit 2; }
done
unshare --user --map-root-user --net true || { echo "needs user namespaces" >&2; exit 2; }
unshare --user --map-root-user --net sh -euc '
    ip link set lo up
    unshare --net sleep 1000 &
    other=$!
    trap "kill $other" EXIT
    # Until it is in its own namespace.
    until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
    ip link add near type veth peer name far
    ip link set far netns "$other"
    far="nsenter --preserve-credentials --net=/proc/$other/ns/net"
    $far ip link set far up
    ip addr add 10.9.0.1/24 dev near
    ip link set near up

    attempt() {
        python3 -c "import socket
s = socket.socket()
s.settimeout(0.02)
print(s.connect_ex((\"10.9.0.2\", 9)))" > /dev/null
    }
    # Gives the other end its address, and pings it. Prints milliseconds.
    milliseconds() {
        $far ip addr add 10.9.0.2/24 dev far
        ping -c 1 -w 5 10.9.0.2 | sed -n "s/.*time=\([0-9]*\).*/\1/p"
        $far ip addr flush dev far
        ip neigh flush dev near
    }
    plain=$(milliseconds)
    echo "without an attempt: $plain ms"
    attempt
    late=$(milliseconds)
    echo "after an attempt: $late ms"
    attempt
    ip neigh del 10.9.0.2 dev near
    deleted=$(milliseconds)
    echo "after an attempt, entry deleted: $deleted ms"
    [ "$plain" -lt 200 ] && [ "$deleted" -lt 200 ] || { echo "it is late without an attempt, too" >&2; exit 1; }
    [ "$late" -gt 500 ] || { echo "an attempt no longer delays anything" >&2; exit 1; }
'
echo "as found: the attempt makes the first packet late"
