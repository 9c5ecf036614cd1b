//! stub
use super::emulator::Modes;
use crossterm::event::MouseEvent;
/// x
pub fn encode(_event: MouseEvent, _col: u16, _row: u16, _modes: Modes) -> Option<Vec<u8>> {
    None
}
/// x
pub fn wheel_as_keys(_event: MouseEvent, _modes: Modes) -> Option<Vec<u8>> {
    None
}
