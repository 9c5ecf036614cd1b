//! The next launch as a program: lines of text, with marks at the lines that the last change touched.
//!
//! Both drawing and keys use it, because scrolling depends on line breaks. Knows text and styles, no widget.

use std::ops::Range;
use std::time::Instant;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use similar::{ChangeTag, TextDiff};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::keymap::{Direction, Pane};
use super::msg::Effect;
use super::notice::Notice;
use super::sheet::Sheet;
use super::state::State;
use super::texts;
use super::views::CodeView;
use crate::code::{self, Notation};
use crate::namespace::NamespaceSet;
use crate::sandbox::{HostKind, Plan};
use crate::theme::Role;

/// A tab of the source, narrower than usual to leave room for the code.
const TAB: &str = "    ";
/// Columns around a line: the mark of a change, a blank behind it, a blank at the right edge.
const AROUND: usize = 3;
/// Lines kept in view above the first changed one.
const ABOVE: usize = 2;

/// The program as a sheet, and its first changed line. `None` if the screen has no room for it.
pub(crate) fn view(state: &State) -> Option<(Sheet, Option<usize>)> {
    let area = state.layout().whole()?;
    let CodeView {
        notation,
        ref before,
        scroll,
    } = state.views.code;
    let width = usize::from(area.width).saturating_sub(AROUND).max(8);
    let now = state.next_launch.plan();
    let programs = program(state, before.clone()).and_then(|before| {
        let now = program(state, now.clone())?;
        Ok((before, now))
    });
    let program = match programs {
        Ok((before, now)) => ProgramLines::compare(&before, &now, width, state),
        // A mistake in a template must not stop the lab.
        Err(error) => {
            let said = Line::styled(format!("✘ {error}"), state.theme.style(Role::Bad));
            ProgramLines {
                lines: vec![said],
                ..ProgramLines::default()
            }
        }
    };
    let toggled = toggled(before, &now);
    let said = (!toggled.is_empty())
        .then(|| texts::code_change(state.lang, &toggled, program.added, program.removed));
    let tabs = Notation::ALL.map(|it| (it.label(), it == notation));
    let mut sheet = Sheet::new(area, program.lines, scroll);
    sheet.title(state, &tabs, said);
    Some((sheet, program.changed))
}

/// The program of a plan, as it is carried out on this kind of host.
fn program(state: &State, plan: Plan) -> Result<String, minijinja::Error> {
    let plan = match state.shells.host_kind {
        HostKind::Lab | HostKind::LabWithoutUser => plan,
        HostKind::Machine => plan.on_the_machine(),
    };
    code::program(state.views.code.notation, &plan, state.lang)
}

/// A program as lines, compared with the previous one.
#[derive(Default)]
struct ProgramLines {
    lines: Vec<Line<'static>>,
    /// The first line that differs in more than a comment or an import.
    changed: Option<usize>,
    /// Lines of the source that were added, and removed.
    added: usize,
    removed: usize,
}

impl ProgramLines {
    /// The present program, with removed lines where they were.
    fn compare(before: &str, now: &str, width: usize, state: &State) -> ProgramLines {
        let mut program = ProgramLines::default();
        let mut first = None;
        let diff = TextDiff::from_lines(before, now);
        for change in diff
            .ops()
            .iter()
            .flat_map(|op| diff.iter_inline_changes(op))
        {
            let source = SourceLine::new(change.iter_strings_lossy());
            let (mark, role) = match change.tag() {
                ChangeTag::Equal if source.is_comment() => (' ', Role::Dim),
                ChangeTag::Equal => (' ', Role::Text),
                ChangeTag::Insert => ('+', Role::Good),
                ChangeTag::Delete => ('-', Role::Dim),
            };
            program.added += usize::from(mark == '+');
            program.removed += usize::from(mark == '-');
            if mark != ' ' {
                let at = program.lines.len();
                first.get_or_insert(at);
                if !source.is_comment() && !source.is_import() {
                    program.changed.get_or_insert(at);
                }
            }
            let lines = source.lines(mark, width, state.theme.style(role));
            program.lines.extend(lines);
        }
        program.changed = program.changed.or(first);
        program
    }
}

/// `+IPC -PID +proc=fresh`: flags as on the screen, options as on the command line.
fn toggled(before: &Plan, now: &Plan) -> String {
    let said = |plan: &Plan| -> Vec<String> {
        let flags = plan.flags.iter().map(|kind| kind.label().to_owned());
        let join = plan.join.map(|join| match join.kinds {
            kinds if kinds == NamespaceSet::all() => "join=all".to_owned(),
            kinds => format!("join={kinds}"),
        });
        let options = plan.options.within(plan.flags).arguments();
        let options = options
            .iter()
            .map(|option| option.trim_start_matches("--").to_owned());
        flags.chain(join).chain(options).collect()
    };
    let (before, now) = (said(before), said(now));
    let added = now.iter().filter(|word| !before.contains(word));
    let removed = before.iter().filter(|word| !now.contains(word));
    let added = added.map(|word| format!("+{word}"));
    let removed = removed.map(|word| format!("-{word}"));
    added.chain(removed).collect::<Vec<_>>().join(" ")
}

