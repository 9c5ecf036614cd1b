//! The steps of a trace that matter to a learner.
//!
//! Must not know the text about a step.

use crate::namespace::Namespace;
use crate::sandbox::Call;

/// A step that matters to a learner. `texts` says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyStep {
    /// Any kind but TIME.
    Unshare,
    UnshareTime,
    /// Writing the clocks of a time namespace.
    Offsets,
    Join,
    Clone,
    /// Writing id maps.
    Maps,
    Session,
    Terminal,
    /// Setting the hostname or the domain name.
    UtsName,
    /// Mounts that are made read-only.
    ReadOnly,
    Mount,
    Pivot,
    /// Interfaces that are made, or brought up.
    Network,
    Exec,
}

impl KeyStep {
    /// `None` for a call that only prepares the others.
    pub(crate) fn of(call: &Call) -> Option<KeyStep> {
        Some(match call {
            Call::Unshare(kinds) if kinds.contains(Namespace::Time) => KeyStep::UnshareTime,
            Call::Unshare(_) => KeyStep::Unshare,
            Call::WriteOffsets(_) => KeyStep::Offsets,
            Call::WriteMap { .. } => KeyStep::Maps,
            Call::Setns { .. } => KeyStep::Join,
            // A helper's fork.
            Call::CloneIntoCgroup(kinds) if kinds.is_empty() => return None,
            Call::Clone(_) | Call::CloneIntoCgroup(_) => KeyStep::Clone,
            Call::Setsid => KeyStep::Session,
            Call::TakeTerminal(_) => KeyStep::Terminal,
            Call::SetHostname(_) | Call::SetDomainname(_) => KeyStep::UtsName,
            Call::MountSetattr { readonly: true, .. } => KeyStep::ReadOnly,
            Call::Mount { .. } => KeyStep::Mount,
            Call::PivotRoot => KeyStep::Pivot,
            Call::LoopbackUp | Call::NewVeth => KeyStep::Network,
            Call::Exec(_) => KeyStep::Exec,
            Call::Fork
            | Call::SetnsOwnTime { .. }
            | Call::Killed { .. }
            | Call::BecomeUser { .. }
            | Call::JoinSessionKeyring
            | Call::ChownTerminal { .. }
            | Call::Prctl(_)
            | Call::Open { .. }
            | Call::OpenTree(_)
            | Call::MoveMount { .. }
            | Call::MountSetattr {
                readonly: false, ..
            }
            | Call::Umount(_)
            | Call::ForbidCgroups
            | Call::MemfdCreate
            | Call::ExecOurselves(_)
            | Call::Read(_)
            | Call::MayKill(_)
            | Call::Other(_) => return None,
        })
    }
}
