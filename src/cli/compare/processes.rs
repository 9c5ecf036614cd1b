//! Processes of the machine as the two sides: found by pid, by container or by unit.
//!
//! Nothing is launched or changed, except by a command that the user gives. Names the missing right where
//! this user may not look. Must not know how rows are printed.

use std::fs;
use std::io;
use std::process::Command;
use std::str::FromStr;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::CommandOutput;
use super::unit::pid_of_unit;
use crate::cli::args::refusal_words;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::observe::Snapshot;
use crate::observe::watch;
use crate::sandbox::command::{Bounds, CommandEnd, CommandTarget, RunningCommand, Streams};
use crate::sandbox::launch::HeldProcess;
use crate::sandbox::{FAILED, Host, HostKind};

/// The limits of a command on each side.
const BOUNDS: Bounds = Bounds {
    bytes: 16 << 20,
    time: Duration::from_secs(60),
};

/// The commands that ask a runtime for the pid of a container's first process; its name is appended.
const RUNTIMES: [&str; 3] = [
    "docker inspect --type=container --format={{.State.Pid}}",
    "podman inspect --type=container --format={{.State.Pid}}",
    "crictl inspect --output=go-template --template={{.info.pid}}",
];

#[derive(Debug, Clone, Args)]
#[group(id = "process", multiple = false)]
pub(super) struct ProcessOption {
    /// Compare this process with the machine; nothing is made
    #[arg(long, value_name = "PID")]
    pid: Option<i32>,
    /// Compare the first process of this container; asks docker, podman or crictl for its pid
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
    /// Compare the main process of this unit of systemd, or the first one of a scope
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
}

/// The other side of the comparison: another process, or the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counterpart {
    /// The machine, as this nslab sees it.
    Machine,
    Pid(i32),
}

impl FromStr for Counterpart {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match (word, word.parse()) {
            ("machine", _) => Ok(Counterpart::Machine),
            (_, Ok(pid)) if pid > 0 => Ok(Counterpart::Pid(pid)),
            _ => Err(format!("'{word}' is neither a pid nor the word machine")),
        }
    }
}

/// A process as a side.
pub(super) struct Looked {
    /// Its name for a person.
    pub(super) name: String,
    /// Its snapshot, or the missing right.
    pub(super) sees: Result<Snapshot, String>,
    process: Option<HeldProcess>,
}

impl ProcessOption {
    pub(super) fn is_given(&self) -> bool {
        self.pid.is_some() || self.container.is_some() || self.unit.is_some()
    }

    /// Finds the process and the other side, and looks at both: left, then right.
    pub(super) fn look(&self, with: Counterpart, lang: Lang) -> anyhow::Result<[Looked; 2]> {
        Host::start(HostKind::Machine, None)?;
        let right = self.pid(lang)?;
        let left = match with {
            Counterpart::Machine => None,
            Counterpart::Pid(pid) => Some(pid),
        };
        let mut right = Looked::at(Some(right), lang)?;
        if let Some(name) = self.container.as_ref().or(self.unit.as_ref()) {
            let pid = right.name.rsplit(' ').next().unwrap_or_default();
            right.name = format!("{name} {pid}");
        }
        Ok([Looked::at(left, lang)?, right])
    }

    fn pid(&self, lang: Lang) -> anyhow::Result<i32> {
        match (self.pid, &self.container, &self.unit) {
            (Some(pid), ..) => Ok(pid),
            (_, Some(name), _) => pid_of_container(name, lang),
            (.., Some(name)) => pid_of_unit(name, lang),
            (None, None, None) => bail!(lang.pick(["no process is given", "没有给出进程"])),
        }
    }
}

impl Looked {
    /// A process of the machine; none for the machine itself, as nslab sees it.
    fn at(pid: Option<i32>, lang: Lang) -> anyhow::Result<Self> {
        let number = pid.unwrap_or(std::process::id().cast_signed());
        let process = match HeldProcess::from_pid(number) {
            Ok(process) => process,
            Err(errno) => bail!(
                "{} {number}{}{}",
                lang.pick(["process", "进程"]),
                lang.pick([": ", "："]),
                why_no_process(number, errno, lang)
            ),
        };
        let comm = fs::read_to_string(format!("/proc/{number}/comm")).unwrap_or_default();
        let comm = comm.trim_end().replace(char::is_control, "\u{fffd}");
        let sees = watch::once(&Host::Machine, &process).map_err(|_| missing_right(number, lang));
        if sees.is_err() && process.has_ended() {
            bail!(match lang {
                Lang::En => format!("process {number} has ended"),
                Lang::ZhCn => format!("进程 {number} 已经结束"),
            });
        }
        Ok(Self {
            name: match pid {
                None => lang.pick(["MACHINE", "本机"]).to_owned(),
                // With hidepid, /proc doesn't show the name.
                Some(pid) if comm.is_empty() => pid.to_string(),
                Some(pid) => format!("{comm} {pid}"),
            },
            sees,
            process: pid.map(|_| process),
        })
    }

