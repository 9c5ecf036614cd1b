//! The kitty keyboard protocol's flags.
//!
//! Owns a stack of flags per screen. The emulator's own stack panics when 4,097 flags are pushed,
//! and accepts flags that `keys` can't encode. Must not know how a key is encoded.

use alacritty_terminal::vte::ansi::{KeyboardModes, KeyboardModesApplyBehavior};

/// The flags that `keys` can encode.
const SUPPORTED: KeyboardModes = KeyboardModes::DISAMBIGUATE_ESC_CODES;

/// Flags kept per screen; pushing more drops the oldest.
const DEPTH: usize = 64;

/// The screen that is shown; each has its own flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScreenKind {
    Main,
    Alternate,
}

/// The stacks of both screens; the last flags of a stack are in force.
#[derive(Debug, Default)]
pub(super) struct Keyboard([Vec<KeyboardModes>; 2]);

impl Keyboard {
    fn stack(&mut self, side: ScreenKind) -> &mut Vec<KeyboardModes> {
        &mut self.0[side as usize]
    }

    pub(super) fn flags(&self, side: ScreenKind) -> KeyboardModes {
        let stack = &self.0[side as usize];
        stack.last().copied().unwrap_or(KeyboardModes::NO_MODE)
    }

    /// `CSI > flags u`
    pub(super) fn push(&mut self, side: ScreenKind, flags: KeyboardModes) {
        let stack = self.stack(side);
        if stack.len() == DEPTH {
            stack.remove(0);
        }
        stack.push(flags & SUPPORTED);
    }

    /// `CSI < count u`
    pub(super) fn pop(&mut self, side: ScreenKind, count: u16) {
        let stack = self.stack(side);
        stack.truncate(stack.len().saturating_sub(usize::from(count)));
    }

    /// `CSI = flags ; how u`
    pub(super) fn set(
        &mut self,
        side: ScreenKind,
        flags: KeyboardModes,
        how: KeyboardModesApplyBehavior,
    ) {
        let before = self.stack(side).pop().unwrap_or(KeyboardModes::NO_MODE);
        let flags = flags & SUPPORTED;
        self.stack(side).push(match how {
            KeyboardModesApplyBehavior::Replace => flags,
            KeyboardModesApplyBehavior::Union => before | flags,
            KeyboardModesApplyBehavior::Difference => before - flags,
        });
    }
}
