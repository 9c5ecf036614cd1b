//! The panes of the shells: how much room they have, what the mouse and the terminal's focus do in them, and
//! what a program tells the learner through them.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nix::unistd::chown;
use support::{As, Installed, installed, needs, skip};
use terminal::Terminal;
use terminal::keys::{F3, F4, F5, LEAVE};

const WIDE: (u16, u16) = (120, 40);

/// Opens a lab of this size; the host shell has the focus.
fn in_the_host_shell(nslab: &Installed, who: As, size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
    to_the_host_shell(&terminal);
    terminal
}

fn to_the_host_shell(terminal: &Terminal) {
    terminal.wait_for("Enter: ");
    terminal.keys(F3);
    terminal.wait_for("[host] root@");
    terminal.run("stty -a >/dev/null");
}

/// Rows and columns of the shell that has the focus, by stty(1).
fn size(terminal: &Terminal) -> (u16, u16) {
    let screen = terminal.run("clear; echo @size $(stty size) end");
    let (_, rest) = screen.rsplit_once("@size ").unwrap();
    let mut numbers = rest.split(' ').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Row of the first line of the host shell's pane, from 0.
fn first_row(screen: &str) -> u16 {
    let border = screen.lines().position(|line| line.contains("Host shell"));
    u16::try_from(border.unwrap() + 1).unwrap()
}

/// A report of the mouse, as SGR encodes it, at a column and a row from 0.
fn report(code: u8, col: u16, row: u16, end: char) -> String {
    format!("\x1b[<{code};{};{}{end}", col + 1, row + 1)
}

/// Presses the left button, moves to each of these places, and releases it at the last one.
fn drag(terminal: &Terminal, places: &[(u16, u16)]) {
    let ((x, y), others) = places.split_first().unwrap();
    terminal.keys(&report(0, *x, *y, 'M'));
    for (x, y) in others {
        terminal.keys(&report(32, *x, *y, 'M'));
    }
    let (x, y) = places.last().unwrap();
    terminal.keys(&report(0, *x, *y, 'm'));
}

/// What was copied last, as nslab tells the terminal.
fn copied(terminal: &Terminal) -> Option<String> {
    let received = terminal.received_so_far();
    let (_, text) = received.rsplit_once("\x1b]52;c;")?;
    let text = text.split(['\x1b', '\x07']).next()?;
    String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()
}

/// A larger terminal makes no smaller shell, and one key gives it all the room there is.
#[test]
fn a_shell_has_the_room_of_its_terminal_and_by_a_key_the_whole_screen() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, (80, 24));
        assert_eq!(size(&terminal), (14, 80));
        for (cols, rows) in [(100, 30), (109, 40), (110, 40), (120, 40)] {
            terminal.resize(cols, rows);
            terminal.wait("a border as wide as the terminal", |screen| {
                screen.lines().count() == usize::from(rows)
                    && screen.lines().any(|line| {
                        line.chars().count() == usize::from(cols) && line.ends_with('─')
                    })
            });
            assert_eq!(size(&terminal), (14, cols), "{cols}x{rows}");
            terminal.keys(&format!("{LEAVE}z"));
            terminal.wait("the shell alone", |screen| {
                !screen.contains('│') && !screen.contains('─')
            });
            assert_eq!(size(&terminal), (rows - 1, cols), "{cols}x{rows}");
            terminal.keys(&format!("{LEAVE}z"));
            terminal.wait_for("────");
            assert_eq!(size(&terminal), (14, cols), "{cols}x{rows}");
        }
    }
}

