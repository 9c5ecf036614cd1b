//! The features and names of the nix crate that the Rust program needs.
//!
//! Must not know what they are needed for.

/// The parts of the program that need nix.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stands for names of its own"
)]
pub(super) struct Imports {
    pub hostname: bool,
    pub joins: bool,
    pub time: bool,
    pub maps: bool,
    pub mounts: bool,
    pub own_root: bool,
    pub forks: bool,
    pub keeps_proc: bool,
}

impl Imports {
    /// The features, as for `cargo add`.
    pub(super) fn features(&self) -> String {
        let further = [
            ("hostname", self.hostname),
            ("user", self.maps),
            ("mount", self.mounts),
            ("fs", self.own_root || self.keeps_proc),
        ];
        let mut all = vec!["process", "sched", "signal"];
        all.extend(needed(&further));
        all.join(",")
    }

    /// Names from the module `sched`.
    pub(super) fn sched(&self) -> String {
        let mut all = vec!["CloneFlags", "clone"];
        all.extend(needed(&[("setns", self.joins), ("unshare", self.time)]));
        braced(&all)
    }

    /// Names from the module `unistd`; empty if there are none.
    pub(super) fn unistd(&self) -> String {
        braced(&needed(&[
            ("ForkResult", self.forks),
            ("Pid", self.forks),
            ("fork", self.forks),
            ("getegid", self.maps),
            ("geteuid", self.maps),
            ("pivot_root", self.own_root),
            ("sethostname", self.hostname),
        ]))
    }
}

fn needed(names: &[(&'static str, bool)]) -> Vec<&'static str> {
    names
        .iter()
        .filter(|(_, needed)| *needed)
        .map(|(name, _)| *name)
        .collect()
}

fn braced(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        [] => String::new(),
        many => format!("{{{}}}", many.join(", ")),
    }
}
