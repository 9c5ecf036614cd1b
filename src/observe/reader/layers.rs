//! The directories of an overlay, read off its line of `/proc/PID/mountinfo`.
//!
//! Knows how overlayfs writes them there: several `lowerdir` separated by colons, or, since Linux 6.8,
//! `lowerdir+` for each; blanks, commas and backslashes as octal numbers; a colon in a name behind a backslash.

use crate::discovery::unescaped;
use crate::observe::snapshot::Layers;

/// None if the mount is no overlay.
pub(super) fn layers(line: &str) -> Option<Layers> {
    let (_, system) = line.split_once(" - ")?;
    let mut fields = system.split(' ');
    if fields.next() != Some("overlay") {
        return None;
    }
    let mut layers = Layers::default();
    for option in fields.nth(1)?.split(',') {
        let Some((name, value)) = option.split_once('=') else {
            continue;
        };
        let value = unescaped(value);
        match name {
            "lowerdir" => layers.lower.extend(paths(&value)),
            "lowerdir+" | "datadir+" => layers.lower.push(value),
            "upperdir" => layers.upper = Some(value),
            "workdir" => layers.work = Some(value),
            _ => {}
        }
    }
    Some(layers)
}

/// The paths of a list with colons. Two colons precede layers that hold data alone.
fn paths(list: &str) -> Vec<String> {
    let (mut paths, mut path) = (Vec::new(), String::new());
    let mut letters = list.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => path.extend(letters.next()),
            ':' => paths.push(std::mem::take(&mut path)),
            letter => path.push(letter),
        }
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
    paths
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "rw,lowerdir=up:img,upperdir=up3,workdir=work3,userxattr",
        &["up", "img"],
        Some("up3")
    )]
    #[case("ro,lowerdir+=/a,lowerdir+=/b:c,datadir+=/d", &["/a", "/b:c", "/d"], None)]
    #[case("ro,lowerdir=/a\\040b\\054c:/d\\134:e::/f", &["/a b,c", "/d:e", "/f"], None)]
    fn the_layers_of_an_overlay(
        #[case] options: &str,
        #[case] lower: &[&str],
        #[case] upper: Option<&str>,
    ) {
        let line = format!("90 25 0:44 / /tmp/box rw,relatime - overlay none {options}");
        let layers = layers(&line).unwrap();
        assert_eq!(layers.lower, lower);
        assert_eq!(layers.upper.as_deref(), upper);
        assert_eq!(layers.work.is_some(), upper.is_some());
    }

    #[test]
    fn another_type_has_no_layers() {
        assert_eq!(
            layers("90 25 0:44 / /mnt rw - tmpfs none rw,lowerdir=/a"),
            None
        );
        assert_eq!(layers(""), None);
    }
}
