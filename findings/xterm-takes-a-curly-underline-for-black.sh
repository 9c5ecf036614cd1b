#!/bin/sh
# xterm 379 turns text black when a program asks for a curly underline.
#
# Behaviour: CSI 4:3 m sets the text colour to black (30), and no underline. So does every attribute with a
#   colon that xterm doesn't know: 4:0 (no underline), 58:2::255:0:0 (a red underline); a colour asked for
#   before is lost. If the same sequence has a colour by colons before it, which xterm does know, 4:3
#   is something else again: underlined and italic, as if it had been 4;3.
# Expected: ECMA-48, 5.4.2: a colon separates parts *within* one parameter. xterm's ctlseqs knows them for
#   the colours 38 and 48 alone, and has none for 4. One would expect it to be passed over, or to be an
#   underline of the usual kind. No source makes it a colour.
# Why it matters: editors mark mistakes so, and on a black background these become invisible. That a terminal
#   without curly underlines ignores them doesn't hold: a program has to find out before it sends one.
# Versions: xterm 379-1 (Debian 12) in its Xvfb.
# Seen (asked for, and what xterm says is set (DECRQSS). A screenshot with -fg blue -bg white agrees: blue
#   underlined letters for 4, black ones without a line for 4:3):
#   4               0;4
#   31;4            0;4;31
#   4:3             0;30
#   31;4:3          0;30
#   4:0             0;30
#   58:2::255:0:0   0;30
#   38:5:3          0;33
#   38:5:3;4:3      0;4;3;33
set -eu
for need in apt-get dpkg-deb python3 unshare; do
    command -v "$need" >/dev/null || { echo "needs $need" >&2; exit 2; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get download xterm=379-1 xvfb xserver-common x11-xkb-utils xkb-data libxfont2 libfontenc1 libxkbfile1 \
    libxaw7 libxmu6 libxt6 libxft2 libxinerama1 libxpm4 libutempter0 >/dev/null 2>&1 ||
    { echo "the packages can't be had here (apt-get update?)" >&2; exit 2; }
for package in *.deb; do
    dpkg-deb --extract "$package" root
done
cat > ask.py <<'PY'
import os, select, tty

# Raw: the answers come as they are, and are not shown.
tty.setraw(0)

def answer(question):
    os.write(1, question.encode())
    got = b""
    while not got.endswith(b"\x1b\\") and select.select([0], [], [], 5)[0]:
        got += os.read(0, 100)
    return got.decode()

with open("seen", "w") as seen:
    for asked in ["4", "31;4", "4:3", "31;4:3", "4:0", "58:2::255:0:0", "38:5:3", "38:5:3;4:3"]:
        said = answer(f"\x1b[0m\x1b[{asked}m\x1bP$qm\x1b\\")
        print(f"{asked:<15}", said.removeprefix("\x1bP1$r").removesuffix("m\x1b\\"), file=seen)
PY
# The packages are laid over /usr for these two programs only: Xvfb wants its keymap compiler there.
cat > try.sh <<'TRY'
mount -t overlay -o "lowerdir=$PWD/root/usr:/usr" none /usr || exit 2
Xvfb -displayfd 3 -nolisten tcp 3>display 2>log &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -s display ] && break
    sleep 1
done
# As no root: xterm would give its terminal to a group that is not mapped.
[ -s display ] && DISPLAY=:$(cat display) timeout 60 unshare --user --map-user=1000 --map-group=1000 \
    xterm -fn fixed -e python3 ask.py 2>>log
kill $server
wait
TRY
unshare --user --map-root-user --mount sh try.sh || true
[ -s seen ] || { echo "xterm can't be run here" >&2; cat log >&2; exit 2; }
cat seen
diff - seen >/dev/null <<'ANSWERS' || { echo "it takes them otherwise now" >&2; exit 1; }
4               0;4
31;4            0;4;31
4:3             0;30
31;4:3          0;30
4:0             0;30
58:2::255:0:0   0;30
38:5:3          0;33
38:5:3;4:3      0;4;3;33
ANSWERS
echo "as found: black text in the place of a curly underline"
