//! Runs the real binary in a pseudoterminal: sends keys, reads the screen, waits for text.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::cell::Cell;
use std::cmp::Ordering;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{self, AtomicBool};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::termios::Termios;
use nslab::{Emulator, Lang, Library, Mode, RowId};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::support::{As, PATIENCE};

/// The byte sequences of keys.
pub mod keys {
    pub const F2: &str = "\x1bOQ";
    pub const F3: &str = "\x1bOR";
    pub const F4: &str = "\x1bOS";
    pub const F5: &str = "\x1b[15~";
    pub const F6: &str = "\x1b[17~";
    pub const F7: &str = "\x1b[18~";
    pub const LANGUAGE: &str = "\x1b[19~";
    pub const UP: &str = "\x1bOA";
    pub const DOWN: &str = "\x1bOB";
    pub const HOME: &str = "\x1b[H";
    pub const DELETE: &str = "\x1b[3~";
    pub const END: &str = "\x1bOF";
    /// Ctrl-]: moves the focus out of a shell.
    pub const LEAVE: &str = "\x1d";
}

/// Whether a shell's prompt stands below the last line with this mark, in the same pane.
fn prompt_below(screen: &str, mark: &str) -> bool {
    let lines: Vec<&str> = screen.lines().collect();
    let Some(at) = lines.iter().rposition(|line| line.contains(mark)) else {
        return false;
    };
    // A border ends the pane.
    let mut below = lines[at + 1..]
        .iter()
        .take_while(|line| !line.contains("────"));
    below.any(|line| line.starts_with("[host] ") || line.starts_with("[container"))
}

struct Shared {
    /// Whether the terminal's window is being closed.
    closed: AtomicBool,
    emulator: Mutex<Emulator>,
    /// All bytes received.
    received: Mutex<Vec<u8>>,
    changed: Condvar,
}

/// The line number and text of each cursor: a `>` at the left border of a pane or box.
fn cursors(screen: &str) -> impl Iterator<Item = (usize, &str)> {
    screen.lines().enumerate().flat_map(|(number, line)| {
        let pieces = line.split('│');
        let cursors = pieces.filter_map(|piece| piece.trim_start().strip_prefix('>'));
        cursors.map(move |piece| (number, piece.trim()))
    })
}

