//! `nslab verify`: the shipped lessons pass, and it reports lessons with faults.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use nslab::{Deed, Lang, Lesson, Library};
use serde_json::Value;
use support::{As, Installed, at_once, needs, ordinary_run_follows, skip, stderr, stdout};

/// A lesson directory that every user may read.
fn lessons(files: &[(&str, String)]) -> tempfile::TempDir {
    let directory = tempfile::Builder::new()
        .prefix("nslab-lessons-")
        .tempdir()
        .unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// The text of a lesson with this id and these steps.
fn lesson(id: &str, steps: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\ntitle = \"X\"\nflags = [\"uts\"]\nminutes = 1\nsources = [\"x(1)\"]\n+++\n\n{steps}"
    );
    (format!("{id}.md"), text)
}

/// A step that renames the container; `more` is added to its check.
fn renaming(command: &str, more: &str) -> String {
    format!(
        "## Rename\n\ntext\n\n```launch\n```\n\n```run container\n{command}\n```\n\n```check\nname = \"renamed\"\nexpr = 'own.uts and container.hostname == \"web1\"'\n{more}```\n"
    )
}

#[test]
fn the_shipped_lessons_pass() {
    let nslab = Installed::new();
    for who in As::all() {
        let output = nslab.command(who, &["verify"]).output().unwrap();
        let said = stdout(&output);
        assert!(
            output.status.success(),
            "{who:?}\n{said}{}",
            stderr(&output)
        );
        for lang in Lang::ALL {
            let course = Library::embedded(lang);
            for lesson in course.lessons() {
                for (number, step) in (1..).zip(&lesson.steps) {
                    let (id, title) = (&lesson.id, &step.title);
                    let line = format!("  {:<5}  {id}/{number} {title}   ", lang.name());
                    assert!(said.contains(&line), "{who:?}: {line}\n{said}");
                }
            }
        }
        assert!(!said.contains("not verified"), "{who:?}\n{said}");
        println!("{who:?}: {}", said.lines().last().unwrap_or_default());
    }
}

/// A learner may go on at any step the next day.
#[test]
fn the_shipped_lessons_pass_from_each_step() {
    needs!(Hostname, Proc, Sysfs);
    let nslab = Installed::new();
    for who in As::of_this_run() {
        let arguments = ["verify", "--from-each-step", "--jobs", "8"];
        let output = nslab.command(who, &arguments).output().unwrap();
        let said = stdout(&output);
        assert!(
            output.status.success(),
            "{who:?}\n{said}{}",
            stderr(&output)
        );
        let steps: usize = Lang::ALL
            .into_iter()
            .flat_map(|lang| {
                Library::embedded(lang)
                    .lessons()
                    .map(|it| it.steps.len())
                    .collect::<Vec<_>>()
            })
            .sum();
        let skipped = without_limits(&said);
        let ok = format!("{} steps ok, 0 failed", steps - skipped);
        assert!(said.contains(&ok), "{who:?}\n{said}");
        println!("{who:?}: {}", said.lines().last().unwrap_or_default());
    }
}

/// A check that asks for a state alone may be true although its command was typed into the wrong shell.
#[test]
fn no_check_of_the_shipped_lessons_is_true_from_the_wrong_side() {
    let nslab = Installed::new();
    for who in As::of_this_run() {
        // The checks are the same in both languages.
        let arguments = ["verify", "--wrong-side", "--lang", "en", "--jobs", "8"];
        let output = nslab.command(who, &arguments).output().unwrap();
        let said = stdout(&output);
        assert!(
            output.status.success(),
            "{who:?}\n{said}{}",
            stderr(&output)
        );
        println!("{who:?}: {}", said.lines().last().unwrap_or_default());
    }
}

