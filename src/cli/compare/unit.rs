//! The process of a unit of systemd, asked of systemctl: first of the machine's manager, then of this user's.
//!
//! Must not know why it is asked.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::lang::Lang;

/// The main process of a unit, else the first one in its control group, as scopes have it.
pub(super) fn pid_of_unit(name: &str, lang: Lang) -> anyhow::Result<i32> {
    let mut unit = ask(Manager::Machine, name, lang)?;
    let mut manager = Manager::Machine;
    if !unit.runs
        // Without a manager of the user there is nothing to ask.
        && let Ok(of_user) = ask(Manager::User, name, lang)
        && (of_user.runs || !unit.is_known)
    {
        (unit, manager) = (of_user, Manager::User);
    }
    // Cgroups below a slice belong to other units.
    let cgroup = unit.cgroup.as_deref();
    let cgroup = cgroup.filter(|_| name.rsplit('.').next() != Some("slice"));
    if let Some(pid) = unit.main.or_else(|| first_in(cgroup?)) {
        return Ok(pid);
    }
    let systemctl = match manager {
        Manager::Machine => "systemctl",
        Manager::User => "systemctl --user",
    };
    bail!(match (lang, unit.is_known, unit.runs) {
        (Lang::En, false, _) => format!("systemd knows no unit '{name}'"),
        (Lang::En, true, false) => format!("the unit '{name}' does not run"),
        (Lang::En, true, true) => format!(
            "the unit '{name}' has no process of its own; {systemctl} status {name} shows what belongs to it"
        ),
        (Lang::ZhCn, false, _) => format!("systemd 不知道单元 '{name}'"),
        (Lang::ZhCn, true, false) => format!("单元 '{name}' 没有在运行"),
        (Lang::ZhCn, true, true) =>
            format!("单元 '{name}' 没有自己的进程；{systemctl} status {name} 会显示属于它的内容"),
    })
}

#[derive(Debug, Clone, Copy)]
enum Manager {
    Machine,
    User,
}

fn ask(manager: Manager, name: &str, lang: Lang) -> anyhow::Result<SystemdUnit> {
    let output = Command::new("systemctl")
        .arg(match manager {
            Manager::Machine => "--system",
            Manager::User => "--user",
        })
        .args([
            "show",
            "--property=LoadState,ActiveState,MainPID,ControlGroup",
        ])
        .args(["--", name])
        .output()
        .context(lang.pick([
            "asking systemctl for the unit's main process",
            "向 systemctl 查询单元的主进程",
        ]))?;
    if !output.status.success() {
        bail!(
            "systemctl: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(SystemdUnit::parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Properties of a unit, from systemctl.
#[derive(Debug, PartialEq, Eq)]
struct SystemdUnit {
    is_known: bool,
    /// Whether it runs, or is starting, reloading or stopping.
    runs: bool,
    main: Option<i32>,
    /// From the root of the cgroup hierarchy.
    cgroup: Option<String>,
}

impl SystemdUnit {
    /// Parses lines such as `MainPID=40`. A kind of unit that lacks a property has no line for it.
    fn parse(shown: &str) -> Self {
        let value = |name| {
            let mut lines = shown.lines().filter_map(|line| line.split_once('='));
            let found = lines.find(|(property, _)| *property == name)?.1.trim();
            Some(found).filter(|it| !it.is_empty())
        };
        let main = value("MainPID").and_then(|pid| pid.parse().ok());
        SystemdUnit {
            is_known: value("LoadState").is_some_and(|it| it != "not-found"),
            runs: value("ActiveState").is_some_and(|it| !matches!(it, "inactive" | "failed")),
            main: main.filter(|pid| *pid > 0),
            cgroup: value("ControlGroup").map(str::to_owned),
        }
    }
}

/// The first process of a control group, else the first one in those below it, which a container's scope has;
/// cgroups(7).
fn first_in(cgroup: &str) -> Option<i32> {
    // Version 2, version 2 beside version 1, version 1.
    let hierarchies = ["", "/unified", "/systemd"].iter();
    let mut directories = hierarchies.map(|hierarchy| format!("/sys/fs/cgroup{hierarchy}{cgroup}"));
    directories.find_map(|directory| first_below(Path::new(&directory)))
}

fn first_below(directory: &Path) -> Option<i32> {
    let text = fs::read_to_string(directory.join("cgroup.procs")).ok()?;
    // A process that this PID namespace doesn't show is a 0.
    let pids = text.lines().filter_map(|line| line.parse().ok());
    let first = pids.filter(|pid| *pid > 0).min();
    first.or_else(|| {
        let entries = fs::read_dir(directory).ok()?.flatten();
        let below = entries.filter(|entry| entry.file_type().is_ok_and(|it| it.is_dir()));
        below.filter_map(|it| first_below(&it.path())).min()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As systemd 252 of Debian 12 answers for a service, one that ended, one that no file describes, a scope.
    #[test]
    fn what_systemctl_shows_of_a_unit() {
        for (shown, is_known, runs, main, cgroup) in [
            (
                "MainPID=40\nControlGroup=/system.slice/plain.service\nLoadState=loaded\nActiveState=active\n",
                true,
                true,
                Some(40),
                Some("/system.slice/plain.service"),
            ),
            (
                "MainPID=0\nControlGroup=\nLoadState=loaded\nActiveState=inactive\n",
                true,
                false,
                None,
                None,
            ),
            (
                "MainPID=0\nLoadState=not-found\nActiveState=inactive\n",
                false,
                false,
                None,
                None,
            ),
            (
                "ControlGroup=/init.scope\nLoadState=loaded\nActiveState=active\n",
                true,
                true,
                None,
                Some("/init.scope"),
            ),
            ("", false, false, None, None),
        ] {
            let unit = SystemdUnit::parse(shown);
            assert_eq!((unit.is_known, unit.runs), (is_known, runs), "{shown}");
            assert_eq!(
                (unit.main, unit.cgroup.as_deref()),
                (main, cgroup),
                "{shown}"
            );
        }
    }

    #[test]
    fn the_first_process_of_a_cgroup_may_be_below_it() {
        let scope = tempfile::tempdir().unwrap();
        let below = scope.path().join("container");
        fs::create_dir(&below).unwrap();
        fs::write(scope.path().join("cgroup.procs"), "0\n").unwrap();
        assert_eq!(first_below(scope.path()), None);
        fs::write(below.join("cgroup.procs"), "31\n30\n").unwrap();
        assert_eq!(first_below(scope.path()), Some(30));
        fs::write(scope.path().join("cgroup.procs"), "40\n").unwrap();
        assert_eq!(first_below(scope.path()), Some(40));
    }
}
