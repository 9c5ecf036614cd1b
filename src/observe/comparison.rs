//! Two snapshots side by side.
//!
//! Distinguishes two facts: whether both sides are in the same namespace, and whether they see the same.
//! "Own IPC namespace, and yet both lists are empty" is a lesson.

use serde::Serialize;

use super::rows::RowId;
use super::snapshot::Snapshot;
use crate::namespace::{Namespace, NamespaceSet};

/// A row of both sides, as `nslab compare --json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct ComparedRow {
    pub(crate) id: RowId,
    pub(crate) namespace: Namespace,
    pub(crate) label: &'static str,
    pub(crate) host: String,
    pub(crate) container: String,
    pub(crate) own_namespace: bool,
    pub(crate) differs: bool,
}

/// Compares two sides, row by row.
pub(crate) fn compare(host: &Snapshot, container: &Snapshot) -> Vec<ComparedRow> {
    let own = own_namespaces(host, container);
    let row = |id: RowId| {
        let entry = id.entry();
        ComparedRow {
            id,
            namespace: entry.namespace,
            label: entry.label,
            host: id.value(host).to_string(),
            container: id.value(container).to_string(),
            own_namespace: own.contains(entry.namespace),
            differs: id.differs(host, container),
        }
    };
    RowId::ALL.map(row).into()
}

/// The kinds in which the two sides' namespaces differ, by device and inode.
pub(crate) fn own_namespaces(host: &Snapshot, container: &Snapshot) -> NamespaceSet {
    Namespace::ALL
        .into_iter()
        .filter(|kind| host.namespaces.get(kind) != container.namespaces.get(kind))
        .collect()
}
