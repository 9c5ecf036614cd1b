//! The first lessons in every language, walked in the real lab by keys alone, as a learner would.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::time::Duration;

use nslab::Lang;
use nslab::Side;
use nslab::{Check, Lesson, LessonStep, Library, Part, Template};
use nslab::{Namespace, NamespaceSet};
use support::{As, Installed, family_with, needs};
use terminal::Terminal;
use terminal::keys::{F2, F3, F4, F6, F7, HOME, LANGUAGE, LEAVE};

const WIDE: (u16, u16) = (120, 100);
const COMPACT: (u16, u16) = (80, 24);
const PAGE_DOWN: &str = "\x1b[6~";

/// The texts on the screen that the walk waits for.
struct Says {
    read_on: &'static str,
    busy_starting: &'static str,
    you_said: &'static str,
    next_step: &'static str,
    next_lesson: &'static str,
    last_step: &'static str,
    container: &'static str,
    lesson_tab: &'static str,
    ended: &'static str,
}

fn says(lang: Lang) -> Says {
    match lang {
        Lang::En => Says {
            read_on: "Enter:readon",
            busy_starting: "…",
            you_said: "yousaid:",
            next_step: "Enter:nextstep",
            next_lesson: "Enter:nextlesson,",
            last_step: "Thiswasthelaststep.",
            container: "Containershell·",
            lesson_tab: "[Lesson F2]",
            ended: "Theshellhasended",
        },
        Lang::ZhCn => Says {
            read_on: "Enter：继续阅读",
            busy_starting: "……",
            you_said: "你的预测：",
            next_step: "Enter：下一步",
            next_lesson: "Enter：下一课《",
            last_step: "这是最后一步。",
            container: "容器shell·",
            lesson_tab: "[课程 F2]",
            ended: "shell已结束",
        },
    }
}

/// The text without whitespace, which wrapping moves, and without the marks of Markdown.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !"`*".contains(*c))
        .collect()
}

/// Plays the learner.
struct Learner<'a> {
    terminal: &'a Terminal,
    size: (u16, u16),
    says: Says,
}

