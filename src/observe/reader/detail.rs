//! Reads the detail of a side: names of users, processes, mounts with their options, the states of
//! links.
//!
//! The learner controls the files that are read, so every amount is limited.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::{AtFlags, readlinkat};
use nix::sys::stat::{fstatat, makedev};
use nix::time::{ClockId, clock_gettime};
use procfs_core::FromRead;
use procfs_core::process::Stat;

use super::{PROC, SideReadError, SideReader, failed, id_map, pids, text};
use crate::discovery::unescaped;
use crate::observe::detail::{Credentials, Detail, MountEntry, ProcessEntry};
use crate::{rtnetlink, sys};

const MOST_PROCESSES: usize = 256;
const MOST_MOUNTS: usize = 1024;
/// Bytes that are read of `/etc/passwd` and of `/etc/group`.
const MOST_NAMES: u64 = 64 * 1024;
/// Bytes that are read of a process's arguments.
const LONGEST_COMMAND: u64 = 1024;
/// Ticks a second in `/proc/PID/stat`: USER_HZ; time(7).
const CLOCK_TICKS: u64 = 100;

impl SideReader {
    /// The detail of the side, now.
    pub(in crate::observe) fn detail(&self) -> Result<Detail, SideReadError> {
        let uid_map = id_map(&self.read("uid_map")?);
        let gid_map = id_map(&self.read("gid_map")?);
        let status = self.status()?;
        let group = |id| self.id_there(&gid_map, id);
        let credentials = Credentials {
            uid: self.id_there(&uid_map, status.ruid),
            euid: self.id_there(&uid_map, status.euid),
            gid: group(status.rgid),
            egid: group(status.egid),
            groups: status.groups.iter().map(|id| group(*id)).collect(),
        };
        let (processes, more_processes) = match self.below_root(c"proc", PROC) {
            Some(proc) => {
                let (listed, more) = processes(&proc);
                (Some(listed), more)
            }
            None => (None, 0),
        };
        let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME).map_err(failed("clock_gettime"))?;
        Ok(Detail {
            users: self.names(c"etc/passwd"),
            groups: self.names(c"etc/group"),
            credentials,
            gid_map,
            processes,
            more_processes,
            mounts: mount_entries(&self.read("mountinfo")?),
            links: rtnetlink::links().map_err(failed("rtnetlink"))?,
            cgroups: lines(self.read("cgroup")?),
            offsets: lines(self.read("timens_offsets").unwrap_or_default()),
            uptime_minutes: Duration::from(uptime).as_secs() / 60,
        })
    }

    /// Names by id, from a file like passwd(5).
    fn names(&self, path: &CStr) -> BTreeMap<u32, String> {
        let root = self.open_root().ok();
        let text = root.and_then(|root| text_below(root.as_fd(), path, MOST_NAMES));
        let text = text.unwrap_or_default();
        let mut names = BTreeMap::new();
        for line in text.lines() {
            let mut fields = line.split(':');
            let (name, id) = (fields.next(), fields.nth(1));
            if let Some((name, id)) = name.zip(id.and_then(|id| id.parse().ok())) {
                let name = name.chars().take(32).collect();
                names.entry(id).or_insert(name);
            }
        }
        names
    }
}

/// The first `most` bytes of a file below a root that the learner controls.
fn text_below(root: BorrowedFd<'_>, path: &CStr, most: u64) -> Option<String> {
    text(sys::open_in_root(root, path, libc::O_RDONLY).ok()?, most)
}

/// The processes with the lowest pids, and how many more there are.
fn processes(proc: &OwnedFd) -> (Vec<ProcessEntry>, usize) {
    let mut pids = pids(proc).unwrap_or_default();
    pids.sort_unstable();
    let more = pids.len().saturating_sub(MOST_PROCESSES);
    let listed = pids.into_iter().take(MOST_PROCESSES);
    // A process that has ended meanwhile is left out.
    (listed.filter_map(|pid| process(proc, pid)).collect(), more)
}

fn process(proc: &OwnedFd, pid: i32) -> Option<ProcessEntry> {
    let text = |file: &str, most| {
        let path = CString::new(format!("{pid}/{file}")).ok()?;
        // Skip a file that the learner has mounted over it: `Stat` of procfs-core 0.18 panics on some texts.
        text(
            sys::open_on_same_mount(proc.as_fd(), &path, libc::O_RDONLY).ok()?,
            most,
        )
    };
    let stat = Stat::from_read(text("stat", 4096)?.as_bytes()).ok()?;
    let marks = [
        ('<', stat.nice < 0),
        ('N', stat.nice > 0),
        ('s', stat.session == pid),
        ('l', stat.num_threads > 1),
        ('+', stat.tpgid == stat.pgrp),
    ];
    let marks = marks.into_iter().filter(|(_, holds)| *holds);
    let arguments = text("cmdline", LONGEST_COMMAND).unwrap_or_default();
    let arguments = arguments.trim_end_matches('\0').replace('\0', " ");
    let command = match (stat.state, arguments.as_str()) {
        ('Z', _) => format!("[{}] <defunct>", stat.comm),
        (_, "") => format!("[{}]", stat.comm),
        _ => arguments,
    };
    let letters = std::iter::once(stat.state).chain(marks.map(|(mark, _)| mark));
    Some(ProcessEntry {
        pid,
        tty: terminal_name(proc, pid, &stat),
        stat: letters.collect(),
        seconds: (stat.utime + stat.stime) / CLOCK_TICKS,
        command,
    })
}

