//! The table of keys, in the order of the footer and the help.
//!
//! Terminals and desktops take some function keys for themselves, so everything can be reached without
//! them.

use crossterm::event::{KeyCode, KeyModifiers};

use KeyCode::{
    BackTab, Backspace, Delete, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Up,
};

use super::{KeyAction, Pane, Place, Way};
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
/// Wherever no shell has the keys and nothing lies over the screen.
const OPEN: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, Empty, NoLab, NoUser, Compare, Code, Trace,
    Details,
];
/// Where Esc goes back to the lesson.
const TO_LESSON: &[Place] = &[
    Lesson, Prediction, Watching, Shown, Flags, Ended, Empty, NoLab, NoUser, Compare,
];
/// The lesson, whatever it waits for.
const READING: &[Place] = &[Lesson, Prediction];

/// Makes the table of lines such as `footer Next [Lesson]: key(Enter) => Next;`: whether the line is in the
/// footer or only in the help, its word, its places, and its keys with what each does.
macro_rules! table {
    (@footer) => { true };
    (@help) => { false };
    (@places [$($place:ident)*]) => { &[$(Place::$place),*] };
    (@places $places:ident) => { $places };
    ($($bar:ident $word:ident $places:tt:
        $($key:expr => $action:ident $(($argument:expr))?),+;)*) => {
        &[$(Binding {
            word: Word::$word,
            places: table!(@places $places),
            keys: &[$(($key, KeyAction::$action $(($argument))?)),+],
            footer: table!(@$bar),
        }),*]
    };
}

