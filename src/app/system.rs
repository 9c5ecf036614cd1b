//! What the machine offers: the user, the kernel, the programs.

use std::collections::BTreeSet;

use crate::namespace::NamespaceSet;

/// Who the learner is on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UserKind {
    Root,
    Ordinary,
}

/// What the machine offers.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub user: UserKind,
    /// The release of the kernel: `6.18.0`.
    pub kernel: String,
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// The programs of the lessons that are not installed.
    pub absent: BTreeSet<String>,
}
