//! The words for two sides next to each other: values, relations, the end of a command.

use super::sides::numbered;
use super::vocabulary::words;
use crate::explain::Refusal;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::rows::{CountedUnit, Value, ValueOrigin};
use crate::observe::{RowId, Snapshot};
use crate::sandbox::command::CommandEnd;
use crate::sandbox::{ContainerNumber, Exit, HostKind, Side};

/// The value of a row on one side, in words.
pub(crate) fn value(lang: Lang, row: RowId, side: &Snapshot) -> String {
    shown(lang, &row.value(side))
}

/// A value as the table shows it.
pub(crate) fn shown(lang: Lang, value: &Value) -> String {
    let (count, unit) = match value {
        Value::Names(names) if names.is_empty() => (0, None),
        Value::Text(_) | Value::Names(_) => return value.to_string(),
        Value::Ids(ids, unit) => (ids.len(), Some(*unit)),
        Value::Count(count, unit) => (count.unwrap_or(0), Some(*unit)),
    };
    match unit {
        Some(unit) if count > 0 => format!("{count} {}", unit_name(lang, unit, count)),
        _ => words(lang).none.to_owned(),
    }
}

fn unit_name(lang: Lang, unit: CountedUnit, count: usize) -> &'static str {
    let [one, many] = match unit {
        CountedUnit::Queue => lang.pick([["queue", "queues"], ["个队列"; 2]]),
        CountedUnit::Segment => lang.pick([["segment", "segments"], ["段共享内存"; 2]]),
        CountedUnit::SemaphoreSet => lang.pick([["set", "sets"], ["组信号量"; 2]]),
        CountedUnit::Process => lang.pick([["process", "processes"], ["个进程"; 2]]),
        CountedUnit::Mount => lang.pick([["mount", "mounts"], ["个挂载"; 2]]),
    };
    if count == 1 { one } else { many }
}

/// The value of a row on the machine, where nslab itself looks.
pub(crate) fn machine_value(lang: Lang, row: RowId, machine: &Snapshot) -> String {
    let value = value(lang, row, machine);
    match row.entry().origin {
        ValueOrigin::EveryPidNamespace => format!("{value} nslab"),
        ValueOrigin::Namespace | ValueOrigin::ProcMount | ValueOrigin::MqueueMount => value,
    }
}

/// The names of the PID namespaces that a shell is in, from the machine's inwards.
pub(crate) fn pid_levels(lang: Lang, host: HostKind) -> Vec<&'static str> {
    let [machine, lab_host, container, below] = lang.pick([
        ["machine", "lab host", "container", "below it"],
        ["本机", "实验宿主机", "容器", "更内层"],
    ]);
    match host {
        HostKind::Lab | HostKind::LabWithoutUser => vec![machine, lab_host, container, below],
        HostKind::Machine => vec![machine, container, below],
    }
}

/// Whether both sides are in the same namespace, and see the same in it: `≠ own UTS`.
pub(crate) fn relation(lang: Lang, kind: Namespace, own: bool, differs: bool) -> String {
    let words = words(lang);
    let sign = if differs { '≠' } else { '=' };
    let whose = if own { words.own } else { words.same };
    format!("{sign} {whose} {}", kind.label())
}

/// The subject of a column, in a sentence: the side of a shell, or a process by name.
#[derive(Debug, Clone)]
pub(crate) enum ColumnSubject {
    Side(Side),
    Process(String),
}

