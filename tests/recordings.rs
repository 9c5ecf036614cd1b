//! How a pane shows recordings of real programs at 80x24, and how it survives hostile bytes.

use nslab::Emulator;
use nslab::TerminalView;
use nslab::Theme;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

const SIZE: (u16, u16) = (80, 24);

const RECORDINGS: [(&str, &[u8]); 5] = [
    ("vim", include_bytes!("data/vim.bin")),
    ("less", include_bytes!("data/less.bin")),
    ("htop", include_bytes!("data/htop.bin")),
    ("nano", include_bytes!("data/nano.bin")),
    ("tmux", include_bytes!("data/tmux.bin")),
];

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

fn painted(emulator: &Emulator, cols: u16, rows: u16) -> Buffer {
    let area = Rect::new(0, 0, cols, rows);
    let mut buffer = Buffer::empty(area);
    TerminalView::new(emulator, Theme::Ansi).render(area, &mut buffer);
    buffer
}

fn after(bytes: &[u8], cuts: &[usize]) -> (Emulator, Vec<u8>) {
    let mut emulator = Emulator::new(SIZE.0, SIZE.1);
    let mut owed = Vec::new();
    let mut rest = bytes;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, left) = rest.split_at((*cut).min(rest.len()));
        owed.extend(emulator.feed(chunk));
        rest = left;
    }
    (emulator, owed)
}

#[test]
fn screens_of_real_programs() {
    for (name, bytes) in RECORDINGS {
        let (emulator, owed) = after(bytes, &[4_096]);
        insta::assert_snapshot!(
            name,
            format!(
                "title {:?}\n{:?}\n{:?}\nowed {:?}\n{:?}",
                emulator.title(),
                emulator.modes(),
                emulator.cursor(),
                String::from_utf8_lossy(&owed),
                painted(&emulator, SIZE.0, SIZE.1)
            )
        );
    }
}

#[test]
fn one_byte_at_a_time_is_the_same() {
    for (name, bytes) in RECORDINGS {
        let (whole, owed) = after(bytes, &[bytes.len()]);
        let (split, owed_split) = after(bytes, &[1]);
        assert_eq!(painted(&split, 80, 24), painted(&whole, 80, 24), "{name}");
        assert_eq!(owed_split, owed, "{name}");
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn chunks_make_no_difference(
        which in 0..RECORDINGS.len(),
        cuts in prop::collection::vec(1_usize..200, 1..40),
    ) {
        let (_, bytes) = RECORDINGS[which];
        let (whole, owed) = after(bytes, &[bytes.len()]);
        let (split, owed_split) = after(bytes, &cuts);
        prop_assert_eq!(painted(&split, 80, 24), painted(&whole, 80, 24));
        prop_assert_eq!(split.cursor(), whole.cursor());
        prop_assert_eq!(split.modes(), whole.modes());
        prop_assert_eq!(owed_split, owed);
    }
}

/// An action of a hostile program, or of a user who resizes and scrolls meanwhile.
#[derive(Debug, Clone)]
enum Move {
    Bytes(Vec<u8>),
    Resize(u16, u16),
    Scroll(i32),
    Expire,
    Draw(u16, u16),
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[a-z\t\r\n\u{8}\u{7}]{0,20}",
        "[中文字한日本👩🚀é\u{301}\u{200d}\u{fe0f}\u{202e}]{0,20}",
    ]
    .prop_map(String::into_bytes)
}

fn sequence() -> impl Strategy<Value = Vec<u8>> {
    let parameters = "([?>=<!]|)([0-9]{1,5}[;:]?){0,4}[ $\"']?";
    let modes = prop::sample::select(vec![
        1_u16, 3, 5, 6, 7, 9, 12, 25, 47, 1_000, 1_002, 1_003, 1_004, 1_005, 1_006, 1_007, 1_047,
        1_049, 2_004, 2_026,
    ]);
    prop_oneof![
        4 => (parameters, "[@-~]").prop_map(|(parameters, end)| format!("\x1b[{parameters}{end}")),
        2 => (modes, "[hl]").prop_map(|(mode, end)| format!("\x1b[?{mode}{end}")),
        2 => "\x1b[ -~]{1,2}",
        1 => "\x1b\\][0-9]{1,3};[ -~]{0,30}(\x07|\x1b\\\\|)",
        1 => "\x1b[P_^X][ -~]{0,30}(\x1b\\\\|)",
        1 => "\x1b\\[[0-9]{1,2};[0-9]{1,2}r",
        1 => "\x1b\\[[0-9]{1,3};[0-9]{1,3}H",
    ]
    .prop_map(String::into_bytes)
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => text().prop_map(Move::Bytes),
        12 => sequence().prop_map(Move::Bytes),
        2 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Move::Bytes),
        2 => (0..60_u16, 0..30_u16).prop_map(|(cols, rows)| Move::Resize(cols, rows)),
        1 => any::<i32>().prop_map(Move::Scroll),
        1 => (-20..20).prop_map(Move::Scroll),
        1 => Just(Move::Expire),
        1 => (0..60_u16, 0..30_u16).prop_map(|(cols, rows)| Move::Draw(cols, rows)),
    ];
    prop::collection::vec(one, 1..120)
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn hostile_bytes_do_no_harm(moves in moves()) {
        let mut emulator = Emulator::new(20, 6);
        for step in moves {
            let owed = match step {
                Move::Bytes(bytes) => emulator.feed(&bytes),
                Move::Resize(cols, rows) => {
                    emulator.resize(cols, rows);
                    Vec::new()
                }
                Move::Scroll(lines) => {
                    emulator.scroll(lines);
                    Vec::new()
                }
                Move::Expire => emulator.sync_expired(),
                Move::Draw(cols, rows) => {
                    painted(&emulator, cols, rows);
                    Vec::new()
                }
            };
            prop_assert!(owed.len() <= 64 * 1024);
            prop_assert!(emulator.title().is_none_or(|title| title.chars().count() <= 200));
            let (cols, rows) = emulator.size();
            prop_assert!(cols >= 2 && rows >= 1);
            if let Some(cursor) = emulator.cursor() {
                prop_assert!(cursor.col < cols && cursor.row < rows);
            }
            for row in 0..rows {
                let mut next = 0;
                for glyph in emulator.glyphs(row) {
                    prop_assert_eq!(glyph.col, next);
                    prop_assert!(!glyph.ch.is_control());
                    prop_assert!(glyph.marks.len() <= 8);
                    next += glyph.width;
                }
                prop_assert_eq!(next, cols);
            }
            // The emulator was not reset.
            prop_assert!(!emulator.text().contains("terminal emulator failed"));
        }
    }
}
