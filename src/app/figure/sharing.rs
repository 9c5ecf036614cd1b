//! Which sides share a namespace: a line for each kind, on which a bar reaches over the sides that share one.

use unicode_width::UnicodeWidthStr;

use super::scene::{FigurePicture, FigureRow, Group, Scene, role_of};
use crate::app::cut;
use crate::app::texts;
use crate::namespace::Namespace;
use crate::sandbox::Side;
use crate::theme::Role;

/// Columns of the names of the kinds.
const KINDS: usize = 6;
/// The widest column of a side, with the blank in front of it.
const WIDEST: usize = 14;

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let sides: Vec<Side> = scene.shown().map(|(side, _)| side).collect();
    if sides.len() < 2 {
        return None;
    }
    let column = (scene.width.saturating_sub(KINDS) / sides.len()).min(WIDEST);
    let mut picture = FigurePicture {
        rows: head(scene, &sides, column),
        sentences: sentences(scene),
    };
    for kind in Namespace::ALL {
        let groups = scene.groups(kind);
        if groups.is_empty() {
            continue;
        }
        let name = format!("{:<KINDS$}", kind.label());
        let row = FigureRow::default().with(name, Role::Strong);
        picture.rows.push(bars(row, &sides, &groups, column));
    }
    Some(picture)
}

/// The names of the sides, over their columns: a number is below the word if one line has no room for both.
fn head(scene: &Scene<'_>, sides: &[Side], column: usize) -> Vec<FigureRow> {
    let room = column.saturating_sub(1);
    let names: Vec<Vec<String>> = sides
        .iter()
        .map(|side| {
            let name = texts::side_names(scene.lang, &[*side]);
            match name.rsplit_once(' ') {
                _ if name.width() <= room => vec![name],
                Some((word, number)) if word.width() <= room => {
                    vec![word.to_owned(), number.to_owned()]
                }
                _ => vec![texts::short_side(scene.lang, *side)],
            }
        })
        .collect();
    let height = names.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let mut row = FigureRow::border(" ".repeat(KINDS));
        for (side, name) in sides.iter().zip(&names) {
            let name = name.get(at).map_or("", String::as_str);
            let name = format!(" {}", cut::padded(name, room));
            row = row.with(name, role_of(&[*side]));
        }
        row
    };
    (0..height).map(line).collect()
}

/// The bars of a kind. A bar that others interrupt continues behind them with the same letter.
fn bars(mut row: FigureRow, sides: &[Side], groups: &[Group<'_>], column: usize) -> FigureRow {
    let mut at = 0;
    while let Some(side) = sides.get(at) {
        let group = groups.iter().position(|group| group.sides.contains(side));
        let Some(group) = group else {
            row = row.with(" ".repeat(column), Role::Border);
            at += 1;
            continue;
        };
        let members = &groups[group].sides;
        let length = sides[at..].iter().take_while(|it| members.contains(it));
        let length = length.count();
        let letter = char::from(b'a' + u8::try_from(group % 26).unwrap_or(0));
        let inner = (length * column).saturating_sub(3);
        let left = inner.saturating_sub(1) / 2;
        let bar = format!(
            " ├{}{letter}{}┤",
            "─".repeat(left),
            "─".repeat(inner.saturating_sub(left + 1))
        );
        row = row.with(bar, role_of(members));
        at += length;
    }
    row
}

/// A sentence for each set of sides, with the kinds that they share.
fn sentences(scene: &Scene<'_>) -> Vec<String> {
    let mut sets: Vec<(Vec<Side>, Vec<Namespace>)> = Vec::new();
    for kind in Namespace::ALL {
        for group in scene.groups(kind) {
            match sets.iter_mut().find(|(sides, _)| *sides == group.sides) {
                Some((_, kinds)) => kinds.push(kind),
                None => sets.push((group.sides, vec![kind])),
            }
        }
    }
    let sentence = |(sides, kinds): &(Vec<Side>, Vec<Namespace>)| {
        let kinds = texts::flags(scene.lang, kinds.iter().copied().collect());
        texts::shared_told(scene.lang, sides, &kinds)
    };
    sets.iter().map(sentence).collect()
}
