//! The layers of each overlay, one upon the other: a lookup begins with the topmost.

use super::scene::{FigurePicture, FigureRow, Group, Scene, role_of};
use crate::app::boxes::Boxes;
use crate::app::texts::{self, Layer};
use crate::namespace::Namespace;
use crate::observe::snapshot::{Layers, Mount};
use crate::theme::Role;

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let mut picture = FigurePicture::default();
    for group in scene.groups(Namespace::Mnt) {
        let mounts = group.seen.mounts.iter();
        for mount in mounts.filter(|it| scene.figure.shows_mount(&it.target)) {
            if let Some(layers) = &mount.layers {
                draw(scene, &group, mount, layers, &mut picture);
            }
        }
    }
    (!picture.rows.is_empty()).then_some(picture)
}

/// The layers from the topmost.
fn stack(layers: &Layers) -> Vec<(Layer, &str)> {
    let upper = layers.upper.iter().map(|it| (Layer::Upper, it.as_str()));
    let lower = layers.lower.iter().map(|it| (Layer::Lower, it.as_str()));
    upper.chain(lower).collect()
}

fn draw(
    scene: &Scene<'_>,
    group: &Group<'_>,
    mount: &Mount,
    layers: &Layers,
    picture: &mut FigurePicture,
) {
    let boxes = Boxes { width: scene.width };
    let names = scene.names(&group.sides);
    let title = format!("{names} {}", mount.target);
    let title_row = FigureRow::border("  ↓ ")
        .with(names.as_str(), role_of(&group.sides))
        .with(format!(" {}", mount.target), Role::Text);
    picture.rows.push(title_row.padded(scene.width));
    let mut told = Vec::new();
    for (at, (layer, directory)) in stack(layers).into_iter().enumerate() {
        let name = texts::layer(scene.lang, layer);
        let border = match at {
            0 => boxes.top(0, name),
            _ => boxes.top(0, name).replace('┌', "├").replace('┐', "┤"),
        };
        picture.border(border);
        let row = FigureRow::default().with(directory, Role::Text);
        picture.rows.push(row.within(boxes, 0));
        told.push(texts::layer_told(scene.lang, directory, name));
    }
    picture.border(boxes.bottom(0));
    let work = layers.work.as_deref();
    if let Some(work) = work {
        let work = texts::work_directory(scene.lang, work);
        let row = FigureRow::border("  ").with(work, Role::Dim);
        picture.rows.push(row.padded(scene.width));
    }
    let said = texts::layers_told(scene.lang, &title, &told, work);
    picture.sentences.push(said);
}
