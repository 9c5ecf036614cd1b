//! Figures of lessons change while the learner works, in a real terminal.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use support::{As, Installed};
use terminal::Terminal;
use terminal::keys::{F2, F3, F5, LEAVE};

const WIDE: (u16, u16) = (120, 60);
const SMALL: (u16, u16) = (80, 24);

/// A course of one lesson, with a step for each of these figures.
fn course(nslab: &Installed, steps: &[&str]) -> PathBuf {
    let directory = nslab.directory.path().join("course");
    fs::create_dir_all(&directory).unwrap();
    let steps = steps.iter().enumerate();
    let steps: Vec<String> = steps
        .map(|(number, step)| format!("## Step {number}\n\n{step}\n\n"))
        .collect();
    let steps = steps.concat();
    let front = "+++\nid = \"figures\"\ntitle = \"Figures\"\nflags = [\"user\"]\n+++\n\n";
    fs::write(directory.join("01-figures.md"), format!("{front}{steps}")).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn figure(kind: &str) -> String {
    format!("```figure\nkind = \"{kind}\"\n```")
}

fn open(
    nslab: &Installed,
    who: As,
    directory: &Path,
    size: (u16, u16),
    more: &[&str],
    environment: &[(&str, &str)],
) -> Terminal {
    let directory = directory.display().to_string();
    let mut arguments = vec!["--lang", "en", "--lessons", &directory];
    arguments.extend(more);
    let environment = [&[("LANG", "C.UTF-8")], environment].concat();
    Terminal::start_in(who, &nslab.binary(), &arguments, size, &environment)
}

/// Whether a line has these texts, in this order.
fn has_line(screen: &str, texts: &[&str]) -> bool {
    screen.lines().any(|line| {
        let mut rest = line;
        texts.iter().all(|text| match rest.split_once(text) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// Types into the host's shell, and goes back to the lesson.
fn in_host(terminal: &Terminal, lines: &[&str]) {
    terminal.keys(F3);
    terminal.wait_for("[host] root@");
    for line in lines {
        terminal.run(line);
    }
    terminal.keys(LEAVE);
    terminal.keys(F2);
}

/// What the learner makes by hand appears in its box, and goes when it ends.
#[test]
fn boxes_follow_what_runs_in_the_host_shell() {
    let nslab = Installed::new();
    let directory = course(&nslab, &[&figure("nesting")]);
    for (who, size) in As::all()
        .into_iter()
        .flat_map(|who| [(who, SMALL), (who, WIDE)])
    {
        let terminal = open(&nslab, who, &directory, size, &[], &[]);
        terminal.wait("the host's box", |screen| {
            has_line(screen, &["┌ user ", " · pid "]) && has_line(screen, &["│ ", " bash (host)"])
        });
        in_host(
            &terminal,
            &["{ unshare -U -p -f --kill-child sleep infinity & }"],
        );
        terminal.wait("the sleep in its box", |screen| {
            has_line(screen, &["│ │ ", "→1 sleep"])
        });
        in_host(&terminal, &["kill -9 $!"]);
        terminal.wait("the boxes are gone", |screen| {
            has_line(screen, &["│ ", " bash (host)"]) && !screen.contains("→1 sleep")
        });
    }
}

/// A pair of veth on the host is a line beside its box; a shared mount is a peer group.
#[test]
fn links_and_peer_groups_follow_what_is_made_on_the_host() {
    let nslab = Installed::new();
    let directory = course(&nslab, &[&figure("links"), &figure("peers")]);
    for who in As::all() {
        let terminal = open(&nslab, who, &directory, WIDE, &[], &[]);
        terminal.wait("the host's network", |screen| {
            has_line(screen, &["│ lo ", "127.0.0.1/8"])
        });
        in_host(
            &terminal,
            &["ip link add left type veth peer name right && ip link set left up"],
        );
        terminal.wait("the line between the two ends", |screen| {
            has_line(screen, &["│ right ", "down ", "─┼", "─┐"])
                && has_line(screen, &["│ left ", "─┼", "─┘"])
        });
        terminal.keys("\x1b[C");
        terminal.wait_for("Here peer groups will be drawn");
        in_host(
            &terminal,
            &["mount -t tmpfs none /mnt && mount --make-shared /mnt"],
        );
        terminal.wait("the peer group", |screen| {
            has_line(screen, &["┌ peer group ", " ─"]) && has_line(screen, &["│ host /mnt "])
        });
    }
}

/// A launch changes who shares what, and which ids are which.
#[test]
fn a_launch_changes_what_is_shared_and_the_ids() {
    let nslab = Installed::new();
    let both = format!(
        "{}\n\n{}\n\n```launch\n```",
        figure("sharing"),
        figure("ids")
    );
    let directory = course(&nslab, &[&both]);
    for who in As::all() {
        let terminal = open(&nslab, who, &directory, WIDE, &[], &[]);
        terminal.wait_for("Here the sides that share");
        terminal.wait_for("Here the id maps will be drawn");
        terminal.wait_for("[host] root@");
        terminal.keys("\r");
        terminal.wait("one kind that is not shared", |screen| {
            has_line(screen, &["USER ", "─a─", "─b─"]) && has_line(screen, &["UTS ", "──a──"])
        });
        terminal.wait("the ids", |screen| {
            has_line(screen, &["│ uid 0 ", "├──", "┤ 0 "])
                && has_line(screen, &["│ gid 0 ", "├──", "┤ 0 "])
        });
    }
}

/// A move of the host's shell, and a launch, are seen on the tree of cgroups. Where the lab may make no cgroup, the
/// shells stay where they are.
#[test]
fn the_tree_of_cgroups_follows_who_is_moved() {
    let nslab = Installed::new();
    let directory = course(&nslab, &[&figure("cgroups")]);
    for (who, size) in As::all()
        .into_iter()
        .flat_map(|who| [(who, SMALL), (who, WIDE)])
    {
        let terminal = open(&nslab, who, &directory, size, &[], &[]);
        terminal.wait("the host on the tree", |screen| {
            screen.contains("┌ cgroups, as the host sees them")
                && has_line(screen, &["│ ", ": host"])
        });
        terminal.keys(F3);
        terminal.wait_for("[host] root@");
        let line =
            "cd /sys/fs/cgroup; mkdir box && echo $$ > box/cgroup.procs; grep 0:: /proc/$$/cgroup";
        let moved = terminal.run(line).contains("0::/box");
        terminal.keys(LEAVE);
        terminal.keys(F2);
        let place = if moved { "─ box: host" } else { ": host" };
        terminal.wait(place, |screen| has_line(screen, &["│ ", place]));
        terminal.keys(F5);
        // On a small screen its tab has opened.
        terminal.wait_for("[container] root@");
        terminal.keys(F2);
        terminal.wait("the container on the tree", |screen| {
            let shares = has_line(screen, &["│ ", "paths start here: host, container"]);
            shares
                && (moved || has_line(screen, &["│ ", ": host, container"]))
                && (!moved || has_line(screen, &["│ ", "─ host: container"]))
        });
    }
}

/// Without colour, and where it is asked for, sentences tell the same; a drawing can be had without colour.
#[test]
fn a_figure_is_told_in_sentences() {
    let nslab = Installed::new();
    let directory = course(&nslab, &[&figure("links")]);
    let no_color = [("NO_COLOR", "1")];
    let shows = |more: &[&str], environment: &[(&str, &str)], expected| {
        let terminal = open(&nslab, As::Ourselves, &directory, SMALL, more, environment);
        terminal.wait_for(expected);
    };
    shows(&[], &no_color, "host: lo up 127.0.0.1/8");
    shows(&["--figures", "told"], &[], "host: lo up 127.0.0.1/8");
    shows(&["--figures", "drawn"], &no_color, "│ lo");
}
