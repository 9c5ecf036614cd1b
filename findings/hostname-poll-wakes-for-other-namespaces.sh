#!/bin/sh
# poll(2) on /proc/sys/kernel/hostname wakes for every UTS namespace of the machine.
#
# Behaviour: a process polls /proc/sys/kernel/hostname for POLLPRI, as one waits for a new host
#   name. It is woken when a process in an unrelated UTS namespace sets *its* name, though what
#   the file says has not changed. It is also woken when the same name is set again.
# Expected: the value of the file is per UTS namespace (uts_namespaces(7)), and each other file in
#   /proc that can be polled for POLLPRI announces changes of its own namespace (proc(5), of
#   /proc/PID/mounts). No man page says that this file can be polled, or what for; systemd and others do.
# Why it matters: on a machine that starts many containers each start wakes every watcher of a host
#   name, in all the others. Who takes a wake-up for a change reports changes that never were.
# Versions: Linux 6.18; Python 3 to make the calls (standard library only).
# Seen:
#   nothing done:                  no wake-up
#   another namespace is renamed:  woken, the name here is still "watched"
#   nothing done:                  no wake-up
#   the same name is set again:    woken, the name here is still "watched"
set -eu
command -v python3 >/dev/null || { echo "needs python3" >&2; exit 2; }

exec unshare --user --map-root-user --uts python3 - <<'PY'
import ctypes, os, select, time

NEWUTS = 0x04000000
libc = ctypes.CDLL(None, use_errno=True)
assert libc.sethostname(b"watched", 7) == 0
name = os.open("/proc/sys/kernel/hostname", os.O_RDONLY)
poll = select.poll()
poll.register(name, select.POLLPRI)

def woken(what):
    result = bool(poll.poll(200))
    text = os.pread(name, 100, 0).decode().strip()
    print(f"{what + ':':31}" + (f'woken, the name here is still "{text}"' if result else "no wake-up"))
    assert text == "watched"
    return result

def rename_elsewhere():
    child = os.fork()
    if child == 0:
        # A UTS namespace of its own: what is set here can't be seen by the parent.
        os._exit(bool(libc.unshare(NEWUTS) or libc.sethostname(b"elsewhere", 9)))
    assert os.waitpid(child, 0)[1] == 0

# Other programs on this machine may set names too: a quiet moment is waited for.
for _ in range(50):
    if not woken("nothing done"):
        break
else:
    raise SystemExit("this machine sets host names all the time")
rename_elsewhere()
assert woken("another namespace is renamed"), "only the own namespace wakes now"
woken("nothing done")
assert libc.sethostname(b"watched", 7) == 0
assert woken("the same name is set again"), "only a change of the name wakes now"
print("as found: the poll wakes for names that are not the watcher's")
PY
