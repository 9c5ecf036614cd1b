//! Network interfaces: their states in short, and in full as ip-address(8) of iproute2 prints them.

use super::{Cells, joined};
use crate::observe::snapshot::Interface;
use crate::rtnetlink::Link;

/// The interfaces of every lab. They come last, as a narrow cell is cut off at its end.
const ALWAYS_THERE: [&str; 3] = ["lo", "lab0", "lab1"];

/// `out0 DOWN lo UP`
pub(super) fn states(interfaces: &[Interface]) -> String {
    let state = |interface: &Interface| {
        let state = if interface.up { "UP" } else { "DOWN" };
        format!("{} {state}", interface.name)
    };
    let mut interfaces: Vec<_> = interfaces.iter().collect();
    interfaces.sort_by_key(|it| ALWAYS_THERE.contains(&it.name.as_str()));
    joined(&interfaces.into_iter().map(state).collect::<Vec<_>>(), " ")
}

pub(super) fn links(links: &[Link]) -> Cells {
    let name_of = |index: u32| {
        let peer = links.iter().find(|link| link.index == index);
        peer.map(|peer| peer.name.clone())
    };
    let cells = links.iter().map(|link| {
        let peer = link.peer.map(|index| match name_of(index) {
            Some(name) if link.peer_namespace.is_none() => format!("@{name}"),
            _ => format!("@if{index}"),
        });
        vec![
            format!("{}{}", link.name, peer.unwrap_or_default()),
            link.state.clone(),
            link.addresses.join(" "),
        ]
    });
    Cells {
        lines: cells.collect(),
        key: Some(0),
        widths: &[16, 14],
        ..Cells::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learners_interfaces_come_first() {
        let interface = |name: &str| Interface {
            name: name.to_owned(),
            up: name == "lo",
            ..crate::observe::snapshot::EXAMPLE.interfaces[0].clone()
        };
        let all = ["lo", "lab0", "lab1", "out0", "out1"].map(interface);
        assert_eq!(
            states(&all),
            "out0 DOWN out1 DOWN lo UP lab0 DOWN lab1 DOWN"
        );
    }
}
