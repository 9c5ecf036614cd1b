//! The directory for data that is kept from one session to the next.

use std::env;
use std::path::PathBuf;

/// nslab's directory in the user's state directory (XDG Base Directory Specification); None without a
/// home directory. It may not exist yet.
pub(super) fn state_directory() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from);
    let absolute = |path: &PathBuf| path.is_absolute();
    let state = set("XDG_STATE_HOME").filter(absolute).or_else(|| {
        // Don't create a missing home directory.
        let home = set("HOME").filter(|home| home.is_absolute() && home.is_dir())?;
        Some(home.join(".local/state"))
    })?;
    Some(state.join("nslab"))
}
