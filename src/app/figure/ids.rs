//! Which ids of a user namespace are which ids on the host: two boxes, with a line for each range.

use unicode_width::UnicodeWidthStr;

use super::scene::{FigurePicture, FigureRow, Group, Scene, role_of};
use crate::app::texts;
use crate::namespace::Namespace;
use crate::sandbox::Side;
use crate::theme::Role;

/// Columns between the boxes, if there is room.
const BETWEEN: usize = 6;

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let outside = scene.host()?.namespaces.get(&Namespace::User)?.ino;
    let groups = scene.groups(Namespace::User).into_iter();
    let groups: Vec<Group<'_>> = groups.filter(|group| group.ino != outside).collect();
    let mut picture = FigurePicture::default();
    for group in &groups {
        draw(scene, group, &mut picture);
    }
    (!groups.is_empty()).then_some(picture)
}

/// A line between the boxes: ids inside and outside.
struct IdLine {
    inside: String,
    /// None if the map is not written.
    outside: Option<String>,
}

fn pairs(scene: &Scene<'_>, group: &Group<'_>) -> Vec<IdLine> {
    let maps = [("uid", &group.seen.uid_map), ("gid", &group.seen.gid_map)];
    let mut pairs = Vec::new();
    for (name, map) in maps {
        pairs.extend(map.iter().map(|it| IdLine {
            inside: format!("{name} {}", range(it.inside, it.count)),
            outside: Some(range(it.outside, it.count)),
        }));
        if map.is_empty() {
            pairs.push(IdLine {
                inside: texts::no_map(scene.lang, name),
                outside: None,
            });
        }
    }
    pairs
}

fn draw(scene: &Scene<'_>, group: &Group<'_>, picture: &mut FigurePicture) {
    let pairs = pairs(scene, group);
    let title = scene.names(&group.sides);
    let host = scene.names(&[Side::Host]);
    let widest = |texts: Vec<&str>, title: &str| {
        let widths = texts.iter().map(|text| text.width());
        widths.chain([title.width() + 1]).max().unwrap_or(0)
    };
    let left = widest(pairs.iter().map(|it| it.inside.as_str()).collect(), &title);
    let outside = pairs.iter().filter_map(|it| it.outside.as_deref());
    let right = widest(outside.collect(), &host);
    let borders = 8;
    let between = scene.width.saturating_sub(left + right + borders);
    let between = between.clamp(1, BETWEEN);
    let room = scene.width.saturating_sub(borders + between);
    let (left, right) = (
        left.min(room),
        right.min(room.saturating_sub(left.min(room))),
    );
    let line = |text: &str, inner: usize| "─".repeat(inner.saturating_sub(text.width()));
    let top = FigureRow::border("┌ ")
        .with(title.as_str(), role_of(&group.sides))
        .with(format!(" {}┐", line(&title, left)), Role::Border)
        .with(" ".repeat(between), Role::Border)
        .with("┌ ", Role::Border)
        .with(host.as_str(), Role::Host)
        .with(format!(" {}┐", line(&host, right)), Role::Border);
    picture.rows.push(top);
    for pair in &pairs {
        let inside = FigureRow::default().with(pair.inside.as_str(), Role::Text);
        let outside = pair.outside.as_deref().unwrap_or_default();
        let outside = FigureRow::default().with(outside, Role::Text);
        let (near, between_them, far) = match pair.outside {
            Some(_) => (" ├", "─", "┤ "),
            None => (" │", " ", "│ "),
        };
        let row = FigureRow::border("│ ")
            .and(inside.padded(left))
            .with(near, Role::Border)
            .with(between_them.repeat(between), Role::Border)
            .with(far, Role::Border)
            .and(outside.padded(right))
            .with(" │", Role::Border);
        picture.rows.push(row);
    }
    picture.border(format!(
        "└{}┘{}└{}┘",
        "─".repeat(left + 2),
        " ".repeat(between),
        "─".repeat(right + 2)
    ));
    let told = pairs
        .iter()
        .map(|pair| texts::ids_told(scene.lang, &title, &pair.inside, pair.outside.as_deref()));
    picture.sentences.extend(told);
}

/// `0`, or `0-65535`.
fn range(first: u32, count: u32) -> String {
    match count {
        1 => first.to_string(),
        count => format!(
            "{first}-{}",
            (u64::from(first) + u64::from(count)).saturating_sub(1)
        ),
    }
}
