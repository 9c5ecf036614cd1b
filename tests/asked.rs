//! What a lesson asks of a side beside its snapshot: files, processes, routes and answers, read in
//! real namespaces.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::{As, Installed, needs, stderr, stdout};

/// The lesson's own checks are the assertions: each is false before its commands, and true after them.
#[test]
fn a_lesson_is_told_what_it_asks() {
    needs!(Proc);
    let nslab = Installed::new();
    let lessons = tempfile::Builder::new()
        .prefix("nslab-lessons-")
        .tempdir()
        .unwrap();
    fs::set_permissions(lessons.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let text = include_str!("data/asked.md");
    fs::write(lessons.path().join("asked.md"), text).unwrap();
    let lessons = lessons.path().to_str().unwrap();
    for who in As::all() {
        for from_each_step in [&[][..], &["--from-each-step"]] {
            let arguments = [&["verify", "--lessons", lessons][..], from_each_step].concat();
            let output = nslab.command(who, &arguments).output().unwrap();
            let said = stdout(&output);
            assert!(
                output.status.success(),
                "{who:?}\n{said}{}",
                stderr(&output)
            );
            assert!(said.contains("12 steps ok, 0 failed"), "{who:?}\n{said}");
        }
    }
}
