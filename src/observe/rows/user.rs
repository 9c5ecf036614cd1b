//! User and group ids: maps, and the credentials as id(1) of coreutils prints them.

use std::collections::BTreeMap;

use super::joined;
use crate::observe::Snapshot;
use crate::observe::detail::Detail;
use crate::observe::snapshot::IdRange;

/// `0 1000 1, 1 100000 65536`
pub(super) fn short_map(map: &[IdRange]) -> String {
    let range = |range: &IdRange| format!("{} {} {}", range.inside, range.outside, range.count);
    joined(&map.iter().map(range).collect::<Vec<_>>(), ", ")
}

/// Both maps, as the kernel prints them.
pub(super) fn maps(side: &Snapshot, detail: &Detail) -> Vec<String> {
    let ranges = side.uid_map.iter().chain(&detail.gid_map);
    ranges
        .map(|it| format!("{:>10} {:>10} {:>10}", it.inside, it.outside, it.count))
        .collect()
}

pub(super) fn identity(detail: &Detail) -> String {
    let named = |id: u32, names: &BTreeMap<u32, String>| match names.get(&id) {
        Some(name) => format!("{id}({name})"),
        None => id.to_string(),
    };
    let who = &detail.credentials;
    let mut parts = vec![
        format!("uid={}", named(who.uid, &detail.users)),
        format!("gid={}", named(who.gid, &detail.groups)),
    ];
    if who.euid != who.uid {
        parts.push(format!("euid={}", named(who.euid, &detail.users)));
    }
    if who.egid != who.gid {
        parts.push(format!("egid={}", named(who.egid, &detail.groups)));
    }
    let mut groups = vec![who.egid];
    for group in &who.groups {
        if !groups.contains(group) {
            groups.push(*group);
        }
    }
    let groups: Vec<_> = groups
        .into_iter()
        .map(|group| named(group, &detail.groups))
        .collect();
    parts.push(format!("groups={}", groups.join(",")));
    parts.join(" ")
}
