//! The hidden commands, with which nslab starts its own processes.
//!
//! Must not know what the helpers do, or the form of their orders. A learner waits for a helper between a key
//! and a shell's prompt, so a helper parses only its own orders, not the users' command line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use super::output::exit_code;
use crate::observe::watcher::{self, WatchOrders};
use crate::sandbox::container::{self, Inherited};
use crate::sandbox::enter::{self, LaunchOrders, WaitOrders};
use crate::sandbox::guard::{self, GuardOrders};
use crate::sandbox::keeper::{self, KeeperOrders};
use crate::sandbox::on_machine::{self, MachineOrders};
use crate::sandbox::orders::read;
use crate::sandbox::probe::{self, ProbeOrders};
use crate::sandbox::sweeper::{self, Cleanup};
use crate::sandbox::{FAILED, Refused};

/// A process that nslab has started from itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Helper {
    Guard(GuardOrders),
    LabHost(KeeperOrders),
    Enter(WaitOrders),
    Launch(LaunchOrders),
    Container(Inherited),
    OnMachine(MachineOrders),
    Watch(WatchOrders),
    Sweep(SweepOrders),
    Probe(ProbeOrders),
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(super) struct SweepOrders {
    #[command(subcommand)]
    cleanup: Cleanup,
}

impl Helper {
    /// The helper that a command line asks for; none where it is a user's.
    pub(super) fn from_arguments(arguments: &[OsString]) -> Option<Result<Self, clap::Error>> {
        let (name, orders) = arguments.get(1..)?.split_first()?;
        Some(match name.to_str()? {
            "guard" => read(orders).map(Helper::Guard),
            "lab-host" => read(orders).map(Helper::LabHost),
            "enter" => read(orders).map(Helper::Enter),
            "launch" => read(orders).map(Helper::Launch),
            "container" => read(orders).map(Helper::Container),
            "on-machine" => read(orders).map(Helper::OnMachine),
            "watch" => read(orders).map(Helper::Watch),
            "sweep" => read(orders).map(Helper::Sweep),
            "probe" => read(orders).map(Helper::Probe),
            _ => return None,
        })
    }

    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if !matches!(self, Helper::Sweep(_)) {
            // The name of a helper that is executed by descriptor would be a number.
            let _ = nix::sys::prctl::set_name(c"nslab");
        }
        Ok(match self {
            Helper::Guard(orders) => code(guard::run(&orders).map(|never| match never {})),
            Helper::LabHost(orders) => code(keeper::run(&orders).map(|()| 0)),
            Helper::Enter(orders) => code(enter::run(&orders)),
            Helper::Launch(orders) => code(enter::launch(&orders)),
            Helper::Container(inherited) => code(container::run_after_exec(inherited)),
            Helper::OnMachine(orders) => code(on_machine::run(orders)),
            Helper::Watch(orders) => {
                watcher::run(&orders)?;
                ExitCode::SUCCESS
            }
            Helper::Sweep(SweepOrders { cleanup }) => {
                sweeper::run(&cleanup)?;
                ExitCode::SUCCESS
            }
            Helper::Probe(orders) => code(probe::run(&orders).map(|()| 0)),
        })
    }
}

