//! Any process is a side of the comparison: picked on the map, or followed out of a shell.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use support::{As, Installed};
use terminal::Terminal;
use terminal::keys::{F3, LEAVE};

const WIDE: (u16, u16) = (120, 40);

/// Opens a lab; its host shell has the focus.
fn lab(nslab: &Installed, who: As, size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
    terminal.wait_for("[host] root@");
    terminal.keys(F3);
    terminal
}

/// Whether a line has these texts, in this order.
fn has_line(screen: &str, texts: &[&str]) -> bool {
    screen.lines().any(|line| {
        let mut rest = line;
        texts.iter().all(|text| match rest.split_once(text) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// A process in the background becomes the right side; a command runs in its namespaces; its column is the
/// container's again once it has ended.
#[test]
fn a_process_of_the_map_becomes_a_side() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.run("hostname the-host");
        terminal.run("{ unshare --uts --ipc sh -c 'hostname in-the-box; exec sleep infinity' & }");
        terminal.keys(LEAVE);
        terminal.keys("N");
        terminal.to_process("sleep");
        terminal.keys("c");
        let screen = terminal.wait("its hostname", |screen| {
            has_line(
                screen,
                &["hostname ", " the-host ", " in-the-box ", "own UTS"],
            )
        });
        assert!(screen.contains("HOST"), "{who:?}\n{screen}");
        assert!(!screen.contains("CONTAINER"), "{who:?}\n{screen}");
        terminal.keys("!");
        terminal.wait_for("Enter run");
        terminal.line("hostname");
        terminal.wait("both answers", |screen| {
            has_line(screen, &["≠ the-host", "≠ in-the-box"])
        });
        terminal.keys(F3);
        terminal.run("kill $!");
        terminal.wait("the container's column", |screen| {
            screen.contains("CONTAINER")
        });
    }
}
