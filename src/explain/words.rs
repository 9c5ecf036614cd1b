//! The words for gates and remedies, in each language.

mod en;
mod zh;

use super::{Gate, Remedy};
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::Shortfall;

pub(super) fn name(lang: Lang, gate: &Gate) -> String {
    match lang {
        Lang::En => en::name(gate),
        Lang::ZhCn => zh::name(gate),
    }
}

pub(super) fn why(lang: Lang, gate: &Gate) -> String {
    match lang {
        Lang::En => en::why(gate),
        Lang::ZhCn => zh::why(gate),
    }
}

pub(super) fn remedy(lang: Lang, remedy: &Remedy) -> String {
    match lang {
        Lang::En => en::remedy(remedy),
        Lang::ZhCn => zh::remedy(remedy),
    }
}

pub(super) fn shortfall(lang: Lang, shortfall: Shortfall) -> &'static str {
    match lang {
        Lang::En => en::shortfall(shortfall),
        Lang::ZhCn => zh::shortfall(shortfall),
    }
}

/// The file with the limit for a kind.
fn limit_file(kind: Namespace) -> String {
    format!("/proc/sys/user/max_{}_namespaces", kind.proc_name())
}

/// Its name for sysctl(8).
fn limit_sysctl(kind: Namespace) -> String {
    format!("user.max_{}_namespaces", kind.proc_name())
}

fn limit_files(kinds: NamespaceSet) -> String {
    if kinds.is_empty() {
        return "/proc/sys/user/max_*_namespaces".to_owned();
    }
    kinds.iter().map(limit_file).collect::<Vec<_>>().join(", ")
}
