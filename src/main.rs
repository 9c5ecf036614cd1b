//! nslab's entry: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    nslab::cli::answer(std::env::args_os()).unwrap_or_else(|error| {
        eprintln!("nslab: {error:#}");
        ExitCode::FAILURE
    })
}