impl Learner<'_> {
    /// The lines of the lesson pane, if the screen shows it.
    fn lesson_lines(&self, screen: &str) -> Option<Vec<String>> {
        if self.size == WIDE {
            let above = screen.lines().take_while(|line| !line.contains('┴'));
            let columns = above.filter_map(|line| line.split(['│', '├']).next());
            return Some(columns.skip(2).map(str::to_owned).collect());
        }
        let lines: Vec<_> = screen.lines().collect();
        lines
            .get(3)?
            .contains(self.says.lesson_tab)
            .then(|| lines[4..18].iter().map(|&line| line.to_owned()).collect())
    }

    /// The lesson pane as bare text; empty while the screen shows something else.
    fn lesson(&self, screen: &str) -> String {
        bare(&self.lesson_lines(screen).unwrap_or_default().concat())
    }

    /// The pane of a side's shell, if the screen shows it.
    fn shell(&self, screen: &str, side: Side) -> Option<String> {
        if self.size == WIDE {
            let all: Vec<_> = screen.lines().collect();
            let host = all.iter().position(|line| line.contains('┴'))?;
            let rest = &all[host + 1..];
            let border = host + 1 + rest.iter().position(|line| line.ends_with("───"))?;
            let pane = match side {
                Side::Host => &all[host + 1..border],
                // The keys stand below.
                Side::Container(_) => &all[border + 1..all.len() - 1],
            };
            return Some(pane.join("\n"));
        }
        let lines: Vec<_> = screen.lines().collect();
        let shown = !lines.get(3)?.contains(self.says.lesson_tab);
        shown.then(|| lines[4..18].join("\n"))
    }

    fn wait_lesson(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let screen = self
            .terminal
            .wait(what, |screen| holds(&self.lesson(screen)));
        self.lesson(&screen)
    }

    /// Presses Enter to read on until this text is in view.
    fn read_to(&self, text: &str) -> String {
        let wanted = bare(text);
        loop {
            let seen = self.wait_lesson(text, |lesson| {
                lesson.contains(&wanted) && !lesson.contains(self.says.read_on)
                    || lesson.contains(self.says.read_on)
            });
            if !seen.contains(self.says.read_on) {
                return seen;
            }
            self.terminal.keys("\r");
            self.wait_lesson("more of the lesson", |lesson| lesson != seen);
        }
    }

    /// Presses Enter until this text is in view; more of the lesson may follow.
    fn read_until(&self, text: &str) {
        let wanted = bare(text);
        loop {
            let seen = self.wait_lesson(text, |lesson| {
                lesson.contains(&wanted) || lesson.contains(self.says.read_on)
            });
            if seen.contains(&wanted) {
                return;
            }
            self.terminal.keys("\r");
            self.wait_lesson("more of the lesson", |lesson| lesson != seen);
        }
    }

    /// Waits until a shell has a prompt again and its pane has changed. On a compact screen, which
    /// did not show the pane before, waits for the typed line instead.
    fn prompt_after(&self, side: Side, before: &str, line: &str) -> String {
        let typed = bare(line);
        let pane = self.prompt_after_some_line(side, before, line);
        if bare(&pane).contains(&typed) {
            return pane;
        }
        // Either the output has scrolled the line out of view, or the line has not been typed yet and
        // this is the previous prompt.
        self.terminal.quiet(Duration::from_millis(300));
        self.prompt_after_some_line(side, before, line)
    }

    fn prompt_after_some_line(&self, side: Side, before: &str, line: &str) -> String {
        let line = bare(if self.size == COMPACT { line } else { "" });
        let prompt = format!("[{}] root@", side.name());
        let screen = self
            .terminal
            .wait(&format!("the {side}'s next prompt"), |screen| {
                self.shell(screen, side).is_some_and(|pane| {
                    let last = pane
                        .lines()
                        .rev()
                        .map(str::trim)
                        .find(|line| !line.is_empty());
                    pane != before
                        && bare(&pane).contains(&line)
                        && last.is_some_and(|line| line.starts_with(&prompt) && line.ends_with('#'))
                })
            });
        self.shell(&screen, side).unwrap()
    }

    /// On a compact screen, where the shell has replaced the lesson, presses Enter to go back.
    fn back_to_lesson(&self) {
        if self.size == COMPACT {
            self.terminal.keys("\r");
            self.wait_lesson("the lesson again", |lesson| !lesson.is_empty());
        }
    }

    fn walk(&self, lesson: &Lesson) {
        let mut shells = [String::new(), String::new()];
        for (number, step) in lesson.steps.iter().enumerate() {
            let heading = format!("{}/{} {}", number + 1, lesson.steps.len(), step.title);
            let title = bare(&heading);
            let first = self.wait_lesson(&heading, |lesson| lesson.contains(&title));
            for check in checks(step) {
                assert!(
                    !first.contains(&format!("✔{}", bare(check))),
                    "{heading}: {check:?} was true before anything was done:\n{first}"
                );
            }
            // A task of the learner's own is played by `verify`, and by Enter alone in `tests/stage.rs`.
            if TASKS.contains(&step.title.as_str()) {
                self.terminal.keys("\x1b[C");
                continue;
            }
            for part in &step.parts {
                self.take(part, &mut shells);
            }
            self.finish(step, number + 1 == lesson.steps.len(), &heading);
        }
    }

    fn take(&self, part: &Part, shells: &mut [String; 2]) {
        match part {
            Part::Predict(predict) => {
                let last = predict.choices.last().unwrap();
                self.read_to(&format!("{}. {last}", predict.choices.len()));
                self.terminal.keys(&(predict.answer + 1).to_string());
                let said = format!("{}{}", self.says.you_said, predict.choices[predict.answer]);
                self.wait_lesson(&said, |lesson| lesson.contains(&bare(&said)));
            }
            Part::Launch(launch) => {
                self.read_to("❯");
                self.terminal.keys("\r");
                let flags = labels(launch.plan.flags);
                if self.size == WIDE {
                    let title = format!("{}{}", self.says.container, bare(&flags));
                    self.terminal
                        .wait(&title, |screen| bare(screen).contains(&title));
                }
                shells[1] = self.prompt_after(Side::CONTAINER, "", "");
                self.back_to_lesson();
            }
            Part::Run(run) => {
                let before = &mut shells[usize::from(run.side == Side::CONTAINER)];
                // If a line has a live value, only the text before it.
                let known = |line: &'_ Template| -> String {
                    let known = line.source().split("{{").next();
                    known.unwrap_or_default().to_owned()
                };
                for line in run.lines.iter().map(known) {
                    let line = line.as_str();
                    self.read_to(&format!("❯{line}"));
                    if self.size == WIDE {
                        let screen = self.terminal.screen();
                        *before = self
                            .shell(&screen, run.side)
                            .unwrap_or_else(|| panic!("no {:?}:\n{screen}", run.side));
                    }
                    self.terminal.keys("\r");
                    if line == "exit" {
                        self.terminal.wait("the shell's end", |screen| {
                            self.shell(screen, run.side)
                                .is_some_and(|pane| bare(&pane).contains(self.says.ended))
                        });
                    } else {
                        *before = self.prompt_after(run.side, before, line);
                    }
                    self.back_to_lesson();
                }
            }
            Part::Check(check) => self.press(check),
            Part::Prose(_) | Part::Hint(_) | Part::Figure(_) => {}
        }
    }

    /// Presses the keys that a check without commands asks for.
    fn press(&self, check: &Check) {
        let wanted = check.expr.source();
        let fulfilled = format!("✔{}", bare(&check.name));
        for kind in Namespace::ALL {
            if wanted.contains(&format!("chosen.{}", kind.name())) {
                self.terminal.keys(&kind.key().to_string());
            }
        }
        for (view, keys) in [
            (
                "seen.compare",
                if self.size == WIDE {
                    [F6, F6].concat()
                } else {
                    F6.to_owned()
                },
            ),
            ("seen.code", F7.to_owned()),
            ("seen.took", "t".to_owned()),
        ] {
            if wanted.contains(view) {
                let before = self.terminal.screen();
                self.terminal.keys(&keys);
                self.terminal.wait(view, |screen| screen != before);
                self.terminal.keys(F2);
                self.terminal.wait("the shells again", |screen| {
                    self.size == COMPACT || self.shell(screen, Side::Host).is_some()
                });
                // Once the check is true, the page moves to it: then Enter would mean the next step.
                self.terminal.quiet(Duration::from_millis(300));
                self.read_until(&fulfilled);
            }
        }
    }

    /// Asserts that every check of the step is true, and goes to the next step.
    fn finish(&self, step: &LessonStep, last: bool, heading: &str) {
        let says = &self.says;
        let ends: &[&str] = if last {
            &[says.next_lesson, says.last_step]
        } else {
            &[says.next_step]
        };
        let done = |lesson: &str| ends.iter().any(|end| lesson.contains(end));
        loop {
            let seen = self.wait_lesson(&format!("{heading}: the end of the step"), |lesson| {
                done(lesson) || lesson.contains(says.read_on)
            });
            if done(&seen) {
                break;
            }
            // The page may move to a check that turns true meanwhile: then Enter would mean the next step.
            self.terminal.keys(PAGE_DOWN);
            self.wait_lesson("more of the lesson", |lesson| lesson != seen);
        }
        let page = self.whole_page(heading);
        assert!(!page.contains('○'), "{heading}: {page}");
        for check in checks(step) {
            let fulfilled = format!("✔{}", bare(check));
            assert!(
                page.contains(&fulfilled),
                "{heading}: no {check:?} in\n{page}"
            );
        }
        assert!(!page.contains('❯'), "{heading}: {page}");
        if !last {
            self.terminal.keys("\r");
        }
    }

    /// The whole step as bare text, page by page.
    fn whole_page(&self, heading: &str) -> String {
        let lines = |screen: &str| {
            let mut lines = self.lesson_lines(screen).unwrap_or_default();
            // A figure has lines, too, but none that begins with one.
            let rule = lines
                .iter()
                .position(|line| line.trim_start().starts_with("─────"));
            let more = rule.is_some_and(|at| lines[at].contains('↓'));
            lines.truncate(rule.unwrap_or(lines.len()));
            (lines, more)
        };
        self.terminal.keys(HOME);
        let heading = bare(heading);
        let screen = self.terminal.wait("the step's beginning", |screen| {
            self.lesson(screen).contains(&heading)
        });
        let (mut all, mut more) = lines(&screen);
        while more {
            let before = lines(&self.terminal.screen()).0;
            self.terminal.keys(PAGE_DOWN);
            let screen = self
                .terminal
                .wait("the next page", |screen| lines(screen).0 != before);
            let (page, further) = lines(&screen);
            let overlap = (0..=page.len())
                .rev()
                .find(|&n| all.ends_with(&page[..n]))
                .unwrap_or(0);
            all.extend_from_slice(&page[overlap..]);
            more = further;
        }
        bare(&all.concat())
    }
}

