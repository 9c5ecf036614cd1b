//! The table of keys, in the order of the footer and the help.
//!
//! Terminals and desktops take some function keys for themselves, so everything can be reached without
//! them.

use crossterm::event::{KeyCode, KeyModifiers};

use KeyCode::{
    BackTab, Backspace, Delete, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Up,
};

use super::{Direction, KeyAction, Pane, Place};
use crate::app::compared::Column;
use crate::app::review::Wanted;
use crate::app::texts::Word;
use crate::namespace::Namespace;
use crate::pty::emulator::{Motion, SelectionUnit, Toward};

/// A key of a line of the table.
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
    pub keys: &'static [(Pattern, KeyAction)],
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

const fn alt(letter: char) -> Pattern {
    Pattern::Key(KeyCode::Char(letter), KeyModifiers::ALT)
}

const fn control(letter: char) -> Pattern {
    Pattern::Key(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

use Place::{
    Code, Compare, Details, Empty, Ended, Flags, Lesson, NoLab, NoUser, Prediction, Shown, Trace,
    Watching,
};
/// The places in which no shell has the keys, without an overlay.
const OPEN: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, Empty, NoLab, NoUser, Compare, Code, Trace,
    Details,
];
/// The places in which Esc goes back to the lesson.
const TO_LESSON: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, Empty, NoLab, NoUser, Compare,
];
/// The lesson, with or without a question that waits.
const READING: &[Place] = &[Lesson, Prediction];

/// The actions of each part, by the part's name.
mod part {
    pub(super) use super::super::{
        CompareAction as Compare, CopyAction as Copy, LaunchAction as Launch,
        LessonAction as Lesson, QuitAction as Quit, ViewAction as View,
    };
}

/// Makes the table of lines such as `footer Next [Lesson]: key(Enter) => Lesson::Next;`: whether the line is in the
/// footer or only in the help, its word, its places, and its keys with what each does.
macro_rules! table {
    (@footer) => { true };
    (@help) => { false };
    (@places [$($place:ident)*]) => { &[$(Place::$place),*] };
    (@places $places:ident) => { $places };
    ($($bar:ident $word:ident $places:tt:
        $($key:expr => $part:ident::$action:ident $(($argument:expr))?),+;)*) => {
        &[$(Binding {
            word: Word::$word,
            places: table!(@places $places),
            keys: &[$(($key, KeyAction::$part(part::$part::$action $(($argument))?))),+],
            footer: table!(@$bar),
        }),*]
    };
}

