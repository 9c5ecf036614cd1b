//! The hidden commands: what nslab starts itself as, and how its orders stand on the command line.
//!
//! Must not know what the helpers do.

use std::os::fd::RawFd;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::output::exit_code;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::watcher::{self, Access, What};
use crate::sandbox::entry::Errand;
use crate::sandbox::guard::LabRoot;
use crate::sandbox::identity::Identity;
use crate::sandbox::launch::Origin;
use crate::sandbox::sweeper::{self, Charge};
use crate::sandbox::{
    FAILED, Join, LaunchOptions, Plan, Refused, Side, container, enter, guard, on_machine, probe,
};

/// What nslab is in a process that it started itself.
#[derive(Debug, Subcommand)]
pub(super) enum Helper {
    #[command(hide = true)]
    LabHost(LabHostOrders),
    #[command(hide = true)]
    Enter(EnterOrders),
    #[command(hide = true)]
    Container(ContainerOrders),
    #[command(hide = true)]
    OnMachine(MachineOrders),
    #[command(hide = true)]
    Watch(WatchOrders),
    #[command(hide = true)]
    Sweep(SweepOrders),
    #[command(hide = true)]
    Probe(ProbeOrders),
}

impl Helper {
    /// The helper's life.
    pub fn live(self) -> anyhow::Result<ExitCode> {
        if !matches!(self, Helper::Sweep(_)) {
            // Helpers are executed by descriptor, which would leave them the name of a number.
            let _ = nix::sys::prctl::set_name(c"nslab");
        }
        Ok(match self {
            Helper::LabHost(orders) => code(guard::live(&orders.into()).map(|()| 0)),
            Helper::Enter(orders) => code(enter::live(&orders.into())),
            Helper::Container(orders) => code(container::live_on(
                orders.report,
                orders.to_join,
                orders.into(),
            )),
            Helper::OnMachine(orders) => code(on_machine::live(orders.into())),
            Helper::Watch(orders) => {
                let WatchOrders {
                    guard,
                    identity,
                    machine: _,
                    once,
                    detail,
                } = orders;
                let access = match identity {
                    Some(identity) => Access::Lab { guard, identity },
                    None => Access::Machine,
                };
                let what = match (once, detail) {
                    (true, _) => What::OneSnapshot,
                    (false, true) => What::Detail,
                    (false, false) => What::Snapshots,
                };
                watcher::live(&watcher::Orders { access, what })?;
                ExitCode::SUCCESS
            }
            Helper::Sweep(orders) => {
                let charge = match orders.cgroup {
                    Some(path) => Charge::Cgroup(path),
                    None if orders.screen => Charge::TerminalScreen,
                    None => Charge::TerminalModes,
                };
                sweeper::live(&charge)?;
                ExitCode::SUCCESS
            }
            Helper::Probe(orders) => {
                let ProbeOrders {
                    report,
                    kind,
                    identity,
                } = orders;
                code(
                    probe::live(&probe::Orders {
                        report,
                        kind,
                        identity,
                    })
                    .map(|()| 0),
                )
            }
        })
    }
}

/// The exit code of the program it ran; what refused it went over its channel.
fn code(code: Result<i32, Refused>) -> ExitCode {
    exit_code(code.unwrap_or(FAILED))
}

