//! The next nslab resumes the progress of the last one, however that ended.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, chown};
use support::{As, Installed, eventually, needs};
use terminal::Terminal;
use terminal::keys::DELETE;

const SIZE: (u16, u16) = (120, 60);

/// A home directory for this user.
fn home(nslab: &Installed, who: As) -> PathBuf {
    let home = nslab.directory.path().join(format!("home-{}", who.uid()));
    fs::create_dir(&home).unwrap();
    chown(&home, Some(who.uid().into()), None).unwrap();
    home
}

fn open(nslab: &Installed, who: As, home: &Path, more: &[&str]) -> Terminal {
    let environment = [("LANG", "C.UTF-8"), ("HOME", home.to_str().unwrap())];
    let arguments = [&["--lang", "en"], more].concat();
    let terminal = Terminal::start_in(who, &nslab.binary(), &arguments, SIZE, &environment);
    terminal.wait_for("[host] root@");
    terminal
}

fn file(home: &Path) -> PathBuf {
    home.join(".local/state/nslab/progress.json")
}

fn kept(home: &Path) -> String {
    fs::read_to_string(file(home)).unwrap_or_default()
}

/// Opens the lesson `uts` and answers its first question.
fn answer(terminal: &Terminal) {
    second_step(terminal);
    terminal.wait_for("1. Both of them");
    terminal.keys("1");
    terminal.wait_for("you said: ");
}

/// Goes to the second step of the lesson `uts`, and has its starting state made.
fn second_step(terminal: &Terminal) {
    terminal.open_lesson("uts");
    terminal.keys("\x1b[C");
    terminal.wait_for_step("uts", 1);
    terminal.wait_for("Enter rebuilds");
    terminal.keys("\r");
    terminal.wait_for("[container] root@");
}

#[test]
fn the_next_nslab_resumes_where_the_last_one_ended() {
    needs!(Hostname, Sysfs);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let mut terminal = open(&nslab, who, &home, &[]);
        answer(&terminal);
        terminal.keys("q");
        assert_eq!(terminal.exit_code(), 0);
        let mode = fs::metadata(file(&home).parent().unwrap()).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o700, "{who:?}");

        let terminal = open(&nslab, who, &home, &[]);
        terminal.wait_for("You are where you left off");
        terminal.wait_for_step("uts", 1);
        terminal.wait_for("you said: ");
        // The answer is there as well if nslab is opened at another lesson.
        let mut terminal = open(&nslab, who, &home, &["--lesson", "ipc"]);
        terminal.wait_for_step("ipc", 0);
        second_step(&terminal);
        terminal.wait_for("you said: ");
        // Backspace clears the progress of the step.
        terminal.keys("\x7f");
        terminal.wait("no answer", |screen| !screen.contains("you said: "));
        terminal.keys("q");
        terminal.exit_code();
        let terminal = open(&nslab, who, &home, &[]);
        terminal.wait_for_step("uts", 1);
        assert!(!terminal.screen().contains("you said: "));
    }
}

/// What was answered wrongly is asked again, in its starting state. The lesson stays as it was left.
#[test]
fn a_wrong_answer_is_reviewed() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let mut terminal = open(&nslab, who, &home, &[]);
        answer(&terminal);
        terminal.open_lesson("ipc");
        terminal.keys("lr");
        terminal.wait_for("Review 1/1: UTS");
        terminal.wait_for("step 1 was done again");
        terminal.wait_for("predict · s: skip");
        terminal.keys("2");
        terminal.wait_for("you said: The container alone");
        terminal.wait_for("Enter: type it into the container shell");
        terminal.keys("\r");
        terminal.wait_for("1 of 1 right · Enter: end the review");
        // Its effect may be seen before the command has ended.
        terminal.wait_for("✔ hostname web1");
        terminal.keys("\r");
        terminal.wait_for_step("ipc", 0);
        second_step(&terminal);
        terminal.wait_for("you said: Both of them");
        terminal.keys("q");
        assert_eq!(terminal.exit_code(), 0);
        // It was answered rightly a moment ago, so nothing is due, and no lab opens.
        let review = |more: &[&str]| {
            let arguments = [&["review", "--lang", "en"], more].concat();
            let mut command = nslab.command(who, &arguments);
            command.env("HOME", &home).env_remove("XDG_STATE_HOME");
            command.output().unwrap()
        };
        let output = review(&[]);
        let expected = "Nothing is due now; the next question is due in 24 hours\n";
        assert_eq!(support::stdout(&output), expected, "{who:?}");
        assert_eq!(output.status.code(), Some(0), "{who:?}");
        // A lesson's questions are asked whenever the learner wants.
        let mut terminal = open(&nslab, who, &home, &["review", "--lesson", "uts"]);
        terminal.wait_for("Review 1/1: UTS");
        terminal.wait_for("predict · s: skip");
        terminal.keys("q");
        assert_eq!(terminal.exit_code(), 0);
    }
}

