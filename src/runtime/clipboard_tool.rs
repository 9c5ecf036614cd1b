//! Copies to the system's clipboard with the tool that the machine has for it: wl-copy, xclip or xsel.
//!
//! Runs on a thread of its own, as a display may never answer. Must not know what is copied, or who asked.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use super::incoming::Reporter;
use super::worker::Worker;
use crate::app::{ClipboardEvent, Msg, NotCopied, WhyNotCopied};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::sandbox::Step;
use crate::sys;

/// How long a tool may take: usually (`PATIENCE`), and once nslab is about to end (`LAST_PATIENCE`).
const PATIENCE: Duration = Duration::from_secs(3);
const LAST_PATIENCE: Duration = Duration::from_millis(300);
/// The most bytes of a tool's error that are read.
const ERROR: u64 = 4096;

/// A program that copies its standard input. It leaves a process behind that owns the clipboard until
/// somebody else copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    WlCopy,
    Xclip,
    Xsel,
}

impl Tool {
    /// In the order in which they are tried.
    const ALL: [Tool; 3] = [Tool::WlCopy, Tool::Xclip, Tool::Xsel];

    fn name(self) -> &'static str {
        match self {
            Tool::WlCopy => "wl-copy",
            Tool::Xclip => "xclip",
            Tool::Xsel => "xsel",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            // Without a type it guesses one, and takes some text for HTML.
            Tool::WlCopy => &["--type", "text/plain"],
            Tool::Xclip => &["-selection", "clipboard", "-in"],
            Tool::Xsel => &["--clipboard", "--input"],
        }
    }

    /// The variable that names its display.
    fn variable(self) -> &'static str {
        match self {
            Tool::WlCopy => "WAYLAND_DISPLAY",
            Tool::Xclip | Tool::Xsel => "DISPLAY",
        }
    }
}

/// A tool that is installed and has a display.
#[derive(Debug, PartialEq, Eq)]
struct Installed {
    tool: Tool,
    program: PathBuf,
    display: OsString,
}

impl Installed {
    /// The first tool that is installed and has a display.
    fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let path = variable("PATH")?;
        Tool::ALL.into_iter().find_map(|tool| {
            let display = variable(tool.variable()).filter(|it| !it.is_empty())?;
            // Skip relative directories: they would depend on nslab's working directory.
            let directories = std::env::split_paths(&path).filter(|it| it.is_absolute());
            let program = directories
                .map(|directory| directory.join(tool.name()))
                .find(|program| is_executable(program))?;
            Some(Installed {
                tool,
                program,
                display,
            })
        })
    }

    /// Copies a text. Returns when the tool has ended.
    fn copy(&self, text: &str, stop: &EventFd) -> Result<(), WhyNotCopied> {
        reap_owners();
        // Files, as a pipe would keep us waiting for the tool, and end with us.
        let mut input = in_memory()?;
        let stderr = in_memory()?;
        input.write_all(text.as_bytes()).map_err(why_not_copied)?;
        input.rewind().map_err(why_not_copied)?;
        let mut command = Command::new(&self.program);
        command
            .args(self.tool.arguments())
            .current_dir("/")
            .stdin(input)
            .stdout(Stdio::null())
            .stderr(stderr.try_clone().map_err(why_not_copied)?);
        sys::in_own_session_until_we_end(&mut command);
        let mut process = command.spawn().map_err(why_not_copied)?;
        if !ends_in_time(&process, stop).map_err(why_not_copied)? {
            let _ = killpg(Pid::from_raw(process.id().cast_signed()), Signal::SIGKILL);
            let _ = process.wait();
            return Err(WhyNotCopied::TooSlow(PATIENCE.as_secs()));
        }
        let status = process.wait().map_err(why_not_copied)?;
        if status.success() {
            return Ok(());
        }
        let error = first_line(stderr).unwrap_or_else(|| status.to_string());
        Err(WhyNotCopied::Said(error))
    }
}

fn why_not_copied(error: impl std::fmt::Display) -> WhyNotCopied {
    WhyNotCopied::Said(error.to_string())
}