/// The table. Its order is the order of footer and help.
pub(crate) const TABLE: &[Binding] = table! {
    footer Choose [Prediction]: letter('1') => Lesson::Choose(1), letter('2') => Lesson::Choose(2),
        letter('3') => Lesson::Choose(3), letter('4') => Lesson::Choose(4), letter('5') => Lesson::Choose(5),
        letter('6') => Lesson::Choose(6), letter('7') => Lesson::Choose(7), letter('8') => Lesson::Choose(8),
        letter('9') => Lesson::Choose(9);
    footer MoveChoice [Prediction]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer Answer [Prediction]: key(Enter) => Lesson::Next;
    footer Skip [Prediction]: letter('s') => Lesson::Skip;
    footer Next [Lesson]: key(Enter) => Lesson::Next;
    footer BackToLesson [Watching Shown]: key(Enter) => View::Focus(Pane::Lesson);
    footer FocusLesson [Code Trace]: key(Esc) => View::Focus(Pane::Lesson),
        function(2) => View::Focus(Pane::Lesson);
    footer Relaunch [Ended Empty]: key(Enter) => Launch::Relaunch;
    footer FreshLabHere [NoLab]: key(Enter) => Launch::FreshLab;
    footer WithoutUser [NoUser]: key(Enter) => Launch::AskWithoutUser;
    footer TakeRisk [RiskQuestion]: letter('y') => Launch::TakeRisk;
    footer NoRisk [RiskQuestion]: letter('n') => Launch::NoRisk, key(Esc) => Launch::NoRisk, letter('q') => Launch::NoRisk;
    footer MoveFlags [Flags]: key(Left) => View::Move(Direction::Left), key(Right) => View::Move(Direction::Right),
        key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer ToggleHere [Flags]: letter(' ') => Launch::ToggleHere;
    footer Notation [Code]: key(Left) => View::Move(Direction::Left), key(Right) => View::Move(Direction::Right);
    footer Copy [Code]: letter('y') => View::CopyProgram;
    footer Save [Code]: letter('w') => View::SaveProgram;
    footer AllSteps [Trace]: key(Enter) => View::AllSteps, letter(' ') => View::AllSteps;
    footer LaunchHere [Flags Code]: key(Enter) => Launch::Launch;
    footer MoveOption [Options OptionText]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer ChangeOption [Options]: key(Left) => View::Move(Direction::Left), key(Right) => View::Move(Direction::Right),
        letter(' ') => View::Move(Direction::Right);
    footer JoinKinds [Options]: letter('u') => Launch::Toggle(Namespace::Uts),
        letter('i') => Launch::Toggle(Namespace::Ipc), letter('p') => Launch::Toggle(Namespace::Pid),
        letter('m') => Launch::Toggle(Namespace::Mnt), letter('n') => Launch::Toggle(Namespace::Net),
        letter('U') => Launch::Toggle(Namespace::User), letter('C') => Launch::Toggle(Namespace::Cgroup),
        letter('T') => Launch::Toggle(Namespace::Time);
    footer Launch [Options OptionText]: key(Enter) => Launch::Launch, function(5) => Launch::Launch;
    footer Close [OptionText]: key(Esc) => View::Close;
    footer Close [Options]: key(Esc) => View::Close, letter('o') => View::Close, letter('q') => View::Close;
    footer OtherSides [Compare]: key(Left) => View::Move(Direction::Left), key(Right) => View::Move(Direction::Right);
    footer MoveRow [Compare]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    help RowPages [Compare]: key(PageUp) => View::Move(Direction::PageUp), key(PageDown) => View::Move(Direction::PageDown),
        key(Home) => View::Move(Direction::First), key(End) => View::Move(Direction::Last);
    footer Open [Compare]: key(Enter) => Compare::Open;
    footer Zoom [Compare]: letter('z') => View::Zoom;
    footer Zoom [Left]: letter('z') => View::Zoom;
    footer OtherRow [Details]: key(Left) => Compare::NextRow(Direction::Left), key(Right) => Compare::NextRow(Direction::Right),
        letter('[') => Compare::NextRow(Direction::Left), letter(']') => Compare::NextRow(Direction::Right);
    footer Back [Details]: key(Esc) => Compare::Back, key(Backspace) => Compare::Back;
    footer Prompt [Compare Details]: letter('!') => Compare::Prompt, letter('x') => Compare::Prompt;
    footer Run [Prompt]: key(Enter) => Compare::Run;
    footer Recall [Prompt]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer CloseLine [Prompt]: key(Esc) => View::Close, control('c') => View::Close;
    footer Leave [Shell]: Pattern::Leave => View::Leave;
    footer HistoryKeys [Left]: key(PageUp) => Copy::Begin(Some(Motion::PageUp));
    help HistoryTop [Left]: key(Home) => Copy::Begin(Some(Motion::Top));
    footer BeginCopy [Left]: letter('[') => Copy::Begin(None);
    help Follow [Left]: letter('f') => Compare::Follow;
    footer Height [Left]: letter('+') => View::Split(Direction::Up), letter('-') => View::Split(Direction::Down);
    help ResetSplits [Left]: letter('=') => View::ResetSplits;
    footer ToProgram [Left]: Pattern::Leave => View::Leave;
    help History [Shell]: shift(PageUp) => View::History(Direction::PageUp),
        shift(PageDown) => View::History(Direction::PageDown);
    footer History [Ended Watching]: shift(PageUp) => View::History(Direction::PageUp),
        shift(PageDown) => View::History(Direction::PageDown);
    footer MoveInCopy [CopyMode]: key(Up) => Copy::Move(Motion::Up),
        key(Down) => Copy::Move(Motion::Down), key(Left) => Copy::Move(Motion::Left),
        key(Right) => Copy::Move(Motion::Right);
    help MoveAsVi [CopyMode]: letter('k') => Copy::Move(Motion::Up),
        letter('j') => Copy::Move(Motion::Down), letter('h') => Copy::Move(Motion::Left),
        letter('l') => Copy::Move(Motion::Right);
    help MoveAsEmacs [CopyMode]: control('p') => Copy::Move(Motion::Up),
        control('n') => Copy::Move(Motion::Down), control('b') => Copy::Move(Motion::Left),
        control('f') => Copy::Move(Motion::Right);
    help MoveByWords [CopyMode]: letter('w') => Copy::Move(Motion::NextWord),
        letter('b') => Copy::Move(Motion::PreviousWord),
        letter('e') => Copy::Move(Motion::WordEnd), letter('0') => Copy::Move(Motion::LineStart),
        letter('$') => Copy::Move(Motion::LineEnd);
    help WordsAsEmacs [CopyMode]: alt('f') => Copy::Move(Motion::WordEnd),
        alt('b') => Copy::Move(Motion::PreviousWord), control('a') => Copy::Move(Motion::LineStart),
        control('e') => Copy::Move(Motion::LineEnd);
    help MoveByHalves [CopyMode]: control('u') => Copy::Move(Motion::HalfPageUp),
        control('d') => Copy::Move(Motion::HalfPageDown);
    help MoveToEnds [CopyMode]: letter('g') => Copy::Move(Motion::Top),
        letter('G') => Copy::Move(Motion::Bottom), key(Home) => Copy::Move(Motion::Top);
    help PagesAsEmacs [CopyMode]: control('v') => Copy::Move(Motion::PageDown),
        alt('v') => Copy::Move(Motion::PageUp);
    help MoveToEnds [CopyMode]: alt('<') => Copy::Move(Motion::Top),
        alt('>') => Copy::Move(Motion::Bottom);
    footer Select [CopyMode]: letter('v') => Copy::Select(SelectionUnit::Characters),
        letter(' ') => Copy::Select(SelectionUnit::Characters), control(' ') => Copy::Select(SelectionUnit::Characters);
    help SelectLines [CopyMode]: letter('V') => Copy::Select(SelectionUnit::Lines);
    help SelectRectangle [CopyMode]: letter('R') => Copy::Select(SelectionUnit::Rectangle);
    help SelectNothing [CopyMode]: control('g') => Copy::SelectNothing;
    footer TakeSelected [CopyMode]: letter('y') => Copy::Take, key(Enter) => Copy::Take;
    help TakeSelected [CopyMode]: alt('w') => Copy::Take, control('w') => Copy::Take;
    footer Search [CopyMode]: letter('/') => Copy::Search(Toward::Newer),
        letter('?') => Copy::Search(Toward::Older), control('s') => Copy::Search(Toward::Newer),
        control('r') => Copy::Search(Toward::Older);
    footer FindAgain [CopyMode]: letter('n') => Copy::FindNext, letter('N') => Copy::FindPrevious;
    footer MoveByPages [CopyMode]: key(PageUp) => Copy::Move(Motion::PageUp),
        key(PageDown) => Copy::Move(Motion::PageDown);
    footer Find [CopySearch]: key(Enter) => Copy::Find;
    footer CloseSearch [CopySearch]: key(Esc) => View::Close, control('c') => View::Close,
        control('g') => View::Close;
    help Help [CopyMode]: function(1) => View::Help;
    help LeaveCopy [CopyMode]: Pattern::Leave => View::Leave;
    footer BackToLive [CopyMode]: letter('q') => View::Close, key(Esc) => View::Close, key(End) => View::Close,
        control('c') => View::Close;
    footer MoveLesson [Lessons]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    help MoveLesson [Lessons]: key(Home) => View::Move(Direction::First), key(End) => View::Move(Direction::Last);
    footer MoveFound [Search]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down),
        key(PageUp) => View::Move(Direction::PageUp), key(PageDown) => View::Move(Direction::PageDown);
    footer TakeFound [Search]: key(Enter) => View::TakeFound;
    footer EndSearch [Search]: key(Esc) => View::EndSearch;
    footer SearchList [Lessons Glossary Map]: letter('/') => View::SearchList;
    footer Pick [Lessons]: key(Enter) => Lesson::Pick;
    footer QuitAnyway [QuitQuestion]: letter('q') => Quit::Anyway, letter('y') => Quit::Anyway,
        control('c') => Quit::Anyway;
    footer Stay [QuitQuestion]: letter('n') => View::Close, key(Esc) => View::Close;
    footer Close [Lessons]: key(Esc) => View::Close, letter('l') => View::Close, letter('q') => View::Close;
    footer Steps READING: key(Left) => Lesson::StepBack, key(Right) => Lesson::StepOn, letter('[') => Lesson::StepBack,
        letter(']') => Lesson::StepOn;
    footer ForgetLesson [Lessons]: key(Delete) => Lesson::ForgetLesson, letter('x') => Lesson::ForgetLesson;
    footer Review [Lessons]: letter('r') => Lesson::Review(Wanted::Due);
    footer CourseEnd [Lessons]: letter('e') => View::CourseEnd;
    help WrongAgain [Lesson]: letter('w') => Lesson::Review(Wanted::WrongHere);
    footer ForgetAll [Lessons]: letter('X') => Lesson::ForgetAll;
    help ForgetStep READING: key(Backspace) => Lesson::ForgetStep;
    footer Hint READING: letter('h') => Lesson::Hint;
    footer Glossary [Lesson Prediction Shown]: letter('g') => View::Glossary;
    footer MoveTerm [Glossary]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer TermPages [Glossary]: key(PageUp) => View::Move(Direction::PageUp),
        key(PageDown) => View::Move(Direction::PageDown), key(Home) => View::Move(Direction::First),
        key(End) => View::Move(Direction::Last);
    footer Close [Glossary]: key(Esc) => View::Close, letter('g') => View::Close, letter('q') => View::Close,
        key(Enter) => View::Close;
    footer MoveMap [Map]: key(Up) => View::Move(Direction::Up), key(Down) => View::Move(Direction::Down);
    footer MapPages [Map]: key(PageUp) => View::Move(Direction::PageUp),
        key(PageDown) => View::Move(Direction::PageDown);
    help MapPages [Map]: key(Home) => View::Move(Direction::First), key(End) => View::Move(Direction::Last);
    footer LookInside [Map]: key(Enter) => View::LookInside;
    footer PickProcess [Map Inside]: letter('c') => Compare::PickProcess(Column::Right),
        letter('C') => Compare::PickProcess(Column::Left);
    footer LeaveMap [Map]: key(Esc) => View::Close, letter('q') => View::Close;
    footer CloseMap [Map]: letter('N') => View::Map;
    footer Scroll [Inside]: key(Up) => View::Scroll(Direction::Up), key(Down) => View::Scroll(Direction::Down);
    footer BackToMap [Inside]: key(Esc) => View::Close, key(Backspace) => View::Close, letter('q') => View::Close,
        key(Enter) => View::Close;
    footer Scroll [Help CourseEnd]: key(Up) => View::Scroll(Direction::Up),
        key(Down) => View::Scroll(Direction::Down);
    footer Lessons [CourseEnd]: letter('l') => View::Lessons;
    footer Review [CourseEnd]: letter('r') => Lesson::Review(Wanted::Due);
    footer Close [CourseEnd]: key(Esc) => View::Close, letter('q') => View::Close, key(Enter) => View::Close;
    footer Close [Help]: key(Esc) => View::Close, function(1) => View::Close, letter('q') => View::Close,
        key(Enter) => View::Close;
    footer Scroll [Code Trace Details]: key(Up) => View::Scroll(Direction::Up), key(Down) => View::Scroll(Direction::Down);
    help Scroll [Lesson]: key(Up) => View::Scroll(Direction::Up), key(Down) => View::Scroll(Direction::Down);
    help Pages [Lesson Prediction Code Trace Details Help CourseEnd Inside]: key(PageUp) => View::Scroll(Direction::PageUp),
        key(PageDown) => View::Scroll(Direction::PageDown), key(Home) => View::Scroll(Direction::First),
        key(End) => View::Scroll(Direction::Last);
    footer Launch OPEN: function(5) => Launch::Launch, letter('r') => Launch::Launch;
    footer Flags OPEN: letter('u') => Launch::Toggle(Namespace::Uts), letter('i') => Launch::Toggle(Namespace::Ipc),
        letter('p') => Launch::Toggle(Namespace::Pid), letter('m') => Launch::Toggle(Namespace::Mnt),
        letter('n') => Launch::Toggle(Namespace::Net), letter('U') => Launch::Toggle(Namespace::User),
        letter('C') => Launch::Toggle(Namespace::Cgroup), letter('T') => Launch::Toggle(Namespace::Time);
    footer Tabs OPEN: letter('<') => View::TurnTab(Direction::Left),
        letter('>') => View::TurnTab(Direction::Right);
    footer FocusLesson TO_LESSON: function(2) => View::Focus(Pane::Lesson),
        key(Esc) => View::Focus(Pane::Lesson);
    footer FocusLesson [Details]: function(2) => View::Focus(Pane::Lesson);
    footer FocusHost OPEN: function(3) => View::Focus(Pane::Host);
    footer FocusContainer OPEN: function(4) => View::Focus(Pane::Container);
    footer FocusCompare OPEN: function(6) => View::Focus(Pane::Compare);
    footer FocusCode OPEN: function(7) => View::Focus(Pane::Code), letter('c') => View::Focus(Pane::Code);
    help FocusTrace OPEN: function(10) => View::Focus(Pane::Trace), letter('t') => View::Focus(Pane::Trace);
    footer Map OPEN: letter('N') => View::Map;
    help Follow OPEN: letter('f') => Compare::Follow;
    help Options OPEN: letter('o') => Launch::Options;
    help NewTab OPEN: letter('a') => View::NewTab;
    help Machine OPEN: function(12) => Compare::Machine, letter('M') => Compare::Machine;
    help FocusDetails [Lesson Prediction Watching Flags Ended NoLab NoUser Compare Code Trace]:
        letter('d') => View::Focus(Pane::Details);
    help Prompt [Lesson Prediction Watching Flags Ended NoLab NoUser Code Trace]:
        letter('!') => Compare::Prompt, letter('x') => Compare::Prompt;
    help Zoom [Lesson Prediction Watching Shown Ended NoLab NoUser Code Trace Details]:
        letter('z') => View::Zoom;
    help Height OPEN: letter('+') => View::Split(Direction::Up), letter('-') => View::Split(Direction::Down);
    help LessonWidth OPEN: letter('{') => View::Split(Direction::Left), letter('}') => View::Split(Direction::Right);
    help ResetSplits OPEN: letter('=') => View::ResetSplits;
    help Panes OPEN: key(KeyCode::Tab) => View::NextPane(Direction::Right), key(BackTab) => View::NextPane(Direction::Left);
    help Lessons OPEN: letter('l') => View::Lessons;
    help Mistakes READING: letter('e') => Lesson::Mistakes;
    help Glossary [Watching Flags Ended NoLab NoUser Compare Code Trace Details]:
        letter('g') => View::Glossary;
    help Language OPEN: function(8) => View::Language, letter('L') => View::Language;
    help Language [Help CourseEnd Lessons Glossary Map Inside Options QuitQuestion RiskQuestion]:
        function(8) => View::Language, letter('L') => View::Language;
    help FreshLab OPEN: function(9) => Launch::FreshLab, letter('R') => Launch::FreshLab;
    help BeginAgain OPEN: function(11) => Lesson::BeginAgain, letter('B') => Lesson::BeginAgain;
    help Help OPEN: function(1) => View::Help, letter('?') => View::Help;
    help Interrupt OPEN: control('c') => Quit::Interrupt;
    footer Quit OPEN: letter('q') => Quit::Ask;
};