fn checks(step: &LessonStep) -> impl Iterator<Item = &str> {
    step.parts.iter().filter_map(|part| match part {
        Part::Check(check) => Some(check.name.as_str()),
        _ => None,
    })
}

fn labels(flags: NamespaceSet) -> String {
    flags.iter().map(Namespace::label).collect()
}

fn uts(lang: Lang) -> Lesson {
    let library = Library::embedded(lang);
    library.find("uts").unwrap().clone()
}

/// The titles of the steps that give a goal and no command.
const TASKS: [&str; 2] = ["Your turn", "轮到你了"];

/// The first six lessons, which follow the article. The later ones end shells and open further ones:
/// `tests/stage.rs` plays those in a terminal, and `tests/verify.rs` checks their claims.
const ARTICLE: usize = 6;

fn walk_all(who: As, lang: Lang, size: (u16, u16), only: Option<&str>) {
    let nslab = Installed::new();
    let library = Library::embedded(lang);
    for lesson in library.lessons().take(ARTICLE) {
        if only.is_some_and(|only| only != lesson.id) {
            continue;
        }
        walk(&nslab, who, lang, size, lesson, &[]);
    }
}

fn walk(
    nslab: &Installed,
    who: As,
    lang: Lang,
    size: (u16, u16),
    lesson: &Lesson,
    options: &[&str],
) {
    let arguments = [&["--lang", lang.name(), "--lesson", &lesson.id], options].concat();
    let terminal = Terminal::start(who, &nslab.binary(), &arguments, size);
    let learner = Learner {
        terminal: &terminal,
        size,
        says: says(lang),
    };
    learner.wait_lesson("the lab", |lesson| {
        !lesson.is_empty() && !lesson.ends_with(learner.says.busy_starting)
    });
    learner.walk(lesson);
}