impl ColumnSubject {
    fn words(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, ColumnSubject::Side(Side::Host)) => "the host".to_owned(),
            (Lang::ZhCn, ColumnSubject::Side(Side::Host)) => "宿主机".to_owned(),
            (Lang::En, ColumnSubject::Side(Side::Container(ContainerNumber::FIRST))) => {
                "the container".to_owned()
            }
            (Lang::ZhCn, ColumnSubject::Side(Side::Container(ContainerNumber::FIRST))) => {
                "容器".to_owned()
            }
            (_, ColumnSubject::Side(Side::Container(number))) => numbered(lang, *number),
            (Lang::En, ColumnSubject::Process(name)) => format!("process {name}"),
            (Lang::ZhCn, ColumnSubject::Process(name)) => format!("进程 {name} "),
        }
    }

    /// At the beginning of a sentence.
    fn first(&self, lang: Lang) -> String {
        let words = self.words(lang);
        let mut letters = words.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }
}

/// The conclusion from two facts about the compared sides: whether they are in the same namespace, and whether they
/// see different values.
pub(crate) fn relation_sentence(
    lang: Lang,
    row: RowId,
    [left, right]: &[ColumnSubject; 2],
    own: bool,
    differs: bool,
) -> String {
    let entry = row.entry();
    let (kind, origin) = (entry.namespace.label(), entry.origin);
    let (whose, who) = (left.words(lang), right.first(lang));
    match (lang, own, differs) {
        (Lang::En, true, false) if origin == ValueOrigin::ProcMount => format!(
            "{who} has a namespace of its own ({kind}), yet sees that of {whose}: /proc shows \
             the PID namespace in which it was mounted."
        ),
        (Lang::ZhCn, true, false) if origin == ValueOrigin::ProcMount => format!(
            "{who}有自己的 {kind} 命名空间，看到的却仍是{whose}的：/proc 显示的是挂载它的进程所在的 PID \
             命名空间。"
        ),
        (Lang::En, true, false) if origin == ValueOrigin::MqueueMount => format!(
            "{who} has a namespace of its own ({kind}), yet both see the same: \
             /dev/mqueue shows the namespace in which it was mounted, or both are empty."
        ),
        (Lang::ZhCn, true, false) if origin == ValueOrigin::MqueueMount => format!(
            "{who}有自己的 {kind} 命名空间，两边看到的却相同：/dev/mqueue 显示的是挂载时所在的命名空间，\
             或者两边都是空的。"
        ),
        (Lang::En, true, false) => {
            format!("{who} has a namespace of its own ({kind}); so far both look the same.")
        }
        (Lang::ZhCn, true, false) => {
            format!("{who}有自己的 {kind} 命名空间，只是目前两边看起来相同。")
        }
        (_, _, true) if origin == ValueOrigin::EveryPidNamespace => {
            numbers_sentence(lang, left, right, own)
        }
        (Lang::En, true, true) => {
            format!("{who} has a namespace of its own ({kind}), and sees something else in it.")
        }
        (Lang::ZhCn, true, true) => {
            format!("{who}有自己的 {kind} 命名空间，看到的内容也不同。")
        }
        (Lang::En, false, true) => format!(
            "Both are in the same namespace ({kind}): the difference here has another cause."
        ),
        (Lang::ZhCn, false, true) => {
            format!("两边在同一个 {kind} 命名空间里：这里的不同另有原因。")
        }
        (Lang::En, false, false) => format!(
            "Both are in the same namespace ({kind}): what one side changes, the other sees."
        ),
        (Lang::ZhCn, false, false) => {
            format!("两边在同一个 {kind} 命名空间里：一边改动，另一边就能看到。")
        }
    }
}

