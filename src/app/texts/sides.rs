//! The names of sides and of flags.

use super::vocabulary::words;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{ContainerNumber, Side};

/// `UTS IPC`, or a word for no flags.
pub(crate) fn flags(lang: Lang, flags: NamespaceSet) -> String {
    if flags.is_empty() {
        return words(lang).no_flags.to_owned();
    }
    flags
        .iter()
        .map(Namespace::label)
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn side_name(lang: Lang, side: Side) -> String {
    match side {
        Side::Host => lang.pick(["host", "宿主机"]).to_owned(),
        Side::Container(ContainerNumber::FIRST) => lang.pick(["container", "容器"]).to_owned(),
        Side::Container(number) => numbered(lang, number),
    }
}

pub(crate) fn shell(lang: Lang, side: Side) -> String {
    format!("{} shell", side_name(lang, side))
}

pub(crate) fn shell_title(lang: Lang, side: Side) -> String {
    let words = words(lang);
    match side {
        Side::Host => words.host_shell.to_owned(),
        Side::Container(ContainerNumber::FIRST) => words.container_shell.to_owned(),
        Side::Container(number) => format!("{} {}", words.container_shell, number.get()),
    }
}

/// The heading of a side's column.
pub(crate) fn column(lang: Lang, side: Side) -> String {
    let words = words(lang);
    match side {
        Side::Host => words.host_column.to_owned(),
        Side::Container(ContainerNumber::FIRST) => words.container_column.to_owned(),
        Side::Container(number) => format!("{} {}", words.container_column, number.get()),
    }
}

/// The offer to follow a program that has left the namespaces of its shell. Its end may be cut off.
pub(crate) fn offer(lang: Lang, key: &str, program: &str, of: &str, kinds: NamespaceSet) -> String {
    let left = flags(lang, kinds);
    let plural = if kinds.iter().count() == 1 { "" } else { "s" };
    match lang {
        Lang::En => {
            format!("{key} follows {program}, which has left {of}'s {left} namespace{plural}")
        }
        Lang::ZhCn => format!("{key}：跟随 {program}，它已离开“{of}”的 {left} 命名空间"),
    }
}

/// The heading of the column of a process that has ended.
pub(crate) fn process_column(lang: Lang) -> &'static str {
    lang.pick(["PROCESS", "进程"])
}

pub(crate) fn numbered(lang: Lang, number: ContainerNumber) -> String {
    format!("{} {}", lang.pick(["container", "容器"]), number.get())
}
