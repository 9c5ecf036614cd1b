#!/bin/sh
# /proc/self/mountinfo changes, and poll(2) on it doesn't wake.
#
# Behaviour: a change of a mount's propagation (mount --make-shared, --make-private) changes the
#   text of /proc/self/mountinfo (an optional field "shared:N" comes or goes). Who polls the file
#   for POLLPRI is not woken by it. Mounting, unmounting and each kind of remounting do wake.
# Expected: proc(5), man-pages 6.03, of /proc/PID/mounts: "a change in this file (i.e., a filesystem
#   mount or unmount)" causes poll(2) to mark a POLLPRI event. By its first half a change of
#   propagation should wake; by the example in parentheses a remount should not.
# Why it matters: a program that keeps a parsed mountinfo up to date by poll alone works for a long
#   time with wrong propagation, and then mounts travel, or don't, against what it shows.
# Versions: Linux 6.18; Python 3 to make the calls (standard library only).
# Seen (text of the file changed / poll woke):
#   bind mount        yes / yes
#   make-shared       yes / no
#   make-private      yes / no
#   remount read-only yes / yes
#   unmount           yes / yes
set -eu
command -v python3 >/dev/null || { echo "needs python3" >&2; exit 2; }

exec unshare --user --map-root-user --mount --propagation private python3 - <<'PY'
import ctypes, os, select, tempfile

RDONLY, REMOUNT, BIND, PRIVATE, SHARED, DETACH = 1, 32, 4096, 1 << 18, 1 << 20, 2
libc = ctypes.CDLL(None, use_errno=True)
directory = tempfile.mkdtemp()
path = directory.encode()

def mount(source, flags, kind=None):
    if libc.mount(source, path, kind, flags, None):
        raise SystemExit(f"mount: {os.strerror(ctypes.get_errno())}")

mounts = os.open("/proc/self/mountinfo", os.O_RDONLY)
poll = select.poll()
poll.register(mounts, select.POLLPRI)

def text():
    with open("/proc/self/mountinfo") as file:
        return file.read()

def after(what, change):
    poll.poll(0)
    before = text()
    change()
    woke, changed = bool(poll.poll(300)), text() != before
    print(f"{what:18}{'yes' if changed else 'no':>3} / {'yes' if woke else 'no'}")
    return changed, woke

try:
    mount(b"none", 0, b"tmpfs")
    seen = [
        after("bind mount", lambda: mount(path, BIND)),
        after("make-shared", lambda: mount(None, SHARED)),
        after("make-private", lambda: mount(None, PRIVATE)),
        after("remount read-only", lambda: mount(None, REMOUNT | BIND | RDONLY)),
        after("unmount", lambda: libc.umount2(path, DETACH)),
    ]
finally:
    while libc.umount2(path, DETACH) == 0:
        pass
    os.rmdir(directory)
assert all(changed for changed, _ in seen), "a change that mountinfo doesn't show"
assert [woke for _, woke in seen] == [True, False, False, True, True], "other changes wake now"
print("as found: propagation changes the file without waking who polls it")
PY
