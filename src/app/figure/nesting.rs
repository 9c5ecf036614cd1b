//! User and PID namespaces as boxes in boxes, with their processes.

use super::scene::{FigurePicture, FigureRow, Scene, role};
use crate::app::boxes::Boxes;
use crate::app::map_view::nests::{self, Nests};
use crate::app::map_view::seen::MapBox;
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
    let outermost: Vec<MapBox> = drawing.nests.within(None).collect();
    for nest in outermost {
        drawing.draw(nest, 0);
    }
    (!drawing.picture.rows.is_empty()).then_some(drawing.picture)
}

impl NestingDrawing<'_> {
    fn draw(&mut self, nest: MapBox, depth: usize) {
        let title = self.nests.title(nest, self.boxes.room_for_title(depth));
        self.picture.border(self.boxes.top(depth, &title));
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
            let row = FigureRow::default().with(more.as_str(), Role::Dim);
            self.picture.rows.push(row.within(self.boxes, depth));
            told.push(more);
        }
        self.tell(nest, &told);
        let within: Vec<MapBox> = self.nests.within(Some(nest)).collect();
        for inner in within {
            self.draw(inner, depth + 1);
        }
        self.picture.border(self.boxes.bottom(depth));
    }

    fn tell(&mut self, nest: MapBox, processes: &[String]) {
        let whole = |nest| self.nests.name(nest);
        let outer = self.nests.around(nest).map(whole);
        let said = texts::box_told(self.scene.lang, &whole(nest), outer.as_deref(), processes);
        self.picture.sentences.push(said);
    }

    fn process(&mut self, process: &Process, side: Option<Side>, depth: usize) {
        let said = format!("{} {}", numbers(process, "→"), shown(&process.name));
        let row = FigureRow::default();
        let row = match side {
            None => row.with(said, Role::Text),
            Some(side) => row
                .with(format!("{said} "), Role::Text)
                .with(format!("({})", self.scene.names(&[side])), role(side)),
        };
        self.picture.rows.push(row.within(self.boxes, depth));
    }

    fn sentence(&self, process: &Process, side: Option<Side>) -> String {
        let whose = side.map(|side| format!(" ({})", self.scene.names(&[side])));
        let (name, whose) = (shown(&process.name), whose.unwrap_or_default());
        format!("{name} {}{whose}", numbers(process, "/"))
    }

    /// The side whose shell the process is.
    fn side(&self, process: &Process) -> Option<Side> {
        let mut sides = self.scene.sides.iter();
        let is_it = |numbers: &[i32]| numbers.first() == Some(&process.outside);
        sides.find_map(|(side, seen)| is_it(&seen.nspid).then_some(*side))
    }
}

/// The process's pids, from the host's inwards.
fn numbers(process: &Process, between: &str) -> String {
    let numbers: Vec<String> = process.numbers.iter().map(ToString::to_string).collect();
    numbers.join(between)
}
