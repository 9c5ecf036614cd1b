//! The chosen flags as a program: the article's, in C, in Rust, and as a command line.
//!
//! Pure; the words are templates in `assets`. What it prints does what `sandbox::container` does,
//! which the tests compare.

use minijinja::{Environment, context};

use crate::namespace::{Namespace, NamespaceSet};

/// What the program is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Notation {
    /// C, with clone(2).
    C,
    /// Rust, with the nix crate.
    Rust,
    /// A command line with unshare(1).
    Unshare,
}

impl Notation {
    /// All of them.
    pub const ALL: [Notation; 3] = [Notation::C, Notation::Rust, Notation::Unshare];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Notation::C => "c",
            Notation::Rust => "rust",
            Notation::Unshare => "unshare",
        }
    }

    /// The name as people write it.
    pub fn label(self) -> &'static str {
        match self {
            Notation::C => "C",
            Notation::Rust => "Rust",
            Notation::Unshare => "unshare",
        }
    }

    /// How the name of a file of it ends.
    pub fn extension(self) -> &'static str {
        match self {
            Notation::C => "c",
            Notation::Rust => "rs",
            Notation::Unshare => "sh",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Notation::C => include_str!("../assets/container.c"),
            Notation::Rust => include_str!("../assets/container.rs"),
            Notation::Unshare => include_str!("../assets/container.sh"),
        }
    }
}

/// The program for these flags, complete, and with only what they need.
pub fn program(notation: Notation, flags: NamespaceSet) -> Result<String, minijinja::Error> {
    let has = |kind| flags.contains(kind);
    let cloned: Vec<_> = flags
        .without(Namespace::Time)
        .iter()
        .map(Namespace::flag_name)
        .collect();
    let mut features = vec!["process", "sched", "signal"];
    if has(Namespace::Uts) {
        features.push("hostname");
    }
    if has(Namespace::User) {
        features.push("user");
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let text = environment.render_str(
        notation.template(),
        context! {
            flags => if flags.is_empty() { "\"\"".to_owned() } else { flags.to_string() },
            clone_flags => cloned,
            features => features.join(","),
            shell => "bash",
            uts => has(Namespace::Uts),
            ipc => has(Namespace::Ipc),
            pid => has(Namespace::Pid),
            mnt => has(Namespace::Mnt),
            net => has(Namespace::Net),
            user => has(Namespace::User),
            cgroup => has(Namespace::Cgroup),
            time => has(Namespace::Time),
        },
    )?;
    // A template's last line end is not part of it.
    Ok(text + "\n")
}
