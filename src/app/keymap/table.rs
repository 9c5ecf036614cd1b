//! The table of keys, in the order of the footer and the help.
//!
//! Terminals and desktops take some function keys for themselves, so everything can be reached without
//! them.

use crossterm::event::{KeyCode, KeyModifiers};

use super::{Action, Pane, Place, Tab, Way, Word};
use crate::namespace::Namespace;

/// What a line of the table matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// This key, with exactly these modifiers.
    Key(KeyCode, KeyModifiers),
    /// The key that leaves a shell, which the learner can choose.
    Leave,
}

/// One line of the table.
pub(crate) struct Binding {
    pub word: Word,
    pub places: &'static [Place],
    pub keys: &'static [(Pattern, Action)],
    /// Whether it is in the footer.
    pub footer: bool,
}

const fn key(code: KeyCode) -> Pattern {
    Pattern::Key(code, KeyModifiers::NONE)
}

const fn letter(letter: char) -> Pattern {
    key(KeyCode::Char(letter))
}

const fn function(number: u8) -> Pattern {
    key(KeyCode::F(number))
}

const fn shift(code: KeyCode) -> Pattern {
    Pattern::Key(code, KeyModifiers::SHIFT)
}

const fn control(letter: char) -> Pattern {
    Pattern::Key(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

use Place::{
    Code, Compare, Details, Ended, Flags, Glossary, Help, Lesson, Lessons, NoLab, NoUser,
    OptionText, Options, Prediction, Prompt, QuitQuestion, RiskQuestion, Shell, Shown, Trace,
    Watching,
};

/// Wherever no shell has the keys and nothing lies over the screen.
const OPEN: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, NoLab, NoUser, Compare, Code, Trace, Details,
];
/// Wherever no shell has the keys.
const ANYWHERE: &[Place] = &[
    Lesson,
    Prediction,
    Watching,
    Shown,
    Flags,
    Ended,
    NoLab,
    NoUser,
    Compare,
    Code,
    Trace,
    Details,
    Help,
    Lessons,
    Glossary,
    Options,
    QuitQuestion,
    RiskQuestion,
];
/// Where Esc goes to the lesson, beside other things.
const TO_LESSON: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, NoLab, NoUser, Compare,
];
/// The lesson, whatever it waits for.
const READING: &[Place] = &[Lesson, Prediction];

const fn line(
    word: Word,
    places: &'static [Place],
    keys: &'static [(Pattern, Action)],
    footer: bool,
) -> Binding {
    Binding {
        word,
        places,
        keys,
        footer,
    }
}

