#!/bin/sh
# After a control function CSI b repeats nothing in xterm.js and xterm; vte repeats the last letter in a new place.
#
# Behaviour: CSI 2 b after a printed letter prints it twice more, everywhere. After a line feed, a cursor
#   movement or even a full reset (ESC c) alacritty_terminal (its parser is vte) still repeats the letter that
#   was printed before it. xterm.js does nothing then, and so does xterm 379.
# Expected: ECMA-48 8.3.103 leaves the effect of REP after a control function undefined, so both may; the
#   document of xterm (ctlseqs) says "the preceding graphic character" and doesn't tell.
# Why it matters: the entry "rep" of terminfo promises the repetition of one letter. A program that moves
#   first and then repeats draws a line in one terminal and nothing in another, without an error in either.
# Versions: alacritty_terminal 0.26.0; @xterm/headless 6.0.0 (npm); Node.js 20; compared by hand with xterm 379.
# Seen (the first two lines of the screen; _ is blank):
#   x REP 2:          alacritty xxx___ ______, xterm.js xxx___ ______
#   x CR LF REP 2:    alacritty x_____ xx____, xterm.js x_____ ______
#   x CSI 1;4H REP 2: alacritty x__xx_ ______, xterm.js x_____ ______
#   x ESC c REP 2:    alacritty xx____ ______, xterm.js ______ ______
set -eu
for need in cargo node npm; do
    command -v "$need" >/dev/null || { echo "needs $need" >&2; exit 2; }
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --silent --no-fund --no-audit @xterm/headless@6.0.0 >/dev/null ||
    { echo "the package can't be had here" >&2; exit 2; }
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "rep"
edition = "2021"
[dependencies]
alacritty_terminal = { version = "=0.26.0", default-features = false }
TOML
cat > src/main.rs <<'RUST'
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{test::TermSize, Config, Term};
use alacritty_terminal::vte::ansi::{Processor, StdSyncHandler};

/// Prints the first two lines of the screen after each of these.
fn main() {
    for bytes in ["x\x1b[2b", "x\r\n\x1b[2b", "x\x1b[1;4H\x1b[2b", "x\x1bc\x1b[2b"] {
        let mut term = Term::new(Config::default(), &TermSize::new(6, 4), VoidListener);
        Processor::<StdSyncHandler>::new().advance(&mut term, bytes.as_bytes());
        let line = |line| (0..6).map(|column| term.grid()[Line(line)][Column(column)].c).collect::<String>();
        println!("{} {}", line(0).replace(' ', "_"), line(1).replace(' ', "_"));
    }
}
RUST
cat > rep.js <<'JS'
const { Terminal } = require("@xterm/headless");

/** Prints the first two lines of the screen after these bytes. */
async function show(bytes) {
    const terminal = new Terminal({ cols: 6, rows: 4, allowProposedApi: true });
    await new Promise((written) => terminal.write(bytes, written));
    const line = (at) => terminal.buffer.active.getLine(at).translateToString(false).replaceAll(" ", "_");
    console.log(line(0), line(1));
}

(async () => {
    for (const bytes of ["x\x1b[2b", "x\r\n\x1b[2b", "x\x1b[1;4H\x1b[2b", "x\x1bc\x1b[2b"]) {
        await show(bytes);
    }
})();
JS
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
printf '%s\n' 'x REP 2' 'x CR LF REP 2' 'x CSI 1;4H REP 2' 'x ESC c REP 2' > names
target/debug/rep > alacritty
node rep.js > xterm
paste -d '|' names alacritty xterm | while IFS='|' read -r name one other; do
    printf '%-17s alacritty %s, xterm.js %s\n' "$name:" "$one" "$other"
done | tee seen
diff - seen >/dev/null <<'SCREENS' || { echo "they repeat otherwise now" >&2; exit 1; }
x REP 2:          alacritty xxx___ ______, xterm.js xxx___ ______
x CR LF REP 2:    alacritty x_____ xx____, xterm.js x_____ ______
x CSI 1;4H REP 2: alacritty x__xx_ ______, xterm.js x_____ ______
x ESC c REP 2:    alacritty xx____ ______, xterm.js ______ ______
SCREENS
echo "as found: one repeats what was printed before a control function, the other doesn't"