/// A terminal in which nslab runs.
pub struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Box<dyn portable_pty::SlavePty + Send>,
    writer: Arc<Mutex<Option<Box<dyn Write + Send>>>>,
    shared: Arc<Shared>,
    child: Box<dyn Child + Send + Sync>,
    lines: Cell<u32>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Terminal {
    /// Starts a program in a terminal of this size, as this user.
    pub fn start(who: As, binary: &Path, arguments: &[&str], (cols, rows): (u16, u16)) -> Self {
        Self::start_in(who, binary, arguments, (cols, rows), &[("LANG", "C.UTF-8")])
    }

    /// The same, with these environment variables.
    pub fn start_in(
        who: As,
        binary: &Path,
        arguments: &[&str],
        (cols, rows): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut argv = who.prefix();
        argv.push(binary.display().to_string());
        argv.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let mut command = CommandBuilder::from_argv(argv.into_iter().map(Into::into).collect());
        command.env_clear();
        command.env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        );
        command.env("TERM", "xterm-256color");
        // Type the lesson's commands at once, unless a test sets another pause.
        command.env("NSLAB_KEY_PAUSE", "0");
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd("/");
        // A light background: the default is dark, so a test can see whether nslab knows the user's colours.
        let mut emulator = Emulator::new(cols, rows);
        emulator.feed(b"\x1b]10;#657b83\x07\x1b]11;#fdf6e3\x07\x1b]4;1;#dc322f\x07");
        let child = pair.slave.spawn_command(command).unwrap();
        let shared = Arc::new(Shared {
            closed: AtomicBool::new(false),
            emulator: Mutex::new(emulator),
            received: Mutex::default(),
            changed: Condvar::new(),
        });
        let writer = Arc::new(Mutex::new(Some(pair.master.take_writer().unwrap())));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (seen, replies) = (Arc::clone(&shared), Arc::clone(&writer));
        let thread = thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let Ok(mut emulator) = seen.emulator.lock() else {
                    return;
                };
                seen.received
                    .lock()
                    .unwrap()
                    .extend_from_slice(&buffer[..length]);
                let owed = emulator.feed(&buffer[..length]);
                drop(emulator);
                if let Some(writer) = replies.lock().unwrap().as_mut() {
                    let _ = writer.write_all(&owed);
                }
                seen.changed.notify_all();
                if seen.closed.load(atomic::Ordering::SeqCst) {
                    return;
                }
            }
        });
        Self {
            master: Some(pair.master),
            slave: pair.slave,
            writer,
            shared,
            child,
            lines: Cell::new(0),
            reader: Some(thread),
        }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Sends these bytes as typed keys.
    pub fn keys(&self, keys: &str) {
        self.writer
            .lock()
            .unwrap()
            .as_mut()
            .unwrap()
            .write_all(keys.as_bytes())
            .unwrap();
    }

    /// The text of the screen.
    pub fn screen(&self) -> String {
        self.shared.emulator.lock().unwrap().text()
    }

    /// Waits until `holds` is true of the screen; fails with `what` and the screen.
    pub fn wait(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let seen = self.within(PATIENCE, holds);
        seen.unwrap_or_else(|| panic!("never on the screen: {what}\n{}", self.screen()))
    }

    /// The screen once `holds` is true of it; `None` if it isn't for this long.
    pub fn within(&self, long: Duration, holds: impl Fn(&str) -> bool) -> Option<String> {
        let deadline = Instant::now() + long;
        let mut emulator = self.shared.emulator.lock().unwrap();
        loop {
            let text = emulator.text();
            if holds(&text) {
                return Some(text);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            emulator = self.shared.changed.wait_timeout(emulator, left).unwrap().0;
        }
    }

    /// Waits until the screen contains this text.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Presses arrow keys until the cursor of a list is at the wanted place. `places` reads the
    /// cursor's place and the wanted one from a screen.
    fn cursor_to(&self, what: &str, places: impl Fn(&str) -> Option<(usize, usize)>) {
        let mut before = None;
        loop {
            let screen = self.wait(&format!("the cursor, on its way to {what}"), |screen| {
                let at = places(screen).map(|(at, _)| at);
                at.is_some() && at != before
            });
            let (at, wanted) = places(&screen).unwrap();
            before = Some(at);
            match at.cmp(&wanted) {
                Ordering::Less => self.keys(keys::DOWN),
                Ordering::Equal => return,
                Ordering::Greater => self.keys(keys::UP),
            }
        }
    }

    /// Moves the cursor to a row of the comparison, which must have the focus. The order of the rows depends
    /// on the step.
    pub fn to_row(&self, row: RowId) {
        let wanted = row.entry().label;
        let known = |label: &&str| RowId::ALL.iter().any(|it| it.entry().label == *label);
        let at = |screen: &str| {
            let mut labels = cursors(screen).filter_map(|(_, piece)| piece.split("  ").next());
            labels.find(known).map(str::to_owned)
        };
        self.keys(keys::HOME);
        let mut screen = self.settle(Duration::from_millis(100), at);
        while let Some(before) = at(&screen).filter(|it| it != wanted) {
            self.keys(keys::DOWN);
            screen = self.wait(&format!("the row below {before}"), |screen| {
                at(screen).is_some_and(|it| it != before)
            });
        }
    }

    /// Moves the cursor to a line of the launch options, which must be open.
    pub fn to_option(&self, label: &str) {
        self.cursor_to(label, |screen| {
            // Each of these lines offers a choice between ‹ and ›.
            let mut lines = screen
                .lines()
                .map(|line| line.contains('‹').then_some(line));
            let wanted = lines.position(|line| line.is_some_and(|line| line.contains(label)));
            let at = cursors(screen).find(|(_, piece)| piece.contains('‹'))?.0;
            Some((at, wanted?))
        });
    }

    /// Moves the cursor of the map, which must be open, to the process with this name.
    pub fn to_process(&self, name: &str) {
        let word = format!(" {name} ");
        self.wait(&format!("{name} on the map"), |it| it.contains(&word));
        self.cursor_to(name, |screen| {
            let row = |wanted: &dyn Fn(&str) -> bool| screen.lines().position(wanted);
            let at = row(&|it| it.starts_with("│ >"))?;
            Some((at, row(&|it| it.contains(&word))?))
        });
    }

    /// Opens a shipped lesson from the list of lessons. No shell may have the focus.
    pub fn open_lesson(&self, id: &str) {
        let course = Library::embedded(Lang::En);
        let number = course.ids().position(|it| it == id).unwrap() + 1;
        self.keys("l");
        self.cursor_to(id, |screen| {
            let (_, lesson) = cursors(screen).find(|(_, piece)| piece.ends_with(" min"))?;
            let at = lesson.split_whitespace().find_map(|word| word.parse().ok());
            Some((at?, number))
        });
        self.keys("\r");
        self.wait_for_step(id, 0);
    }

    /// Waits for the heading of a shipped lesson's step; steps count from 0.
    pub fn wait_for_step(&self, id: &str, step: usize) {
        let course = Library::embedded(Lang::En);
        let steps = &course.find(id).unwrap().steps;
        // The pane may cut a long title.
        let title: String = steps[step].title.chars().take(20).collect();
        self.wait_for(&format!("{}/{} {title}", step + 1, steps.len()));
    }

    /// Types a command line into the shell that has the focus.
    pub fn line(&self, line: &str) {
        self.keys(&format!("{line}\r"));
    }

    /// A number that this terminal has not shown, so that a text with it can be waited for.
    fn number(&self) -> u32 {
        let number = self.lines.get() + 1;
        self.lines.set(number);
        number
    }

    /// Types a command line into the shell that has the focus, and waits until it has run and the shell
    /// reads the next line.
    pub fn run(&self, line: &str) -> String {
        // The typed line does not contain the text that is waited for.
        let number = self.number();
        self.line(&format!("{line}; echo ran $((1000 + {number}))"));
        let mark = format!("ran {}", 1000 + number);
        self.wait(&format!("{mark}, and a prompt"), |screen| {
            prompt_below(screen, &mark)
        })
    }

    /// Types a command line whose program reads keys, and waits until the shell has left the terminal to
    /// it. Keys that come while the shell itself still reads are not echoed, and Ctrl-D ends nothing.
    pub fn begin(&self, line: &str) {
        let number = self.number();
        self.line(&format!("echo begins $((1000 + {number})); {line}"));
        self.wait_for(&format!("begins {}", 1000 + number));
    }

    /// Sends these keys, which are a Ctrl-C for the program in the foreground, and waits until the shell
    /// reads keys again. What is typed before its prompt can be lost with the program's unread input.
    pub fn interrupt(&self, keys: &str) {
        self.keys(keys);
        self.wait("a prompt after ^C", |screen| prompt_below(screen, "^C"));
    }

    /// The number of bytes received so far.
    pub fn received(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// All that was received so far.
    pub fn received_so_far(&self) -> String {
        String::from_utf8_lossy(&self.shared.received.lock().unwrap()).into_owned()
    }

    /// Writes to the terminal as a program in it would.
    fn print(&self, text: &str) {
        let path = self.master.as_ref().unwrap().tty_name().unwrap();
        let mut terminal = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        terminal.write_all(text.as_bytes()).unwrap();
    }

    /// All that was received from a program that has ended.
    pub fn received_all(&self) -> String {
        // Our own mark comes after everything the program printed.
        const END: &str = "(the end)";
        self.print(END);
        let all = || String::from_utf8_lossy(&self.shared.received.lock().unwrap()).into_owned();
        self.wait(END, |_| all().ends_with(END));
        all().trim_end_matches(END).to_owned()
    }

    /// Resizes the terminal.
    pub fn resize(&self, cols: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.shared.emulator.lock().unwrap().resize(cols, rows);
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Whether the terminal is on its alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.shared
            .emulator
            .lock()
            .unwrap()
            .modes()
            .has(Mode::AlternateScreen)
    }

    /// Whether bracketed paste, reports of mouse or focus, or the kitty keyboard are on, which a shell would
    /// take for typed text.
    pub fn reports(&self) -> bool {
        let modes = self.shared.emulator.lock().unwrap().modes();
        let reports = [Mode::BracketedPaste, Mode::FocusEvents, Mode::Disambiguate];
        reports.into_iter().any(|mode| modes.has(mode)) || modes.mouse != nslab::MouseReports::Off
    }

    /// The terminal's termios settings.
    pub fn modes(&self) -> Termios {
        let path = self.master.as_ref().unwrap().tty_name().unwrap();
        let file = std::fs::File::open(path).unwrap();
        nix::sys::termios::tcgetattr(file).unwrap()
    }

    /// Waits for the program to end and returns its exit code.
    pub fn exit_code(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "it does not end:\n{}",
                self.screen()
            );
            nix::poll::poll(&mut [], 5_u16).unwrap();
        }
    }

    /// Waits until nothing has been received for this long.
    pub fn quiet(&self, long: Duration) {
        self.settle(long, |_| self.received());
    }

    /// Waits until this part of the screen has been the same for this long, and returns the screen.
    pub fn settle<T: PartialEq>(&self, long: Duration, part: impl Fn(&str) -> T) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut screen = self.screen();
        let mut last = (part(&screen), Instant::now());
        while last.1.elapsed() < long {
            assert!(Instant::now() < deadline, "it never settles:\n{screen}");
            nix::poll::poll(&mut [], 20_u16).unwrap();
            screen = self.screen();
            let now = part(&screen);
            if now != last.0 {
                last = (now, Instant::now());
            }
        }
        screen
    }

    /// Closes the terminal, which sends SIGHUP.
    pub fn hang_up(&mut self) {
        // The reader thread also holds the terminal open; a printed byte wakes it so that it ends.
        self.shared.closed.store(true, atomic::Ordering::SeqCst);
        self.print("x");
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        *self.writer.lock().unwrap() = None;
        self.master = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
