//! What a step needs and this machine lacks.

use std::collections::BTreeSet;
use std::path::Path;

use crate::lesson::Needs;
use crate::namespace::Namespace;
use crate::sandbox::{HostKind, Shortfall};

/// The first thing that is lacking, in words; `absent` are programs that the machine doesn't have,
/// `shortfalls` what it didn't allow the lab host.
pub(super) fn lack(
    needs: &Needs,
    ground: HostKind,
    absent: &BTreeSet<String>,
    shortfalls: &[Shortfall],
) -> Option<String> {
    if let Some(program) = needs.programs.iter().find(|it| absent.contains(*it)) {
        return Some(format!("there is no {program} here"));
    }
    let unknown = |kind: &Namespace| !Path::new("/proc/self/ns").join(kind.proc_name()).exists();
    if let Some(kind) = needs.namespaces.iter().find(unknown) {
        return Some(format!("this kernel has no {} namespaces", kind.label()));
    }
    if needs.veth && shortfalls.contains(&Shortfall::Veth) {
        return Some("this kernel makes no veth pairs".to_owned());
    }
    if needs.proc && shortfalls.contains(&Shortfall::Proc) {
        return Some("this machine allows no new proc".to_owned());
    }
    let elsewhere = needs.ground.filter(|wanted| *wanted != ground);
    elsewhere.map(|wanted| format!("it is for --host {wanted}"))
}