/// The name of a process's terminal, as ps(1) finds it: by standard error, else by the device number.
fn terminal_name(proc: &OwnedFd, pid: i32, stat: &Stat) -> Option<String> {
    if stat.tty_nr == 0 {
        return None;
    }
    let (high, low) = stat.tty_nr();
    let terminal = makedev(high.try_into().ok()?, low.try_into().ok()?);
    let path = PathBuf::from(format!("{pid}/fd/2"));
    let device = fstatat(proc, &path, AtFlags::empty()).map(|stat| stat.st_rdev);
    if device == Ok(terminal)
        && let Ok(name) = readlinkat(proc, &path)
        && let Some(name) = name.to_str().and_then(|name| name.strip_prefix("/dev/"))
    {
        return Some(name.to_owned());
    }
    // UNIX98 PTY slaves; Documentation/admin-guide/devices.txt.
    (136..144)
        .contains(&high)
        .then(|| format!("pts/{}", (high - 136) * 256 + low))
}

/// Reads the lines of mountinfo; proc_pid_mountinfo(5).
fn mount_entries(mountinfo: &str) -> Vec<MountEntry> {
    let entry = |line: &str| {
        let (mount, system) = line.split_once(" - ")?;
        let mount: Vec<&str> = mount.split(' ').collect();
        let system: Vec<&str> = system.split(' ').collect();
        let (root, source) = (unescaped(mount.get(3)?), unescaped(system.get(1)?));
        let source = if root == "/" {
            source
        } else {
            format!("{source}[{root}]")
        };
        Some(MountEntry {
            id: mount.first()?.parse().ok()?,
            parent: mount.get(1)?.parse().ok()?,
            target: unescaped(mount.get(4)?),
            source,
            fstype: (*system.first()?).to_owned(),
            options: options(mount.get(5)?, system.get(2).copied().unwrap_or_default()),
            propagation: mount.get(6..).unwrap_or_default().join(" "),
        })
    };
    mountinfo
        .lines()
        .take(MOST_MOUNTS)
        .filter_map(entry)
        .collect()
}

/// The options of the mount and of its file system; either can make it read-only.
fn options(mount: &str, system: &str) -> String {
    let readonly = |options: &str| options.split(',').any(|option| option == "ro");
    let first = if readonly(mount) || readonly(system) {
        "ro"
    } else {
        "rw"
    };
    let others = mount
        .split(',')
        .chain(system.split(','))
        .filter(|option| !matches!(*option, "" | "ro" | "rw"));
    std::iter::once(first)
        .chain(others)
        .map(unescaped)
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_mount_is_told_as_findmnt_tells_it() {
        let text = "86 85 254:0 /usr /a\\040b ro,relatime shared:3 master:1 - ext4 /dev/vda rw,discard\n\
                    95 85 0:41 / /dev/pts rw,nosuid - devpts devpts rw,mode=620\n\
                    nonsense\n";
        let told: Vec<_> = mount_entries(text)
            .into_iter()
            .map(|m| [m.target, m.source, m.fstype, m.options, m.propagation].join(" | "))
            .collect();
        assert_eq!(
            told,
            [
                "/a b | /dev/vda[/usr] | ext4 | ro,relatime,discard | shared:3 master:1",
                "/dev/pts | devpts | devpts | rw,nosuid,mode=620 | ",
            ]
        );
    }

    /// The learner may mount anything over the files of a process: the watcher goes on, and leaves that process out.
    #[test]
    fn a_process_under_a_mount_of_the_learners_is_left_out() {
        let unshare = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["-rmpf", "--kill-child", "--mount-proc", "sh", "-c", script]);
            command
        };
        let mut tried = unshare("true");
        if !tried
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|it| it.success())
        {
            eprintln!("*** NOT TESTED HERE: this needs a new proc ***");
            return;
        }
        let mut child = unshare(
            "mount -t tmpfs none /mnt && cat /proc/1/stat >/mnt/stat && mount --bind /mnt/stat /proc/1/stat; \
             sleep 1000 & echo $!; read line",
        );
        let child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        let mut sleep = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut sleep).unwrap();
        let reader = SideReader::new(child.id().cast_signed()).unwrap();
        let listed = reader.detail().unwrap().processes.unwrap();
        let pids: Vec<i32> = listed.into_iter().map(|it| it.pid).collect();
        assert_eq!(pids, [sleep.trim().parse::<i32>().unwrap()]);
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn our_own_process_can_be_looked_at() {
        let pid = std::process::id().cast_signed();
        let detail = SideReader::new(pid).unwrap().detail().unwrap();
        let ours = detail.processes.unwrap();
        assert!(ours.iter().any(|process| process.pid == pid) || detail.more_processes > 0);
        assert!(detail.links.iter().any(|link| link.name == "lo"));
        assert!(detail.mounts.iter().any(|mount| mount.target == "/"));
        assert_eq!(detail.users.get(&0).map(String::as_str), Some("root"));
    }
}