/// The table. Its order is the order of footer and help.
pub(crate) const TABLE: &[Binding] = table! {
    footer Choose [Prediction]: letter('1') => Choose(1), letter('2') => Choose(2),
        letter('3') => Choose(3), letter('4') => Choose(4), letter('5') => Choose(5),
        letter('6') => Choose(6), letter('7') => Choose(7), letter('8') => Choose(8),
        letter('9') => Choose(9);
    footer MoveChoice [Prediction]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer Answer [Prediction]: key(Enter) => Next;
    footer Skip [Prediction]: letter('s') => Skip;
    footer Next [Lesson]: key(Enter) => Next;
    footer BackToLesson [Watching Shown]: key(Enter) => Focus(Pane::Lesson);
    footer FocusLesson [Code Trace]: key(Esc) => Focus(Pane::Lesson),
        function(2) => Focus(Pane::Lesson);
    footer Relaunch [Ended Empty]: key(Enter) => Relaunch;
    footer FreshLabHere [NoLab]: key(Enter) => FreshLab;
    footer WithoutUser [NoUser]: key(Enter) => AskWithoutUser;
    footer TakeRisk [RiskQuestion]: letter('y') => TakeRisk;
    footer NoRisk [RiskQuestion]: letter('n') => NoRisk, key(Esc) => NoRisk, letter('q') => NoRisk;
    footer MoveFlags [Flags]: key(Left) => Move(Way::Left), key(Right) => Move(Way::Right),
        key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer ToggleHere [Flags]: letter(' ') => ToggleHere;
    footer Notation [Code]: key(Left) => Move(Way::Left), key(Right) => Move(Way::Right);
    footer Copy [Code]: letter('y') => Copy;
    footer Save [Code]: letter('w') => Save;
    footer AllSteps [Trace]: key(Enter) => AllSteps, letter(' ') => AllSteps;
    footer LaunchHere [Flags Code]: key(Enter) => Launch;
    footer MoveOption [Options OptionText]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer ChangeOption [Options]: key(Left) => Move(Way::Left), key(Right) => Move(Way::Right),
        letter(' ') => Move(Way::Right);
    footer JoinKinds [Options]: letter('u') => Toggle(Namespace::Uts),
        letter('i') => Toggle(Namespace::Ipc), letter('p') => Toggle(Namespace::Pid),
        letter('m') => Toggle(Namespace::Mnt), letter('n') => Toggle(Namespace::Net),
        letter('U') => Toggle(Namespace::User), letter('C') => Toggle(Namespace::Cgroup),
        letter('T') => Toggle(Namespace::Time);
    footer Launch [Options OptionText]: key(Enter) => Launch, function(5) => Launch;
    footer Close [OptionText]: key(Esc) => Close;
    footer Close [Options]: key(Esc) => Close, letter('o') => Close, letter('q') => Close;
    footer OtherSides [Compare]: key(Left) => Move(Way::Left), key(Right) => Move(Way::Right);
    footer MoveRow [Compare]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    help RowPages [Compare]: key(PageUp) => Move(Way::PageUp), key(PageDown) => Move(Way::PageDown),
        key(Home) => Move(Way::First), key(End) => Move(Way::Last);
    footer Open [Compare]: key(Enter) => Open;
    footer Zoom [Compare]: letter('z') => Zoom;
    footer Zoom [Left]: letter('z') => Zoom;
    footer OtherRow [Details]: key(Left) => NextRow(Way::Left), key(Right) => NextRow(Way::Right),
        letter('[') => NextRow(Way::Left), letter(']') => NextRow(Way::Right);
    footer Back [Details]: key(Esc) => Back, key(Backspace) => Back;
    footer Prompt [Compare Details]: letter('!') => Prompt, letter('x') => Prompt;
    footer Run [Prompt]: key(Enter) => Run;
    footer Recall [Prompt]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer CloseLine [Prompt]: key(Esc) => Close, control('c') => Close;
    footer Leave [Shell]: Pattern::Leave => Leave;
    footer HistoryKeys [Left]: key(PageUp) => BeginCopy(Some(Motion::PageUp));
    help HistoryTop [Left]: key(Home) => BeginCopy(Some(Motion::Top));
    footer BeginCopy [Left]: letter('[') => BeginCopy(None);
    help Follow [Left]: letter('f') => Follow;
    footer Height [Left]: letter('+') => Split(Way::Up), letter('-') => Split(Way::Down);
    help ResetSplits [Left]: letter('=') => ResetSplits;
    footer ToProgram [Left]: Pattern::Leave => Leave;
    help History [Shell]: shift(PageUp) => History(Way::PageUp),
        shift(PageDown) => History(Way::PageDown);
    footer History [Ended Watching]: shift(PageUp) => History(Way::PageUp),
        shift(PageDown) => History(Way::PageDown);
    footer MoveInCopy [CopyMode]: key(Up) => MoveInCopy(Motion::Up),
        key(Down) => MoveInCopy(Motion::Down), key(Left) => MoveInCopy(Motion::Left),
        key(Right) => MoveInCopy(Motion::Right);
    help MoveAsVi [CopyMode]: letter('k') => MoveInCopy(Motion::Up),
        letter('j') => MoveInCopy(Motion::Down), letter('h') => MoveInCopy(Motion::Left),
        letter('l') => MoveInCopy(Motion::Right);
    help MoveAsEmacs [CopyMode]: control('p') => MoveInCopy(Motion::Up),
        control('n') => MoveInCopy(Motion::Down), control('b') => MoveInCopy(Motion::Left),
        control('f') => MoveInCopy(Motion::Right);
    help MoveByWords [CopyMode]: letter('w') => MoveInCopy(Motion::NextWord),
        letter('b') => MoveInCopy(Motion::PreviousWord),
        letter('e') => MoveInCopy(Motion::WordEnd), letter('0') => MoveInCopy(Motion::LineStart),
        letter('$') => MoveInCopy(Motion::LineEnd);
    help WordsAsEmacs [CopyMode]: alt('f') => MoveInCopy(Motion::WordEnd),
        alt('b') => MoveInCopy(Motion::PreviousWord), control('a') => MoveInCopy(Motion::LineStart),
        control('e') => MoveInCopy(Motion::LineEnd);
    help MoveByHalves [CopyMode]: control('u') => MoveInCopy(Motion::HalfPageUp),
        control('d') => MoveInCopy(Motion::HalfPageDown);
    help MoveToEnds [CopyMode]: letter('g') => MoveInCopy(Motion::Top),
        letter('G') => MoveInCopy(Motion::Bottom), key(Home) => MoveInCopy(Motion::Top);
    help PagesAsEmacs [CopyMode]: control('v') => MoveInCopy(Motion::PageDown),
        alt('v') => MoveInCopy(Motion::PageUp);
    help MoveToEnds [CopyMode]: alt('<') => MoveInCopy(Motion::Top),
        alt('>') => MoveInCopy(Motion::Bottom);
    footer Select [CopyMode]: letter('v') => Select(SelectionUnit::Characters),
        letter(' ') => Select(SelectionUnit::Characters), control(' ') => Select(SelectionUnit::Characters);
    help SelectLines [CopyMode]: letter('V') => Select(SelectionUnit::Lines);
    help SelectRectangle [CopyMode]: letter('R') => Select(SelectionUnit::Rectangle);
    help SelectNothing [CopyMode]: control('g') => SelectNothing;
    footer TakeSelected [CopyMode]: letter('y') => TakeSelected, key(Enter) => TakeSelected;
    help TakeSelected [CopyMode]: alt('w') => TakeSelected, control('w') => TakeSelected;
    footer Search [CopyMode]: letter('/') => Search(Toward::Newer),
        letter('?') => Search(Toward::Older), control('s') => Search(Toward::Newer),
        control('r') => Search(Toward::Older);
    footer FindAgain [CopyMode]: letter('n') => FindNext, letter('N') => FindPrevious;
    footer MoveByPages [CopyMode]: key(PageUp) => MoveInCopy(Motion::PageUp),
        key(PageDown) => MoveInCopy(Motion::PageDown);
    footer Find [CopySearch]: key(Enter) => Find;
    footer CloseSearch [CopySearch]: key(Esc) => Close, control('c') => Close,
        control('g') => Close;
    help Help [CopyMode]: function(1) => Help;
    help LeaveCopy [CopyMode]: Pattern::Leave => Leave;
    footer BackToLive [CopyMode]: letter('q') => Close, key(Esc) => Close, key(End) => Close,
        control('c') => Close;
    footer MoveLesson [Lessons]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    help MoveLesson [Lessons]: key(Home) => Move(Way::First), key(End) => Move(Way::Last);
    footer MoveFound [Search]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down),
        key(PageUp) => Move(Way::PageUp), key(PageDown) => Move(Way::PageDown);
    footer TakeFound [Search]: key(Enter) => TakeFound;
    footer EndSearch [Search]: key(Esc) => EndSearch;
    footer SearchList [Lessons Glossary Map]: letter('/') => SearchList;
    footer Pick [Lessons]: key(Enter) => Pick;
    footer QuitAnyway [QuitQuestion]: letter('q') => QuitAnyway, letter('y') => QuitAnyway,
        control('c') => QuitAnyway;
    footer Stay [QuitQuestion]: letter('n') => Close, key(Esc) => Close;
    footer Close [Lessons]: key(Esc) => Close, letter('l') => Close, letter('q') => Close;
    footer Steps READING: key(Left) => StepBack, key(Right) => StepOn, letter('[') => StepBack,
        letter(']') => StepOn;
    footer ForgetLesson [Lessons]: key(Delete) => ForgetLesson, letter('x') => ForgetLesson;
    footer Review [Lessons]: letter('r') => Review(Wanted::Due);
    footer CourseEnd [Lessons]: letter('e') => CourseEnd;
    help WrongAgain [Lesson]: letter('w') => Review(Wanted::WrongHere);
    footer ForgetAll [Lessons]: letter('X') => ForgetAll;
    help ForgetStep READING: key(Backspace) => ForgetStep;
    footer Hint READING: letter('h') => Hint;
    footer Glossary [Lesson Prediction Shown]: letter('g') => Glossary;
    footer MoveTerm [Glossary]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer TermPages [Glossary]: key(PageUp) => Move(Way::PageUp),
        key(PageDown) => Move(Way::PageDown), key(Home) => Move(Way::First),
        key(End) => Move(Way::Last);
    footer Close [Glossary]: key(Esc) => Close, letter('g') => Close, letter('q') => Close,
        key(Enter) => Close;
    footer MoveMap [Map]: key(Up) => Move(Way::Up), key(Down) => Move(Way::Down);
    footer MapPages [Map]: key(PageUp) => Move(Way::PageUp),
        key(PageDown) => Move(Way::PageDown);
    help MapPages [Map]: key(Home) => Move(Way::First), key(End) => Move(Way::Last);
    footer LookInside [Map]: key(Enter) => LookInside;
    footer PickProcess [Map Inside]: letter('c') => PickProcess(Column::Right),
        letter('C') => PickProcess(Column::Left);
    footer LeaveMap [Map]: key(Esc) => Close, letter('q') => Close;
    footer CloseMap [Map]: letter('N') => Map;
    footer Scroll [Inside]: key(Up) => Scroll(Way::Up), key(Down) => Scroll(Way::Down);
    footer BackToMap [Inside]: key(Esc) => Close, key(Backspace) => Close, letter('q') => Close,
        key(Enter) => Close;
    footer Scroll [Help CourseEnd]: key(Up) => Scroll(Way::Up),
        key(Down) => Scroll(Way::Down);
    footer Lessons [CourseEnd]: letter('l') => Lessons;
    footer Review [CourseEnd]: letter('r') => Review(Wanted::Due);
    footer Close [CourseEnd]: key(Esc) => Close, letter('q') => Close, key(Enter) => Close;
    footer Close [Help]: key(Esc) => Close, function(1) => Close, letter('q') => Close,
        key(Enter) => Close;
    footer Scroll [Code Trace Details]: key(Up) => Scroll(Way::Up), key(Down) => Scroll(Way::Down);
    help Scroll [Lesson]: key(Up) => Scroll(Way::Up), key(Down) => Scroll(Way::Down);
    help Pages [Lesson Prediction Code Trace Details Help CourseEnd Inside]: key(PageUp) => Scroll(Way::PageUp),
        key(PageDown) => Scroll(Way::PageDown), key(Home) => Scroll(Way::First),
        key(End) => Scroll(Way::Last);
    footer Launch OPEN: function(5) => Launch, letter('r') => Launch;
    footer Flags OPEN: letter('u') => Toggle(Namespace::Uts), letter('i') => Toggle(Namespace::Ipc),
        letter('p') => Toggle(Namespace::Pid), letter('m') => Toggle(Namespace::Mnt),
        letter('n') => Toggle(Namespace::Net), letter('U') => Toggle(Namespace::User),
        letter('C') => Toggle(Namespace::Cgroup), letter('T') => Toggle(Namespace::Time);
    footer Tabs OPEN: letter('<') => TurnTab(Way::Left),
        letter('>') => TurnTab(Way::Right);
    footer FocusLesson TO_LESSON: function(2) => Focus(Pane::Lesson),
        key(Esc) => Focus(Pane::Lesson);
    footer FocusLesson [Details]: function(2) => Focus(Pane::Lesson);
    footer FocusHost OPEN: function(3) => Focus(Pane::Host);
    footer FocusContainer OPEN: function(4) => Focus(Pane::Container);
    footer FocusCompare OPEN: function(6) => Focus(Pane::Compare);
    footer FocusCode OPEN: function(7) => Focus(Pane::Code), letter('c') => Focus(Pane::Code);
    help FocusTrace OPEN: function(10) => Focus(Pane::Trace), letter('t') => Focus(Pane::Trace);
    footer Map OPEN: letter('N') => Map;
    help Follow OPEN: letter('f') => Follow;
    help Options OPEN: letter('o') => Options;
    help NewTab OPEN: letter('a') => NewTab;
    help Machine OPEN: function(12) => Machine, letter('M') => Machine;
    help FocusDetails [Lesson Prediction Watching Flags Ended NoLab NoUser Compare Code Trace]:
        letter('d') => Focus(Pane::Details);
    help Prompt [Lesson Prediction Watching Flags Ended NoLab NoUser Code Trace]:
        letter('!') => Prompt, letter('x') => Prompt;
    help Zoom [Lesson Prediction Watching Shown Ended NoLab NoUser Code Trace Details]:
        letter('z') => Zoom;
    help Height OPEN: letter('+') => Split(Way::Up), letter('-') => Split(Way::Down);
    help LessonWidth OPEN: letter('{') => Split(Way::Left), letter('}') => Split(Way::Right);
    help ResetSplits OPEN: letter('=') => ResetSplits;
    help Panes OPEN: key(KeyCode::Tab) => NextPane(Way::Right), key(BackTab) => NextPane(Way::Left);
    help Lessons OPEN: letter('l') => Lessons;
    help Mistakes READING: letter('e') => Mistakes;
    help Glossary [Watching Flags Ended NoLab NoUser Compare Code Trace Details]:
        letter('g') => Glossary;
    help Language OPEN: function(8) => Language, letter('L') => Language;
    help Language [Help CourseEnd Lessons Glossary Map Inside Options QuitQuestion RiskQuestion]:
        function(8) => Language, letter('L') => Language;
    help FreshLab OPEN: function(9) => FreshLab, letter('R') => FreshLab;
    help BeginAgain OPEN: function(11) => BeginAgain, letter('B') => BeginAgain;
    help Help OPEN: function(1) => Help, letter('?') => Help;
    help Interrupt OPEN: control('c') => Interrupt;
    footer Quit OPEN: letter('q') => Quit;
};
