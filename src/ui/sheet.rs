//! A page that scrolls under a first line.

use super::frame::Frame;
use crate::app::sheet::Sheet;

pub(super) fn draw(frame: &mut Frame, sheet: Option<Sheet>) {
    let Some(sheet) = sheet else { return };
    frame.render_widget(sheet.head, sheet.head_at);
    frame.render_lines(sheet.lines.into_iter().skip(sheet.top), sheet.body);
}
