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
pub(super) struct Keyboard([Stack; 2]);

#[derive(Debug)]
struct Stack {
    current: KeyboardModes,
    below: Vec<KeyboardModes>,
}

impl Default for Stack {
    fn default() -> Self {
        Stack {
            current: KeyboardModes::NO_MODE,
            below: Vec::new(),
        }
    }
}

impl Keyboard {
    fn stack(&mut self, side: ScreenKind) -> &mut Stack {
        &mut self.0[side as usize]
    }

    pub(super) fn flags(&self, side: ScreenKind) -> KeyboardModes {
        self.0[side as usize].current
    }

    /// `CSI > flags u`
    pub(super) fn push(&mut self, side: ScreenKind, flags: KeyboardModes) {
        let stack = self.stack(side);
        if stack.below.len() == DEPTH {
            stack.below.remove(0);
        }
        stack.below.push(stack.current);
        stack.current = flags & SUPPORTED;
    }

    /// `CSI < count u`
    pub(super) fn pop(&mut self, side: ScreenKind, count: u16) {
        let stack = self.stack(side);
        for _ in 0..count {
            let Some(flags) = stack.below.pop() else {
                stack.current = KeyboardModes::NO_MODE;
                break;
            };
            stack.current = flags;
        }
    }

    /// `CSI = flags ; how u`
    pub(super) fn set(
        &mut self,
        side: ScreenKind,
        flags: KeyboardModes,
        how: KeyboardModesApplyBehavior,
    ) {
        let stack = self.stack(side);
        let flags = flags & SUPPORTED;
        stack.current = match how {
            KeyboardModesApplyBehavior::Replace => flags,
            KeyboardModesApplyBehavior::Union => stack.current | flags,
            KeyboardModesApplyBehavior::Difference => stack.current - flags,
        };
    }
}
