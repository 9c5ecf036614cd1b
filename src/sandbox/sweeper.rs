//! A small process that waits for nslab's end, however it comes, and then cleans up.
//!
//! One kind removes the lab's cgroup, the other restores the terminal.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::Subcommand;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::setsid;

use super::aside;
use super::cgroup::{self, Events, Held};

/// What a sweeper cleans up.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(crate) enum Charge {
    /// A cgroup to empty and remove.
    Cgroup { path: PathBuf },
    /// The modes of the terminal that is standard output.
    TerminalModes,
    /// The same and the screen: leaves the alternate screen, releases the mouse.
    TerminalScreen,
}

impl Charge {
    /// The command line that carries it.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["sweep".into()];
        match self {
            Charge::Cgroup { path } => arguments.extend(["cgroup".into(), path.into()]),
            Charge::TerminalModes => arguments.push("terminal-modes".into()),
            Charge::TerminalScreen => arguments.push("terminal-screen".into()),
        }
        arguments
    }
}

/// Resets the modes that the lab's screen uses: the kitty keyboard's flags, focus and mouse reports,
/// bracketed paste, the cursor's form, hidden cursor, colours, alternate screen; console_codes(4) and xterm's control sequences.
pub(crate) const FAREWELL: &str = "\x1b[<u\x1b[?1004l\x1b[?1003l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?2026l\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l";

/// What nslab tells its sweeper before it ends.
const DISMISSED: u8 = b'd';
const CLEAN_UP: u8 = b'c';
/// It told nothing.
const KILLED: u8 = 0;

/// A running sweeper. When dropped, it cleans up; the terminal's is [dismissed](Sweeper::dismiss)
/// instead.
#[derive(Debug)]
pub(crate) struct Sweeper {
    process: Child,
    cgroup: Option<Held>,
}

impl Sweeper {
    /// Starts one that removes a cgroup. It need not be ready yet: see [`Sweeper::wait_until_ready`].
    pub(crate) fn of_cgroup(cgroup: Held) -> io::Result<Self> {
        let path = cgroup.path().to_owned();
        Self::start(&Charge::Cgroup { path }, Stdio::null(), Some(cgroup))
    }

    /// Starts one that restores the terminal on standard output. Returns when it has read the
    /// modes.
    pub(crate) fn of_terminal(charge: &Charge) -> io::Result<Self> {
        let terminal = io::stdout().as_fd().try_clone_to_owned()?;
        let mut sweeper = Self::start(charge, terminal.into(), None)?;
        sweeper.wait_until_ready();
        Ok(sweeper)
    }

    fn start(charge: &Charge, stdout: Stdio, cgroup: Option<Held>) -> io::Result<Self> {
        let process = Command::new("/proc/self/exe")
            .arg0("nslab")
            .args(charge.arguments())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self { process, cgroup })
    }

    /// Returns when nothing that happens to our terminal can end it any more.
    pub(crate) fn wait_until_ready(&mut self) {
        // It closes standard error then.
        if let Some(mut ready) = self.process.stderr.take() {
            let _ = ready.read(&mut [0]);
        }
    }

    /// The cgroup that it will remove.
    pub(crate) fn cgroup(&self) -> Option<&Path> {
        self.cgroup.as_ref().map(Held::path)
    }

    /// Whether that cgroup bounds memory.
    pub(crate) fn bounds_memory(&self) -> bool {
        self.cgroup().is_some_and(cgroup::bounds_memory)
    }

    /// Ends it without cleaning up: nslab has done so itself.
    pub(crate) fn dismiss(mut self) {
        if let Some(mut line) = self.process.stdin.take() {
            let _ = line.write_all(&[DISMISSED]);
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(mut line) = self.process.stdin.take() {
            let _ = line.write_all(&[CLEAN_UP]);
        }
        let _ = self.process.wait();
    }
}

pub(crate) fn live(charge: &Charge) -> io::Result<()> {
    // Ignore Ctrl-C and the terminal's hangup.
    let _ = setsid();
    let modes = match charge {
        Charge::TerminalModes | Charge::TerminalScreen => Some(tcgetattr(io::stdout())?),
        Charge::Cgroup { .. } => None,
    };
    // Ready.
    let null = open("/dev/null", OFlag::O_RDWR, Mode::empty())?;
    nix::unistd::dup2_stderr(&null)?;
    let mut orders = Vec::new();
    io::stdin().read_to_end(&mut orders)?;
    let order = orders.first().copied().unwrap_or(KILLED);
    if order == DISMISSED {
        return Ok(());
    }
    if let Some(modes) = modes {
        let _ = tcsetattr(io::stdout(), SetArg::TCSANOW, &modes);
    }
    match charge {
        Charge::Cgroup { path } => {
            sweep_cgroup(path);
            // Else nslab goes back itself.
            if order == KILLED {
                aside::go_back();
            }
            Ok(())
        }
        Charge::TerminalModes => Ok(()),
        Charge::TerminalScreen => {
            let mut terminal = io::stdout();
            terminal
                .write_all(FAREWELL.as_bytes())
                .and_then(|()| terminal.flush())
        }
    }
}

/// Kills what is left in the cgroup, and removes it when it is empty.
fn sweep_cgroup(path: &Path) {
    let events = Events::of(path);
    for _ in 0..cgroup::LOOKS {
        // A helper may have entered since.
        cgroup::kill(path);
        if cgroup::remove(path) {
            return;
        }
        events.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::identity::Identity;
    use super::*;

    #[test]
    fn what_enters_a_cgroup_late_is_swept_too() {
        let Some(held) = cgroup::create(Identity::ours()) else {
            eprintln!("no cgroup of cgroup v2 may be made here: this belongs to the root run");
            return;
        };
        let path = held.path();
        let start = |_| Command::new("sleep").arg("1000").spawn().unwrap();
        let mut processes: Vec<_> = (0..100).map(start).collect();
        std::thread::scope(|threads| {
            let sweeping = threads.spawn(|| sweep_cgroup(path));
            for process in &processes {
                let entered = fs::write(path.join("cgroup.procs"), process.id().to_string());
                if entered.is_err() && !path.exists() {
                    break;
                }
            }
            sweeping.join().unwrap();
        });
        for process in &mut processes {
            let _ = process.kill();
            process.wait().unwrap();
        }
        let gone = !path.exists();
        cgroup::remove(path);
        assert!(gone);
    }
}
