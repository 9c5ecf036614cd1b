//! Running text → lines of a given width.
//!
//! Owns where a line may end, in any language. Knows blocks and styles, no pane.

use ratatui::text::Line;

use super::theme::Theme;
use crate::lesson::{Block, Context};

/// The blocks as lines no wider than `width`, an empty line between paragraphs.
pub fn lines(blocks: &[Block], context: &Context, width: u16, theme: Theme) -> Vec<Line<'static>> {
    let _ = (blocks, context, width, theme);
    Vec::new()
}

/// Plain text as lines no wider than `width`.
pub fn wrap(text: &str, width: u16) -> Vec<String> {
    let _ = width;
    vec![text.to_owned()]
}
