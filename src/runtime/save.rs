//! Saves a program to a new file in the directory where the user started nslab.
//!
//! Never overwrites a file. Must not know why it was asked.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::{FileEvent, Msg, NotSaved};
use crate::code::Notation;

/// How many names are tried: `container.c`, `container-2.c`, …
const NAMES: usize = 1000;

pub(super) fn in_current_directory(notation: Notation, text: &str) -> Msg {
    // If the directory is gone, the write below fails with the reason.
    let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    match save(&directory, notation, text) {
        Ok(path) => Msg::File(FileEvent::Saved {
            path: path.display().to_string(),
        }),
        Err(error) => Msg::File(FileEvent::NotSaved(NotSaved {
            directory: directory.display().to_string(),
            kind: error.kind(),
            answer: error.to_string(),
        })),
    }
}

/// A command line becomes an executable script; sources to compile are plain files.
fn save(directory: &Path, notation: Notation, text: &str) -> io::Result<PathBuf> {
    let (start, mode) = match notation {
        Notation::C | Notation::Rust => ("", 0o666),
        Notation::Unshare => ("#!/bin/sh\n", 0o777),
    };
    let extension = notation.extension();
    for number in 1..=NAMES {
        let name = match number {
            1 => format!("container.{extension}"),
            number => format!("container-{number}.{extension}"),
        };
        let path = directory.join(name);
        // The umask applies.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let mut file = match options.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        if let Err(error) = file.write_all(format!("{start}{text}").as_bytes()) {
            // Leave no incomplete program.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        return Ok(path);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let save = |text| save(directory.path(), Notation::C, text);
        assert_eq!(save("one").unwrap(), at("container.c"));
        assert_eq!(save("two").unwrap(), at("container-2.c"));
        // Nor through a link whose target does not exist yet.
        symlink(at("elsewhere"), at("container-3.c")).unwrap();
        assert_eq!(save("three").unwrap(), at("container-4.c"));
        assert!(!at("elsewhere").exists());
        for (name, text) in [("container.c", "one"), ("container-2.c", "two")] {
            assert_eq!(fs::read_to_string(at(name)).unwrap(), text);
        }
    }

    #[test]
    fn only_a_script_is_executable() {
        let directory = tempfile::tempdir().unwrap();
        for notation in Notation::ALL {
            let path = save(directory.path(), notation, "echo it runs\n").unwrap();
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            let script = notation == Notation::Unshare;
            assert_eq!(mode & 0o100 != 0, script, "{notation:?} {mode:o}");
            assert_eq!(mode & 0o600, 0o600);
        }
    }

    #[test]
    fn a_refusal_names_the_directory_and_what_refused() {
        let directory = tempfile::tempdir().unwrap();
        let gone = directory.path().join("gone");
        let error = save(&gone, Notation::Rust, "").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
