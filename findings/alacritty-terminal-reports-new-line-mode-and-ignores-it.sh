#!/bin/sh
# alacritty_terminal says that new line mode is on, and goes on as if it were off.
#
# Behaviour: CSI 20 h sets line feed/new line mode (LNM). The crate keeps it, shows it in Term::mode() and
#   answers the question for it (CSI 20 $ p) with "set". A line feed then still keeps its column,
#   as do VT and FF. The handler has a function that would return to the first column; the parser
#   of the crate vte, which calls the handler, never calls that one.
# Expected: DEC's VT510 manual, LNM: if set, LF, FF and VT move the cursor to the first column of the next
#   line. Alacritty's list (docs/escape_support.md): of CSI h "only modes 4 and 20 are supported".
#   xterm 379 goes to the first column.
# Why it matters: a program that asks whether it got the mode hears "set", and writes stairs. Neither can who
#   embeds the crate tell from the flag how lines were fed.
# Versions: alacritty_terminal 0.26.0, vte 0.15.0.
# Seen (mode, the answer, the lines of "ab LF cd"):
#   set:   flag true  answer ^[[20;1$y  ab,__cd
#   reset: flag false answer ^[[20;2$y  ab,__cd
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "newline"
edition = "2021"
[dependencies]
alacritty_terminal = { version = "=0.26.0", default-features = false }
vte = "=0.15.0"
TOML
cat > src/main.rs <<'RUST'
use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{test::TermSize, Config, Term, TermMode};
use alacritty_terminal::vte::ansi::{Processor, StdSyncHandler};

/// Prints what the terminal answers.
struct Answers;

impl EventListener for Answers {
    fn send_event(&self, event: Event) {
        if let Event::PtyWrite(text) = event {
            print!("answer {}  ", text.replace('\x1b', "^["));
        }
    }
}

fn main() {
    for (name, switch) in [("set:  ", "\x1b[20h"), ("reset:", "\x1b[20l")] {
        let mut term = Term::new(Config::default(), &TermSize::new(4, 2), Answers);
        let mut parser = Processor::<StdSyncHandler>::new();
        parser.advance(&mut term, switch.as_bytes());
        print!("{name} flag {:<5} ", term.mode().contains(TermMode::LINE_FEED_NEW_LINE));
        parser.advance(&mut term, b"\x1b[20$p");
        parser.advance(&mut term, b"ab\ncd");
        let line = |line| (0..4).map(|column| term.grid()[Line(line)][Column(column)].c).collect::<String>();
        println!("{},{}", line(0).trim_end(), line(1).replace(' ', "_"));
    }
}
RUST
cargo build --quiet || { echo "the crates can't be had or built here" >&2; exit 2; }
target/debug/newline | tee seen
diff - seen >/dev/null <<'SCREENS' || { echo "it answers or feeds lines otherwise now" >&2; exit 1; }
set:   flag true  answer ^[[20;1$y  ab,__cd
reset: flag false answer ^[[20;2$y  ab,__cd
SCREENS
echo "as found: the mode is reported as set, and a line feed keeps its column"
