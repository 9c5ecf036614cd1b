//! stub
use super::emulator::Modes;
use crossterm::event::KeyEvent;
/// x
pub fn encode(_key: &KeyEvent, _modes: Modes) -> Vec<u8> {
    Vec::new()
}
/// x
pub fn paste(text: &str, _modes: Modes) -> Vec<u8> {
    text.as_bytes().to_vec()
}
