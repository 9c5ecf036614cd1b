//! The marks by which a shell reports its prompts and commands (OSC 133): prompt (A), start of a
//! command's output (C), end of a command (D); and the names of its aliases and functions (N, our own).
//!
//! Also owns the text printed between them. Must not know how a shell is made to send them.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use alacritty_terminal::vte::{Parser, Perform};
use memchr::memmem;

const MARK: &[u8] = b"\x1b]133;";
const BEL: u8 = 0x07;
const ESC: u8 = 0x1b;

/// The length of a mark, in bytes, up to which it is read. The rest of a longer mark is ignored.
const LONGEST: usize = 1024;
/// Longest mark with names, in bytes. A longer one counts as one without names.
const LONGEST_NAMES: usize = 16 * 1024;
/// How many bytes of a command's output are kept: the last ones.
const KEPT: usize = 16 * 1024;
/// Longest text of a command's output in bytes.
const TOLD: usize = 4 * 1024;
/// The most nested shells that are distinguished.
const DEEPEST: usize = 16;

/// The number of ended commands that are remembered.
const KEPT_COMMANDS: usize = 16;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedLine {
    /// Its number among the commands that the shell has begun, from 1.
    pub number: u64,
    /// The shell's `$?`.
    pub status: i32,
    /// Its line, as the shell remembers it; empty where the shell doesn't report it.
    pub line: String,
    /// Its output as plain text without blank lines at the end; the last 4 KiB.
    pub output: String,
    /// The names that its shell had defined when it read the line.
    pub names: Arc<OwnNames>,
}

/// The names of a shell's aliases and functions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnNames {
    pub aliases: BTreeSet<String>,
    pub functions: BTreeSet<String>,
}

/// A command that has not ended.
#[derive(Debug, PartialEq, Eq)]
struct RunningLine {
    shell: String,
    number: u64,
    names: Arc<OwnNames>,
}

/// A line that the shell has read and could not run, as for a syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadLine {
    /// The shell's `$?`.
    pub status: i32,
    /// The line, as the shell remembers it.
    pub line: String,
    /// The output since the prompt before: the line itself, and the shell's message.
    pub output: String,
}

/// The marks seen so far.
#[derive(Debug, Default)]
pub(super) struct PromptMarks {
    /// The start of a mark whose rest is still to come.
    cut: Vec<u8>,
    /// Shells in the middle of a command, the innermost last.
    running: Vec<RunningLine>,
    /// How many commands have begun.
    pub(super) begun: u64,
    /// The names that the shell reported at its last prompt.
    names: Arc<OwnNames>,
    /// Output since the last command began.
    printed: Vec<u8>,
    /// The output since the last prompt, up to a command.
    after_prompt: Vec<u8>,
    /// The last line that the shell has read but could not run; cleared when a command begins.
    pub(super) unread: Option<UnreadLine>,
    pub(super) prompts: u64,
    /// Whether the last mark was a prompt.
    pub(super) at_prompt: bool,
    /// Whether a line has ended since that prompt: of an incomplete command, such as one with an open quotation
    /// mark, or of a program in the background.
    pub(super) continued: bool,
    /// Whether a shell has marked the start of a command.
    pub(super) begins: bool,
    pub(super) commands: u64,
    /// The last commands, the oldest first.
    pub(super) ended: VecDeque<EndedLine>,
}

