//! The words for gates and remedies, in each language.

mod en;
mod zh;

use super::{Gate, Remedy};
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::Shortfall;

impl Gate {
    /// A short name for it: `seccomp`, `a limit`.
    pub fn name(&self, lang: Lang) -> String {
        lang.pick([en::name, zh::name])(self)
    }

    /// Why it refuses.
    pub fn why(&self, lang: Lang) -> String {
        lang.pick([en::why, zh::why])(self)
    }
}

impl Remedy {
    /// The remedy as a sentence.
    pub fn words(&self, lang: Lang) -> String {
        lang.pick([en::remedy, zh::remedy])(self)
    }
}

/// The sentence about a part that the lab host lacks.
pub(crate) fn shortfall(lang: Lang, shortfall: Shortfall) -> &'static str {
    lang.pick([en::shortfall, zh::shortfall])(shortfall)
}

/// The file with the limit for a kind.
fn limit_file(kind: Namespace) -> String {
    format!("/proc/sys/user/max_{}_namespaces", kind.name())
}

/// Its name for sysctl(8).
fn limit_sysctl(kind: Namespace) -> String {
    format!("user.max_{}_namespaces", kind.name())
}

fn limit_files(kinds: NamespaceSet) -> String {
    if kinds.is_empty() {
        return "/proc/sys/user/max_*_namespaces".to_owned();
    }
    kinds.iter().map(limit_file).collect::<Vec<_>>().join(", ")
}
