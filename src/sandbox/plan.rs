//! The plan of a launch: plain data, the same on the screen, in a lesson and on the command line.
//!
//! Owns how a plan becomes arguments of a command line. Must not know how any of it is made.

use clap::Args;

use super::options::{LaunchOptions, Propagation};
use super::report::ContainerNumber;
use crate::namespace::{Namespace, NamespaceSet};

/// What a container is made with. The launcher joins namespaces of another container, then makes
/// new ones; its child carries out the options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[group(skip)]
pub struct Plan {
    /// The new namespaces.
    #[arg(long, default_value = "")]
    pub flags: NamespaceSet,
    /// The namespaces of another container.
    #[command(flatten)]
    pub join: Option<Join>,
    /// What it does besides making namespaces.
    #[command(flatten)]
    pub options: LaunchOptions,
}

impl Plan {
    /// New namespaces, and nothing else.
    pub fn new(flags: NamespaceSet) -> Self {
        Plan {
            flags,
            ..Plan::default()
        }
    }

    /// The plan as arguments of a command line.
    pub fn arguments(&self) -> Vec<String> {
        let mut said = vec![format!("--flags={}", self.flags)];
        if let Some(join) = self.join {
            said.push(format!("--join={}", join.kinds));
            said.push(format!("--of={}", join.whose.get()));
        }
        said.extend(self.options.within(self.flags).arguments());
        said
    }

    /// The plan as carried out on the machine. Where `/` is shared, what root mounts in a new mount
    /// namespace appears outside too, unless the kernel prevents it, as in a user namespace.
    #[must_use]
    pub fn on_the_machine(mut self) -> Self {
        let carries = self.flags.contains(Namespace::Mnt) && !self.flags.contains(Namespace::User);
        if carries && self.options.propagation == Propagation::Inherited {
            self.options.propagation = Propagation::Private;
        }
        self
    }
}

/// Namespaces of a running container that a new one joins; setns(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Join {
    /// The container that has them.
    #[arg(id = "of", long = "of", required = false)]
    pub whose: ContainerNumber,
    /// Kinds that are ours already need no joining.
    #[arg(id = "join", long = "join", required = false)]
    pub kinds: NamespaceSet,
}