impl PromptMarks {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.cut.is_empty() {
            self.scan(bytes);
        } else {
            let mut all = std::mem::take(&mut self.cut);
            all.extend_from_slice(bytes);
            self.scan(&all);
        }
    }

    fn scan(&mut self, mut bytes: &[u8]) {
        while let Some(at) = memmem::find(bytes, MARK) {
            self.print(&bytes[..at]);
            let body = &bytes[at + MARK.len()..];
            let names = body.starts_with(b"N;");
            let longest = if names { LONGEST_NAMES } else { LONGEST };
            let within = &body[..body.len().min(longest)];
            match within.iter().position(|byte| matches!(*byte, BEL | ESC)) {
                Some(end) => {
                    self.mark(&String::from_utf8_lossy(&body[..end]));
                    // The rest of a string terminator prints nothing.
                    bytes = &body[end..];
                }
                None if body.len() < longest => {
                    self.cut = bytes[at..].to_vec();
                    return;
                }
                None => {
                    if names {
                        self.names = Arc::default();
                    } else {
                        self.mark(&String::from_utf8_lossy(within));
                    }
                    bytes = &body[longest..];
                }
            }
        }
        let cut = (1..MARK.len())
            .rev()
            .find(|length| bytes.ends_with(&MARK[..*length]))
            .unwrap_or(0);
        let (whole, cut) = bytes.split_at(bytes.len() - cut);
        self.print(whole);
        self.cut = cut.to_vec();
    }

    /// The command that has begun last and has not ended, by its number.
    pub(super) fn innermost(&self) -> Option<u64> {
        self.running.last().map(|it| it.number)
    }

    fn print(&mut self, bytes: &[u8]) {
        self.continued |= self.at_prompt && bytes.contains(&b'\n');
        if self.at_prompt {
            keep(&mut self.after_prompt, bytes);
        }
        if !self.running.is_empty() {
            keep(&mut self.printed, bytes);
        }
    }

    /// `A`, `C;aid=SHELL`, `D;STATUS;aid=SHELL;cmdline=LINE` or `N;FUNCTIONS;ALIASES`; ignores anything
    /// else.
    fn mark(&mut self, body: &str) {
        let names = body.strip_prefix("N;").and_then(|it| it.split_once(';'));
        if let Some((functions, aliases)) = names {
            let printable = |name: &String| !name.contains(char::is_control);
            let functions = functions.split_whitespace().map(str::to_owned);
            self.names = Arc::new(OwnNames {
                aliases: aliases
                    .lines()
                    .filter_map(alias)
                    .filter(printable)
                    .collect(),
                functions: functions.filter(printable).collect(),
            });
            return;
        }
        // The line is the last field, and may have a `;` in it.
        let (body, line) = body.split_once(";cmdline=").unwrap_or((body, ""));
        let mut fields = body.split(';');
        let kind = fields.next().unwrap_or_default();
        let (mut status, mut shell) = (0, "");
        for field in fields {
            if let Some(id) = field.strip_prefix("aid=") {
                shell = id;
            } else if let Ok(number) = field.parse() {
                status = number;
            }
        }
        match kind {
            "A" => {
                self.prompts += 1;
                self.at_prompt = true;
                self.continued = false;
                self.after_prompt.clear();
            }
            "C" => {
                self.at_prompt = false;
                self.continued = false;
                self.begins = true;
                self.unread = None;
                self.printed.clear();
                if self.running.len() == DEEPEST {
                    self.running.remove(0);
                }
                self.begun += 1;
                self.running.push(RunningLine {
                    shell: shell.to_owned(),
                    number: self.begun,
                    names: Arc::clone(&self.names),
                });
            }
            "D" => self.ended(status, shell, line.trim()),
            _ => {}
        }
    }

    pub(super) fn output_so_far(&self) -> String {
        plain(&self.printed)
    }

    /// A shell sends D before each prompt, even before its first.
    fn ended(&mut self, status: i32, shell: &str, line: &str) {
        let mut running = self.running.iter();
        let Some(at) = running.rposition(|running| running.shell == shell) else {
            if self.at_prompt && status != 0 {
                self.unread = Some(UnreadLine {
                    status,
                    line: line.to_owned(),
                    output: plain(&std::mem::take(&mut self.after_prompt)),
                });
            }
            return;
        };
        // Together with shells that were started from it.
        self.running.truncate(at + 1);
        let Some(RunningLine { number, names, .. }) = self.running.pop() else {
            return;
        };
        self.commands += 1;
        let output = plain(&std::mem::take(&mut self.printed));
        if self.ended.len() == KEPT_COMMANDS {
            self.ended.pop_front();
        }
        self.ended.push_back(EndedLine {
            number,
            status,
            line: line.to_owned(),
            output,
            names,
        });
    }
}

/// Appends output, and keeps its end.
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend_from_slice(&bytes[bytes.len().saturating_sub(KEPT)..]);
    if kept.len() > 2 * KEPT {
        kept.drain(..kept.len() - KEPT);
    }
}

/// The name of an alias, as `alias -p` prints it; none if it only adds colours to its program's output.
fn alias(line: &str) -> Option<String> {
    let (name, value) = line.trim().strip_prefix("alias ")?.split_once('=')?;
    let name = name.trim_start_matches("-- ");
    let mut words = value.trim_matches('\'').split_whitespace();
    let same = words.next() == Some(name);
    let colours = words.all(|it| it.trim_start_matches('-').starts_with("color"));
    (!(same && colours)).then(|| name.to_owned())
}