#[test]
fn a_new_lesson_works_as_it_is() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let lessons = nslab.directory.path().join("lessons");
    let path = lessons.display().to_string();
    let arguments = ["new", "lesson", "my-first", "--lessons", &path];
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    assert!(output.status.success(), "{}", support::stderr(&output));
    assert!(support::stdout(&output).contains("en/01-my-first.md"));
    for lang in Lang::ALL {
        let library = Library::from_dir(&lessons, lang).unwrap();
        let lesson = library.find("my-first").unwrap();
        walk(
            &nslab,
            As::Ourselves,
            lang,
            WIDE,
            lesson,
            &["--lessons", &path],
        );
    }
}

#[test]
fn in_english() {
    needs!(Hostname, Proc);
    walk_all(As::Ourselves, Lang::En, WIDE, None);
}

#[test]
fn in_chinese() {
    needs!(Hostname, Proc);
    walk_all(As::Ourselves, Lang::ZhCn, WIDE, None);
}

#[test]
fn in_english_as_an_ordinary_user() {
    needs!(Hostname, Proc);
    for who in As::all() {
        if who != As::Ourselves {
            walk_all(who, Lang::En, WIDE, None);
        }
    }
}

#[test]
fn in_chinese_as_an_ordinary_user() {
    needs!(Hostname, Proc);
    for who in As::all() {
        if who != As::Ourselves {
            walk_all(who, Lang::ZhCn, WIDE, None);
        }
    }
}

#[test]
fn on_a_small_screen() {
    needs!(Hostname, Proc);
    walk_all(As::Ourselves, Lang::En, COMPACT, Some("uts"));
    walk_all(As::Ourselves, Lang::ZhCn, COMPACT, Some("ipc"));
    walk_all(As::Ourselves, Lang::ZhCn, COMPACT, Some("skeleton"));
    walk_all(As::Ourselves, Lang::En, COMPACT, Some("identity"));
    walk_all(As::Ourselves, Lang::ZhCn, COMPACT, Some("stale-proc"));
}

