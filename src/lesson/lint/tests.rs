//! Mistakes of a first-time author, each with the message of lint.

use std::fmt::Write as _;
use std::fs;

use super::*;
use crate::lesson::chinese;

const FRONT: &str = "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"uts\"]\nminutes = 5\nsources = [\"uts_namespaces(7)\"]\n+++\n";
const CHECK: &str = "```check\nname = \"n\"\nexpr = 'own.uts'\n```\n";

/// The findings of lint in these files, without the name of the directory.
fn told(files: &[(&str, String)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let prefix = format!("{}/", directory.path().display());
    let report = lint(directory.path());
    for finding in &report.findings {
        chinese::assert_has_rows(&finding.error);
    }
    report
        .findings
        .iter()
        .map(|finding| finding.words(Lang::En).replace(&prefix, ""))
        .collect()
}

/// One lesson with this body.
fn body(text: &str) -> Vec<(&'static str, String)> {
    vec![("01-x.md", format!("{FRONT}{text}"))]
}

/// A lesson in both languages, with its own body in the translation.
fn both(en: &str, zh: &str) -> Vec<(&'static str, String)> {
    vec![
        ("en/01-x.md", format!("{FRONT}{en}")),
        ("zh-CN/01-x.md", format!("{FRONT}{zh}")),
    ]
}

fn step(blocks: &str) -> String {
    format!("## S\ntext\n\n{blocks}")
}

#[test]
fn a_lesson_without_faults_gets_no_message() {
    let launch = format!("```launch\n```\n\n{CHECK}");
    assert_eq!(told(&body(&step(&launch))), Vec::<String>::new());
    assert_eq!(
        told(&both(&step(&launch), &step(&launch))),
        Vec::<String>::new()
    );
}

/// Emphasis is for prose. A pattern such as `ls *.md` is none, nor is text in backquotes.
#[rstest::rstest]
#[case("the **same** number", Some(":16:13: "))]
#[case("it is *not* so", Some(":16:15: "))]
#[case("`ls *a* b`, and 2*3*4", None)]
#[case("see /proc/*/ns and ls *.md", None)]
fn emphasis_in_a_field_is_told(#[case] hint: &str, #[case] place: Option<&str>) {
    let check = CHECK.replace("expr", &format!("hint = \"{hint}\"\nexpr"));
    let told = told(&body(&step(&format!("```launch\n```\n\n{check}"))));
    let all = told.join("\n");
    assert_eq!(all.contains("these asterisks"), place.is_some(), "{all}");
    assert!(place.is_none_or(|it| all.contains(it)), "{all}");
}

#[test]
fn the_shipped_lessons_have_no_faults() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let report = lint(&lessons);
    let said: Vec<String> = report
        .findings
        .iter()
        .map(|it| it.words(Lang::En))
        .collect();
    assert_eq!(said, Vec::<String>::new());
    assert!(report.files >= 12, "{}", report.files);
}

