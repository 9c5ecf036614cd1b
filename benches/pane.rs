//! Times of a pane: bytes into the emulator, the emulator onto a frame, and a full history that is copied
//! and searched.

use divan::Bencher;
use divan::counter::BytesCount;
use nslab::Emulator;
use nslab::TerminalView;
use nslab::Theme;
use nslab::Toward;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

const COLS: u16 = 120;
const ROWS: u16 = 40;

/// The most bytes that nslab reads from a PTY at once.
const CHUNK: usize = 64 * 1024;

fn main() {
    divan::main();
}

fn plain() -> String {
    let line = "The quick brown fox jumps over the lazy dog, again and again, until it sleeps.\r\n";
    line.repeat(12_000)
}

fn coloured() -> String {
    (0..12_000).fold(String::new(), |text, n| {
            text + &format!(
                "\x1b[1;3{}mdrwxr-xr-x\x1b[0m 2 root \x1b[38;5;{}mroot\x1b[m 4096 \x1b[4mfile {n}\x1b[24m\r\n",
                n % 8,
                n % 256
            )
        })
}

fn chinese() -> String {
    "命名空间让每个容器都有自己的主机名,进程号和网络接口。\r\n".repeat(12_000)
}

fn feed(bencher: Bencher<'_, '_>, text: &str) {
    let mut emulator = Emulator::new(COLS, ROWS);
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        for chunk in text.as_bytes().chunks(CHUNK) {
            divan::black_box(emulator.feed(chunk));
        }
    });
}

#[divan::bench]
fn feed_plain(bencher: Bencher<'_, '_>) {
    feed(bencher, &plain());
}

#[divan::bench]
fn feed_coloured(bencher: Bencher<'_, '_>) {
    feed(bencher, &coloured());
}

#[divan::bench]
fn feed_chinese(bencher: Bencher<'_, '_>) {
    feed(bencher, &chinese());
}

fn draw(bencher: Bencher<'_, '_>, text: &str) {
    let mut emulator = Emulator::new(COLS, ROWS);
    emulator.feed(text.as_bytes());
    let area = Rect::new(0, 0, COLS, ROWS);
    let mut buffer = Buffer::empty(area);
    bencher.bench_local(|| {
        TerminalView::new(&emulator, Theme::Ansi).render(area, &mut buffer);
        divan::black_box(&mut buffer);
    });
}

#[divan::bench]
fn draw_plain(bencher: Bencher<'_, '_>) {
    let cells = usize::from(COLS) * usize::from(ROWS);
    draw(bencher, &"x".repeat(cells));
}

#[divan::bench]
fn draw_coloured(bencher: Bencher<'_, '_>) {
    let cells = (0..COLS * ROWS).fold(String::new(), |text, n| {
        text + &format!("\x1b[38;5;{};1mx", n % 256)
    });
    draw(bencher, &cells);
}

#[divan::bench]
fn draw_chinese(bencher: Bencher<'_, '_>) {
    let cells = usize::from(COLS) * usize::from(ROWS);
    draw(bencher, &"字".repeat(cells / 2));
}

/// A pane with all lines of its history.
fn full() -> Emulator {
    let mut emulator = Emulator::new(COLS, ROWS);
    emulator.feed(plain().as_bytes());
    emulator
}

#[divan::bench]
fn begin_copy_mode(bencher: Bencher<'_, '_>) {
    let emulator = full();
    bencher.bench_local(|| emulator.copy());
}

#[divan::bench]
fn search_in_vain(bencher: Bencher<'_, '_>) {
    let mut copy = full().copy();
    bencher.bench_local(|| copy.search("not there", Toward::Older));
}