#[test]
fn a_check_that_is_true_from_the_wrong_side_is_found() {
    needs!(Hostname);
    let step = |expr: &str, solution: &str| {
        format!(
            "## A\n\ntext\n\n```launch\nflags = []\n```\n\n```run container\nhostname oops\n```\n\n```check\nname = \"oops\"\nexpr = '{expr}'\n```\n\n```hint\ntext = \"a\"\n```\n\n```hint\ntext = \"b\"\nsolution = \"{solution}: hostname oops\"\n```\n"
        )
    };
    let state = "host.hostname == \"oops\"";
    let deed = "host.hostname == \"oops\" and \"oops\" in (container.commands | map(attribute=\"line\") | join(\" \"))";
    let cases = [
        lesson("state", &step(state, "container")),
        lesson("deed", &step(deed, "container")),
        // The step says that either shell is right.
        lesson("either", &step(state, "host")),
    ];
    let files: Vec<_> = cases
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let directory = lessons(&files);
    let path = directory.path().to_str().unwrap();
    let arguments = ["verify", "--wrong-side", "--lang=en", "--lessons", path];
    let nslab = Installed::new();
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let fault = format!(
        "{path}/state.md:23:9: \"oops\" is true though `hostname oops` was typed into the host's shell"
    );
    assert!(said.contains(&fault), "{said}");
    assert!(said.contains("2 steps ok, 1 failed"), "{said}");
    assert!(said.contains("deed/1 A   1 check"), "{said}");
}

/// A line that fails when nslab does the steps before again would be told to every learner who resumes there.
#[test]
fn a_line_that_fails_when_it_is_done_again_is_found() {
    let steps = "## A\n\ntext\n\n```run host\nfalse\n```\n\n```check\nname = \"a\"\nexpr = 'host is defined'\n```\n\n\
        ## B\n\ntext\n\n```run host\ntrue\n```\n";
    let (name, text) = lesson("again", steps);
    let directory = lessons(&[(&name, text)]);
    let path = directory.path().to_str().unwrap();
    let arguments = ["verify", "--from-each-step", "--lang=en", "--lessons", path];
    let nslab = Installed::new();
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let fault = "again.md:22:1: the steps before could not be done again: false";
    assert!(said.contains(fault), "{said}");
}

/// Counts the steps of the lesson on limits that the machine can't do; says so where there are any.
/// Limits take cgroup v2 and its controllers.
fn without_limits(said: &str) -> usize {
    let limits = |line: &&str| line.starts_with("skipped") && line.contains(" limits/");
    let skipped = said.lines().filter(limits);
    let lacking = skipped.filter(|line| line.contains("cgroup")).count();
    if lacking > 0 {
        eprintln!(
            "nslab has no cgroup with memory and pids here: {lacking} steps of limits not tested"
        );
    }
    lacking
}