    /// Runs a command in all namespaces of this side.
    pub(super) fn run(&self, command: &[String], lang: Lang) -> anyhow::Result<CommandOutput> {
        let failed = |stdout, stderr| CommandOutput {
            stdout,
            stderr,
            status: FAILED,
            why: None,
        };
        if let Err(missing) = &self.sees {
            return Ok(failed(String::new(), format!("{missing}\n")));
        }
        let (target, facts) = match &self.process {
            None => (CommandTarget::Host, Facts::of_guest("self")),
            Some(process) => (CommandTarget::Container(process), process.facts_of_guest()),
        };
        let (running, _cancel) =
            RunningCommand::start(&Host::Machine, target, command, Streams::Apart)?;
        let outcome = running.finish(BOUNDS);
        let [stdout, stderr] =
            [&outcome.output, &outcome.errors].map(|it| String::from_utf8_lossy(it).into_owned());
        match outcome.end {
            CommandEnd::Exited(exit) => {
                let printed = CommandOutput {
                    stdout,
                    stderr,
                    status: exit.code(),
                    why: None,
                };
                Ok(printed.explained(command, &facts, lang))
            }
            CommandEnd::Failed(Some(step)) => Ok(failed(stdout, refusal_words(lang, &step) + "\n")),
            CommandEnd::Failed(None) | CommandEnd::Cancelled => Ok(failed(stdout, stderr)),
            CommandEnd::TooMuch => bail!(
                "{}{}",
                self.name,
                lang.pick([": the command printed too much", "：命令的输出太多"])
            ),
            CommandEnd::TooLong => bail!(
                "{}{}",
                self.name,
                lang.pick([
                    ": the command ran for more than a minute",
                    "：命令运行了一分钟还没有结束",
                ])
            ),
        }
    }
}

/// Why there is no process with that pid.
fn why_no_process(pid: i32, errno: Errno, lang: Lang) -> String {
    match errno {
        Errno::ESRCH | Errno::EINVAL => lang
            .pick(["there is none with this pid", "没有这个 pid 的进程"])
            .to_owned(),
        other => format!("pidfd_open({pid}): {}", other.desc()),
    }
}

/// The right that this user lacks to look at a process.
fn missing_right(pid: i32, lang: Lang) -> String {
    let user = format!("/proc/{pid}/ns/user");
    let hidden = || kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH);
    let said = match fs::metadata(&user) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && hidden() => [
            "needs to see it in /proc, which is mounted with hidepid",
            "需要能在 /proc 里看到它，而 /proc 挂载时带了 hidepid",
        ],
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => [
            "needs ptrace access: the same user and a dumpable process, or CAP_SYS_PTRACE over it",
            "需要 ptrace 权限：同一用户且该进程可转储，或者对它有 CAP_SYS_PTRACE",
        ],
        Err(error) => return format!("{user}: {error}"),
        Ok(_) => [
            "needs CAP_SYS_ADMIN over its namespaces, to join them (setns)",
            "需要对它的命名空间有 CAP_SYS_ADMIN，才能加入（setns）",
        ],
    };
    lang.pick(said).to_owned()
}

fn pid_of_container(name: &str, lang: Lang) -> anyhow::Result<i32> {
    let mut said = Vec::new();
    for asks in RUNTIMES {
        let mut words = asks.split(' ');
        let runtime = words.next().unwrap_or_default();
        let output = match Command::new(runtime)
            .args(words)
            .args(["--", name])
            .output()
        {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                said.push(format!("{runtime}: {error}"));
                continue;
            }
        };
        match String::from_utf8_lossy(&output.stdout).trim().parse() {
            Ok(pid) if output.status.success() && pid > 0 => return Ok(pid),
            Ok(0) => bail!(match lang {
                Lang::En => format!("the container '{name}' of {runtime} does not run"),
                Lang::ZhCn => format!("{runtime} 的容器 '{name}' 没有在运行"),
            }),
            Ok(_) | Err(_) => {
                let error = String::from_utf8_lossy(&output.stderr).into_owned();
                let last = error.lines().rev().find(|line| !line.trim().is_empty());
                let last = last.unwrap_or(lang.pick(["no answer", "没有回答"]));
                said.push(format!("{runtime}: {last}"));
            }
        }
    }
    if said.is_empty() {
        bail!(lang.pick([
            "none of docker, podman and crictl is installed; --pid takes any process",
            "docker、podman、crictl 都没有安装；--pid 可以指定任何进程",
        ]));
    }
    bail!(match lang {
        Lang::En => format!(
            "no runtime knows the container '{name}' ({})",
            said.join("; ")
        ),
        Lang::ZhCn => format!("没有运行时知道容器 '{name}'（{}）", said.join("；")),
    })
}
