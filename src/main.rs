//! nslab's entry: arguments in, exit code out.

use std::process::ExitCode;

use nslab::{UsageError, answer};

fn main() -> ExitCode {
    answer(std::env::args_os()).unwrap_or_else(|error| {
        eprintln!("nslab: {error:#}");
        if error.is::<UsageError>() {
            ExitCode::from(2)
        } else {
            ExitCode::FAILURE
        }
    })
}
