#!/bin/sh
# alacritty_terminal: "erase above" leaves the first line alone when the cursor is on the second.
#
# Behaviour: CSI 1 J clears everything from the top of the screen to the cursor. With the cursor on the
#   first or the third line, or any below, the crate does so. On the second line it clears the part of
#   that line, and keeps the whole first line.
# Expected: ECMA-48, ED with parameter 1: the positions from the beginning of the page up to and including
#   the active one are erased. Nothing makes the second line special. The list of sequences in
#   Alacritty's repository (docs/escape_support.md) has CSI J as implemented, without a note.
# Why it matters: the off-by-one shows on one line only, so a test that erases from the middle of the
#   screen passes. A title that was to go stays on the screen until something writes over it.
# Versions: alacritty_terminal 0.26.0.
# Seen (four lines of six letters, then CSI 1 J with the cursor in column 3 of line 1, 2, 3, 4):
#   1: ___aaa bbbbbb cccccc dddddd
#   2: aaaaaa ___bbb cccccc dddddd
#   3: ______ ______ ___ccc dddddd
#   4: ______ ______ ______ ___ddd
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "erase"
edition = "2021"
[dependencies]
alacritty_terminal = { version = "=0.26.0", default-features = false }
TOML
cat > src/main.rs <<'RUST'
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{test::TermSize, Config, Term};
use alacritty_terminal::vte::ansi::Processor;

/// Prints the screen after the erasure, for the cursor on each of the lines.
fn main() {
    for row in 1..=4 {
        let mut term = Term::new(Config::default(), &TermSize::new(6, 4), VoidListener);
        let bytes = format!("\x1b[Haaaaaa\r\nbbbbbb\r\ncccccc\r\ndddddd\x1b[{row};3H\x1b[1J");
        Processor::<alacritty_terminal::vte::ansi::StdSyncHandler>::new().advance(&mut term, bytes.as_bytes());
        let line = |line| (0..6).map(|column| term.grid()[Line(line)][Column(column)].c).collect::<String>();
        let lines: Vec<_> = (0..4).map(line).collect();
        println!("{row}: {}", lines.join("|").replace(' ', "_").replace('|', " "));
    }
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
target/debug/erase | tee seen
diff - seen >/dev/null <<'SCREENS' || { echo "it erases otherwise now" >&2; exit 1; }
1: ___aaa bbbbbb cccccc dddddd
2: aaaaaa ___bbb cccccc dddddd
3: ______ ______ ___ccc dddddd
4: ______ ______ ______ ___ddd
SCREENS
echo "as found: from the second line, the first is not erased"
