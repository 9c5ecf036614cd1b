//! The AppArmor profile that lets nslab make user namespaces on Ubuntu 23.10 and later, and the
//! command that installs it.
//!
//! The profile confines nothing: `flags=(unconfined)` and `userns,` give nslab alone what every
//! program could do before.

/// The profile, with a placeholder for the binary's path.
const TEMPLATE: &str = include_str!("../../assets/apparmor/nslab");
const PLACE: &str = "/usr/local/bin/nslab";
/// The directory from which profiles are loaded at boot.
const INSTALLED: &str = "/etc/apparmor.d/nslab";
/// The sysctl that lifts the restriction for every program.
pub(crate) const BLUNT: &str = "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0";

pub(crate) fn profile(binary: &str) -> String {
    TEMPLATE.replace(PLACE, &pattern(binary))
}

/// The command that installs and loads the profile, for the shell of root or of a sudoer. One sudo
/// asks for one password; nslab itself does not run as root.
pub(crate) fn command(binary: &str) -> String {
    format!(
        "{} doctor --apparmor-profile | sudo sh -c 'cat > {INSTALLED} && apparmor_parser -r \
         {INSTALLED}'",
        quoted(binary)
    )
}

/// Escapes a path, so that the profile matches it alone; apparmor.d(5), Globbing.
fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    for character in path.chars() {
        if "*?[]{}^\\\"".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "/._-+".contains(it);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_itself_in_a_profile_and_in_a_shell() {
        for (path, in_profile, in_shell) in [
            ("/opt/nslab", "\"/opt/nslab\"", "/opt/nslab doctor"),
            (
                "/home/li na/a{b}*/nslab",
                "\"/home/li na/a\\{b\\}\\*/nslab\"",
                "'/home/li na/a{b}*/nslab' doctor",
            ),
            ("/o'k/nslab", "\"/o'k/nslab\"", r"'/o'\''k/nslab' doctor"),
        ] {
            let profile = profile(path);
            assert!(profile.contains(in_profile), "{profile}");
            assert!(!profile.contains(PLACE), "{profile}");
            assert!(command(path).starts_with(in_shell), "{}", command(path));
        }
    }

    #[test]
    fn the_profile_allows_user_namespaces() {
        let profile = profile("/opt/nslab");
        for word in ["abi <abi/4.0>,", "flags=(unconfined)", "  userns,"] {
            assert!(profile.contains(word), "{word}: {profile}");
        }
    }
}