/// A lesson's id, its steps, and what verify says; `FILE` stands for the file name.
const fn broken<'a>(
    id: &'a str,
    steps: String,
    said: &'a [&'a str],
) -> (&'a str, String, &'a [&'a str]) {
    (id, steps, said)
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn faults_are_reported() {
    needs!(Hostname, Proc, Sysctls);
    let wrong = |when: &str, sample: &str| {
        format!("[[wrong]]\nwhen = '{when}'\nsay = \"no\"\nsample = \"\"\"\n{sample}\n\"\"\"\n")
    };
    let hints = |solution: &str| {
        format!(
            "```hint\ntext = \"a\"\n```\n\n```hint\ntext = \"b\"\nsolution = \"{solution}\"\n```\n"
        )
    };
    let cases = [
        broken(
            "true-before",
            "## A\n\ntext\n\n```launch\n```\n\n## B\n\ntext\n\n```run container\ntrue\n```\n\n```check\nname = \"apart\"\nexpr = 'own.uts'\n```\n".to_owned(),
            &["FILE:26:9: \"apart\" is true before anything was done for it", "own.uts is True"],
        ),
        broken(
            "never-true",
            renaming("hostname web2", ""),
            &["FILE:22:9: \"renamed\" did not become true", "container.hostname is web2"],
        ),
        broken(
            "sample-misses",
            renaming("hostname web1", &wrong("not own.uts", "launch uts\nhost: hostname web1")),
            &["FILE:27:1: this sample does not make its `when` true", "own.uts is True"],
        ),
        broken(
            "sample-solves",
            renaming("hostname web1", &wrong("own.uts", "launch uts\ncontainer: hostname web1")),
            &["FILE:27:1: after this sample the check is true", "container.hostname is web1"],
        ),
        broken(
            "sample-of-another",
            renaming(
                "hostname web1",
                &format!("{}{}", wrong("own.uts", "launch"), wrong("own.uts and not own.pid", "launch uts")),
            ),
            &["FILE:33:1: this sample is the near miss of line 24"],
        ),
        broken(
            "no-sample",
            renaming("hostname web1", "[[wrong]]\nwhen = 'not own.uts'\nsay = \"no\"\n"),
            &["not verified: FILE:24:9: this near miss has no `sample`"],
        ),
        broken(
            "no-solution",
            format!("{}\n```hint\ntext = \"a\"\n```\n", renaming("hostname web1", "")),
            &["not verified: FILE:25:1: the last hint has no `solution`"],
        ),
        broken(
            "second-way",
            {
                let task = renaming("hostname web1", "").replace("```launch\n```\n\n", "");
                let task = task.replace("```run container\nhostname web1\n```\n\n", "");
                let launches = "```proof\nlaunch uts\n";
                format!("{task}\n{launches}container: hostname web1\n```\n\n{launches}```\n")
            },
            &["FILE:24:1: this way doesn't make \"renamed\" true", "container.hostname is container"],
        ),
        broken(
            "solves-nothing",
            format!("{}\n{}", renaming("hostname web1", ""), hints("launch uts")),
            &["FILE:31:13: this way doesn't make \"renamed\" true", "container.hostname is container"],
        ),
        broken(
            "solution-without-shell",
            format!("{}\n{}", renaming("hostname web1", ""), hints("container: hostname web1")),
            &["FILE:31:13: `hostname web1` can't be typed: the container has no shell"],
        ),
        broken(
            "no-value",
            "## A\n\nIts name is {{ container.hostname }}.\n\n```launch\n```\n".to_owned(),
            &["FILE:11:16: `container.hostname` has no value when the learner comes here", "container.hostname has no value"],
        ),
        broken(
            "no-value-in-a-line",
            "## A\n\ntext\n\n```run host\necho {{ container.nspid[7] }}\n```\n".to_owned(),
            &["FILE:14:9: `container.nspid[7]` has no value when the learner comes here"],
        ),
        broken(
            "nothing-measured",
            "## A\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nmeasured = \"{{ container.hostname }}\"\n```\n\n```run host\ntrue\n```\n".to_owned(),
            &["FILE:16:16: `container.hostname` has no value when the learner comes here"],
        ),
        broken(
            "not-found",
            "## A\n\ntext\n\n```run host\ntrue\nfrobnicate\n```\n".to_owned(),
            &["FILE:15:1: `frobnicate` ended with status 127", "| bash: frobnicate: command not found"],
        ),
        broken(
            "fails",
            "## A\n\ntext\n\n```run host\nfalse\n```\n".to_owned(),
            &["FILE:14:1: `false` ended with status 1, and no check or prediction of this step looks at `host.last`"],
        ),
        broken(
            "fails-otherwise",
            "## A\n\ntext\n\n```run host\nfalse\nbash -c \"exit 3\"\n```\n\n```check\nname = \"3\"\nexpr = 'host.last.status == 3'\n```\n".to_owned(),
            &["FILE:14:1: `false` ended with status 1, and no condition on `host.last` was true then"],
        ),
        broken(
            "true-once-launched",
            renaming("true", "").replace("own.uts and container.hostname == \"web1\"", "own.uts"),
            &["FILE:22:9: \"renamed\" is true before anything was done for it"],
        ),
        broken(
            "answer-not-measured",
            "## A\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\n```\n\n```run host\ntrue\n```\n".to_owned(),
            &["not verified: FILE:11:1: this prediction has no `exprs`: nothing shows that its answer is right"],
        ),
        broken(
            "answer-not-so",
            "## A\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 2\nwhy = \"w\"\nexprs = ['host.last.status == 0', 'host.last.status == 1']\n```\n\n```run host\ntrue\n```\n".to_owned(),
            &["FILE:16:36: the answer \"b\" was not measured; \"a\" was", "host.last.status is 0"],
        ),
        broken(
            "answer-not-alone",
            "## A\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.last.status == 0', 'host.last.status < 1']\n```\n\n```run host\ntrue\n```\n".to_owned(),
            &["FILE:16:11: the answer \"a\" was measured, and so was \"b\""],
        ),
        broken(
            "answer-not-foreseen",
            "## A\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.last.status == 1', 'host.last.status == 2']\n```\n\n```run host\ntrue\n```\n".to_owned(),
            &["FILE:16:11: the answer \"a\" was not measured", "host.last.status is 0"],
        ),
        broken(
            "shell-dies",
            "## A\n\ntext\n\n```run container\nsource /dev/stdin <<< $'ex\\x69t 3'\n```\n\n## B\n\ntext\n".to_owned(),
            &["FILE:14:1: `source /dev/stdin <<< $'ex\\x69t 3'` ended the container's shell", "not reached  en"],
        ),
        broken(
            "nobody-does-it",
            "## A\n\nPress F7.\n\n```check\nname = \"looked\"\nexpr = 'seen.code'\n```\n".to_owned(),
            &["FILE:15:9: nothing in this step makes \"looked\" true", "seen.code is False"],
        ),
        broken(
            "true-elsewhere",
            format!(
                "## A\n\ntext\n\n```run host\nhostname one\n```\n\n## B\n\ntext\n\n```run host\nhostname two\n```\n\n```check\nname = \"two\"\nexpr = 'host.hostname == \"two\"'\n{}```\n\n## C\n\ntext\n\n```run host\nenv hostname one\n```\n\n```check\nname = \"one\"\nexpr = 'host.hostname == \"one\"'\n```\n",
                wrong("host.hostname == \"one\"", "host: hostname one")
            ),
            &["FILE:46:9: \"one\" is true without anything that this step does for it: at the end of step 1, after the sample of line 32\n    host.hostname is one"],
        ),
        broken(
            "any-command-does",
            "## A\n\ntext\n\n```run host\nls /etc\n```\n\n```check\nname = \"looked\"\nexpr = 'host.last.status == 0'\n```\n".to_owned(),
            &["FILE:19:9: \"looked\" becomes true by any command that succeeds"],
        ),
        broken(
            "message-does",
            "## A\n\ntext\n\n```run host\ncat /nowhere\n```\n\n```check\nname = \"refused\"\nexpr = 'host.last.status != 0 and \"No such file\" in host.last.output'\n```\n".to_owned(),
            &["FILE:19:9: \"refused\" would also hold if echo had printed the same: let it test `last.program` or the state"],
        ),
        broken(
            "kernel-refuses",
            "## A\n\ntext\n\n```run host\necho 7 > /proc/sys/kernel/ns_last_pid; echo 0 > /proc/sys/user/max_uts_namespaces\n```\n\n```launch\n```\n".to_owned(),
            &["FILE:17:1: the container could not be launched: "],
        ),
    ];
    let files: Vec<_> = cases
        .iter()
        .map(|(id, steps, _)| lesson(id, steps))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let directory = lessons(&files);
    let path = directory.path().to_str().unwrap();
    let nslab = Installed::new();
    // verify waits for checks that never become true, so run all lessons at once.
    let arguments = ["verify", "--jobs=20", "--lang=en", "--lessons", path];
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}{}", stderr(&output));
    for (id, _, wanted) in &cases {
        for wanted in *wanted {
            let wanted = wanted.replace("FILE", &format!("{path}/{id}.md"));
            assert!(said.contains(&wanted), "{id}: {wanted}\n{said}");
        }
    }
}

/// A shipped lesson in which each `answer` is the next choice.
#[test]
fn a_wrong_answer_fails_wherever_it_is() {
    needs!(Hostname, Proc);
    let mut answers = 0;
    let shipped = include_str!("../lessons/en/03-uts.md");
    let moved = shipped.lines().enumerate().map(|(line, text)| {
        let Some(answer) = text.strip_prefix("answer = ") else {
            return text.to_owned();
        };
        answers += 1;
        let choices = shipped
            .lines()
            .nth(line - 1)
            .unwrap()
            .matches("\", \"")
            .count()
            + 1;
        format!(
            "answer = {}",
            answer.parse::<usize>().unwrap() % choices + 1
        )
    });
    let moved = moved.collect::<Vec<_>>().join("\n");
    let directory = lessons(&[("03-uts.md", moved)]);
    let path = directory.path().to_str().unwrap();
    let arguments = ["verify", "--lang=en", "--lessons", path];
    let nslab = Installed::new();
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(answers > 4, "{answers}");
    assert_eq!(
        said.matches("\" was not measured; \"").count(),
        answers,
        "{said}"
    );
}

#[test]
fn steps_that_can_not_work_here_are_skipped() {
    let needs = "## A\n\n```needs\nprograms = [\"frobnicate\"]\notherwise = \"It would have hummed.\"\n```\n\ntext\n\n```run host\nfrobnicate\n```\n\n## B\n\ntext\n\n```run host\ntrue\n```\n";
    let (name, text) = lesson("lacks", needs);
    let directory = lessons(&[(&name, text)]);
    let path = directory.path().to_str().unwrap();
    let nslab = Installed::new();
    let arguments = ["verify", "--lang", "en", "--lessons", path];
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("skipped  en     lacks/1 A   This step can't work here. The program frobnicate is not installed.\n"),
        "{said}"
    );
    assert!(said.contains("ok       en     lacks/2 B"), "{said}");
    assert!(
        said.contains("1 step ok, 0 failed, 1 skipped, in "),
        "{said}"
    );
}