fn is_executable(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

fn in_memory() -> Result<File, WhyNotCopied> {
    let made = memfd_create(c"nslab-clipboard", MFdFlags::MFD_CLOEXEC);
    made.map(File::from).map_err(|errno| {
        let call = "memfd_create(nslab-clipboard, MFD_CLOEXEC)";
        let step = Step::refused(call.into(), errno);
        WhyNotCopied::Refused(Refusal::boxed(step, &Facts::here()))
    })
}

/// Whether a tool ends by itself within [`PATIENCE`]; once `stop` is readable, within [`LAST_PATIENCE`] from then.
fn ends_in_time(process: &Child, stop: &EventFd) -> io::Result<bool> {
    let process = sys::pidfd_open(Pid::from_raw(process.id().cast_signed()))?;
    let mut until = Instant::now() + PATIENCE;
    let mut stopped = false;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut fds = [
            PollFd::new(process.as_fd(), PollFlags::POLLIN),
            PollFd::new(stop.as_fd(), PollFlags::POLLIN),
        ];
        // `stop` stays readable: from then on wait for the tool alone.
        let fds = &mut fds[..if stopped { 1 } else { 2 }];
        match poll(fds, timeout) {
            Ok(_) if fds[0].any() == Some(true) => return Ok(true),
            Ok(0) if left.is_zero() => return Ok(false),
            Ok(0) | Err(_) => {}
            Ok(_) => {
                stopped = true;
                until = until.min(Instant::now() + LAST_PATIENCE);
            }
        }
    }
}

/// The first line of a tool's error message.
fn first_line(mut stderr: File) -> Option<String> {
    let mut said = Vec::new();
    stderr.rewind().ok()?;
    stderr.take(ERROR).read_to_end(&mut said).ok()?;
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.replace(char::is_control, " "))
}

/// Reaps the former owners of the clipboard: nslab adopts the orphans of the programs that it starts.
fn reap_owners() {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    for thread in threads.flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for pid in children.split_whitespace() {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if Tool::ALL.iter().any(|tool| tool.name() == name.trim_end())
                && let Ok(pid) = pid.parse()
            {
                let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

/// The thread that copies, one text after the other. Dropping this waits a moment for a tool that still runs,
/// then kills it.
#[derive(Debug)]
pub(super) struct ClipboardTool {
    worker: Worker<String>,
    stop: Arc<EventFd>,
}

impl ClipboardTool {
    /// Starts the thread, which reports the result of each copy through `reporter`.
    pub(super) fn start(reporter: Reporter) -> io::Result<Self> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let stop = Arc::new(EventFd::from_flags(flags)?);
        let stopped = Arc::clone(&stop);
        let worker = Worker::start(move |text: Option<String>| {
            let Some(text) = text else { return };
            // A tool may have been installed meanwhile.
            if let Some(installed) = Installed::find(|name| std::env::var_os(name)) {
                reporter.send(message(&installed, installed.copy(&text, &stopped)));
            }
        })?;
        Ok(Self { worker, stop })
    }

    pub(super) fn copy(&self, text: &str) {
        self.worker.give(text.to_owned());
    }
}

impl Drop for ClipboardTool {
    fn drop(&mut self) {
        let _ = self.stop.write(1);
    }
}

fn message(installed: &Installed, copied: Result<(), WhyNotCopied>) -> Msg {
    let tool = installed.tool.name();
    Msg::Clipboard(match copied {
        Ok(()) => ClipboardEvent::Copied { tool },
        Err(why) => ClipboardEvent::NotCopied(NotCopied {
            tool,
            display: format!(
                "{}={}",
                installed.tool.variable(),
                installed.display.to_string_lossy()
            ),
            why,
        }),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    fn program(directory: &Path, name: &str, mode: u32) {
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(mode);
        file.open(directory.join(name)).unwrap();
    }

    #[test]
    fn the_first_tool_that_has_a_display_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for (name, tools) in [("wayland", &["wl-copy"][..]), ("x", &["xclip", "xsel"])] {
            fs::create_dir(at(name)).unwrap();
            for tool in tools {
                program(&at(name), tool, 0o700);
            }
        }
        fs::create_dir(at("broken")).unwrap();
        program(&at("broken"), "wl-copy", 0o600);
        program(&at("broken"), "xsel", 0o700);
        for (path, wayland, x, expected) in [
            (&["x", "wayland"][..], "wayland-0", ":0", Some(Tool::WlCopy)),
            (&["x", "wayland"], "", ":0", Some(Tool::Xclip)),
            (&["x"], "wayland-0", ":0", Some(Tool::Xclip)),
            (&["x"], "wayland-0", "", None),
            (&["wayland"], "", ":0", None),
            (&["broken"], "wayland-0", ":0", Some(Tool::Xsel)),
            (&[], "wayland-0", ":0", None),
        ] {
            let path = std::env::join_paths(path.iter().map(|name| at(name))).unwrap();
            let found = Installed::find(|name| match name {
                "PATH" => Some(path.clone()),
                "WAYLAND_DISPLAY" => Some(wayland.into()),
                "DISPLAY" => Some(x.into()),
                _ => None,
            });
            assert_eq!(found.map(|it| it.tool), expected, "{path:?} {wayland} {x}");
        }
        // Not from where nslab happens to be started.
        let here = Installed::find(|name| match name {
            "PATH" => Some(".:".into()),
            _ => Some(":0".into()),
        });
        assert_eq!(here, None);
    }
}
