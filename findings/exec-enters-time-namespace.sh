#!/bin/sh
# An exec moves a process into the time namespace that it has unshared, without any fork.
#
# Behaviour: a process calls unshare(CLONE_NEWTIME) and then execve(). From the exec on it is in
#   the new time namespace itself: /proc/self/ns/time has changed, and so have its clocks. Of the
#   two kinds of namespaces that are "for children", PID and time, only time does this.
# Expected: time_namespaces(7), man-pages 6.03: the call "does not place the calling process in the
#   new namespace. Instead, the calling process's subsequently created children are placed in the
#   new namespace." The page doesn't mention execve(2), nor does execve(2) mention the namespace.
# Why it matters: who unshares, means to write timens_offsets "until the first child" and execs a
#   helper to do so, finds the file closed (EACCES): the exec was the first process that entered.
# Versions: Linux 6.18; Python 3 to make the calls (standard library only).
# Seen:
#   time: before 4026531834, after unshare 4026531834, after exec 4026532255: moved
#   pid: before 4026531836, after unshare 4026531836, after exec 4026531836: stays
#   timens_offsets: written before the exec, errno 13 after it
set -eu
command -v python3 >/dev/null || { echo "needs python3" >&2; exit 2; }

exec unshare --user --map-root-user python3 - <<'PY'
import ctypes, os, subprocess, sys

NEWTIME, NEWPID = 0x80, 0x20000000
libc = ctypes.CDLL(None, use_errno=True)

# What runs after the exec: prints where it is, and tries to write its offsets.
AFTER = """
import os
print(os.stat("/proc/self/ns/{kind}").st_ino)
if "{kind}" == "time":
    try:
        os.write(os.open("/proc/self/timens_offsets", os.O_WRONLY), b"boottime 5 0")
        print("written")
    except OSError as error:
        print(error.errno)
"""

def try_kind(kind, flag):
    """Inode before, after unshare, after exec; and how the write of the offsets ended."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1)
        print(os.stat("/proc/self/ns/" + kind).st_ino)
        if libc.unshare(flag):
            print(os.strerror(ctypes.get_errno()))
            os._exit(1)
        print(os.stat("/proc/self/ns/" + kind).st_ino)
        if flag == NEWTIME:
            with open("/proc/self/timens_offsets", "w") as file:
                file.write("boottime 1000 0")
            print("written")
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-c", AFTER.format(kind=kind)])
    os.close(write)
    lines = os.fdopen(read).read().split()
    os.waitpid(pid, 0)
    return lines

def report(kind, lines):
    before, unshared, execed = lines[0], lines[1], lines[3 if kind == "time" else 2]
    print(f"{kind}: before {before}, after unshare {unshared}, after exec {execed}:",
          "stays" if execed == before else "moved")

time = try_kind("time", NEWTIME)
pid = try_kind("pid", NEWPID)
report("time", time)
report("pid", pid)
print("timens_offsets:", time[2], "before the exec, errno", time[4], "after it")
before, unshared, first_write, execed, second_write = time
assert before == unshared, "unshare itself moved the caller"
assert execed != before, "the exec did not move it: the man page is right now"
assert first_write == "written" and second_write == "13", "the offsets are still open after the exec"
assert pid[0] == pid[1] == pid[2], "an exec moves into a PID namespace too"
print("as found: the exec entered the time namespace, and closed its offsets")
PY
