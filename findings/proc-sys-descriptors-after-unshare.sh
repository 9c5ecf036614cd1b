#!/bin/sh
# Two open files of /proc/sys/kernel, one unshare(2): one follows the reader, the other stays behind.
#
# Behaviour: a process opens /proc/sys/kernel/hostname and /proc/sys/kernel/msgmax, then moves to
#   new UTS and IPC namespaces and changes both values there. Read again through the old
#   descriptors, hostname gives the new namespace's value, msgmax the old namespace's. The first
#   takes the namespace at each read(2), the second took it at open(2). /proc/sysvipc/msg, the list
#   of message queues of the same IPC namespace, is fixed at open(2) as well.
# Expected: one rule for files of one directory. proc(5), uts_namespaces(7) and ipc_namespaces(7)
#   of man-pages 6.03 only say which values a namespace isolates, and nothing of open descriptors.
# Why it matters: a watcher that keeps descriptors open across setns(2) (to look into many
#   containers) gets right names and stale IPC values, without any error.
# Versions: Linux 6.18; Python 3 to make the calls (standard library only).
# Seen:
#   hostname by the old descriptor: inner (a new one: inner)
#   msgmax by the old descriptor: 8192 (a new one: 4242)
#   queues by the old descriptor: 1 (a new one: 0)
set -eu
command -v python3 >/dev/null || { echo "needs python3" >&2; exit 2; }

exec unshare --user --map-root-user --uts --ipc python3 - <<'PY'
import ctypes, os

NEWUTS, NEWIPC = 0x04000000, 0x08000000
IPC_CREAT, IPC_PRIVATE = 0o1000, 0
libc = ctypes.CDLL(None, use_errno=True)

def check(result, what):
    if result < 0:
        raise SystemExit(f"{what}: {os.strerror(ctypes.get_errno())}")

paths = {name: "/proc/" + path for name, path in
         [("hostname", "sys/kernel/hostname"), ("msgmax", "sys/kernel/msgmax"), ("queues", "sysvipc/msg")]}

def value(name, descriptor):
    text = os.pread(descriptor, 65536, 0).decode()
    return len(text.splitlines()) - 1 if name == "queues" else text.strip()

check(libc.sethostname(b"outer", 5), "sethostname")
check(libc.msgget(IPC_PRIVATE, IPC_CREAT | 0o600), "msgget")
old = {name: os.open(path, os.O_RDONLY) for name, path in paths.items()}
outer = {name: value(name, descriptor) for name, descriptor in old.items()}

check(libc.unshare(NEWUTS | NEWIPC), "unshare")
check(libc.sethostname(b"inner", 5), "sethostname")
with open(paths["msgmax"], "w") as file:
    file.write("4242")

new = {name: value(name, os.open(path, os.O_RDONLY)) for name, path in paths.items()}
now = {name: value(name, descriptor) for name, descriptor in old.items()}
for name in paths:
    print(f"{name} by the old descriptor: {now[name]} (a new one: {new[name]})")

assert outer == {"hostname": "outer", "msgmax": outer["msgmax"], "queues": 1}
assert new == {"hostname": "inner", "msgmax": "4242", "queues": 0}
assert now["hostname"] == new["hostname"], "hostname stays with its opener now"
assert now["msgmax"] == outer["msgmax"] != new["msgmax"], "msgmax follows its reader now"
assert now["queues"] == outer["queues"], "sysvipc/msg follows its reader now"
print("as found: hostname follows the reader, msgmax and sysvipc stay with the opener")
PY
