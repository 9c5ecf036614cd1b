//! Names a namespace without processes, and where it is open or mounted, so that a watcher can enter it.
//! Plain data. Must not know how it is entered.

use serde::{Deserialize, Serialize};

use crate::discovery::{AccessPath, Holder};
use crate::namespace::{Namespace, NamespaceId};

/// A namespace, and where the process that keeps it has it open or mounted. The process itself is named
/// elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub kind: Namespace,
    /// The namespace's identity.
    pub key: NamespaceId,
    pub(crate) way: AccessPath,
}

impl Visit {
    /// The visit to a namespace that is kept this way; `None` if joining it is dangerous or useless: the root of a
    /// user namespace has power over a process that joins it, and setns(2) can't move a process into a PID
    /// namespace.
    pub(crate) fn to(kind: Namespace, key: NamespaceId, holder: &Holder) -> Option<Self> {
        let way = AccessPath::of(holder);
        match kind {
            Namespace::Pid | Namespace::User => None,
            _ => Some(Self { kind, key, way }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_not_visited() {
        let key = NamespaceId { dev: 4, ino: 9 };
        let socket = Holder::Socket { pid: 7, fd: 3 };
        let open = Holder::Descriptor { pid: 7, fd: 3 };
        assert_eq!(Visit::to(Namespace::Pid, key, &open), None);
        assert_eq!(Visit::to(Namespace::User, key, &open), None);
        assert!(Visit::to(Namespace::Net, key, &socket).is_some());
        assert!(Visit::to(Namespace::Mnt, key, &open).is_some());
    }
}