/// Why the numbers of two processes differ.
fn numbers_sentence(lang: Lang, left: &ColumnSubject, right: &ColumnSubject, own: bool) -> String {
    let who = match (lang, right) {
        (Lang::En, ColumnSubject::Side(_)) => format!("{}'s shell", right.first(lang)),
        (Lang::ZhCn, ColumnSubject::Side(_)) => format!("{}的 shell ", right.first(lang)),
        (_, ColumnSubject::Process(_)) => right.first(lang),
    };
    let what = match right {
        ColumnSubject::Side(_) => lang.pick(["shells", " shell"]),
        ColumnSubject::Process(_) => lang.pick(["processes", "进程"]),
    };
    // Every process of the lab is in the host's PID namespace too.
    let one_more = matches!(left, ColumnSubject::Side(Side::Host));
    match (lang, own) {
        (Lang::En, true) => format!(
            "A process has a pid in every PID namespace that it is in. {who} is in {}, with pids of \
             its own.",
            if one_more { "one more" } else { "another one" }
        ),
        (Lang::ZhCn, true) => format!(
            "一个进程在它所处的每一层 PID 命名空间里都有一个编号。{who}{}。",
            if one_more {
                "多处于一层，那一层自己编号"
            } else {
                "在另一个 PID 命名空间里，那里自己编号"
            }
        ),
        (Lang::En, false) => format!(
            "A process has a pid in every PID namespace that it is in. These are two {what} in \
             the same PID namespaces."
        ),
        (Lang::ZhCn, false) => format!(
            "一个进程在它所处的每一层 PID 命名空间里都有一个编号。这是同一个命名空间里的两个{what}。"
        ),
    }
}

pub(crate) fn outputs(lang: Lang, differ: bool) -> &'static str {
    if differ {
        lang.pick(["The same command, two answers.", "同一条命令，两种结果。"])
    } else {
        lang.pick(["Both sides print the same.", "两边的输出相同。"])
    }
}

/// The note for a command on two sides that share a mount namespace.
pub(crate) fn one_after_the_other(lang: Lang) -> &'static str {
    lang.pick([
        "Both sides see the same files. The command runs on one side after the other: the second finds \
         what the first has changed.",
        "两边看到的是同一些文件，命令先后运行：前一边改动的，后一边会看到。",
    ])
}

pub(crate) fn command_end(lang: Lang, end: &CommandEnd) -> String {
    match (lang, end) {
        (_, CommandEnd::Exited(exit @ Exit::Signal(_))) => exit.to_string(),
        (Lang::En, CommandEnd::Exited(Exit::Status(status))) => format!("exit {status}"),
        (Lang::ZhCn, CommandEnd::Exited(Exit::Status(status))) => format!("退出码 {status}"),
        (_, CommandEnd::TooMuch | CommandEnd::TooLong | CommandEnd::Cancelled) => {
            lang.pick(["killed", "已终止"]).to_owned()
        }
        (_, CommandEnd::Failed(_)) => lang.pick(["did not run", "没有运行"]).to_owned(),
    }
}

/// Why a command did not end by itself; none where it did.
pub(crate) fn command_failed(lang: Lang, end: &CommandEnd) -> Option<String> {
    Some(match (lang, end) {
        (_, CommandEnd::Exited(_)) => return None,
        (Lang::En, CommandEnd::TooMuch) => "It printed more than 256 KiB, so it was killed.".to_owned(),
        (Lang::ZhCn, CommandEnd::TooMuch) => "输出超过 256 KiB，已被终止。".to_owned(),
        (Lang::En, CommandEnd::TooLong) => {
            "It took longer than 10 seconds, so it was killed. Run long commands in a shell: F3, F4."
            .to_owned()
        }
        (Lang::ZhCn, CommandEnd::TooLong) => {
            "运行超过 10 秒，已被终止。需要长时间运行的命令请在 shell 里运行：F3、F4。".to_owned()
        }
        (Lang::En, CommandEnd::Cancelled) => "You ended it.".to_owned(),
        (Lang::ZhCn, CommandEnd::Cancelled) => "已按你的要求终止。".to_owned(),
        (lang, CommandEnd::Failed(Some(refused))) => Refusal::from(&**refused).words(lang),
        (Lang::En, CommandEnd::Failed(None)) => {
            "Its helper ended without a report: something killed it.".to_owned()
        }
        (Lang::ZhCn, CommandEnd::Failed(None)) => {
            "辅助进程没有留下任何信息就结束了，应该是被杀死的。".to_owned()
        }
    })
}