/// Steps with a shell in a shell, a shell replaced by exec, a job in the background, and a live value
/// in a command.
/// Where `/proc` or `/sys` is masked, no program gains privileges, or no lab host can be made, nothing
/// fails: the reason stands beside each step that is left out.
#[test]
fn what_the_machine_refuses_is_skipped_with_the_reason() {
    needs!(Hostname, Proc, Sysfs, Sysctls);
    let nslab = Installed::new();
    let binary = nslab.binary().display().to_string();
    let within = |script: &str| format!("unshare -rm sh -c '{script}; exec \"$@\"' sh");
    let environments = [
        (
            within("mount -t tmpfs t /proc/acpi"),
            // The solution of uts goes by a process number.
            "uts pid root",
            "are masked",
        ),
        (within("mount -t tmpfs t /sys"), "net cgroup", "No sysfs"),
        ("setpriv --no-new-privs".to_owned(), "user", "no_new_privs"),
        (
            within("echo 0 > /proc/sys/user/max_user_namespaces"),
            "uts",
            "there is no lab host: unshare",
        ),
        // The lab host's own is the only one that a lab may have.
        (
            within("echo 1 > /proc/sys/user/max_net_namespaces"),
            "net",
            "No space left on device",
        ),
    ];
    let all = As::nested().into_iter();
    let all = all.flat_map(|who| {
        environments
            .iter()
            .map(move |environment| (who, environment))
    });
    at_once(all, |(who, (environment, lessons, why))| {
        let line = format!("exec {environment} {binary} verify --lang en {lessons}");
        let mut words = who.prefix();
        words.extend(["sh", "-c", &line].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .current_dir("/")
            .output()
            .unwrap();
        let said = stdout(&output);
        let last = said.lines().last().unwrap_or_default();
        let nothing = last.contains("nothing could be verified");
        let code = if nothing { 77 } else { 0 };
        assert_eq!(
            output.status.code(),
            Some(code),
            "{who:?} {line}\n{said}{}",
            stderr(&output)
        );
        assert_eq!(nothing, last.starts_with("0 steps ok"), "{last}");
        let skipped: Vec<_> = said
            .lines()
            .filter(|it| it.starts_with("skipped"))
            .collect();
        assert!(!skipped.is_empty(), "{who:?} {line}\n{said}");
        assert!(
            skipped.iter().all(|it| it.contains(why)),
            "{who:?} {line}\n{said}"
        );
    });
}

/// A program for seccomp(2) that answers sethostname(2) with EPERM, as container engines do.
fn without_sethostname() -> Vec<u8> {
    let call = u32::try_from(libc::SYS_sethostname).unwrap();
    // BPF_LD|BPF_W|BPF_ABS of the number, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K twice.
    let program: [(u16, u8, u8, u32); 4] = [
        (0x20, 0, 0, 0),
        (0x15, 0, 1, call),
        (0x06, 0, 0, 0x0005_0001),
        (0x06, 0, 0, 0x7fff_0000),
    ];
    let bytes = program.map(|(code, jt, jf, k)| {
        let (code, k) = (code.to_ne_bytes(), k.to_ne_bytes());
        [code[0], code[1], jt, jf, k[0], k[1], k[2], k[3]]
    });
    bytes.concat()
}

/// As in a container with its engine's default options: no step is found to be false, and doctor says of
/// no skipped step that it works.
#[test]
fn where_no_hostname_may_be_set_the_steps_that_need_one_are_skipped() {
    needs!(Proc, Capabilities);
    if Command::new("bwrap").arg("--version").output().is_err() {
        return skip("no bwrap here, which puts a filter on a command");
    }
    let nslab = Installed::new();
    let path = nslab.directory.path().join("filter");
    fs::write(&path, without_sethostname()).unwrap();
    for who in As::of_this_run() {
        let keeping = if who.uid() == 0 { "--cap-add ALL" } else { "" };
        let run = |arguments: &str| {
            let line = format!(
                "exec bwrap --dev-bind / / --seccomp 9 {keeping} {} {arguments} 9<{}",
                nslab.binary().display(),
                path.display()
            );
            let mut words = who.prefix();
            words.extend(["sh", "-c", &line].map(str::to_owned));
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).current_dir("/");
            command.output().unwrap()
        };
        let report: Value = serde_json::from_str(&stdout(&run("doctor --json"))).unwrap();
        let lessons = report["lessons"].as_array().unwrap();
        let lacks = |lesson: &str, step: u64| {
            lessons.iter().any(|it| {
                let steps = it["lacking"].as_array().unwrap();
                it["lesson"] == lesson && steps.iter().any(|it| *it == step)
            })
        };
        let output = run("verify --lang en skeleton identity uts nested capstone");
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{who:?} {said}");
        let skipped: Vec<_> = said
            .lines()
            .filter(|line| line.starts_with("skipped"))
            .collect();
        assert!(skipped.len() > 9, "{who:?} {said}");
        for line in skipped {
            assert!(line.contains("refuses sethostname(2)"), "{who:?} {line}");
        }
        for (lesson, step) in [("skeleton", 6), ("uts", 2), ("nested", 4)] {
            assert!(lacks(lesson, step), "{who:?} {lesson} {step}: {report:#}");
        }
        assert!(!lacks("skeleton", 2), "{who:?} {report:#}");
    }
}