/// The exit code of the program that a helper ran. A refusal has been reported over its channel.
fn code(code: Result<i32, Refused>) -> ExitCode {
    exit_code(code.unwrap_or(FAILED))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::{Command, ValueEnum};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::namespace::Namespace;
    use crate::sandbox::container::LauncherOrders;
    use crate::sandbox::enter::{InheritedPassage, LabEntrance, ShellOrders, Whose};
    use crate::sandbox::entry::Access;
    use crate::sandbox::entry::Errand;
    use crate::sandbox::identity::LabIdentity;
    use crate::sandbox::ids::{IdCount, LabRoot};
    use crate::sandbox::launch::ProgramOrigin;
    use crate::sandbox::{ContainerNumber, Join, LaunchOption, LaunchOptions, Plan, Side};

    fn parsed(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Helper {
        let words = arguments.into_iter().map(Into::into);
        let words: Vec<_> = [OsString::from("nslab")].into_iter().chain(words).collect();
        Helper::from_arguments(&words).unwrap().unwrap()
    }

    fn options() -> impl Strategy<Value = LaunchOptions> {
        let words = |option: LaunchOption| {
            let choices = option.choices();
            let example = option.example().map(str::to_owned);
            let words: Vec<_> = choices.into_iter().chain(example).collect();
            prop::option::of(select(words)).prop_map(move |word| (option, word))
        };
        LaunchOption::ALL.map(words).prop_map(|words| {
            let mut options = LaunchOptions::default();
            for (option, word) in words {
                options.set(option, word.as_deref()).unwrap();
            }
            options
        })
    }

    fn plan() -> impl Strategy<Value = Plan> {
        let kinds = || prop::collection::vec(select(&Namespace::ALL[..]), 0..8);
        let join = prop::option::of((select(&ContainerNumber::ALL[..]), kinds()));
        (kinds(), join, options()).prop_map(|(flags, join, options)| {
            let flags = flags.into_iter().collect();
            Plan {
                flags,
                join: join.map(|(whose, kinds)| Join {
                    whose,
                    kinds: kinds.into_iter().collect(),
                }),
                // Options without effect are left out.
                options: options.within(flags),
            }
        })
    }

    fn side() -> impl Strategy<Value = Side> {
        select(Side::all().collect::<Vec<_>>())
    }

    fn identity() -> impl Strategy<Value = LabIdentity> {
        select(vec!["0:0", "4000000000:4000000001"]).prop_map(|text| text.parse().unwrap())
    }

    fn each<T: ValueEnum + std::fmt::Debug + 'static>() -> impl Strategy<Value = T> {
        select(T::value_variants().to_vec())
    }

    /// A program's words: any text that a user may type.
    fn program() -> impl Strategy<Value = Vec<String>> {
        let word = select(vec![
            "sh",
            "-c",
            "--flags=uts",
            "--",
            "",
            "echo a b",
            "宿主",
        ]);
        prop::collection::vec(word.prop_map(str::to_owned), 0..4)
    }

    fn path() -> impl Strategy<Value = Option<PathBuf>> {
        let path = select(vec!["/sys/fs/cgroup/nslab-1-0a", "/a b/--report=x"]);
        prop::option::of(path.prop_map(PathBuf::from))
    }

    proptest! {
        #[test]
        fn what_enters_is_told_as_it_is_said(
            (identity, lab_root, cgroup, tty) in (identity(), each::<LabRoot>(), path(), path()),
            (side, plan, errand, program) in (side(), plan(), each::<Errand>(), program()),
            (guard, keeper) in (1..i32::MAX, 1..i32::MAX),
            terminal in any::<bool>(),
        ) {
            let report = "nslab-00ff".to_owned();
            let orders = WaitOrders { report: report.clone() };
            prop_assert_eq!(parsed(orders.arguments()), Helper::Enter(orders));
            let entrance = LabEntrance {
                guard,
                keeper,
                identity,
                lab_root,
                cgroup,
            };
            let orders = LaunchOrders {
                report: report.clone(),
                entrance: entrance.clone(),
                terminal,
                command: (errand == Errand::Command).then_some(side),
            };
            prop_assert_eq!(parsed(orders.arguments()), Helper::Launch(orders));
            let orders = ShellOrders {
                entrance,
                tty,
                program: program.clone(),
            };
            prop_assert_eq!(read::<ShellOrders>(orders.arguments()).unwrap(), orders);
            let orders = MachineOrders {
                report,
                side,
                plan,
                terminal,
                errand,
                program,
            };
            prop_assert_eq!(parsed(orders.arguments()), Helper::OnMachine(orders));
        }

        #[test]
        fn a_launcher_is_told_as_it_is_said(
            (side, plan, program, tty) in (side(), plan(), program(), path()),
            (report, helper, gate, pid_writer) in (0..1024, 0..1024, 0..1024, 0..1024),
            (process, whose) in (0..1024, each::<Whose>()),
            (mount, subtree) in (prop::option::of(0..1024), prop::option::of(0..1024)),
        ) {
            let passage = InheritedPassage {
                helper,
                gate,
                pid_writer,
                process,
                whose,
                mount,
                subtree,
            };
            let inherited = Inherited { report, passage };
            prop_assert_eq!(parsed(inherited.arguments()), Helper::Container(inherited));
            let orders = LauncherOrders {
                origin: ProgramOrigin::Lab,
                plan,
                side,
                tty,
                program,
            };
            prop_assert_eq!(read::<LauncherOrders>(orders.arguments()).unwrap(), orders);
        }

        #[test]
        fn probes_and_watchers_are_told_as_it_is_said(
            (identity, kind) in (identity(), select(&Namespace::ALL[..])),
            (guard, in_lab, cgroup) in (prop::option::of(1..i32::MAX), any::<bool>(), path()),
            home in prop::option::of(1..i32::MAX),
        ) {
            let orders = ProbeOrders {
                report: "nslab-00ff".to_owned(),
                kind,
                identity,
            };
            prop_assert_eq!(parsed(orders.arguments()), Helper::Probe(orders));
            let access = if in_lab {
                Access::Lab { identity, guard }
            } else {
                Access::Machine
            };
            let orders = WatchOrders { access, cgroup, home };
            prop_assert_eq!(parsed(orders.arguments()), Helper::Watch(orders));
        }
    }

    #[test]
    fn sweepers_are_told_as_it_is_said() {
        let path = PathBuf::from("/sys/fs/cgroup/nslab-1-0a");
        for cleanup in [
            Cleanup::Cgroup { path },
            Cleanup::TerminalModes,
            Cleanup::TerminalScreen,
        ] {
            assert_eq!(
                parsed(cleanup.arguments()),
                Helper::Sweep(SweepOrders { cleanup })
            );
        }
    }

    #[test]
    fn what_a_user_types_is_no_helper() {
        for words in [
            &["nslab"][..],
            &["nslab", "run"],
            &["nslab", "--lang", "enter"],
        ] {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            assert!(Helper::from_arguments(&words).is_none(), "{words:?}");
        }
    }

    /// These orders come through the environment. Here, an argument of the same value takes its place.
    fn through_arguments<T: Args>(
        helper: &str,
        environment: impl IntoIterator<Item = (String, OsString)>,
    ) -> Helper {
        let command = T::augment_args(Command::new("nslab"));
        let mut arguments = vec![OsString::from(helper)];
        for (variable, value) in environment {
            let is_read_from = |arg: &&clap::Arg| arg.get_env() == Some(variable.as_ref());
            let argument = command.get_arguments().find(is_read_from).unwrap();
            arguments.push(format!("--{}", argument.get_long().unwrap()).into());
            arguments.push(value);
        }
        parsed(arguments)
    }

    #[test]
    fn the_guard_is_told_as_it_is_said() {
        for cgroup in [None, Some(PathBuf::from("/sys/fs/cgroup/nslab-1-0a"))] {
            let orders = GuardOrders {
                report: "nslab-00ff".to_owned(),
                identity: "1:2".parse().unwrap(),
                ids: IdCount::Many,
                lab_root: LabRoot::Machines,
                shares: cgroup.is_some(),
                cgroup,
            };
            let environment = orders.environment().into_iter();
            let environment = environment.map(|(name, value)| (name.to_owned(), value));
            let told = through_arguments::<GuardOrders>("guard", environment);
            assert_eq!(told, Helper::Guard(orders));
        }
    }

    #[test]
    fn the_keepers_guard_is_told_as_it_is_said() {
        for cgroup in [None, Some(7)] {
            let orders = KeeperOrders {
                report: 3,
                ids: IdCount::One,
                lab_root: LabRoot::Own,
                shares: cgroup.is_some(),
                cgroup,
            };
            let environment = orders.environment().into_iter();
            let environment = environment.map(|it| {
                let (name, value) = it.split_once('=').unwrap();
                (name.to_owned(), OsString::from(value))
            });
            let told = through_arguments::<KeeperOrders>("lab-host", environment);
            assert_eq!(told, Helper::LabHost(orders));
        }
    }
}
