#!/bin/sh
# alacritty_terminal: in origin mode "cursor up" goes down, and "to column 5" changes the line.
#
# Behaviour: with scrolling margins and origin mode on, line numbers of CSI H count from the upper margin.
#   The crate adds that margin for the relative motions too, to a line that it has already been added
#   to. With the margins at lines 4 and 9 each motion lands three lines too low, or on the lower
#   margin: up (A), down (B), next and previous line (E, F), and to a column (G, `), which names no line.
#   Right and left (C, D) are as they should be, and so is all with the upper margin on line 1.
# Expected: ECMA-48: CUU moves the active position upwards, CHA to a place in the *active line*. DEC's
#   VT510 manual: origin mode (DECOM) sets what the addresses of CUP and HVP count from; CUU stops at
#   the upper margin. Alacritty's list (docs/escape_support.md) has mode 6 and all these as supported.
#   xterm 379 goes where the right column below says, with and without.
# Why it matters: a program that keeps to its part of the screen by origin mode draws over the wrong
#   lines there, and only there: without a margin at the top everything is right.
# Versions: alacritty_terminal 0.26.0.
# Seen (line and column after the motion, from line 5, column 3 of the screen, which is line 2 of the region;
#   with the margins 4 and 9, and without any):
#   motion   origin mode   without
#   1 up     7,3           4,3
#   1 down   9,3           6,3
#   next     9,1           6,1
#   previous 7,1           4,1
#   column 5 8,5           5,5
#   2 right  5,5           5,5
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "origin"
edition = "2021"
[dependencies]
alacritty_terminal = { version = "=0.26.0", default-features = false }
TOML
cat > src/main.rs <<'RUST'
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::{test::TermSize, Config, Term};
use alacritty_terminal::vte::ansi::{Processor, StdSyncHandler};

/// The line and the column, from 1, where these bytes leave the cursor.
fn cursor(bytes: &str) -> String {
    let mut term = Term::new(Config::default(), &TermSize::new(20, 12), VoidListener);
    Processor::<StdSyncHandler>::new().advance(&mut term, bytes.as_bytes());
    let point = term.grid().cursor.point;
    format!("{},{}", point.line.0 + 1, point.column.0 + 1)
}

fn main() {
    let (region, screen) = ("\x1b[4;9r\x1b[?6h\x1b[2;3H", "\x1b[5;3H");
    assert_eq!((cursor(region), cursor(screen)), ("5,3".into(), "5,3".into()), "both start alike");
    println!("{:<8} {:<13} without", "motion", "origin mode");
    for (name, motion) in
        [("1 up", "A"), ("1 down", "B"), ("next", "E"), ("previous", "F"), ("column 5", "5G"), ("2 right", "2C")]
    {
        let seen = |start: &str| cursor(&format!("{start}\x1b[{motion}"));
        println!("{name:<8} {:<13} {}", seen(region), seen(screen));
    }
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
target/debug/origin | tee seen
diff - seen >/dev/null <<'CURSORS' || { echo "it moves otherwise now" >&2; exit 1; }
motion   origin mode   without
1 up     7,3           4,3
1 down   9,3           6,3
next     9,1           6,1
previous 7,1           4,1
column 5 8,5           5,5
2 right  5,5           5,5
CURSORS
echo "as found: motions within the region add its upper margin once more"