#[test]
fn another_language_in_mid_lesson_keeps_the_step() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let [english, chinese] = [Lang::En, Lang::ZhCn].map(uts);
    let arguments = ["--lang", "en", "--lesson", "uts"];
    let terminal = Terminal::start(As::Ourselves, &nslab.binary(), &arguments, WIDE);
    let learner = |lang| Learner {
        terminal: &terminal,
        size: WIDE,
        says: says(lang),
    };
    let (en, zh) = (learner(Lang::En), learner(Lang::ZhCn));
    terminal.wait_for("[host] root@");
    let mut shells = [String::new(), String::new()];
    for part in &english.steps[0].parts {
        en.take(part, &mut shells);
    }
    en.finish(&english.steps[0], false, &english.steps[0].title);
    en.read_to(&english.steps[1].title);
    let question = english.steps[1]
        .parts
        .iter()
        .position(|part| matches!(part, Part::Predict(_)))
        .unwrap();
    en.take(&english.steps[1].parts[question], &mut shells);
    terminal.keys(LANGUAGE);
    let number = format!("2/{}", chinese.steps.len());
    let seen = zh.read_to(&format!("{number} {}", chinese.steps[1].title));
    let Part::Predict(predict) = &chinese.steps[1].parts[question] else {
        panic!("the parts are the same in every language");
    };
    let answered = bare(&format!("你的预测：{}", predict.choices[predict.answer]));
    assert!(seen.contains(&answered), "{seen}");
    for part in &chinese.steps[1].parts[question + 1..] {
        zh.take(part, &mut shells);
    }
    zh.finish(&chinese.steps[1], false, &chinese.steps[1].title);
    terminal.keys(LANGUAGE);
    en.read_to(&english.steps[2].title);
}

#[test]
fn typing_into_the_wrong_shell_is_noticed_and_a_busy_shell_is_left_alone() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = ["--lang", "en", "--lesson", "uts"];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, WIDE);
        let learner = Learner {
            terminal: &terminal,
            size: WIDE,
            says: says(Lang::En),
        };
        terminal.wait_for("[host] root@");
        let lesson = uts(Lang::En);
        let mut shells = [String::new(), String::new()];
        for part in &lesson.steps[0].parts {
            learner.take(part, &mut shells);
        }
        learner.finish(&lesson.steps[0], false, &lesson.steps[0].title);
        let (mut predicted, mut check, mut command) = (false, None, None);
        for part in &lesson.steps[1].parts {
            match part {
                Part::Predict(_) => {
                    learner.take(part, &mut shells);
                    predicted = true;
                }
                Part::Check(found) => check = Some(found),
                Part::Run(run) => command = Some(run.lines[0].source()),
                _ => {}
            }
        }
        let (check, command) = (check.unwrap(), command.unwrap());
        assert!(predicted && command == "hostname web1");
        // Type the step's command into the other shell.
        terminal.keys(F3);
        terminal.line(command);
        let say = bare(&check.wrong[0].say);
        learner.wait_lesson(&say, |lesson| lesson.contains(&say));
        assert!(learner.lesson(&terminal.screen()).contains('○'));
        terminal.run("hostname elsewhere");
        learner.wait_lesson("no longer", |lesson| !lesson.contains(&say));

        terminal.keys(LEAVE);
        terminal.keys(F4);
        terminal.line("sh -c 'echo in the \"\"foreground; exec sleep 100'");
        terminal.wait_for("in the foreground");
        // It is sh until the kernel has carried out its exec.
        family_with(terminal.pid(), 1, "sleep");
        terminal.keys(LEAVE);
        learner.read_to(&format!("❯{command}"));
        terminal.keys("\r");
        terminal.wait_for("sleep runs in the foreground");
        // nslab typed nothing, and the line does not count as done.
        learner.read_to(&format!("❯{command}"));
        terminal.keys(F4);
        terminal.interrupt("\x03");
        terminal.run("echo $(hostname)");
        assert!(!terminal.screen().contains("web1#") && !terminal.screen().contains("✔ hostname"));
        terminal.keys(LEAVE);
        terminal.keys("\r");
        learner.wait_lesson("done", |lesson| {
            lesson.contains(&format!("✔{}", bare(&check.name)))
        });
    }
}