/// A case: its name and its files.
type Attempt = (&'static str, Vec<(&'static str, String)>);

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn mistakes_of_first_attempts() {
    let front = |text: &str| vec![("01-x.md", format!("{text}## S\ntext\n"))];
    let launched = |check: &str| body(&step(&format!("```launch\n```\n\n{check}")));
    let attempts: Vec<Attempt> = vec![
        // Mistakes in the front matter.
        (
            "no front matter",
            vec![("01-x.md", "# My lesson\n".to_owned())],
        ),
        ("dashes for the front matter", front("---\nid: x\n---\n")),
        ("YAML in the front matter", front("+++\nid: x\n+++\n")),
        (
            "a misspelt field",
            front(
                "+++\nid = \"x\"\ntitel = \"X\"\nflags = []\nminutes = 5\nsources = [\"a\"]\n+++\n",
            ),
        ),
        (
            "a kind that does not exist",
            front(
                "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"mount\"]\nminutes = 5\nsources = [\"a\"]\n+++\n",
            ),
        ),
        (
            "flags by their C names",
            front(
                "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"CLONE_NEWUTS\"]\nminutes = 5\nsources = [\"a\"]\n+++\n",
            ),
        ),
        (
            "an id with a blank",
            front(
                "+++\nid = \"My lesson\"\ntitle = \"X\"\nflags = []\nminutes = 5\nsources = [\"a\"]\n+++\n",
            ),
        ),
        (
            "a figure of a container that nothing launches",
            body(&step(
                "```figure\nkind = \"links\"\nsides = [\"host\", \"container2\"]\n```\n\n```launch\n```\n",
            )),
        ),
        (
            "another figure in the translation",
            both(
                &step("```figure\nkind = \"links\"\n```\n"),
                "## S\n文字\n\n```figure\nkind = \"links\"\nsides = [\"host\"]\n```\n",
            ),
        ),
        (
            "nothing to read on, no time",
            front("+++\nid = \"x\"\ntitle = \"X\"\nflags = []\n+++\n"),
        ),
        (
            "a long title",
            vec![(
                "01-x.md",
                format!(
                    "{}## S\ntext\n",
                    FRONT.replace(
                        "\"X\"",
                        "\"Everything you always wanted to know about names\""
                    )
                ),
            )],
        ),
        // Mistakes in the outline.
        (
            "text above the first step",
            body("Welcome!\n\n## S\ntext\n"),
        ),
        ("no step", body("")),
        ("an empty step", body("## A\n\n## B\ntext\n")),
        ("two steps of one title", body("## A\ntext\n\n## A\ntext\n")),
        // Mistakes in blocks.
        ("run without a side", body(&step("```run\nhostname\n```\n"))),
        ("a block of bash", body(&step("```bash\nhostname\n```\n"))),
        ("a fence left open", body(&step("```hint\ntext = \"x\"\n"))),
        (
            "no right answer",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 0\nwhy = \"w\"\n```\n",
            )),
        ),
        (
            "an answer that is no choice",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 3\nwhy = \"w\"\n```\n",
            )),
        ),
        (
            "a prediction about a field that there isn't",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.hostnme == \"a\"', 'false']\n```\n",
            )),
        ),
        (
            "fewer expressions than choices",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\", \"c\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.uid == 0', 'false']\n```\n",
            )),
        ),
        (
            "one expression for two choices",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.uid == 0', 'host.uid == 0']\n```\n",
            )),
        ),
        (
            "two containers that join each other",
            body(&step(
                "```launch\njoin = [\"uts\"]\nof = 2\n```\n\n```launch\ncontainer = 2\njoin = [\"uts\"]\nof = 1\n```\n",
            )),
        ),
        (
            "a text among records",
            launched("```check\nname = \"mounted\"\nexpr = '\"/mnt\" in container.mounts'\n```\n"),
        ),
        (
            "a field that records haven't got",
            launched("```check\nname = \"mounted\"\nexpr = '\"/mnt\" in (container.mounts | map(attribute=\"path\")) or container.interfaces | selectattr(\"nam\", \"eq\", \"lo\") | first is defined'\n```\n"),
        ),
        (
            "a title without quotes, and a launch with options",
            vec![("01-x.md", "+++\nid = \"x\"\ntitle = My lesson\nflags = [\"mnt\"]\n+++\n\n## S\n\n```launch\nproc = \"fresh\"\n```\n".to_owned())],
        ),
        (
            "a kind that there isn't, and a launch with options",
            vec![("01-x.md", "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"mount\"]\n+++\n\n## S\n\n```launch\nproc = \"fresh\"\n```\n".to_owned())],
        ),
        (
            "a step that is not translated",
            both(
                &step("One two three four five words that stay.\n\n```run host\nhostname\n```\n"),
                &step("One two three four five words that stay.\n\n```run host\nhostname\n```\n"),
            ),
        ),
        (
            "a prediction without a why",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\n```\n",
            )),
        ),
        (
            "a choice that nothing can show",
            body(&step(
                "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.uid == 0', 'false']\n```\n",
            )),
        ),
        (
            "a command that is too long to be read",
            body(&step(
                "```run host\necho one two three four five six seven eight nine ten\n```\n",
            )),
        ),
        (
            "a drawing that is too wide",
            body(&step(
                "```text\n+---------------------------------------+\n```\n",
            )),
        ),
        // Mistakes in expressions.
        (
            "a misspelt name",
            launched("```check\nname = \"n\"\nexpr = 'container.hostnme == \"web1\"'\n```\n"),
        ),
        (
            "a side that does not exist",
            launched("```check\nname = \"n\"\nexpr = 'guest.hostname == \"web1\"'\n```\n"),
        ),
        (
            "a live value that does not exist",
            body("## S\nThe name is {{ host.name }}.\n"),
        ),
        (
            "one = for two",
            launched("```check\nname = \"n\"\nexpr = 'container.hostname = \"web1\"'\n```\n"),
        ),
        (
            "a check that never changes",
            launched("```check\nname = \"n\"\nexpr = '1 == 1'\n```\n"),
        ),
        ("a container that nobody launches", body(&step(CHECK))),
        (
            "a first hint with the solution",
            body(&step(
                "```run container\nhostname web1\n```\n\n```hint\ntext = \"Type hostname web1.\"\n```\n\n```hint\ntext = \"The same.\"\n```\n",
            )),
        ),
        (
            "a first hint with the solution of the last",
            body(&step(&format!(
                "```launch\n```\n\n{CHECK}\n```hint\ntext = \"ip link set lo up, perhaps?\"\n```\n\n```hint\ntext = \"So:\"\nsolution = \"container: ip link set lo up\"\n```\n"
            ))),
        ),
        (
            "a solution before the last hint, and none in it",
            body(&step(&format!(
                "```launch\n```\n\n{CHECK}\n```hint\ntext = \"a\"\nsolution = \"launch uts\"\n```\n\n```hint\ntext = \"b\"\n```\n"
            ))),
        ),
        (
            "a near miss without a sample",
            launched(&CHECK.replace("own.uts'\n", "own.uts'\n[[wrong]]\nwhen = 'not own.uts'\nsay = \"no\"\n")),
        ),
        (
            "scripts that nobody can follow",
            launched(&CHECK.replace(
                "own.uts'\n",
                "own.uts'\n[[wrong]]\nwhen = 'not own.uts'\nsay = \"no\"\nsample = \"\"\"\nlaunch -\n  guest: hostname x\ncontainer: hostname {{ host.clock.nme }}\nopne code\n\"\"\"\n",
            )),
        ),
        (
            "loops that may not end",
            body(&step(&format!(
                "```launch\n```\n\n```run host\nuntil ls /x; do :; done\nfor i in {{1..99}}; do ls /x && break; done\n```\n\n{CHECK}\n\
                 ```hint\ntext = \"a\"\nsolution = \"host: until ls /x; do true; done\"\n```\n"
            ))),
        ),
        (
            "a container too many",
            body(&step("```run container7\nls\n```\n")),
        ),
        (
            "an option without its flag",
            body(&step("```launch\nproc = \"fresh\"\n```\n")),
        ),
        // Differences between languages.
        (
            "a translation with another sample",
            {
                let sample = |name: &str| step(&format!("```launch\n```\n\n{}", CHECK.replace(
                    "own.uts'\n",
                    &format!("own.uts'\n[[wrong]]\nwhen = 'not own.uts'\nsay = \"no\"\nsample = \"\"\"\nlaunch -\nhost: hostname {name}\n\"\"\"\n"),
                )));
                both(&sample("a"), &sample("b"))
            },
        ),
        (
            "a translation with another proof",
            both(&step("```proof\nopen code\n```\n"), &step("```proof\nopen took\n```\n")),
        ),
        (
            "a translation without a live value",
            both("## S\nThe host is {{ host.hostname }}.\n", "## S\n宿主机有名字。\n"),
        ),
        (
            "a translation that needs other programs",
            both(
                &step("```needs\nprograms = [\"ip\"]\notherwise = \"x\"\n```\n"),
                &step("```needs\nprograms = [\"ping\"]\notherwise = \"x\"\n```\n"),
            ),
        ),
        (
            "a translation that is missing",
            vec![
                ("en/01-x.md", format!("{FRONT}## S\ntext\n")),
                (
                    "en/02-y.md",
                    format!("{}## S\ntext\n", FRONT.replace("\"x\"", "\"y\"")),
                ),
                ("zh-CN/01-x.md", format!("{FRONT}## S\ntext\n")),
            ],
        ),
        (
            "a translation with a step less",
            both("## A\ntext\n\n## B\ntext\n", "## A\ntext\n"),
        ),
        (
            "a translation with another command",
            both(
                &step("```run host\nhostname web1\n```\n"),
                &step("```run host\nhostname web2\n```\n"),
            ),
        ),
        (
            "a translation with another answer",
            both(
                &step(
                    "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\n```\n",
                ),
                &step(
                    "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 2\nwhy = \"w\"\n```\n",
                ),
            ),
        ),
        (
            "a translation whose answer is right for another reason",
            both(
                &step(
                    "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\nexprs = ['host.uid == 0', 'host.uid != 0']\n```\n",
                ),
                &step(
                    "```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"w\"\n```\n",
                ),
            ),
        ),
        (
            "a translation without the check",
            both(
                &step(&format!("```launch\n```\n\n{CHECK}")),
                &step("```launch\n```\n"),
            ),
        ),
        // Mistakes in the directory.
        (
            "an id that is taken",
            vec![
                ("01-x.md", format!("{FRONT}## S\ntext\n")),
                ("02-y.md", format!("{FRONT}## S\ntext\n")),
            ],
        ),
    ];
    assert!(attempts.len() >= 30, "{}", attempts.len());
    let mut all = String::new();
    for (name, files) in attempts {
        let said = told(&files);
        assert!(!said.is_empty(), "{name}");
        writeln!(all, "{name}\n    {}", said.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_missing_directory_is_reported() {
    let report = lint(Path::new("/nowhere-to-be-found"));
    assert_eq!(report.count(Weight::Error), 1);
    let said = report.findings[0].words(Lang::En);
    assert!(
        said.starts_with("error: cannot read /nowhere-to-be-found: "),
        "{said}"
    );
}

/// Mistakes that got no message once, or the wrong one, or nine: each with its place and its cause, and
/// without hiding the others.
#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_fault_is_found_where_it_is() {
    const OTHER: &str = "\n## Last\n{{ host.hostnam }}\n";
    let after = |text: &str| body(&format!("{text}{OTHER}"));
    let mut seen = String::new();
    for (what, files) in [
        (
            "a block indented by four",
            after("## S\ntext\n\n    ```check\n    name = \"n\"\n    ```\n"),
        ),
        (
            "the end of a block indented by four",
            after("## S\ntext\n\n```sh\nls\n    ```\n\n## T\n\n```run host\nls\n```\n"),
        ),
        (
            "a block without its end, before another one",
            after("## S\ntext\n\n```sh\nls\n\n```run host\nls\n```\n"),
        ),
        (
            "a block without its end, before a step",
            after("## S\ntext\n\n```check\nname = \"n\"\nexpr = 'own.uts'\n\n## T\ntext\n"),
        ),
        (
            "a block without its end, the only part of its step",
            after(
                "## S\n\n```check\nname = \"n\"\n\n## T\n{{ host.hostnam }}\n\n```hint\ntext = 1\n```\n",
            ),
        ),
        (
            "a block without its end, in a list",
            after(
                "## S\n- one\n\n  ```run host\n  ls\n\n## T\n{{ host.hostnam }}\n\n```hint\ntext = 1\n```\n",
            ),
        ),
        (
            "two blocks without their end",
            after("## S\ntext\n\n```check\nname = \"n\"\n\n```hint\ntext = \"x\"\n\n## T\ntext\n"),
        ),
        (
            "a block without its end, the last one",
            after("## S\ntext\n\n```sh\nls\n"),
        ),
        (
            "a table",
            after("## S\ntext\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"),
        ),
        (
            "a table behind a sentence",
            after("## S\nSo it is:\na | b\n--- | ---\n1 | 2\n"),
        ),
        (
            "a list without its end",
            after(
                "## S\n\n```predict\nquestion = \"Q\"\nchoices = [\"a\", \"b\"\nanswer = 1\nwhy = \
                 \"W\"\nmeasured = \"m\"\n```\n",
            ),
        ),
        (
            "a list of several lines without its end",
            after(
                "## S\n\n```predict\nquestion = \"Q\"\nchoices = [\n  \"a\",\n  \"b\",\nanswer = 1\n\
                 why = \"W\"\n```\n",
            ),
        ),
        (
            "a list without its end in the front matter",
            vec![(
                "01-x.md",
                format!("{}{OTHER}", FRONT.replace("[\"uts\"]", "[\"uts\"")),
            )],
        ),
        (
            "the quotation marks of a Chinese keyboard",
            after("## S\n\n```hint\ntext = “x”\n```\n"),
        ),
        (
            "its equals sign, in the front matter",
            vec![(
                "01-x.md",
                format!("{}{OTHER}", FRONT.replace("title =", "title：")),
            )],
        ),
        (
            "minutes as a text",
            vec![(
                "01-x.md",
                format!("{}{OTHER}", FRONT.replace("minutes = 5", "minutes = \"5\"")),
            )],
        ),
        (
            "the end of a live value without its begin",
            after("## S\nThe name is host.hostname }}.\n"),
        ),
        (
            "a row that is not there, and one side",
            after("## S\ntext\n\n```show\nrows = [\"hostnam\"]\ncompare = [\"host\"]\n```\n"),
        ),
        (
            "a translation with other flags",
            vec![
                ("en/01-x.md", format!("{FRONT}## S\ntext\n")),
                (
                    "zh-CN/01-x.md",
                    format!(
                        "{}## S\n文\n",
                        FRONT.replace("[\"uts\"]", "[\"uts\", \"ipc\"]")
                    ),
                ),
            ],
        ),
        (
            "a translation that shows other rows",
            both(
                "## S\nx\n\n```show\nrows = [\"id -u\"]\n```\n",
                "## S\n文\n\n```show\nrows = [\"cgroup\"]\n```\n",
            ),
        ),
    ] {
        let told = told(&files);
        writeln!(seen, "{what}\n    {}", told.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!(seen);
}

/// A file that is no text, or no file, does not hide the mistakes in the others.
#[test]
fn what_is_no_text_hides_no_other_finding() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("01-bom.md"), format!("\u{feff}{FRONT}## S\ntext\n")).unwrap();
    fs::write(at("02-utf16.md"), b"\xff\xfe+\0").unwrap();
    fs::write(at("03-gbk.md"), b"+++\ntitle = \"\xc8\xdd\xc6\xf7\"\n").unwrap();
    fs::write(at("04-binary.md"), b"\x7fELF\0\x01").unwrap();
    fs::create_dir(at("05-directory.md")).unwrap();
    std::os::unix::fs::symlink("gone", at("06-dangling.md")).unwrap();
    std::os::unix::fs::symlink("07-loop.md", at("07-loop.md")).unwrap();
    fs::write(
        at("08-other.md"),
        format!("{FRONT}## S\n{{{{ host.hostnam }}}}\n"),
    )
    .unwrap();
    fs::write(at("course.toml"), "id = 3\n").unwrap();
    let report = lint(directory.path());
    let said = report
        .findings
        .iter()
        .map(|finding| finding.words(Lang::En) + "\n");
    let said = said.collect::<String>();
    insta::assert_snapshot!(said.replace(&format!("{}/", directory.path().display()), ""));
}

/// Fences of tildes, fences and their content moved in by two spaces, and lines that end as on Windows are
/// Markdown too, and mean the same.
#[test]
fn other_ways_to_write_the_same_lesson() {
    let plain = step(&format!(
        "```launch\n```\n\n```run container\nhostname web1\n```\n\n{CHECK}\n```needs\nprograms = [\"ip\"]\notherwise = \"\"\"\nx\ny\n\"\"\"\n```\n"
    ));
    let [(_, english), (name, chinese)] = both(&plain, &plain).try_into().unwrap();
    let expected = told(&[("en/01-x.md", english.clone()), (name, chinese.clone())]);
    let fenced = |line: &str| match line.strip_prefix("```") {
        Some(info) => format!("~~~{info}\n"),
        None => format!("{line}\n"),
    };
    let ways: [(&str, String); 4] = [
        ("tildes", english.lines().map(fenced).collect()),
        ("two spaces before fences", english.replace("```", "  ```")),
        (
            "two spaces before commands",
            english.replace("hostname web1", "  hostname web1"),
        ),
        ("CRLF", english.replace('\n', "\r\n")),
    ];
    for (what, text) in ways {
        let told = told(&[("en/01-x.md", text), (name, chinese.clone())]);
        assert_eq!(told, expected, "{what}");
    }
    let command = format!("hostname {}", "x".repeat(60));
    let wide = |sign: &str| body(&format!("## S\n\n{sign}run host\n{command}\n{sign}\n"));
    assert_eq!(told(&wide("~~~")), told(&wide("```")));
    assert!(
        told(&wide("~~~"))
            .iter()
            .any(|it| it.contains("columns wide"))
    );
}

#[test]
fn a_translation_without_a_hint_is_found() {
    let hinted = CHECK.replace("expr", "hint = \"x\"\nexpr");
    let of = |check: &str| step(&format!("```launch\n```\n\n{check}"));
    for (english, chinese) in [(&*hinted, CHECK), (CHECK, &*hinted)] {
        let told = told(&both(&of(english), &of(chinese)));
        assert!(
            told.iter()
                .any(|it| it.contains("zh-CN/01-x.md") && it.contains(", with a hint")),
            "{told:?}"
        );
    }
}
