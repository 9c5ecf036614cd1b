//! The pure core of the lab: messages change the state, the state asks for effects.
//!
//! Knows crossterm's events and ratatui's rectangles and lines as plain data; no widget, no
//! system call, no file, no thread.

mod autoplay;
mod boxes;
mod changed;
mod checks;
pub(crate) mod clone_call;
pub(crate) mod code_view;
mod compare_actions;
pub(crate) mod compared;
pub(crate) mod copy_mode;
pub(crate) mod course_end;
mod credit;
pub(crate) mod cursor;
pub(crate) mod cut;
mod diagnosis;
pub(crate) mod enter_action;
pub(crate) mod expected;
pub(crate) mod figure;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod glossary;
pub(crate) mod headings;
pub(crate) mod help;
mod input;
mod key_steps;
pub(crate) mod keymap;
mod keys_left;
mod lab_events;
mod launch_actions;
pub(crate) mod launching;
pub(crate) mod layout;
mod lesson_actions;
mod lesson_files;
mod lesson_lab;
pub(crate) mod lesson_state;
pub(crate) mod lesson_view;
pub(crate) mod map_view;
pub(crate) mod marks;
pub(crate) mod mistake;
mod mouse;
mod msg;
mod navigation;
pub(crate) mod next_launch;
pub(crate) mod notice;
pub(crate) mod options;
mod outcome;
pub(crate) mod picked;
pub(crate) mod prompt;
pub(crate) mod rebuild;
mod redraw;
pub(crate) mod requirements;
mod restart;
pub(crate) mod review;
mod review_actions;
mod saving;
pub(crate) mod search;
pub(crate) mod searched;
mod selecting;
mod shadowed;
pub(crate) mod sheet;
mod shell_events;
pub(crate) mod shells;
pub(crate) mod side_by_side;
mod splits;
mod start;
pub(crate) mod starting_state;
pub(crate) mod state;
mod step_moves;
pub(crate) mod system;
pub(crate) mod table;
pub(crate) mod tabs;
#[cfg(test)]
mod tests;
pub(crate) mod texts;
pub(crate) mod trace_view;
mod typed_lines;
pub(crate) mod typing;
pub(crate) mod underway;
mod update;
mod view_actions;
pub(crate) mod views;
pub(crate) mod walk;

pub(crate) use changed::Changed;
pub(crate) use compared::{Column, Compared, ProcessId};
pub use figure::form::Figures;
pub(crate) use mistake::Mistake;
pub(crate) use msg::{
    ClipboardEvent, CommandAnswer, Failure, FileEvent, LessonsEvent, MachineEvent, MapEvent,
    NotCopied, NotSaved, ProcessEvent, ProgressEvent, Through, TypingEvent, WhyNotCopied,
};
pub use msg::{Effect, LabEvent, Msg, ShellEvent};
pub(crate) use review::Topic;
pub(crate) use review_actions::nothing_to_review;
pub use start::start;
pub use state::{Setup, State};
pub use system::{Clock, UserKind};
pub use update::update;
pub use walk::Lessons;