/// Keys and the mouse move the border between the shells, and the next nslab has it where it was left.
#[test]
fn a_moved_border_is_kept() {
    let nslab = Installed::new();
    for who in As::all() {
        let home = nslab.directory.path().join(format!("home-{}", who.uid()));
        std::fs::create_dir(&home).unwrap();
        chown(&home, Some(who.uid().into()), None).unwrap();
        let mut terminal = at_home(&nslab, who, &home);
        assert_eq!(size(&terminal), (14, 120));
        terminal.keys(&format!("{LEAVE}+++"));
        let border = |screen: &str| {
            let row = screen
                .lines()
                .position(|line| line.contains("Container shell"));
            u16::try_from(row.unwrap()).unwrap()
        };
        let before = border(&terminal.screen());
        terminal.keys(F3);
        terminal.wait_for("leaves");
        assert_eq!(size(&terminal), (17, 120));
        let from = border(&terminal.screen());
        assert!(from >= before);
        drag(&terminal, &[(70, from), (70, from - 1), (60, from - 4)]);
        terminal.wait("a moved border", |screen| border(screen) == from - 4);
        assert_eq!(size(&terminal), (13, 120));
        terminal.keys(&format!("{LEAVE}q"));
        assert_eq!(terminal.exit_code(), 0);
        let terminal = at_home(&nslab, who, &home);
        assert_eq!(size(&terminal), (13, 120));
        // One key puts all borders where nslab has them.
        terminal.keys(&format!("{LEAVE}={F3}"));
        terminal.wait_for("leaves");
        assert_eq!(size(&terminal), (14, 120));
    }
}

fn at_home(nslab: &Installed, who: As, home: &Path) -> Terminal {
    let environment = [("LANG", "C.UTF-8"), ("HOME", home.to_str().unwrap())];
    let binary = nslab.binary();
    let terminal = Terminal::start_in(who, &binary, &["--lang", "en"], WIDE, &environment);
    to_the_host_shell(&terminal);
    terminal
}

/// A drag selects in its pane alone, with two presses words, with three lines; held above the pane it scrolls.
#[test]
fn the_mouse_selects_and_copies() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, WIDE);
        terminal.run(
            "clear; seq -f 'number %g' 100; clear -x; echo one two-three; echo four 名前 five",
        );
        let top = first_row(&terminal.screen());
        let becomes = |text: &str| {
            terminal.wait(text, |_| copied(&terminal).as_deref() == Some(text));
        };
        drag(&terminal, &[(4, top), (6, top + 1)]);
        becomes("two-three\nfour 名");
        drag(&terminal, &[(0, top + 1), (119, top + 1)]);
        becomes("four 名前 five");
        for text in ["two-three", "one two-three\n"] {
            // What counts together is one write: no time passes in between.
            let press = report(0, 5, top, 'M') + &report(0, 5, top, 'm');
            terminal.keys(&press.repeat(if text.ends_with('\n') { 3 } else { 2 }));
            becomes(text);
            drag(&terminal, &[(0, top), (2, top)]);
            becomes("one");
        }
        terminal.keys(&report(0, 0, top, 'M'));
        terminal.keys(&report(32, 0, 0, 'M'));
        let screen = terminal.wait("the first line, with the mouse held still", |screen| {
            screen.contains("number 1\n")
        });
        assert!(screen.contains(" · ↑ "), "{screen}");
        terminal.keys(&report(0, 0, 0, 'm'));
        terminal.wait("a hundred lines", |_| {
            copied(&terminal)
                .is_some_and(|text| text.contains("number 1\n") && text.contains("number 100\n"))
        });
    }
}

/// A program gets every motion of the mouse, a drag that leaves its pane, and its release.
#[test]
fn the_mouse_of_a_program() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, WIDE);
        terminal.begin(r"printf '\e[?1002h\e[?1006h'; cat -v");
        let top = first_row(&terminal.screen());
        terminal.keys(&report(35, 9, top + 1, 'M'));
        drag(&terminal, &[(9, top + 1), (12, top + 2), (60, 5)]);
        terminal.wait_for("^[[<0;10;2M^[[<32;13;3M^[[<32;61;1M^[[<0;61;1m");
        terminal.interrupt("\x03");
        terminal.run(r"printf '\e[?1003h'");
        terminal.begin("cat -v");
        terminal.keys(&report(35, 9, top + 1, 'M'));
        terminal.keys(&report(35, 10, top + 2, 'M'));
        // Outside of the pane it is none of the program's.
        terminal.keys(&report(35, 10, 1, 'M'));
        terminal.keys(&report(35, 11, top + 2, 'M'));
        terminal.wait_for("^[[<35;10;2M^[[<35;11;3M^[[<35;12;3M");
        terminal.interrupt("\x03");
    }
}

