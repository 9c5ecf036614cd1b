//! What the Rust program needs of the nix crate: features of it, and names in its modules.
//!
//! Must not know what they are needed for.

/// What it does that takes nix.
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
    /// Its features, as for `cargo add`.
    pub fn features(&self) -> String {
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

    /// Of its module `sched`.
    pub fn sched(&self) -> String {
        let mut all = vec!["CloneFlags", "clone"];
        all.extend(needed(&[("setns", self.joins), ("unshare", self.time)]));
        braced(&all)
    }

    /// Of its module `unistd`; empty where there is nothing.
    pub fn unistd(&self) -> String {
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
