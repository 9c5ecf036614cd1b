//! Full-screen programs in a pane of the lab: they draw, get keys and sizes, and leave the screen as
//! it was.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use nslab::Side;
use support::{As, Installed, installed, needs, skip};
use terminal::Terminal;
use terminal::keys::{F3, F4, F5, LEAVE};

const SIZE: (u16, u16) = (160, 50);

/// Opens a lab with both shells; one has the focus and some output on its screen.
fn at_a_shell(nslab: &Installed, who: As, side: Side) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], SIZE);
    terminal.wait_for("[host] root@");
    terminal.keys("u");
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    terminal.keys(match side {
        Side::Host => F3,
        Side::Container(_) => F4,
    });
    terminal.run("echo was here before");
    terminal
}

/// Asserts that the screen is as before, without these texts of the program, and that the shell goes on.
fn as_before(terminal: &Terminal, of_the_program: &[&str]) {
    let screen = terminal.wait("the shell again", |screen| {
        screen.contains("was here before")
            && of_the_program.iter().all(|text| !screen.contains(text))
    });
    assert!(screen.contains("CONTAINER"), "{screen}");
    let screen = terminal.run("echo and $((40 + 2)) after");
    assert!(screen.contains("and 42 after"), "{screen}");
    assert!(terminal.on_alternate_screen(), "nslab's own screen");
}

/// Runs a test if this program is installed, on each side, as each user.
fn with(program: &str, side: Side, test: impl Fn(&Terminal)) {
    if !installed(program) {
        return skip(&format!("{program} is not installed"));
    }
    let nslab = Installed::new();
    for who in As::all() {
        test(&at_a_shell(&nslab, who, side));
    }
}

#[test]
fn programs_are_told_the_colours_of_the_outer_terminal() {
    needs!(Hostname);
    with("bash", Side::CONTAINER, |terminal| {
        for (question, told) in [
            ("10;?", "6565/7b7b/8383"),
            ("11;?", "fdfd/f6f6/e3e3"),
            ("4;1;?", "dcdc/3232/2f2f"),
            ("4;232;?", "0808/0808/0808"),
        ] {
            let ask = format!(r"IFS= read -rsd $'\a' -p $'\e]{question}\a' told");
            terminal.run(&ask);
            assert!(
                terminal.run("echo ${told#*rgb:}").contains(told),
                "{question}"
            );
        }
    });
}

#[test]
fn what_programs_say_reaches_the_outer_terminal() {
    needs!(Hostname);
    let said = [
        (r"\e[5 q", "\x1b[5 q"),
        (r"\e[4:3;58:5:9mcurly\e[m", ";4:3;58:5:9m"),
        (r"\e[21mdouble\e[m", ";4;21m"),
        (r"\e[5mblinks\e[m", "\x1b[0;5m"),
        (r"\e[31;104mcoloured\e[m", "\x1b[0;31;104m"),
        (
            r"\e]8;;https://link.example\a here\e]8;;\a",
            ";https://link.example\x1b\\",
        ),
        (r"\e[?1003h", "\x1b[?1003h"),
        (r"\a", "\x07"),
    ];
    with("bash", Side::Host, |terminal| {
        for (printed, received) in said {
            let before = terminal.received();
            terminal.run(&format!("printf '{printed}'"));
            terminal.wait(printed, |_| {
                terminal.received_so_far()[before..].contains(received)
            });
        }
        terminal.run("printf '\\e]2;the title\\a'");
        terminal.wait_for("leaves · the title ");
        terminal.run("printf '\\e]52;c;c2VjcmV0\\a'");
        assert!(!terminal.received_so_far().contains("\x1b]52;"));
    });
}