/// The table. Its order is the order of footer and help.
pub(crate) const TABLE: &[Binding] = &[
    line(
        Word::Choose,
        &[Prediction],
        &[
            (letter('1'), Action::Choose(1)),
            (letter('2'), Action::Choose(2)),
            (letter('3'), Action::Choose(3)),
            (letter('4'), Action::Choose(4)),
            (letter('5'), Action::Choose(5)),
            (letter('6'), Action::Choose(6)),
            (letter('7'), Action::Choose(7)),
            (letter('8'), Action::Choose(8)),
            (letter('9'), Action::Choose(9)),
        ],
        true,
    ),
    line(
        Word::MoveChoice,
        &[Prediction],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::Answer,
        &[Prediction],
        &[(key(KeyCode::Enter), Action::Next)],
        true,
    ),
    line(
        Word::Skip,
        &[Prediction],
        &[(letter('s'), Action::Skip)],
        true,
    ),
    line(
        Word::Next,
        &[Lesson],
        &[(key(KeyCode::Enter), Action::Next)],
        true,
    ),
    line(
        Word::BackToLesson,
        &[Watching, Shown],
        &[(key(KeyCode::Enter), Action::Focus(Pane::Lesson))],
        true,
    ),
    line(
        Word::FocusLesson,
        &[Code, Trace],
        &[
            (key(KeyCode::Esc), Action::Focus(Pane::Lesson)),
            (function(2), Action::Focus(Pane::Lesson)),
        ],
        true,
    ),
    line(
        Word::Relaunch,
        &[Ended],
        &[(key(KeyCode::Enter), Action::Relaunch)],
        true,
    ),
    line(
        Word::FreshLabHere,
        &[NoLab],
        &[(key(KeyCode::Enter), Action::FreshLab)],
        true,
    ),
    line(
        Word::WithoutUser,
        &[NoUser],
        &[(key(KeyCode::Enter), Action::AskWithoutUser)],
        true,
    ),
    line(
        Word::TakeRisk,
        &[RiskQuestion],
        &[(letter('y'), Action::TakeRisk)],
        true,
    ),
    line(
        Word::NoRisk,
        &[RiskQuestion],
        &[
            (letter('n'), Action::NoRisk),
            (key(KeyCode::Esc), Action::NoRisk),
            (letter('q'), Action::NoRisk),
        ],
        true,
    ),
    line(
        Word::MoveFlags,
        &[Flags],
        &[
            (key(KeyCode::Left), Action::Move(Way::Left)),
            (key(KeyCode::Right), Action::Move(Way::Right)),
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::ToggleHere,
        &[Flags],
        &[(letter(' '), Action::ToggleHere)],
        true,
    ),
    line(
        Word::Notation,
        &[Code],
        &[
            (key(KeyCode::Left), Action::Move(Way::Left)),
            (key(KeyCode::Right), Action::Move(Way::Right)),
        ],
        true,
    ),
    line(Word::Copy, &[Code], &[(letter('y'), Action::Copy)], true),
    line(Word::Save, &[Code], &[(letter('w'), Action::Save)], true),
    line(
        Word::AllSteps,
        &[Trace],
        &[
            (key(KeyCode::Enter), Action::AllSteps),
            (letter(' '), Action::AllSteps),
        ],
        true,
    ),
    line(
        Word::LaunchHere,
        &[Flags, Code],
        &[(key(KeyCode::Enter), Action::Launch)],
        true,
    ),
    line(
        Word::MoveOption,
        &[Options, OptionText],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::ChangeOption,
        &[Options],
        &[
            (key(KeyCode::Left), Action::Move(Way::Left)),
            (key(KeyCode::Right), Action::Move(Way::Right)),
            (letter(' '), Action::Move(Way::Right)),
        ],
        true,
    ),
    line(
        Word::JoinKinds,
        &[Options],
        &[
            (letter('u'), Action::Toggle(Namespace::Uts)),
            (letter('i'), Action::Toggle(Namespace::Ipc)),
            (letter('p'), Action::Toggle(Namespace::Pid)),
            (letter('m'), Action::Toggle(Namespace::Mnt)),
            (letter('n'), Action::Toggle(Namespace::Net)),
            (letter('U'), Action::Toggle(Namespace::User)),
            (letter('C'), Action::Toggle(Namespace::Cgroup)),
            (letter('T'), Action::Toggle(Namespace::Time)),
        ],
        true,
    ),
    line(
        Word::Launch,
        &[Options, OptionText],
        &[
            (key(KeyCode::Enter), Action::Launch),
            (function(5), Action::Launch),
        ],
        true,
    ),
    line(
        Word::Close,
        &[OptionText],
        &[(key(KeyCode::Esc), Action::Close)],
        true,
    ),
    line(
        Word::Close,
        &[Options],
        &[
            (key(KeyCode::Esc), Action::Close),
            (letter('o'), Action::Close),
            (letter('q'), Action::Close),
        ],
        true,
    ),
    line(
        Word::OtherSides,
        &[Compare],
        &[
            (key(KeyCode::Left), Action::Move(Way::Left)),
            (key(KeyCode::Right), Action::Move(Way::Right)),
        ],
        true,
    ),
    line(
        Word::MoveRow,
        &[Compare],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::RowPages,
        &[Compare],
        &[
            (key(KeyCode::PageUp), Action::Move(Way::PageUp)),
            (key(KeyCode::PageDown), Action::Move(Way::PageDown)),
            (key(KeyCode::Home), Action::Move(Way::First)),
            (key(KeyCode::End), Action::Move(Way::Last)),
        ],
        false,
    ),
    line(
        Word::Open,
        &[Compare],
        &[(key(KeyCode::Enter), Action::Open)],
        true,
    ),
    line(Word::Zoom, &[Compare], &[(letter('z'), Action::Zoom)], true),
    line(
        Word::OtherRow,
        &[Details],
        &[
            (key(KeyCode::Left), Action::PreviousRow),
            (key(KeyCode::Right), Action::NextRow),
            (letter('['), Action::PreviousRow),
            (letter(']'), Action::NextRow),
        ],
        true,
    ),
    line(
        Word::Back,
        &[Details],
        &[
            (key(KeyCode::Esc), Action::Back),
            (key(KeyCode::Backspace), Action::Back),
        ],
        true,
    ),
    line(
        Word::Prompt,
        &[Compare, Details],
        &[(letter('!'), Action::Prompt), (letter('x'), Action::Prompt)],
        true,
    ),
    line(
        Word::Run,
        &[Prompt],
        &[(key(KeyCode::Enter), Action::Run)],
        true,
    ),
    line(
        Word::Recall,
        &[Prompt],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::CloseLine,
        &[Prompt],
        &[
            (key(KeyCode::Esc), Action::Close),
            (control('c'), Action::Close),
        ],
        true,
    ),
    line(
        Word::Leave,
        &[Shell],
        &[(Pattern::Leave, Action::Leave)],
        true,
    ),
    line(
        Word::History,
        &[Shell, Ended, Watching],
        &[
            (shift(KeyCode::PageUp), Action::History(Way::PageUp)),
            (shift(KeyCode::PageDown), Action::History(Way::PageDown)),
        ],
        true,
    ),
    line(
        Word::MoveLesson,
        &[Lessons],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
            (key(KeyCode::Home), Action::Move(Way::First)),
            (key(KeyCode::End), Action::Move(Way::Last)),
        ],
        true,
    ),
    line(
        Word::Pick,
        &[Lessons],
        &[(key(KeyCode::Enter), Action::Pick)],
        true,
    ),
    line(
        Word::QuitAnyway,
        &[QuitQuestion],
        &[
            (letter('q'), Action::QuitAnyway),
            (letter('y'), Action::QuitAnyway),
            (control('c'), Action::QuitAnyway),
        ],
        true,
    ),
    line(
        Word::Stay,
        &[QuitQuestion],
        &[
            (letter('n'), Action::Close),
            (key(KeyCode::Esc), Action::Close),
        ],
        true,
    ),
    line(
        Word::Close,
        &[Lessons],
        &[
            (key(KeyCode::Esc), Action::Close),
            (letter('l'), Action::Close),
            (letter('q'), Action::Close),
        ],
        true,
    ),
    line(
        Word::Steps,
        READING,
        &[
            (key(KeyCode::Left), Action::StepBack),
            (key(KeyCode::Right), Action::StepOn),
            (letter('['), Action::StepBack),
            (letter(']'), Action::StepOn),
        ],
        true,
    ),
    line(
        Word::ForgetLesson,
        &[Lessons],
        &[
            (key(KeyCode::Delete), Action::ForgetLesson),
            (letter('x'), Action::ForgetLesson),
        ],
        true,
    ),
    line(
        Word::ForgetAll,
        &[Lessons],
        &[(letter('X'), Action::ForgetAll)],
        true,
    ),
    line(
        Word::ForgetStep,
        READING,
        &[(key(KeyCode::Backspace), Action::ForgetStep)],
        false,
    ),
    line(Word::Hint, READING, &[(letter('h'), Action::Hint)], true),
    line(
        Word::Glossary,
        &[Lesson, Prediction, Shown],
        &[(letter('g'), Action::Glossary)],
        true,
    ),
    line(
        Word::MoveTerm,
        &[Glossary],
        &[
            (key(KeyCode::Up), Action::Move(Way::Up)),
            (key(KeyCode::Down), Action::Move(Way::Down)),
        ],
        true,
    ),
    line(
        Word::TermPages,
        &[Glossary],
        &[
            (key(KeyCode::PageUp), Action::Move(Way::PageUp)),
            (key(KeyCode::PageDown), Action::Move(Way::PageDown)),
            (key(KeyCode::Home), Action::Move(Way::First)),
            (key(KeyCode::End), Action::Move(Way::Last)),
        ],
        true,
    ),
    line(
        Word::Close,
        &[Glossary],
        &[
            (key(KeyCode::Esc), Action::Close),
            (letter('g'), Action::Close),
            (letter('q'), Action::Close),
            (key(KeyCode::Enter), Action::Close),
        ],
        true,
    ),
    line(
        Word::Scroll,
        &[Help],
        &[
            (key(KeyCode::Up), Action::Scroll(Way::Up)),
            (key(KeyCode::Down), Action::Scroll(Way::Down)),
        ],
        true,
    ),
    line(
        Word::Close,
        &[Help],
        &[
            (key(KeyCode::Esc), Action::Close),
            (function(1), Action::Close),
            (letter('q'), Action::Close),
            (key(KeyCode::Enter), Action::Close),
        ],
        true,
    ),
    line(
        Word::Scroll,
        &[Code, Trace, Details],
        &[
            (key(KeyCode::Up), Action::Scroll(Way::Up)),
            (key(KeyCode::Down), Action::Scroll(Way::Down)),
        ],
        true,
    ),
    line(
        Word::Scroll,
        &[Lesson],
        &[
            (key(KeyCode::Up), Action::Scroll(Way::Up)),
            (key(KeyCode::Down), Action::Scroll(Way::Down)),
        ],
        false,
    ),
    line(
        Word::Pages,
        &[Lesson, Prediction, Code, Trace, Details, Help],
        &[
            (key(KeyCode::PageUp), Action::Scroll(Way::PageUp)),
            (key(KeyCode::PageDown), Action::Scroll(Way::PageDown)),
            (key(KeyCode::Home), Action::Scroll(Way::First)),
            (key(KeyCode::End), Action::Scroll(Way::Last)),
        ],
        false,
    ),
    line(
        Word::Launch,
        OPEN,
        &[(function(5), Action::Launch), (letter('r'), Action::Launch)],
        true,
    ),
    line(
        Word::Flags,
        OPEN,
        &[
            (letter('u'), Action::Toggle(Namespace::Uts)),
            (letter('i'), Action::Toggle(Namespace::Ipc)),
            (letter('p'), Action::Toggle(Namespace::Pid)),
            (letter('m'), Action::Toggle(Namespace::Mnt)),
            (letter('n'), Action::Toggle(Namespace::Net)),
            (letter('U'), Action::Toggle(Namespace::User)),
            (letter('C'), Action::Toggle(Namespace::Cgroup)),
            (letter('T'), Action::Toggle(Namespace::Time)),
        ],
        true,
    ),
    line(
        Word::Tabs,
        OPEN,
        &[
            (letter('<'), Action::Tab(Tab::Turn(Way::Left))),
            (letter('>'), Action::Tab(Tab::Turn(Way::Right))),
        ],
        true,
    ),
    line(
        Word::FocusLesson,
        TO_LESSON,
        &[
            (function(2), Action::Focus(Pane::Lesson)),
            (key(KeyCode::Esc), Action::Focus(Pane::Lesson)),
        ],
        true,
    ),
    line(
        Word::FocusLesson,
        &[Details],
        &[(function(2), Action::Focus(Pane::Lesson))],
        true,
    ),
    line(
        Word::FocusHost,
        OPEN,
        &[(function(3), Action::Focus(Pane::Host))],
        true,
    ),
    line(
        Word::FocusContainer,
        OPEN,
        &[(function(4), Action::Focus(Pane::Container))],
        true,
    ),
    line(
        Word::FocusCompare,
        OPEN,
        &[(function(6), Action::Focus(Pane::Compare))],
        true,
    ),
    line(
        Word::FocusCode,
        OPEN,
        &[
            (function(7), Action::Focus(Pane::Code)),
            (letter('c'), Action::Focus(Pane::Code)),
        ],
        true,
    ),
    line(
        Word::FocusTrace,
        OPEN,
        &[
            (function(10), Action::Focus(Pane::Trace)),
            (letter('t'), Action::Focus(Pane::Trace)),
        ],
        false,
    ),
    line(
        Word::Options,
        OPEN,
        &[(letter('o'), Action::Tab(Tab::Options))],
        false,
    ),
    line(
        Word::NewTab,
        OPEN,
        &[(letter('a'), Action::Tab(Tab::New))],
        false,
    ),
    line(
        Word::Machine,
        OPEN,
        &[
            (function(12), Action::Machine),
            (letter('M'), Action::Machine),
        ],
        false,
    ),
    line(
        Word::FocusDetails,
        &[
            Lesson, Prediction, Watching, Flags, Ended, NoLab, NoUser, Compare, Code, Trace,
        ],
        &[(letter('d'), Action::Focus(Pane::Details))],
        false,
    ),
    line(
        Word::Prompt,
        &[
            Lesson, Prediction, Watching, Flags, Ended, NoLab, NoUser, Code, Trace,
        ],
        &[(letter('!'), Action::Prompt), (letter('x'), Action::Prompt)],
        false,
    ),
    line(
        Word::Panes,
        OPEN,
        &[
            (key(KeyCode::Tab), Action::NextPane),
            (key(KeyCode::BackTab), Action::PreviousPane),
        ],
        false,
    ),
    line(
        Word::Lessons,
        OPEN,
        &[(letter('l'), Action::Lessons)],
        false,
    ),
    line(
        Word::Glossary,
        &[
            Watching, Flags, Ended, NoLab, NoUser, Compare, Code, Trace, Details,
        ],
        &[(letter('g'), Action::Glossary)],
        false,
    ),
    line(
        Word::Language,
        ANYWHERE,
        &[
            (function(8), Action::Language),
            (letter('L'), Action::Language),
        ],
        false,
    ),
    line(
        Word::FreshLab,
        OPEN,
        &[
            (function(9), Action::FreshLab),
            (letter('R'), Action::FreshLab),
        ],
        false,
    ),
    line(
        Word::BeginAgain,
        OPEN,
        &[
            (function(11), Action::BeginAgain),
            (letter('B'), Action::BeginAgain),
        ],
        false,
    ),
    line(
        Word::Help,
        OPEN,
        &[(function(1), Action::Help), (letter('?'), Action::Help)],
        false,
    ),
    line(
        Word::Quit,
        OPEN,
        &[(letter('q'), Action::Quit), (control('c'), Action::Quit)],
        true,
    ),
];
