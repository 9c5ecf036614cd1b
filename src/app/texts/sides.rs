//! The names of sides and of flags.

use super::words::words;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Nth, Side};

/// `UTS IPC`, or a word for no flags.
pub fn flags(lang: Lang, flags: NamespaceSet) -> String {
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
    match (lang, side) {
        (Lang::En, Side::Host) => "host".to_owned(),
        (Lang::ZhCn, Side::Host) => "宿主机".to_owned(),
        (Lang::En, Side::Container(Nth::FIRST)) => "container".to_owned(),
        (Lang::ZhCn, Side::Container(Nth::FIRST)) => "容器".to_owned(),
        (Lang::En, Side::Container(nth)) => format!("container {}", nth.number()),
        (Lang::ZhCn, Side::Container(nth)) => format!("容器 {}", nth.number()),
    }
}

pub fn shell(lang: Lang, side: Side) -> String {
    format!("{} shell", side_name(lang, side))
}

pub fn shell_title(lang: Lang, side: Side) -> String {
    let words = words(lang);
    match side {
        Side::Host => words.host_shell.to_owned(),
        Side::Container(Nth::FIRST) => words.container_shell.to_owned(),
        Side::Container(nth) => format!("{} {}", words.container_shell, nth.number()),
    }
}

/// The heading of a side's column.
pub fn column(lang: Lang, side: Side) -> String {
    let words = words(lang);
    match side {
        Side::Host => words.host_column.to_owned(),
        Side::Container(Nth::FIRST) => words.container_column.to_owned(),
        Side::Container(nth) => format!("{} {}", words.container_column, nth.number()),
    }
}

pub fn numbered(lang: Lang, nth: Nth) -> String {
    match lang {
        Lang::En => format!("container {}", nth.number()),
        Lang::ZhCn => format!("容器 {}", nth.number()),
    }
}
