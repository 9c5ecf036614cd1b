//! A page that scrolls under a first line with tabs, for the views of code and steps.
//!
//! Both drawing and keys use it. Must not know what is written on it.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::keymap::Direction;
use super::state::State;
use crate::theme::Role;

/// The page and its place on the screen.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub head: Line<'static>,
    pub head_at: Rect,
    pub lines: Vec<Line<'static>>,
    pub body: Rect,
    /// The first line that is shown.
    pub top: usize,
}

impl Sheet {
    /// Lines in an area, from the line `scroll` on, or less if rows would stay empty.
    pub(crate) fn new(area: Rect, lines: Vec<Line<'static>>, scroll: usize) -> Sheet {
        let head_at = Rect { height: 1, ..area }.intersection(area);
        let body = Rect {
            y: head_at.bottom(),
            height: area.height - head_at.height,
            ..area
        };
        let mut sheet = Sheet {
            head: Line::default(),
            head_at,
            lines,
            body,
            top: 0,
        };
        sheet.top = scroll.min(sheet.last_top());
        sheet
    }

    /// Writes the first line: the tabs, each with whether it is picked; `said`, if there is room for it;
    /// how many lines are below.
    pub(crate) fn title(
        &mut self,
        state: &State,
        tabs: &[(&'static str, bool)],
        said: Option<String>,
    ) {
        let mut spans = vec![Span::raw(" ")];
        for (label, picked) in tabs {
            let (label, role) = if *picked {
                (format!("[{label}]"), Role::Selected)
            } else {
                (format!(" {label} "), Role::Text)
            };
            spans.push(Span::styled(label, state.theme.style(role)));
            spans.push(Span::raw(" "));
        }
        let below = match self.last_top() - self.top {
            0 => String::new(),
            lines => format!("  ↓{lines}"),
        };
        let used: usize = spans.iter().map(Span::width).sum();
        let room = usize::from(self.head_at.width).saturating_sub(used + below.width() + 1);
        let said = said.filter(|said| said.width() <= room).unwrap_or_default();
        spans.push(Span::raw(" ".repeat(room - said.width())));
        spans.push(Span::styled(said, state.theme.style(Role::Good)));
        spans.push(Span::styled(below, state.theme.style(Role::Strong)));
        self.head = Line::from(spans);
    }

    fn last_top(&self) -> usize {
        self.lines
            .len()
            .saturating_sub(usize::from(self.body.height))
    }

    /// Whether a line is in view.
    pub(crate) fn shows(&self, line: usize) -> bool {
        (self.top..self.top + usize::from(self.body.height)).contains(&line)
    }

    /// The first line to show after a scroll.
    pub(crate) fn scrolled(&self, way: Direction) -> usize {
        let page = usize::from(self.body.height.saturating_sub(1)).max(1);
        way.moved(self.top, self.last_top() + 1, page)
    }
}