#[derive(Debug, Args)]
pub(super) struct LabHostOrders {
    // From the environment: the learner's `ps` shows the keeper's arguments.
    #[arg(long, env = "NSLAB_REPORT")]
    report: String,
    #[arg(long, env = "NSLAB_IDENTITY")]
    identity: Identity,
    #[arg(long, env = "NSLAB_WITHOUT_USER")]
    without_user: bool,
    #[arg(long, env = "NSLAB_CGROUP")]
    cgroup: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct EnterOrders {
    #[arg(long)]
    report: String,
    #[arg(long)]
    guard: i32,
    #[arg(long)]
    keeper: i32,
    #[arg(long)]
    identity: Identity,
    #[arg(long)]
    without_user: bool,
    #[arg(long)]
    cgroup: Option<PathBuf>,
    #[arg(long)]
    tty: Option<String>,
    #[arg(long)]
    side: Side,
    #[command(flatten)]
    plan: PlanOrders,
    #[arg(long)]
    command: bool,
    #[arg(last = true)]
    program: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ContainerOrders {
    #[arg(long)]
    report: RawFd,
    #[command(flatten)]
    plan: PlanOrders,
    #[arg(long)]
    side: Side,
    #[arg(long)]
    tty: Option<PathBuf>,
    #[arg(long)]
    to_join: Option<RawFd>,
    #[arg(last = true)]
    program: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct MachineOrders {
    #[arg(long)]
    report: String,
    #[arg(long)]
    side: Side,
    #[command(flatten)]
    plan: PlanOrders,
    #[arg(long)]
    terminal: bool,
    #[arg(long)]
    command: bool,
    #[arg(last = true)]
    program: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct WatchOrders {
    #[arg(long)]
    guard: Option<i32>,
    #[arg(long, required_unless_present = "machine")]
    identity: Option<Identity>,
    #[arg(long, conflicts_with_all = ["guard", "identity"])]
    machine: bool,
    #[arg(long)]
    once: bool,
    #[arg(long, conflicts_with = "once")]
    detail: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct SweepOrders {
    #[arg(long)]
    cgroup: Option<PathBuf>,
    #[arg(long)]
    screen: bool,
    #[arg(long)]
    modes: bool,
}

#[derive(Debug, Args)]
pub(super) struct ProbeOrders {
    #[arg(long)]
    report: String,
    #[arg(long)]
    kind: Namespace,
    #[arg(long)]
    identity: Identity,
}

#[derive(Debug, Args)]
struct PlanOrders {
    #[arg(long, default_value = "")]
    flags: NamespaceSet,
    #[arg(long, requires = "of")]
    join: Option<NamespaceSet>,
    #[arg(long)]
    of: Option<Side>,
    #[command(flatten)]
    options: LaunchOptions,
}

impl From<PlanOrders> for Plan {
    fn from(orders: PlanOrders) -> Self {
        let PlanOrders {
            flags,
            join,
            of,
            options,
        } = orders;
        let whose = match of {
            Some(Side::Container(nth)) => Some(nth),
            Some(Side::Host) | None => None,
        };
        let join = join.zip(whose).map(|(kinds, whose)| Join { whose, kinds });
        Plan {
            flags,
            join,
            options,
        }
    }
}

fn root(without_user: bool) -> LabRoot {
    if without_user {
        LabRoot::Machines
    } else {
        LabRoot::Own
    }
}

fn errand(command: bool) -> Errand {
    if command {
        Errand::Command
    } else {
        Errand::Launch
    }
}

impl From<LabHostOrders> for guard::Orders {
    fn from(orders: LabHostOrders) -> Self {
        let LabHostOrders {
            report,
            identity,
            without_user,
            cgroup,
        } = orders;
        Self {
            report,
            identity,
            root: root(without_user),
            cgroup,
        }
    }
}

impl From<EnterOrders> for enter::Orders {
    fn from(orders: EnterOrders) -> Self {
        let EnterOrders {
            report,
            guard,
            keeper,
            identity,
            without_user,
            cgroup,
            tty,
            side,
            plan,
            command,
            program,
        } = orders;
        Self {
            report,
            guard,
            keeper,
            identity,
            root: root(without_user),
            cgroup,
            tty,
            side,
            plan: plan.into(),
            errand: errand(command),
            program,
        }
    }
}

impl From<ContainerOrders> for container::Orders {
    fn from(orders: ContainerOrders) -> Self {
        let ContainerOrders {
            report: _,
            to_join: _,
            plan,
            side,
            tty,
            program,
        } = orders;
        Self {
            origin: Origin::Lab,
            plan: plan.into(),
            side,
            tty,
            program,
        }
    }
}

impl From<MachineOrders> for on_machine::Orders {
    fn from(orders: MachineOrders) -> Self {
        let MachineOrders {
            report,
            side,
            plan,
            terminal,
            command,
            program,
        } = orders;
        Self {
            report,
            side,
            plan: plan.into(),
            terminal,
            errand: errand(command),
            program,
        }
    }
}
