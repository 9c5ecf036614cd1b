#!/bin/sh
# User namespaces nest one level deeper than their man page says; PID namespaces nest as theirs says.
#
# Behaviour: from the first user namespace one can go down 33 levels, and the 34th is refused. Each level has its
#   id mapped, so nothing but the depth stops it. From the first PID namespace it is 32 levels.
# Expected: user_namespaces(7), man-pages 6.03: "a limit of 32 nested levels"; pid_namespaces(7): 32 too. The error
#   is the documented one in both (ENOSPC).
# Why it matters: who checks the depth before the kernel does, or tells a reader how deep it goes, is one off for
#   one of the two. From within a container the count is lower by the levels around it.
# Versions: Linux 6.18; Python 3. As an ordinary user too.
# Seen, on the machine itself: user 33 ENOSPC, pid 32 ENOSPC
set -eu
command -v python3 > /dev/null || { echo "python3 is missing" >&2; exit 2; }
seen=$(python3 - << 'EOF'
import ctypes, errno, os

NEWUSER, NEWPID = 0x10000000, 0x20000000
libc = ctypes.CDLL(None, use_errno=True)

def write(path, text):
    with open(path, "w") as file:
        file.write(text)

def enter_user(uid, gid):
    if libc.unshare(NEWUSER):
        return ctypes.get_errno()
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {uid} 1")
    write("/proc/self/gid_map", f"0 {gid} 1")
    return 0

def in_child(work):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        work(lambda text: os.write(writer, text.encode()))
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 100).decode()
    os.waitpid(child, 0)
    return said

def user(tell):
    level, ids = 0, (os.getuid(), os.getgid())
    while not (error := enter_user(*ids)):
        level, ids = level + 1, (0, 0)
    tell(f"{level} {errno.errorcode[error]}")

def pid(tell):
    if os.getuid():
        enter_user(os.getuid(), os.getgid())
    level = 0
    while libc.unshare(NEWPID) == 0:
        level += 1
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            os._exit(0)
    tell(f"{level} {errno.errorcode[ctypes.get_errno()]}")

print("user", in_child(user), "pid", in_child(pid))
EOF
)
echo "$seen"
# Levels around this process count too, so only a process of the first namespaces can tell.
[ "$(readlink /proc/self/ns/user)" = "user:[4026531837]" ] && [ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] ||
    { echo "run it outside of a container" >&2; exit 2; }
[ "$seen" = "user 33 ENOSPC pid 32 ENOSPC" ] || { echo "they nest otherwise now" >&2; exit 1; }
echo "as found: USER nests 33 deep, PID 32"