#[test]
fn every_way_in_which_a_line_ends_is_noticed() {
    needs!(Hostname);
    let steps = "## A\n\ntext\n\n```launch\nflags = [\"pid\"]\n```\n\n```run container\nsleep 300 &\nexec bash\nunshare -u bash\nhostname inner\nexit\ncd / && exec sleep 300\n```\n\n```run host\nkill -9 {{ container.nspid[1] }}\n```\n\n```check\nname = \"it is gone\"\nexpr = 'host is defined and container is not defined'\n```\n\n## B\n\ntext\n\n```run host\nsh -c \"exit 3\"\n```\n\n```check\nname = \"it failed\"\nexpr = 'host.last.program == \"sh\" and host.last.status == 3 and host.last.output == \"\"'\n```\n";
    let (name, text) = lesson("ends", steps);
    let directory = lessons(&[(&name, text)]);
    let path = directory.path().to_str().unwrap();
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = [
            "verify",
            "--json",
            "--lang",
            "en",
            "--lessons",
            path,
            "ends",
        ];
        let output = nslab.command(who, &arguments).output().unwrap();
        let said = stdout(&output);
        assert!(
            output.status.success(),
            "{who:?}\n{said}{}",
            stderr(&output)
        );
        let lines: Vec<serde_json::Value> = said
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3, "{said}");
        assert_eq!(lines[0]["outcome"]["is"], "ok");
        assert_eq!(lines[0]["checks"], 1);
        assert_eq!(lines[1]["title"], "B");
        assert_eq!(lines[2]["ok"], 2);
    }
}