/// Its questions are asked anew, in a lab host that has nothing of what was done before.
#[test]
fn a_lesson_is_done_afresh_from_the_list() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let mut terminal = open(&nslab, who, &home, &[]);
        answer(&terminal);
        eventually("the answer is kept", || kept(&home).contains("answers"));
        terminal.keys("l");
        terminal.wait_for("Del start over");
        terminal.keys(DELETE);
        terminal.wait_for("The same key again starts it over, in a fresh lab");
        terminal.keys(DELETE);
        terminal.wait_for_step("uts", 0);
        terminal.wait("no container", |screen| !screen.contains("[container] "));
        eventually("the answer is forgotten", || {
            !kept(&home).contains("answers")
        });
        terminal.keys("\x1b[C");
        terminal.wait_for_step("uts", 1);
        terminal.wait_for("Enter rebuilds");
        terminal.keys("\r");
        terminal.wait_for("[container] root@");
        terminal.wait_for("1. Both of them");
        assert!(!terminal.screen().contains("you said: "));
        terminal.keys("1");
        terminal.wait_for("you said: ");
        terminal.keys("q");
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn a_killed_nslab_has_kept_what_was_done() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let mut terminal = open(&nslab, who, &home, &[]);
        answer(&terminal);
        eventually("the answer is kept", || kept(&home).contains("answers"));
        kill(Pid::from_raw(terminal.pid()), Signal::SIGKILL).unwrap();
        terminal.exit_code();
        let terminal = open(&nslab, who, &home, &[]);
        terminal.wait_for("you said: ");
    }
}

#[test]
fn a_full_disk_is_reported_and_loses_no_saved_progress() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::nested() {
        let home = home(&nslab, who);
        let mut terminal = open(&nslab, who, &home, &[]);
        answer(&terminal);
        terminal.keys("q");
        terminal.exit_code();
        // A file system with the progress file on it and no free block.
        let script = format!(
            "mount -t tmpfs -o size=16k tmpfs /mnt && mkdir /mnt/nslab && cp {} /mnt/nslab/ && \
             head -c 64k /dev/zero > /mnt/rest 2>/dev/null; export XDG_STATE_HOME=/mnt; \
             \"$0\" --lang en; echo; cat /mnt/nslab/progress.json; echo; ls /mnt/nslab | wc -l",
            file(&home).display()
        );
        let binary = nslab.binary();
        let words = ["-rm", "sh", "-c", &script, binary.to_str().unwrap()];
        let environment = [("LANG", "C.UTF-8")];
        let mut terminal = Terminal::start_in(
            who,
            Path::new("/usr/bin/unshare"),
            &words,
            SIZE,
            &environment,
        );
        terminal.wait_for("[host] root@");
        terminal.wait_for("you said: ");
        terminal.keys("\x1b[C");
        terminal.wait_for(
            "Progress is not saved: cannot write /mnt/nslab/progress.json: No space left",
        );
        // The title says so for as long as it is so.
        terminal.keys("h");
        terminal.wait("the notice ends", |screen| {
            screen.contains("✘ not saved") && !screen.contains("Progress is not saved")
        });
        terminal.keys("\x1b[D");
        terminal.wait_for_step("uts", 1);
        terminal.wait_for("✘ not saved");
        terminal.keys("q");
        terminal.exit_code();
        let printed = terminal.received_all();
        assert!(printed.contains(&kept(&home)), "{printed}");
        assert!(printed.trim_end().ends_with("\n2"), "{printed}");
    }
}

#[test]
fn a_file_of_a_later_nslab_is_reported_and_left_alone() {
    needs!(Hostname);
    let nslab = Installed::new();
    let who = As::Ourselves;
    let home = home(&nslab, who);
    fs::create_dir_all(file(&home).parent().unwrap()).unwrap();
    fs::write(file(&home), "{\"version\":99}").unwrap();
    let mut terminal = open(&nslab, who, &home, &[]);
    terminal.wait_for("Progress is not saved: ");
    terminal.wait_for("written by a newer nslab");
    answer(&terminal);
    terminal.keys("q");
    terminal.exit_code();
    assert_eq!(kept(&home), "{\"version\":99}");
}

