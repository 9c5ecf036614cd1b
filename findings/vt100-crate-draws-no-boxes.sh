#!/bin/sh
# The crate vt100 shows "lqqk" where ncurses draws a box, for TERM=vt100 of all things.
#
# Behaviour: ncurses draws lines by switching to the terminal's line-drawing character set and sending
#   letters. The crate doesn't know that switch, neither xterm's (ESC ( 0) nor the VT100's own (shift
#   out): its screen holds the letters. With TERM=xterm-256color it misses more: a run of equal
#   characters comes as one and "repeat it" (CSI b), of which it keeps one. Both ways are in the terminfo
#   entries. TERM=screen-256color in a UTF-8 locale works, since ncurses then sends Unicode.
# Expected: the crate's README: it "contains functionality necessary for implementing terminal
#   applications that want to run other terminal applications". It names no terminal type that is
#   supported, and none that isn't.
# Why it matters: tests of terminal programs with this crate see text that no user sees, or miss text
#   that every user sees; and it depends on the locale whether they do.
# Versions: vt100 0.16.2; ncurses 6.4 with its terminfo (Debian 12), by Python's curses.
# Seen (a line of 20 dashes, and the upper edge of a box 8 columns wide):
#   vt100 C.UTF-8:           -------------------- lqqqqqqk
#   xterm-256color C:        - lqqqqqqk
#   xterm-256color C.UTF-8:  -------------------- lqqqqqqk
#   screen-256color C.UTF-8: -------------------- ┌──────┐
set -eu
for need in cargo python3; do
    command -v "$need" >/dev/null || { echo "needs $need" >&2; exit 2; }
done
python3 -c 'import curses' || { echo "needs Python's curses" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "screen"
edition = "2021"
[dependencies]
vt100 = "=0.16.2"
TOML
cat > src/main.rs <<'RUST'
/// Prints the rows of the screen that standard input draws.
fn main() -> std::io::Result<()> {
    let mut parser = vt100::Parser::new(8, 40, 0);
    std::io::copy(&mut std::io::stdin(), &mut parser)?;
    print!("{}", parser.screen().contents());
    Ok(())
}
RUST
cat > draw.py <<'PY'
import curses

def draw(screen):
    screen.hline(0, 0, "-", 20)
    screen.subwin(3, 8, 2, 0).box()
    screen.refresh()
    # Left as it is: the end of curses would clear it.
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)

curses.wrapper(draw)
PY
cat > record.py <<'PY'
import os, pty, sys

child, terminal = pty.fork()
if child == 0:
    os.environ.update(LINES="8", COLUMNS="40")
    os.execv(sys.executable, [sys.executable, "draw.py"])
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
PY
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
shown() { # the line and the upper edge of the box as the crate has them, for a TERM and a locale
    TERM=$1 LC_ALL=$2 python3 record.py | target/debug/screen | sed -n '1p;3p' | xargs
}
dashes=--------------------
for case in "vt100 C.UTF-8:$dashes lqqqqqqk" "xterm-256color C:- lqqqqqqk" \
    "xterm-256color C.UTF-8:$dashes lqqqqqqk" "screen-256color C.UTF-8:$dashes ┌──────┐"; do
    kind=${case%%:*}
    seen=$(shown $kind)
    printf '%-24s %s\n' "$kind:" "$seen"
    [ "$seen" = "${case#*:}" ] || { echo "it shows something else now" >&2; exit 1; }
done
echo "as found: letters in the place of lines, one dash in the place of 20"