#[test]
fn a_lesson_is_done_as_often_as_asked() {
    let (name, text) = lesson("again", "## A\n\ntext\n\n```run host\ntrue\n```\n");
    let directory = lessons(&[(&name, text)]);
    let path = directory.path().to_str().unwrap();
    let arguments = ["verify", "--repeat=3", "--lang=en", "--lessons", path];
    let nslab = Installed::new();
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let said = stdout(&output);
    assert!(said.contains("3 steps ok, 0 failed"), "{said}");
}

/// Addresses and names that look like a cable are none: the kernel says where the other end of a veth is.
#[test]
fn only_a_cable_to_the_host_is_one() {
    let near = "container.interfaces | selectattr(\"name\", \"eq\", \"near\")";
    let to_host = "selectattr(\"peer_namespace\", \"eq\", host.namespaces.net)";
    let own = "selectattr(\"peer_namespace\", \"eq\", container.namespaces.net)";
    // The peer is in a third network namespace, of a process that stays.
    let third = "unshare -n bash -c 'ip link add near type veth peer name far; ip link set near netns $PPID; exec sleep 99' &";
    let wrong = |when: &str, say: &str, line: &str| {
        format!(
            "[[wrong]]\nwhen = '{when}'\nsay = \"{say}\"\nsample = \"\"\"\nlaunch net\ncontainer: {line}\n\"\"\"\n"
        )
    };
    let both_here = wrong(
        &format!("{near} | {own} | length == 1"),
        "Both ends are here.",
        "ip link add near type veth peer name far",
    );
    let elsewhere = wrong(
        &format!(
            "{near} | selectattr(\"peer_elsewhere\") | selectattr(\"peer_namespace\") | length == 1"
        ),
        "The other end is in a third one.",
        third,
    );
    let steps = format!(
        "## Cable\n\ntext\n\n```launch\nflags = [\"net\"]\n```\n\n```run host\nip link add far type veth peer name near netns {{{{ container.nspid[1] }}}}\n```\n\n```check\nname = \"a cable\"\nexpr = 'own.net and {near} | {to_host} | length == 1'\n{both_here}{elsewhere}```\n"
    );
    let (name, text) = lesson("cable", &steps);
    let directory = lessons(&[(&name, text)]);
    let path = directory.path().to_str().unwrap();
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = ["verify", "--lang=en", "--lessons", path];
        let output = nslab.command(who, &arguments).output().unwrap();
        let said = stdout(&output);
        assert!(
            said.contains("1 check, 2 samples") && said.contains("1 step ok, 0 failed"),
            "{who:?}\n{said}{}",
            stderr(&output)
        );
    }
}

