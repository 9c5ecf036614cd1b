//! The results of every command: printed text, an exit code, a usage error.

use std::io::{self, Write};
use std::process::ExitCode;

use nix::errno::Errno;

use crate::explain::{Gate, Operation, explain};
use crate::facts::Facts;
use crate::lang::Lang;

/// Something on the command line that can't be used. The exit code is 2, as it is for clap's own errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub(crate) String);

/// An error, plus a remedy if the errno names the cause: a limit of open files or processes.
pub(super) fn in_words(error: &anyhow::Error, lang: Lang) -> String {
    let text = format!("{error:#}");
    let cause = error.root_cause().downcast_ref::<io::Error>();
    let Some(code) = cause.and_then(io::Error::raw_os_error) else {
        return text;
    };
    let why = explain(Operation::Other, Errno::from_raw(code), &Facts::default());
    match text.strip_suffix(&format!(" (os error {code})")) {
        Some(text) if why.gate != Gate::Unknown => {
            format!("{text}{}{}", lang.pick([". ", "。"]), why.words(lang))
        }
        _ => text,
    }
}

/// The lowest eight bits of `code`, as exit(3) takes them.
pub(super) fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// The exit code 0 if everything passed, else 1.
pub(super) fn passed(passed: bool) -> ExitCode {
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints text. A reader that has gone away (`| head`) is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