/// The terminal of the tests knows that protocol.
#[test]
fn keys_of_the_kitty_keyboard_protocol_are_translated() {
    needs!(Hostname);
    with("bash", Side::Host, |terminal| {
        assert!(terminal.received_so_far().contains("\x1b[>5u"));
        terminal.begin("cat -v");
        // Ctrl-a, Alt-Shift-x, Shift-Enter, Ctrl with a Cyrillic letter, Esc, the keypad's arrow, F3.
        terminal.keys("\x1b[97;5u\x1b[120:88;4u\x1b[1089::99;3u\x1b[27u\x1b[57419u\x1b[13~");
        terminal.keys("\x1b[13;2u");
        terminal.wait_for("^A^[X^[c^[^[[A^[OR");
        terminal.interrupt("\x1b[1089::99;5u");
        // A program that asks for the protocol gets it.
        terminal.run("printf '\\e[>1u'");
        terminal.begin("cat -v");
        terminal.keys("\x1b[97;5u\x1b[27u\r");
        terminal.wait_for("^[[97;5u^[[27u");
    });
}

#[test]
fn a_program_copies_where_the_user_allowed_it() {
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = ["--lang", "en", "--clipboard"];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, SIZE);
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.run("printf '\\e]52;c;c2VjcmV0\\a'");
        terminal.wait("the copy", |_| {
            terminal.received_so_far().contains("\x1b]52;c;c2VjcmV0")
        });
    }
}

#[test]
fn vim_edits_a_file_in_the_container() {
    needs!(Hostname);
    with("vim", Side::CONTAINER, |terminal| {
        terminal.line("vim -u NONE -i NONE -n /tmp/letter");
        terminal.wait_for("~");
        terminal.wait_for("\"/tmp/letter\" [New");
        terminal.keys("idear 名前,\ryours");
        terminal.wait_for("dear 名前,");
        // Leave insert mode. (Readers of a terminal take Escape followed by an arrow for
        // Alt-arrow, so another key stands in between.)
        terminal.keys("\x1bx");
        terminal.wait("the last letter gone", |screen| !screen.contains("yours"));
        // An arrow key in the encoding that the program asked for.
        terminal.keys("\x1b[A");
        terminal.keys("0");
        terminal.keys("x");
        terminal.wait("the first letter gone", |screen| {
            screen.contains("ear 名前,") && !screen.contains("dear")
        });
        terminal.keys(":wq\r");
        as_before(terminal, &["ear 名前,"]);
        terminal.run("cat /tmp/letter");
        terminal.wait("both lines", |screen| {
            screen.contains("ear 名前,") && screen.contains("your\n")
        });
    });
}

#[test]
fn nano_writes_a_file_in_the_container() {
    needs!(Hostname);
    with("nano", Side::CONTAINER, |terminal| {
        terminal.line("nano -I /tmp/note");
        terminal.wait_for("GNU nano");
        terminal.keys("remember");
        terminal.wait_for("remember");
        terminal.keys("\x18");
        terminal.wait_for("Save modified buffer?");
        terminal.keys("y");
        terminal.wait_for("/tmp/note");
        terminal.keys("\r");
        as_before(terminal, &["GNU nano", "remember"]);
        terminal.run("wc -c </tmp/note");
        terminal.wait("nine bytes", |screen| {
            screen.lines().any(|line| line == "9")
        });
    });
}

#[test]
fn less_searches_and_scrolls_in_the_host() {
    needs!(Hostname);
    with("less", Side::Host, |terminal| {
        terminal.line("seq 1 900 | sed 's/^/line /' | less");
        terminal.wait_for("line 1\n");
        terminal.keys("/line 500\r");
        terminal.wait("the place searched for", |screen| {
            screen.contains("line 500") && !screen.contains("line 1\n")
        });
        terminal.keys("G");
        terminal.wait_for("(END)");
        terminal.keys("q");
        as_before(terminal, &["line 900", "(END)"]);
    });
}

#[test]
fn htop_runs_in_the_host_and_follows_a_resize() {
    needs!(Hostname, Proc);
    with("htop", Side::Host, |terminal| {
        terminal.line("htop");
        terminal.wait_for("Load average");
        terminal.wait_for("F10Quit");
        // It lists the processes of the lab only.
        let screen = terminal.wait_for("lab-host");
        assert!(!screen.contains("cargo"), "{screen}");
        terminal.resize(130, 44);
        terminal.wait("htop at its new size", |screen| {
            screen.lines().count() == 44
                && screen.contains("F10Quit")
                && screen.contains("lab-host")
        });
        terminal.keys("q");
        as_before(terminal, &["Load average", "F10Quit"]);
    });
}

