//! Times of parsing lessons and of evaluating their expressions.
//!
//! `cargo bench --bench lessons`

use std::hint::black_box;
use std::path::Path;

use nslab::Lang;
use nslab::{Check, Context, Library, Part, parse};

fn main() {
    divan::main();
}

const ONE: &str = include_str!("../lessons/en/09-mounts.md");

/// Parses one long lesson.
#[divan::bench]
fn one() -> usize {
    parse("mounts", black_box(ONE)).map_or(0, |lesson| lesson.steps.len())
}

/// Reads all lessons of a directory, which tries every expression.
#[divan::bench]
fn directory() -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    Library::from_dir(&path, Lang::En).map_or(0, |library| library.len())
}

/// Parses all shipped lessons.
#[divan::bench]
fn built_in() -> usize {
    Library::embedded(Lang::En).lessons().count()
}

/// Evaluates the checks of a lesson while no side has a snapshot.
#[divan::bench]
fn checks(bencher: divan::Bencher) {
    let steps = parse("mounts", ONE).map_or(Vec::new(), |lesson| lesson.steps);
    let parts = steps.into_iter().flat_map(|step| step.parts);
    let checks = parts.filter_map(|part| match part {
        Part::Check(check) => Some(check),
        _ => None,
    });
    let checks: Vec<Check> = checks.collect();
    assert!(!checks.is_empty(), "no checks");
    let context = Context::default();
    bencher.bench_local(|| checks.iter().filter(|it| it.holds(&context)).count());
}