/// A program that asked for it is told when its pane, or the whole terminal, gets and loses the keys.
#[test]
fn the_focus_of_a_program() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, WIDE);
        terminal.begin(r"printf '\e[?1004h'; cat -v");
        terminal.keys("\x1b[O");
        terminal.wait_for("^[[O");
        terminal.keys("\x1b[I");
        terminal.wait_for("^[[O^[[I");
        terminal.keys(LEAVE);
        terminal.wait_for("^[[O^[[I^[[O");
        // While another pane has the keys, the terminal's focus is none of the program's.
        terminal.keys("\x1b[O\x1b[I");
        terminal.keys(F3);
        terminal.wait_for("^[[O^[[I^[[O^[[I");
        terminal.keys(".");
        terminal.wait_for("^[[O^[[I^[[O^[[I.");
        terminal.interrupt("\x03");
    }
}

/// The border of a shell has the title of its program, and, while the learner is elsewhere, that it has rung.
#[test]
fn bell_and_title_stand_in_the_border() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        for size in [WIDE, (80, 24)] {
            let terminal = in_the_host_shell(&nslab, who, size);
            let screen = terminal.run(r"echo of the host: $(tty)");
            let (_, tty) = screen.rsplit_once("of the host: ").unwrap();
            let tty = tty.lines().next().unwrap().to_owned();
            terminal.run(r"printf '\e]2;notes\a'");
            terminal.wait("the title in the border", |screen| {
                screen
                    .lines()
                    .any(|line| line.contains("──") && line.contains(" notes "))
            });
            terminal.keys(LEAVE);
            terminal.keys(&format!("u{F5}"));
            terminal.wait_for("[container] root@");
            terminal.keys(F4);
            let before = terminal.received_so_far().matches('\x07').count();
            terminal.run(&format!(r"printf '\a' >{tty}"));
            terminal.wait_for("· bell rang");
            let after = terminal.received_so_far().matches('\x07').count();
            assert_eq!(after - before, 1);
            terminal.keys(&format!("{LEAVE}{F3}"));
            terminal.wait("no mark", |screen| !screen.contains("bell rang"));
        }
    }
}

/// Keys whose bytes begin as those of others do: each arrives whole, and so does the next one. The leave key
/// arrives if it is pressed twice.
#[test]
fn keys_arrive_as_they_were_typed() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, WIDE);
        terminal.begin("cat -v");
        let mut line = String::new();
        for (typed, arrives) in [
            // Alt-O, Alt-[, and Esc followed by O in one read.
            ("\x1bO", "^[O"),
            ("\x1b[", "^[["),
            ("\x1bO!", "^[O!"),
            ("\x1b\x1b", "^[^["),
            // Alt-Up, as rxvt sends it; F3 with Shift, Ctrl and Alt.
            ("\x1b\x1b[A", "^[[1;3A"),
            ("\x1b[1;2R", "^[[1;2R"),
            ("\x1b[1;5R", "^[[1;5R"),
            ("\x1b[1;3R", "^[[1;3R"),
            // F15 and F20, the 0 and the + of the keypad in application mode.
            ("\x1b[28~\x1b[34~", "^[[28~^[[34~"),
            ("\x1bOp\x1bOk", "0+"),
            ("\x1d\x1d", "^]"),
        ] {
            terminal.keys(typed);
            line += arrives;
            terminal.wait_for(&line);
            terminal.keys(";");
            line += ";";
        }
        terminal.wait_for(&line);
        terminal.interrupt("\x03");
    }
}

/// A program that asks its terminal gets true answers.
#[test]
fn answers_to_programs() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = in_the_host_shell(&nslab, who, WIDE);
        for (question, last, answer) in [
            (r"\e[>q", r"\\", "^[P>|nslab"),
            (r"\e[=c", r"\\", "^[P!|"),
            (r"\eP$qm\e\\", r"\\", "^[P1$r0m^["),
            (r"\e[?6n", "R", "^[[?"),
        ] {
            terminal.run(&format!(
                r#"printf '{question}'; IFS= read -rsd '{last}' answer; printf %s "$answer" | cat -v; echo"#
            ));
            terminal.wait_for(answer);
        }
        if installed("vim") {
            terminal.line("vim -u NONE -i NONE -c 'set background?'; echo left $((6 * 7))");
            terminal.wait_for("background=light");
            terminal.keys(":q!\r");
            terminal.wait_for("left 42\n[host] ");
        } else {
            skip("vim is not installed");
        }
    }
}