#[test]
fn tmux_splits_the_containers_pane() {
    needs!(Hostname);
    with("tmux", Side::CONTAINER, |terminal| {
        // The program would take keys that come together for a paste.
        terminal.line("tmux -f /dev/null new-session 'exec sh' \\; set -g assume-paste-time 0");
        terminal.wait_for("[0] 0:");
        terminal.line("echo in $((6 * 7)) tmux");
        terminal.wait_for("in 42 tmux");
        terminal.keys("\x02%");
        terminal.wait("a split", |screen| {
            screen
                .lines()
                .filter(|line| line.matches('│').count() == 1)
                .count()
                > 20
        });
        terminal.keys("\x02&");
        terminal.wait_for("(y/n)");
        terminal.keys("y");
        as_before(terminal, &["[0] 0:", "in 42 tmux"]);
    });
}

#[test]
fn the_lesson_never_types_into_a_program() {
    needs!(Hostname);
    with("less", Side::Host, |terminal| {
        // The command of its second step is for the container; the question before it is skipped.
        terminal.keys(LEAVE);
        terminal.open_lesson("uts");
        terminal.keys("\x1b[C");
        terminal.wait_for_step("uts", 1);
        terminal.keys("s");
        // The container of its first step is made.
        terminal.wait_for("Enter: rebuild step 1");
        terminal.keys("\r");
        terminal.wait_for("was done again");
        terminal.wait_for("❯ hostname web1");
        terminal.keys(F4);
        terminal.line("seq 1 900 | less");
        terminal.wait("the first line", |screen| {
            screen.lines().any(|line| line == "1")
        });
        terminal.keys("G");
        terminal.wait_for("(END)");
        terminal.keys(LEAVE);
        terminal.keys("\r");
        terminal.wait_for("less runs in the foreground");
    });
}

#[test]
fn a_program_is_asked_about_before_quitting() {
    needs!(Hostname);
    with("less", Side::Host, |terminal| {
        // By then the first process of the pipeline, the job leader, has ended.
        terminal.line("seq 1 900 | less");
        terminal.wait("the first line", |screen| {
            screen.lines().any(|line| line == "1")
        });
        terminal.keys("G");
        terminal.wait_for("(END)");
        terminal.keys(LEAVE);
        terminal.keys("q");
        terminal.wait("the question, with the program's name", |screen| {
            screen.contains("Quitting ends what still runs") && screen.contains("less (host shell)")
        });
        terminal.keys("n");
        terminal.wait("no question", |screen| !screen.contains("Quitting ends"));
        terminal.keys(F3);
        terminal.keys("q");
        as_before(terminal, &["(END)"]);
    });
}

#[test]
fn a_login_shell_has_the_prompt_too() {
    needs!(Hostname);
    with("unshare", Side::CONTAINER, |terminal| {
        // Without a program unshare(1) starts a login shell.
        terminal.line("unshare --net");
        terminal.line("echo $((1000 + 7)) $0");
        terminal.wait("its own prompt", |screen| {
            let behind = screen.split("1007 -bash").nth(1);
            behind.is_some_and(|rest| rest.contains("[container] root@"))
        });
        terminal.line("exit");
    });
}

#[test]
fn a_shell_of_a_login_shell_has_its_marks_whatever_the_profile_adds() {
    needs!(Hostname);
    with("bash", Side::Host, |terminal| {
        // As systemd's 80-systemd-osc-context.sh does.
        terminal.line(r#"echo 'PROMPT_COMMAND+=(:); PS0='"'"'$(missing)'"'"'$PS0' > /tmp/profile"#);
        terminal.line("mount --bind /tmp/profile /etc/profile");
        terminal.line("bash -l");
        terminal.line("bash");
        terminal.line("echo $((1000 + 8)) ${PROMPT_COMMAND:0:8}");
        terminal.wait("its marks, and no error", |screen| {
            screen.contains("1008 { printf") && !screen.contains("missing: command")
        });
        terminal.line("exit");
        terminal.line("exit");
    });
}
