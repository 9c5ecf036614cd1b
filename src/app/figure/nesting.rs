//! User and PID namespaces as boxes in boxes, with their processes.

use super::scene::{FigurePicture, FigureRow, LinePiece, Scene, role};
use crate::app::boxes::Boxes;
use crate::app::map_view::nests::{self, Nests};
use crate::app::map_view::seen::Nest;
use crate::app::texts;
use crate::discovery::{Map, Process, shown};
use crate::sandbox::Side;
use crate::theme::Role;

/// The most processes of a box that are drawn, beside the shells.
const MOST: usize = 5;

struct NestingDrawing<'a> {
    scene: &'a Scene<'a>,
    map: &'a Map,
    nests: Nests,
    boxes: Boxes,
    picture: FigurePicture,
}

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let map = scene.map?;
    let mut drawing = NestingDrawing {
        scene,
        map,
        nests: Nests::of(map),
        boxes: Boxes { width: scene.width },
        picture: FigurePicture {
            rows: Vec::new(),
            sentences: vec![texts::numbers_told(scene.lang).to_owned()],
        },
    };
    let outermost: Vec<Nest> = drawing.nests.within(None).collect();
    for nest in outermost {
        drawing.draw(nest, 0);
    }
    (!drawing.picture.rows.is_empty()).then_some(drawing.picture)
}

impl NestingDrawing<'_> {
    fn draw(&mut self, nest: Nest, depth: usize) {
        let title = self.nests.title(nest, self.boxes.room_for_title(depth));
        let row = FigureRow::border(self.boxes.top(depth, &title));
        self.picture.rows.push(row);
        let map = self.map;
        let here = map.processes.iter();
        let here: Vec<&Process> = here.filter(|it| nests::nest(it) == Some(nest)).collect();
        let (mut told, mut left_out) = (Vec::new(), 0);
        for (index, process) in here.into_iter().enumerate() {
            let side = self.side(process);
            if index >= MOST && side.is_none() {
                left_out += 1;
                continue;
            }
            self.process(process, side, depth);
            told.push(self.sentence(process, side));
        }
        if left_out > 0 {
            let more = texts::more_processes(self.scene.lang, left_out);
            self.line(depth, &more, Role::Dim);
            told.push(more);
        }
        self.tell(nest, &told);
        let within: Vec<Nest> = self.nests.within(Some(nest)).collect();
        for inner in within {
            self.draw(inner, depth + 1);
        }
        let row = FigureRow::border(self.boxes.bottom(depth));
        self.picture.rows.push(row);
    }

    fn tell(&mut self, nest: Nest, processes: &[String]) {
        let whole = |nest| self.nests.name(nest);
        let outer = self.nests.around(nest).map(whole);
        let said = texts::box_told(self.scene.lang, &whole(nest), outer.as_deref(), processes);
        self.picture.sentences.push(said);
    }

    fn line(&mut self, depth: usize, text: &str, role: Role) {
        let (left, right) = self.boxes.sides(depth);
        let inside = FigureRow::default()
            .with(text, role)
            .padded(self.boxes.room(depth));
        self.picture.rows.push(
            FigureRow::border(left)
                .and(inside)
                .with(right, Role::Border),
        );
    }

    fn process(&mut self, process: &Process, side: Option<Side>, depth: usize) {
        let numbers: Vec<String> = process.numbers.iter().map(ToString::to_string).collect();
        let said = format!("{} {}", numbers.join("→"), shown(&process.name));
        let Some(side) = side else {
            return self.line(depth, &said, Role::Text);
        };
        let whose = texts::side_names(self.scene.lang, &[side]);
        let (left, right) = self.boxes.sides(depth);
        let inside = FigureRow(vec![
            LinePiece {
                text: format!("{said} "),
                role: Role::Text,
            },
            LinePiece {
                text: format!("({whose})"),
                role: role(side),
            },
        ]);
        let inside = inside.padded(self.boxes.room(depth));
        self.picture.rows.push(
            FigureRow::border(left)
                .and(inside)
                .with(right, Role::Border),
        );
    }

    fn sentence(&self, process: &Process, side: Option<Side>) -> String {
        let numbers: Vec<String> = process.numbers.iter().map(ToString::to_string).collect();
        let whose = side.map_or_else(String::new, |side| {
            format!(" ({})", texts::side_names(self.scene.lang, &[side]))
        });
        format!("{} {}{whose}", shown(&process.name), numbers.join("/"))
    }

    /// The side whose shell the process is.
    fn side(&self, process: &Process) -> Option<Side> {
        let mut sides = self.scene.sides.iter();
        let is_it = |numbers: &[i32]| numbers.first() == Some(&process.outside);
        sides.find_map(|(side, seen)| is_it(&seen.nspid).then_some(*side))
    }
}