/// A file that no session may open makes neither the start nor the end hang.
#[test]
fn what_is_no_regular_file_is_reported_and_left_alone() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let state = file(&home);
        for make in ["mkfifo", "ln -s /dev/zero", "mkdir"] {
            let directory = state.parent().unwrap().display();
            let script = format!(
                "mkdir -p {directory}; rm -rf {directory}/*; {make} {}",
                state.display()
            );
            let words = [
                who.prefix(),
                ["sh", "-c", &script].map(str::to_owned).into(),
            ]
            .concat();
            let made = Command::new(&words[0]).args(&words[1..]).status();
            assert!(made.unwrap().success());
            let mut terminal = open(&nslab, who, &home, &[]);
            terminal.wait_for("✘ not saved");
            terminal.keys("?");
            terminal.wait_for("cannot read");
            terminal.keys("q");
            terminal.wait("no help", |screen| !screen.contains("this list of keys"));
            answer(&terminal);
            terminal.keys("q");
            assert_eq!(terminal.exit_code(), 0, "{make}");
            assert!(!fs::symlink_metadata(&state).unwrap().is_file(), "{make}");
        }
    }
}

#[test]
fn a_home_that_can_not_be_written_is_marked_until_it_can() {
    needs!(Hostname);
    let nslab = Installed::new();
    // Root may write everywhere.
    let who = As::all().pop().unwrap();
    if who.uid() == 0 {
        return support::skip("an ordinary user");
    }
    let home = home(&nslab, who);
    let writable = |mode| fs::set_permissions(&home, fs::Permissions::from_mode(mode)).unwrap();
    writable(0o555);
    let mut terminal = open(&nslab, who, &home, &[]);
    answer(&terminal);
    terminal.wait_for("✘ not saved");
    writable(0o755);
    terminal.keys("h");
    terminal.wait("no mark", |screen| !screen.contains("✘ not saved"));
    assert!(kept(&home).contains("answers"));
    // Room is made only when the learner quits.
    fs::remove_dir_all(home.join(".local")).unwrap();
    writable(0o555);
    terminal.keys("h");
    terminal.wait_for("✘ not saved");
    writable(0o755);
    terminal.keys("q");
    terminal.exit_code();
    assert!(kept(&home).contains("answers"), "{}", kept(&home));
}

#[test]
fn two_sessions_of_one_learner_lose_nothing() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who);
        let first = open(&nslab, who, &home, &[]);
        let mut second = open(&nslab, who, &home, &["--lesson", "ipc"]);
        answer(&first);
        eventually("the answer is kept", || {
            kept(&home).contains("\"uts\":{\"1\"")
        });
        second.keys("h");
        eventually("the hint is kept", || {
            kept(&home).contains("\"ipc\":{\"0\"")
        });
        second.keys("q");
        second.exit_code();
        assert!(kept(&home).contains("\"uts\":{\"1\""), "{}", kept(&home));
    }
}

#[test]
fn a_moved_directory_keeps_its_progress() {
    let nslab = Installed::new();
    let who = As::Ourselves;
    let home = home(&nslab, who);
    let at = |name: &str| nslab.directory.path().join(name).display().to_string();
    let lesson = "+++\nid = \"own\"\ntitle = \"Own\"\nflags = []\n+++\n## One\nx\n## Two\ny\n";
    fs::create_dir(at("course")).unwrap();
    fs::write(at("course/1.md"), lesson).unwrap();
    let second_step = |directory: &str| {
        let mut terminal = open(&nslab, who, &home, &["--lessons", directory]);
        terminal.keys("\x1b[C");
        terminal.wait_for("2/2 Two");
        terminal.keys("q");
        terminal.exit_code();
    };
    // Without an id, the course is known by its directory.
    second_step(&at("course"));
    fs::write(at("course/course.toml"), "id = \"my-own\"\n").unwrap();
    open(&nslab, who, &home, &["--lessons", &at("course")]).wait_for("2/2 Two");
    second_step(&at("course"));
    fs::rename(at("course"), at("moved")).unwrap();
    open(&nslab, who, &home, &["--lessons", &at("moved")]).wait_for("2/2 Two");
}
