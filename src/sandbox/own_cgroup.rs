//! The cgroup that nslab itself is in while a lab has limits.
//!
//! cgroup v2 hands controllers on only from a cgroup without processes; cgroups(7), "no internal
//! processes". So nslab moves out of the cgroup that it alone was given, as by `systemd-run --scope -p
//! Delegate=yes`, into one below, and back when it ends.
//!
//! ```text
//! the cgroup that nslab was started in
//!  ├─ nslab-itself        nslab, its sweepers and its watchers
//!  └─ nslab-PID-RANDOM    the lab
//! ```
//!
//! Must not know what a lab's cgroup looks like.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::cgroup::{self, Events};

/// The name of the cgroup that nslab moves into.
const ITSELF: &str = "nslab-itself";
/// Whether this process has moved nslab's processes, and so has to move them back.
static HAS_MOVED: AtomicBool = AtomicBool::new(false);
/// Deeper than nslab's processes are nested.
const MAX_DEPTH: usize = 9;

/// The directory for a lab's cgroup, with the controllers that nslab was given, if any. It is nslab's own
/// directory `own`, or the one above if nslab has moved down before.
pub(super) fn make_room(own: PathBuf) -> PathBuf {
    static ONE_BY_ONE: Mutex<()> = Mutex::new(());
    let _guard = ONE_BY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(left) = moved_out_of(&own) {
        return left.to_owned();
    }
    if !controllers(&own, "cgroup.controllers").is_empty()
        && controllers(&own, "cgroup.subtree_control").is_empty()
        && has_only_our_processes(&own)
    {
        match move_out(&own) {
            Ok(()) => HAS_MOVED.store(true, Ordering::Relaxed),
            Err(_) => drop(move_back(&own)),
        }
    }
    own
}

/// Like [`make_room`], for an nslab whose children make the labs.
pub(crate) fn make_room_for_children() {
    cgroup::own_directory().map(make_room);
}

/// When dropped, moves nslab back to the cgroup that it was started in. Drop it after the last lab.
#[derive(Debug)]
pub(crate) struct MoveBackOnDrop;

impl Drop for MoveBackOnDrop {
    fn drop(&mut self) {
        if HAS_MOVED.load(Ordering::Relaxed) {
            return_to_parent();
        }
    }
}

/// Moves every process back. nslab's last process calls this.
pub(super) fn return_to_parent() {
    if let Some(own) = cgroup::own_directory()
        && let Some(left) = moved_out_of(&own)
    {
        let _ = move_back(left);
    }
}

/// The directory that nslab moved out of, if `own` is the one that it moved into.
fn moved_out_of(own: &Path) -> Option<&Path> {
    let is_one = own.file_name() == Some(OsStr::new(ITSELF));
    own.parent().filter(|_| is_one)
}

/// Whether the cgroup holds only nslab and processes below it.
fn has_only_our_processes(directory: &Path) -> bool {
    processes(directory).is_ok_and(|all| all.into_iter().all(is_nslab_or_descendant))
}

/// Whether the process is nslab or below it.
fn is_nslab_or_descendant(mut pid: u32) -> bool {
    for _ in 0..MAX_DEPTH {
        if pid == std::process::id() {
            return true;
        }
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        pid = parent.and_then(|it| it.trim().parse().ok()).unwrap_or(0);
    }
    false
}

fn move_out(own: &Path) -> io::Result<()> {
    let itself = own.join(ITSELF);
    match fs::create_dir(&itself) {
        // Left by an nslab that was killed together with its sweepers.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    move_all(own, &itself)?;
    cgroup::hand_on_controllers(own);
    if controllers(own, "cgroup.subtree_control").is_empty() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// EBUSY while a lab's cgroup has controllers.
fn move_back(directory: &Path) -> io::Result<()> {
    for controller in controllers(directory, "cgroup.subtree_control") {
        let file = directory.join("cgroup.subtree_control");
        fs::write(file, format!("-{controller}"))?;
    }
    let itself = directory.join(ITSELF);
    let events = Events::of(&itself);
    for _ in 0..cgroup::LOOKS {
        move_all(&itself, directory)?;
        match fs::remove_dir(&itself) {
            // A process that was killed takes a while to end, and can't be moved any more.
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) => events.wait(),
            other => return other,
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

fn controllers(directory: &Path, file: &str) -> Vec<String> {
    let all = fs::read_to_string(directory.join(file)).unwrap_or_default();
    all.split_whitespace().map(str::to_owned).collect()
}

fn processes(directory: &Path) -> io::Result<Vec<u32>> {
    let all = fs::read_to_string(directory.join("cgroup.procs"))?;
    Ok(all.lines().filter_map(|line| line.parse().ok()).collect())
}

fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for pid in processes(from)? {
        match fs::write(to.join("cgroup.procs"), pid.to_string()) {
            // It has ended since.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            other => other?,
        }
    }
    Ok(())
}
