#!/bin/sh
# bash that only notes a Ctrl-C runs the line that comes next, without its first byte, as a command.
#
# Behaviour: bash waits at its second prompt for the rest of a here-document. A Ctrl-C that reaches it while it
#   is busy with the keys before shows `^C`, and nothing ends. The next line is read as the text of the
#   document. Then bash acts on the Ctrl-C: it drops the first byte of that line and runs the rest.
# Expected: Ctrl-C abandons the command and brings the first prompt, as it does in all other cases; and no
#   text that was read for a here-document is run.
# Why it matters: expect scripts, editors' terminals and teaching tools press Ctrl-C to get a fresh prompt
#   before they type; once in a thousand times their command is cut at the front and run: `xid` runs `id`.
# Versions: bash 5.2.15 with its readline 8.2 (Debian 12, 5.2.15-2+b13); Linux 6.18.
# Seen (how often depends on the machine):
#   ^C without a prompt after 2258 tries; then "xecho run-by-bash" printed: run-by-bash
set -eu
package=bash version=5.2.15-2+b13
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get download -qq "$package=$version" 2>/dev/null || { echo "no $package $version to be had" >&2; exit 2; }
dpkg -x ./*.deb .
cat > try.py <<'P'
import os, pty, select, sys, time

def until(fd, mark, seconds):
    seen, end = b'', time.monotonic() + seconds
    while mark not in seen:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            return seen, False
        seen += os.read(fd, 65536)
    return seen, True

pid, fd = pty.fork()
if pid == 0:
    os.environ.update(PS1='ready# ', PS2='more> ', TERM='xterm')
    os.execv('bin/bash', ['bash', '--norc', '--noprofile'])
until(fd, b'ready# ', 10)
for tries in range(1, 60001):
    os.write(fd, b'cat <<END\r')
    until(fd, b'more> ', 10)
    time.sleep(tries % 20 * 0.00005)
    os.write(fd, b'\x05 \x15')
    os.write(fd, b'\x03')
    if until(fd, b'ready# ', 1)[1]:
        continue
    os.write(fd, b'xecho run-by-bash\r')
    answer = until(fd, b'ready# ', 10)[0].decode().replace('\r', '').split('\n')
    ran = 'run-by-bash' in answer
    print(f'^C without a prompt after {tries} tries; then "xecho run-by-bash" printed:', 'run-by-bash' if ran else answer)
    sys.exit(0 if ran else 1)
print(f'each of {tries} Ctrl-C brought a prompt')
sys.exit(1)
P
python3 try.py || { echo "Ctrl-C is acted on at once now, or the line is not run" >&2; exit 1; }
echo "as found: the line after a Ctrl-C is run without its first byte"
