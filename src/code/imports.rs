//! The features and names of the nix crate that the Rust program needs.

use super::TemplateWords;

/// The features, as for `cargo add`.
pub(super) fn features(words: &TemplateWords) -> String {
    let further = [
        ("hostname", words.uts),
        ("user", words.maps),
        ("mount", words.mounts),
        ("fs", words.own_root || words.keeps_proc),
    ];
    let mut all = vec!["process", "sched", "signal"];
    all.extend(needed(&further));
    all.join(",")
}

/// Names from the module `sched`.
pub(super) fn sched(words: &TemplateWords) -> String {
    let mut all = vec!["CloneFlags", "clone"];
    all.extend(needed(&[("setns", words.join), ("unshare", words.time)]));
    braced(&all)
}

/// Names from the module `unistd`; empty if there are none.
pub(super) fn unistd(words: &TemplateWords) -> String {
    braced(&needed(&[
        ("ForkResult", words.forks),
        ("Pid", words.forks),
        ("fork", words.forks),
        ("getegid", words.maps),
        ("geteuid", words.maps),
        ("pivot_root", words.own_root),
        ("sethostname", words.uts),
    ]))
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