/// One line of a program, with the parts that differ from the line it replaced.
struct SourceLine {
    text: String,
    emphasis: Vec<Range<usize>>,
}

impl SourceLine {
    fn new<'t>(parts: impl Iterator<Item = (bool, std::borrow::Cow<'t, str>)>) -> SourceLine {
        let mut source = SourceLine {
            text: String::new(),
            emphasis: Vec::new(),
        };
        for (emphasised, part) in parts {
            let start = source.text.len();
            let part = part.trim_end_matches('\n').replace('\t', TAB);
            source.text.push_str(&part);
            if emphasised {
                source.emphasis.push(start..source.text.len());
            }
        }
        source
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    fn is_comment(&self) -> bool {
        let text = self.text.trim_start();
        ["//", "/*", "* ", "# "]
            .iter()
            .any(|mark| text.starts_with(mark))
            || text == "*"
            || text == "*/"
    }

    fn is_import(&self) -> bool {
        ["#", "use "].iter().any(|mark| self.text.starts_with(mark))
    }

    /// The line, broken as needed, with an arrow before each further piece.
    fn lines(&self, mark: char, width: usize, style: Style) -> Vec<Line<'static>> {
        let indent = self.indent().min(width / 2);
        let further = format!("{}↳ ", " ".repeat(indent));
        let strong = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        self.pieces(width, further.width())
            .into_iter()
            .enumerate()
            .map(|(i, piece)| {
                let mut spans = vec![Span::styled(format!("{mark} "), style)];
                if i > 0 {
                    spans.push(Span::styled(further.clone(), style));
                }
                let mut at = piece.start;
                for part in &self.emphasis {
                    let (start, end) = (part.start.max(at), part.end.min(piece.end));
                    if start < end {
                        spans.push(Span::styled(self.text[at..start].to_owned(), style));
                        spans.push(Span::styled(self.text[start..end].to_owned(), strong));
                        at = end;
                    }
                }
                spans.push(Span::styled(self.text[at..piece.end].to_owned(), style));
                Line::from(spans)
            })
            .collect()
    }

    /// The text broken at blanks, if possible. All pieces but the first have `less` fewer columns.
    fn pieces(&self, width: usize, less: usize) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut start, mut room) = (0, width);
        // A break in the indentation would leave an empty line.
        let mut least = self.indent();
        while self.text[start..].width() > room {
            let mut used = 0;
            let mut end = start;
            let mut blank = None;
            for (at, letter) in self.text[start..].char_indices() {
                used += letter.width().unwrap_or(0);
                if used > room && end > start {
                    break;
                }
                end = start + at + letter.len_utf8();
                if letter == ' ' && start + at > least {
                    blank = Some(end);
                }
            }
            let end = blank.unwrap_or(end);
            pieces.push(start..end);
            (start, least) = (end, end);
            room = width.saturating_sub(less).max(1);
        }
        pieces.push(start..self.text.len());
        pieces
    }
}

/// Remembers the plan from before its last change, and scrolls to the lines that the change touched.
pub(super) fn note_change(state: &mut State, before: Plan) {
    if before != state.next_launch.plan() {
        state.views.code.before = before;
        follow(state);
    }
}

/// Scrolls to the lines that the last change touched, while the program has the focus.
pub(super) fn follow(state: &mut State) {
    if state.views.focus != Pane::Code {
        return;
    }
    if let Some((sheet, Some(changed))) = view(state)
        && !sheet.shows(changed)
    {
        state.views.code.scroll = changed.saturating_sub(ABOVE);
    }
}

/// Scrolls to the call that makes the container. A change that must be shown comes first.
pub(super) fn show_call(state: &mut State) {
    let Some((sheet, None)) = view(state) else {
        return follow(state);
    };
    let is_call = |line: &Line| {
        let text = line.to_string();
        let text = text.trim_start();
        let comment = ["//", "/*", "* "].iter().any(|mark| text.starts_with(mark));
        text.contains("clone(") && !comment
    };
    if let Some(call) = sheet.lines.iter().position(is_call)
        && !sheet.shows(call)
    {
        state.views.code.scroll = call.saturating_sub(ABOVE);
    }
}

/// Shows the next or the previous notation; after the last one comes the first.
pub(super) fn turn(state: &mut State, way: Direction) {
    if matches!(way, Direction::Left | Direction::Right) {
        let notation = &mut state.views.code.notation;
        *notation = way.turned(&Notation::ALL, *notation);
    }
    state.views.code.scroll = 0;
    follow(state);
}

pub(super) fn scroll(state: &mut State, way: Direction) {
    if let Some((sheet, _)) = view(state) {
        state.views.code.scroll = sheet.scrolled(way);
    }
}

/// Copies the program to the terminal's clipboard.
pub(super) fn copy(state: &mut State, now: Instant) -> Option<Effect> {
    let text = program(state, state.next_launch.plan()).ok()?;
    state.say(Notice::Copied, now);
    Some(Effect::Copy { text })
}

/// Writes the program to a file.
pub(super) fn save(state: &State) -> Option<Effect> {
    let notation = state.views.code.notation;
    let text = program(state, state.next_launch.plan()).ok()?;
    Some(Effect::Save { notation, text })
}
