//! Process ids and processes in full, the latter as ps(1) of procps prints them.

use super::{Cells, cells, lines};
use crate::observe::detail::Detail;

/// One process: a number in each PID namespace that it is in, from the machine's inwards.
pub(super) fn numbers(nspid: &[i32], levels: &[&str]) -> Cells {
    let last = nspid.len().saturating_sub(1);
    let lines = nspid.iter().enumerate().map(|(depth, pid)| {
        // Deeper namespaces share the last name.
        let level = levels.get(depth).or(levels.last()).unwrap_or(&"");
        let branch = match depth {
            0 => String::new(),
            depth => format!("{}└ ", "  ".repeat(depth - 1)),
        };
        let here = if depth == last { "← echo $$" } else { "" };
        vec![format!("{branch}{level}"), pid.to_string(), here.to_owned()]
    });
    Cells {
        lines: lines.collect(),
        key: Some(0),
        widths: &[16, -7],
        ..Cells::default()
    }
}

pub(super) fn processes(detail: &Detail, no_proc: &str) -> Cells {
    let Some(processes) = &detail.processes else {
        return lines([no_proc.to_owned()]);
    };
    let mut lines = vec![cells(["PID", "TTY", "STAT", "TIME", "COMMAND"])];
    lines.extend(processes.iter().map(|process| {
        vec![
            process.pid.to_string(),
            process.tty.clone().unwrap_or_else(|| "?".to_owned()),
            process.stat.clone(),
            format!("{}:{:02}", process.seconds / 60, process.seconds % 60),
            process.command.clone(),
        ]
    }));
    if detail.more_processes > 0 {
        lines.push(vec![format!("… +{}", detail.more_processes)]);
    }
    Cells {
        lines,
        head: 1,
        key: Some(0),
        widths: &[-7, 8, 4, -6],
    }
}
