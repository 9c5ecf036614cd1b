//! The orders of a helper as words, and back.
//!
//! Must not know the meaning of an order.

use std::ffi::OsString;

use clap::{Args, Command};

/// Reads the orders of one helper.
pub(crate) fn read<T: Args>(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<T, clap::Error> {
    let command = Command::new("nslab")
        .no_binary_name(true)
        .disable_help_flag(true);
    let mut command = T::augment_args(command);
    let mut matches = command.try_get_matches_from_mut(words)?;
    T::from_arg_matches_mut(&mut matches)
}
