//! A page that scrolls under a first line.

use ratatui::layout::Rect;

use super::frame::Frame;
use crate::app::sheet::Sheet;

pub(super) fn draw(frame: &mut Frame, sheet: &Sheet) {
    frame.render_widget(&sheet.head, sheet.head_at);
    let body = sheet.body;
    for (line, y) in sheet.lines[sheet.top..].iter().zip(body.y..body.bottom()) {
        frame.render_widget(line, Rect::new(body.x, y, body.width, 1));
    }
}
