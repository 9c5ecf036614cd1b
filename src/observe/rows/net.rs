//! Network interfaces: their states in short, and in full as ip-address(8) of iproute2 prints them.

use super::{Cells, joined};
use crate::observe::detail::Link;
use crate::observe::snapshot::Interface;

/// `lo UP veth0 DOWN`
pub(super) fn states(interfaces: &[Interface]) -> String {
    let state = |interface: &Interface| {
        let state = if interface.up { "UP" } else { "DOWN" };
        format!("{} {state}", interface.name)
    };
    joined(&interfaces.iter().map(state).collect::<Vec<_>>(), " ")
}

pub(super) fn links(links: &[Link]) -> Cells {
    let name_of = |index: u32| {
        let peer = links.iter().find(|link| link.index == index);
        peer.map(|peer| peer.name.clone())
    };
    let cells = links.iter().map(|link| {
        let peer = link.peer.map(|index| match name_of(index) {
            Some(name) if !link.peer_elsewhere => format!("@{name}"),
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
