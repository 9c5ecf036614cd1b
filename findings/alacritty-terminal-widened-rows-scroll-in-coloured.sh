#!/bin/sh
# alacritty_terminal: after the screen was widened, new lines come with the background of old ones.
#
# Behaviour: a line that scrolls in is a row of cells that is used again. The crate blanks it up to the last column
#   that was written to; beyond that it trusts that all cells have the background of the row's last cell. A line
#   that scrolled in while a background was set has that background and counts as unwritten. When the screen gets
#   wider, the new cells at its end have none, so the row seems to be blank, and the old background stays.
# Expected: a line that scrolls in has the background that is set then (terminfo: bce), which is none after
#   CSI m. The same bytes without the change of the size do that, as the right column shows.
# Why it matters: coloured bars stay behind the text of whatever runs next, until the screen is cleared. With a history
#   they come up when its oldest row is used again, long after the resize.
# Versions: alacritty_terminal 0.26.0.
# Seen (background of the first and the last cell of each line, after four lines were scrolled in without one):
#   line  widened          as it was
#   1     Green none       none none
#   2     Green none       none none
#   3     Green none       none none
#   4     Green none       none none
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "widened"
edition = "2021"
[dependencies]
alacritty_terminal = { version = "=0.26.0", default-features = false }
TOML
cat > src/main.rs <<'RUST'
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{test::TermSize, Config, Term};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Processor, StdSyncHandler};

/// The backgrounds of each line's first and last cell.
fn backgrounds(widened: bool) -> Vec<String> {
    let config = Config { scrolling_history: 0, ..Config::default() };
    let mut term = Term::new(config, &TermSize::new(10, 4), VoidListener);
    let mut parser = Processor::<StdSyncHandler>::new();
    let lines = "\r\n".repeat(8);
    parser.advance(&mut term, format!("\x1b[42m{lines}\x1b[m").as_bytes());
    if widened {
        term.resize(TermSize::new(12, 4));
    }
    parser.advance(&mut term, lines.as_bytes());
    let name = |line: i32, column: usize| match term.grid()[Line(line)][Column(column)].bg {
        Color::Named(NamedColor::Background) => "none".to_owned(),
        Color::Named(name) => format!("{name:?}"),
        other => format!("{other:?}"),
    };
    let last = if widened { 11 } else { 9 };
    (0..4).map(|line| format!("{} {}", name(line, 0), name(line, last))).collect()
}

fn main() {
    println!("{:<5} {:<16} as it was", "line", "widened");
    for (at, (widened, not)) in backgrounds(true).iter().zip(backgrounds(false)).enumerate() {
        println!("{:<5} {widened:<16} {not}", at + 1);
    }
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
target/debug/widened | tee seen
diff - seen >/dev/null <<'LINES' || { echo "it is otherwise now" >&2; exit 1; }
line  widened          as it was
1     Green none       none none
2     Green none       none none
3     Green none       none none
4     Green none       none none
LINES
echo "as found: a line that scrolls in keeps the background of the row that is used again"
