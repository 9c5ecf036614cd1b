#!/bin/sh
# A thread that moves to another network namespace still reads the old one in /proc/net.
#
# Behaviour: a thread calls unshare(CLONE_NEWNET) (setns(2) does the same). Its sockets and its
#   netlink requests are in the new namespace; /proc/net/dev shows the old one. /proc/net is a link to
#   /proc/self/net, and that is the thread-group leader's. /proc/thread-self/net is right.
# Expected: proc(5), man-pages 6.03: since Linux 2.6.25 /proc/net "now expose[s] information for the
#   network namespace of which the process is a member", and setns(2) moves "the calling thread". A
#   thread is told of no exception; /proc/thread-self is not mentioned there.
# Why it matters: programs that visit namespaces with a thread (as Go programs have to, and watchers
#   in Rust like to) and read /proc/net/dev, /proc/net/route, /proc/net/tcp, by themselves or by a
#   library, mix two namespaces: addresses of one, counters and routes of the other. No call fails.
# Versions: Linux 6.18; Python 3 to make the calls (standard library); psutil 5.9.8 as such a library.
# Seen (a namespace with interfaces "here" and "there", and a thread in a new one that has lo alone):
#   netlink in the thread:              lo
#   /proc/net/dev in the thread:        here lo there
#   /proc/thread-self/net/dev:          lo
#   psutil.net_io_counters() in it:     here lo there
#   psutil.net_if_addrs() in it:        lo
set -eu
command -v python3 >/dev/null || { echo "needs python3" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet psutil==5.9.8 || { echo "psutil can't be had here" >&2; exit 2; }

unshare --user --map-root-user --net sh -euc '
    ip link set lo up
    ip link add here type veth peer name there
    exec "$1" -' sh "$tmp/venv/bin/python3" <<'PY'
import ctypes, os, socket, threading
import psutil

NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
seen = {}

def devices(path):
    with open(path) as file:
        return sorted(line.split(":")[0].strip() for line in file.readlines()[2:])

def look():
    if libc.unshare(NEWNET):
        seen["error"] = os.strerror(ctypes.get_errno())
        return
    seen["netlink in the thread:"] = sorted(name for _, name in socket.if_nameindex())
    seen["/proc/net/dev in the thread:"] = devices("/proc/net/dev")
    seen["/proc/thread-self/net/dev:"] = devices("/proc/thread-self/net/dev")
    seen["psutil.net_io_counters() in it:"] = sorted(psutil.net_io_counters(pernic=True, nowrap=False))
    seen["psutil.net_if_addrs() in it:"] = sorted(psutil.net_if_addrs())

thread = threading.Thread(target=look)
thread.start()
thread.join()
for what, names in seen.items():
    print(f"{what:35} {' '.join(names)}")
assert "error" not in seen
netlink, proc, own, counters, addresses = seen.values()
assert netlink == own == ["lo"]
assert proc == ["here", "lo", "there"], "/proc/net follows the thread now"
assert counters == ["here", "lo", "there"] and "here" not in addresses, "psutil agrees with itself now"
print("as found: /proc/net shows the leader's namespace")
PY
