//! placeholder
use crate::cli::LabOptions;
use std::process::ExitCode;
/// x
pub fn open(_options: &LabOptions) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
