//! A small process that waits for nslab's end, even by a kill, and then cleans up.
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

use super::cgroup::{self, Events, HeldCgroup};
use super::own_cgroup;

/// What a sweeper cleans up when nslab ends or is killed.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(crate) enum Cleanup {
    /// A cgroup to empty and remove.
    Cgroup { path: PathBuf },
    /// The modes of the terminal that is standard output.
    TerminalModes,
    /// The modes and the screen: leaves the alternate screen, releases the mouse.
    TerminalScreen,
}

impl Cleanup {
    /// The command line that carries this task.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["sweep".into()];
        match self {
            Cleanup::Cgroup { path } => arguments.extend(["cgroup".into(), path.into()]),
            Cleanup::TerminalModes => arguments.push("terminal-modes".into()),
            Cleanup::TerminalScreen => arguments.push("terminal-screen".into()),
        }
        arguments
    }
}

/// Resets the modes that the lab's screen uses: the kitty keyboard's flags, focus and mouse reports,
/// bracketed paste, the cursor's form, hidden cursor, colours, alternate screen; console_codes(4) and xterm's control
/// sequences.
pub(crate) const RESET_SCREEN: &str = "\x1b[<u\x1b[?1004l\x1b[?1003l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?2026l\x1b[0m\x1b[0 q\x1b[?25h\x1b[?1049l";

/// The byte that nslab sends its sweeper before it ends.
const DISMISSED: u8 = b'd';
const CLEAN_UP: u8 = b'c';
/// nslab has sent nothing.
const KILLED: u8 = 0;

/// A running sweeper. When dropped, it cleans up; the terminal's is [dismissed](Sweeper::dismiss)
/// instead.
#[derive(Debug)]
pub(crate) struct Sweeper {
    process: Child,
    cgroup: Option<HeldCgroup>,
}

impl Sweeper {
    /// Starts a sweeper that removes a cgroup. Doesn't wait until it is ready: see [`Sweeper::wait_until_ready`].
    pub(crate) fn of_cgroup(cgroup: HeldCgroup) -> io::Result<Self> {
        let path = cgroup.path().to_owned();
        Self::start(&Cleanup::Cgroup { path }, Stdio::null(), Some(cgroup))
    }

    /// Starts a sweeper that restores the terminal on standard output. Returns when it has read the modes.
    pub(crate) fn of_terminal(cleanup: &Cleanup) -> io::Result<Self> {
        let terminal = io::stdout().as_fd().try_clone_to_owned()?;
        let mut sweeper = Self::start(cleanup, terminal.into(), None)?;
        sweeper.wait_until_ready();
        Ok(sweeper)
    }

    fn start(cleanup: &Cleanup, stdout: Stdio, cgroup: Option<HeldCgroup>) -> io::Result<Self> {
        let process = Command::new("/proc/self/exe")
            .arg0("nslab")
            .args(cleanup.arguments())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self { process, cgroup })
    }

    /// Waits until the sweeper has left our terminal's session, whose signals would end it.
    pub(crate) fn wait_until_ready(&mut self) {
        // The sweeper closes standard error when it is ready.
        if let Some(mut ready) = self.process.stderr.take() {
            let _ = ready.read(&mut [0]);
        }
    }

    /// The cgroup that it will remove.
    pub(crate) fn cgroup(&self) -> Option<&Path> {
        self.cgroup.as_ref().map(HeldCgroup::path)
    }

    /// Whether that cgroup bounds memory.
    pub(crate) fn bounds_memory(&self) -> bool {
        self.cgroup().is_some_and(cgroup::bounds_memory)
    }

    /// Ends the sweeper without cleaning up: nslab has done so itself.
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

pub(crate) fn run(cleanup: &Cleanup) -> io::Result<()> {
    // Ignore Ctrl-C and the terminal's hangup.
    let _ = setsid();
    let modes = match cleanup {
        Cleanup::TerminalModes | Cleanup::TerminalScreen => Some(tcgetattr(io::stdout())?),
        Cleanup::Cgroup { .. } => None,
    };
    // Close standard error: ready.
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
    match cleanup {
        Cleanup::Cgroup { path } => {
            sweep_cgroup(path);
            // An nslab that ends normally moves back itself.
            if order == KILLED {
                own_cgroup::return_to_parent();
            }
            Ok(())
        }
        Cleanup::TerminalModes => Ok(()),
        Cleanup::TerminalScreen => {
            let mut terminal = io::stdout();
            terminal
                .write_all(RESET_SCREEN.as_bytes())
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

    use super::super::identity::LabIdentity;
    use super::*;

    #[test]
    fn what_enters_a_cgroup_late_is_swept_too() {
        let Some(held) = cgroup::create(LabIdentity::ours()) else {
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