#[test]
fn an_unknown_lesson_is_reported() {
    let nslab = Installed::new();
    let output = nslab
        .command(As::Ourselves, &["verify", "utx"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("there is no lesson 'utx'; the lessons are skeleton, "));
}

/// Programs of the Debian packages that are always installed, or without which there is no lab: coreutils,
/// hostname, mount, grep, sed.
const EVERYWHERE: [&str; 78] = [
    "basename",
    "bash",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "chroot",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "domainname",
    "du",
    "echo",
    "env",
    "expr",
    "false",
    "find",
    "grep",
    "head",
    "hostname",
    "id",
    "install",
    "join",
    "kill",
    "link",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "mount",
    "mv",
    "nice",
    "nl",
    "nproc",
    "od",
    "paste",
    "pr",
    "printf",
    "ptx",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sh",
    "shred",
    "sleep",
    "sort",
    "split",
    "stat",
    "stty",
    "sum",
    "sync",
    "tac",
    "tail",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "tsort",
    "tty",
    "umount",
    "uname",
    "uniq",
    "wc",
    "who",
    "yes",
];

/// The programs on this machine that a lesson's commands, proofs and solutions name.
fn programs(lesson: &Lesson) -> BTreeSet<String> {
    let lines = lesson.steps.iter().flat_map(|step| {
        let own = step.deeds().into_iter().map(|it| it.deed);
        let solution = step.solution().into_iter();
        let solution = solution.flat_map(|it| it.actions.iter().map(|it| it.deed.clone()));
        own.chain(solution).collect::<Vec<_>>()
    });
    let lines = lines.filter_map(|deed| match deed {
        Deed::Type { line, .. } => Some(line.source().to_owned()),
        _ => None,
    });
    let lines: Vec<_> = lines.collect();
    let words = lines
        .iter()
        .flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))));
    let there = |word: &&str| {
        let places = ["/usr/bin", "/usr/sbin"];
        !word.is_empty() && places.iter().any(|it| Path::new(it).join(word).is_file())
    };
    let words = words.filter(|word| !EVERYWHERE.contains(word));
    words.filter(there).map(str::to_owned).collect()
}