/// Terminal output as text: without colours and overwritten parts.
fn plain(bytes: &[u8]) -> String {
    let mut text = Plain::default();
    Parser::new().advance(&mut text, bytes);
    let text = text.written.trim_end();
    let mut start = text.len().saturating_sub(TOLD);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text[start..].to_owned()
}

#[derive(Default)]
struct Plain {
    written: String,
    /// Whether the next character overwrites the line.
    returned: bool,
}

impl Perform for Plain {
    fn print(&mut self, c: char) {
        if std::mem::take(&mut self.returned) {
            let line = self.written.rfind('\n').map_or(0, |at| at + 1);
            self.written.truncate(line);
        }
        self.written.push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.returned = false;
                self.written.push('\n');
            }
            b'\r' => self.returned = true,
            b'\t' => self.print('\t'),
            0x08 => {
                self.written.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str = "\x1b]133;D;0;aid=7\x07\x1b]133;A\x07$ ";
    const RUN: &str = "ls\r\n\x1b]133;C;aid=7\x07";

    fn fed(stream: &str, chunk: usize) -> PromptMarks {
        let mut marks = PromptMarks::default();
        for piece in stream.as_bytes().chunks(chunk) {
            marks.feed(piece);
        }
        marks
    }

    #[test]
    fn commands_end_in_any_chunks() {
        let end = "\x1b]133;D;2;aid=7\x1b\\\x1b]133;A\x1b\\$ ";
        let stream = format!("{PROMPT}{RUN}\x1b[31mno\x1b[m\tsuch\r\nfile\r\n\r\n{end}typed");
        for chunk in 1..stream.len() {
            let marks = fed(&stream, chunk);
            let last = marks.ended.back().unwrap().clone();
            assert_eq!((last.status, &*last.output), (2, "no\tsuch\nfile"));
            assert_eq!((marks.prompts, marks.commands), (2, 1), "{chunk}");
            assert!(marks.at_prompt);
        }
    }

    #[test]
    fn a_line_that_is_not_complete_goes_on() {
        let marks = |more: &str| fed(&format!("{PROMPT}{RUN}{PROMPT}{more}"), 4);
        for (more, continued) in [
            ("echo 'half", false),
            ("echo 'half\r\n> ", true),
            ("echo 'half\r\n> '\r\n\x1b]133;C;aid=7\x07", false),
            (
                "echo 'half\r\n> ^C\r\n\x1b]133;D;130;aid=7\x07\x1b]133;A\x07$ ",
                false,
            ),
        ] {
            assert_eq!(marks(more).continued, continued, "{more:?}");
        }
    }

    #[test]
    fn a_prompt_alone_ends_nothing() {
        let marks = fed(&format!("{PROMPT}{PROMPT}"), 9);
        assert_eq!((marks.prompts, marks.commands), (2, 0));
        let marks = fed(&format!("{PROMPT}{RUN}working"), 9);
        assert!(!marks.at_prompt);
        assert!(marks.ended.is_empty());
    }

    #[test]
    fn a_shell_in_a_shell_does_not_end_the_outer_one() {
        let inner = PROMPT.replace("aid=7", "aid=9");
        let stream = format!("{PROMPT}{RUN}{inner}");
        let marks = fed(&stream, 5);
        assert!(marks.at_prompt);
        assert_eq!(marks.commands, 0);
        // The inner one's last command is its exit, which it can't end.
        let exit = "exit\r\n\x1b]133;C;aid=9\x07exit\r\n";
        let end = PROMPT.replace("D;0", "D;3");
        let inside = "ls\r\n\x1b]133;C;aid=9\x07\x1b]133;D;0;aid=9\x07\x1b]133;A\x07$ ";
        let marks = fed(&format!("{stream}{inside}{exit}{end}"), 5);
        assert_eq!((marks.commands, marks.begun), (2, 3));
        let ended = marks.ended.iter().map(|it| (it.number, it.status));
        assert_eq!(ended.collect::<Vec<_>>(), [(2, 0), (1, 3)]);
        assert!(marks.running.is_empty());
    }

    #[test]
    fn a_line_that_the_shell_could_not_read_is_told() {
        let end = |status: i32, line: &str| {
            format!("\x1b]133;D;{status};aid=7;cmdline=\t {line}\n\x07\x1b]133;A\x07$ ")
        };
        let stream = format!(
            "{PROMPT}{RUN}{}echo )\r\nbash: syntax error\r\n{}",
            end(0, "ls"),
            end(2, "echo )")
        );
        for chunk in [1, 7, 9_999] {
            let mut marks = fed(&stream, chunk);
            assert_eq!((marks.prompts, marks.commands, marks.begun), (3, 1, 1));
            let unread = marks.unread.clone().unwrap();
            assert_eq!((unread.status, &*unread.line), (2, "echo )"));
            assert!(
                unread.output.ends_with("\nbash: syntax error"),
                "{unread:?}"
            );
            marks.feed(RUN.as_bytes());
            assert_eq!(marks.unread, None);
        }
        // Enter alone.
        let marks = fed(&format!("{PROMPT}{RUN}{}{}", end(0, "ls"), end(0, "ls")), 9);
        assert_eq!(marks.unread, None);
    }

    #[test]
    fn of_a_flood_the_end_is_kept() {
        let flood = "命名空间\r\n".repeat(9_000);
        let end = "\x1b]133;D;0;aid=7\x07";
        for chunk in [3, 1_000, 1 << 20] {
            let marks = fed(&format!("{RUN}{flood}the end{end}"), chunk);
            let output = marks.ended.back().unwrap().clone().output;
            assert!(output.len() <= TOLD && output.len() > TOLD - 20);
            assert!(output.ends_with("命名空间\nthe end"));
        }
        // A mark that never ends is ignored.
        let marks = fed(&format!("{RUN}\x1b]133;{}", "x".repeat(9 * LONGEST)), 50);
        assert!(marks.cut.len() < LONGEST);
    }

    #[test]
    fn a_command_has_its_line() {
        let end = |line: &str| format!("{RUN}no\r\n\x1b]133;D;1;aid=7;cmdline={line}\x07{PROMPT}");
        let long = "x".repeat(3 * LONGEST);
        for (told, line) in [
            ("\t unshare -n; echo $?\r\n", "unshare -n; echo $?"),
            (
                "\t for i in 1 2; do echo $i\r\ndone\r\n",
                "for i in 1 2; do echo $i\r\ndone",
            ),
            ("", ""),
            (
                &long,
                &long[.."x".len() * (LONGEST - "D;1;aid=7;cmdline=".len())],
            ),
        ] {
            for chunk in [1, 7, 9_999] {
                let marks = fed(&end(told), chunk);
                assert_eq!(marks.ended.back().unwrap().clone().line, line);
                assert_eq!((marks.prompts, marks.commands), (1, 1));
            }
        }
    }

    #[test]
    fn what_is_written_over_is_gone() {
        for (bytes, text) in [
            ("50%\r99%\r\nab\x08c\r\n", "99%\nac"),
            ("one\r\ntwo\r", "one\ntwo"),
            ("\x1b]0;title\x07\x1b[?2004lx", "x"),
        ] {
            assert_eq!(plain(bytes.as_bytes()), text);
        }
    }

    /// A name that was defined after the line was read says nothing about the line.
    #[test]
    fn a_command_has_the_names_of_its_shell() {
        let named =
            |names: &str| format!("\x1b]133;D;0;aid=7\x07\x1b]133;N;{names}\x07\x1b]133;A\x07$ ");
        let first = named(
            "hello\r\n;alias ip='ip -6; x'\r\nalias ls='ls --color=auto'\r\nalias ps='pstree'\r\n",
        );
        let stream = format!("{first}{RUN}{}{RUN}{}", named(";"), named(";alias ip='x'"));
        for chunk in [1, 9, 9_999] {
            let marks = fed(&stream, chunk);
            let of = |nth: usize| marks.ended[nth].names.as_ref().clone();
            let set = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
            let expected = OwnNames {
                aliases: set(&["ip", "ps"]),
                functions: set(&["hello"]),
            };
            assert_eq!((of(0), of(1)), (expected, OwnNames::default()), "{chunk}");
        }
    }

    #[test]
    fn of_too_many_names_none_counts() {
        let many = |count: usize| -> String {
            let names = (0..count).map(|n| format!("function{n}\n"));
            let names: String = names.collect();
            format!("\x1b]133;N;{names};alias ip='x'\x07\x1b]133;A\x07$ ")
        };
        for (count, known) in [(500, true), (2_000, false)] {
            let stream = format!("{}{}{RUN}\x1b]133;D;0;aid=7\x07", many(1), many(count));
            for chunk in [7, 99_999] {
                let marks = fed(&stream, chunk);
                let names = &marks.ended[0].names;
                assert_eq!(names.aliases.contains("ip"), known, "{count} {chunk}");
                assert_eq!(names.functions.len(), if known { count } else { 0 });
            }
        }
    }
}