/// Each program that a lesson calls is hidden in turn: the steps that call it must be skipped, and no step
/// may fail.
#[test]
fn a_step_names_each_program_that_it_needs() {
    if ordinary_run_follows() {
        eprintln!(
            "what a step names is the same for each user: it belongs to the ordinary user's run"
        );
        return;
    }
    let course = Library::embedded(Lang::En);
    let mut lessons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for lesson in course.lessons() {
        for program in programs(lesson) {
            lessons.entry(program).or_default().push(lesson.id.clone());
        }
    }
    assert!(lessons.len() > 15, "{lessons:?}");
    let nslab = Installed::new();
    let binary = nslab.binary().display().to_string();
    // What is mounted here is seen in the lab host, too.
    let hide = "for d in /usr/bin /usr/sbin; do \
                if [ -e $d/$0 ]; then mount --bind /etc/passwd $(readlink -f $d/$0); fi; done; exec \"$@\"";
    let failed = Mutex::new(String::new());
    at_once(&lessons, |(program, lessons)| {
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", hide, program, &binary, "verify"])
            .args(["--lang=en", "--jobs=4"])
            .args(lessons)
            .current_dir("/")
            .output()
            .unwrap();
        let said = stdout(&output);
        if !matches!(output.status.code(), Some(0 | 77)) {
            let mut failed = failed.lock().unwrap();
            let _ = writeln!(failed, "without {program}:\n{said}{}", stderr(&output));
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed}");
}
