//! The lesson room as a whole: positions of mistakes, both languages of the shipped lessons, any text.

mod any_text;
mod shipped;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceId};
use crate::observe::Snapshot;
use crate::observe::snapshot::Queue;
use crate::prose;
use crate::sandbox::{ContainerNumber, HostKind};
use crate::theme::Theme;

/// A side with this snapshot, about which nothing else is known.
fn seen(snapshot: Option<&Snapshot>) -> KnownSide<'_> {
    KnownSide {
        snapshot,
        ..KnownSide::default()
    }
}

/// The containers of `Known`, of which only the first may exist.
fn first(container: KnownSide<'_>) -> [KnownSide<'_>; ContainerNumber::COUNT] {
    let mut containers: [KnownSide; ContainerNumber::COUNT] = Default::default();
    containers[0] = container;
    containers
}

const FRONT: &str = "+++\nid = \"x\"\ntitle = \"X\"\nflags = [\"uts\"]\n+++\n";

fn errors(text: &str) -> String {
    match parse("x.md", text) {
        Ok(_) => "no error\n".to_owned(),
        Err(errors) => errors.iter().fold(String::new(), |mut all, error| {
            writeln!(all, "{error}").unwrap();
            chinese::assert_has_rows(error);
            all
        }),
    }
}

/// The example lesson of the author's guide.
fn example() -> String {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/README.md"))
        .unwrap();
    let (_, rest) = guide.split_once("````markdown\n").unwrap();
    rest.split_once("````").unwrap().0.to_owned()
}

fn side(hostname: &str, inode: u64, queues: usize) -> Snapshot {
    let mut side = Snapshot {
        hostname: hostname.to_owned(),
        shell_pid: 7,
        nspid: vec![99, 7],
        namespaces: Namespace::ALL
            .map(|kind| (kind, NamespaceId { dev: 4, ino: inode }))
            .into(),
        ..Snapshot::default()
    };
    side.ipc.queues = vec![
        Queue {
            key: 1,
            id: 0,
            uid: 0,
            mode: 0o644,
            bytes: 0,
            messages: 0,
        };
        queues
    ];
    side
}

#[test]
fn the_guides_example_is_read_as_it_says() {
    insta::assert_debug_snapshot!(parse("README.md", &example()).unwrap());
}

#[test]
fn the_guide_names_every_field_and_filter() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/README.md"))
        .unwrap();
    let serde_json::Value::Object(fields) =
        serde_json::to_value(&*crate::observe::snapshot::EXAMPLE).unwrap()
    else {
        panic!("a snapshot is an object");
    };
    let named = fields
        .keys()
        .map(String::as_str)
        .chain(expr::FILTERS)
        .chain(expr::TESTS)
        .chain(["compare", "code", "took", "details"]);
    for name in named {
        assert!(
            guide.contains(&format!("`{name}`")),
            "lessons/README.md does not name `{name}`"
        );
    }
}

/// 65 letters.
const LONG_NAME: &str =
    "domainname = \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm\"";

#[test]
fn every_mistake_has_its_place() {
    let cases = [
        ("nothing", String::new()),
        ("no front matter", "## S\ntext {{ host.hostnam }}\n".to_owned()),
        ("front matter left open", "+++\nid = \"x\"\n## S\n".to_owned()),
        (
            "front matter",
            "+++\nid = \"Uts!\"\ntitel = \"X\"\nflags = [\"uts\", \"mount\", 3]\nminutes = 0\nsources = \"a\"\n+++\n## S\ntext\n"
                .to_owned(),
        ),
        ("front matter no TOML", "+++\nid = \ntitle\n+++\n## S\ntext\n".to_owned()),
        ("no step", FRONT.to_owned()),
        ("text first", format!("{FRONT}hello\n\n## S\ntext\n")),
        ("empty steps", format!("{FRONT}## A\n## B\ntext\n##\n")),
        (
            "headings",
            format!("{FRONT}# A\n## B\ntext\n### C\ntext\n\nunderlined\n---\n\n> ## quoted\n"),
        ),
        (
            "markdown",
            format!(
                "{FRONT}## A\n<b>hi</b> and <i>x</i>\n\n![p](q)\n\n***\n\n**词。**后 {{{{ open\n\na ` b\n\nc \\` \\*\\*\n"
            ),
        ),
        (
            "blocks",
            format!(
                "{FRONT}## A\n```chek\n```\n```run\nls\n```\n```run hots\nls\n```\n```run host\n\n```\n```python\n```\n- a\n  ```hint\n  text = \"x\"\n  ```\n"
            ),
        ),
        (
            "figures",
            format!(
                "{FRONT}## A\n```figure\nkind = \"nestling\"\nsides = [\"hots\", \"host\", \"host\"]\n```\n```figure\nsides = [\"container7\"]\n```\n```figure\nkind = \"ids\"\nmounts = [\"/mnt\"]\n```\n```figure\nkind = \"peers\"\nmounts = [\"mnt\"]\nside = \"host\"\n```\n"
            ),
        ),
        ("open fence", format!("{FRONT}## A\n```hint\ntext = \"a\"\n\n## B\n")),
        (
            "fields",
            format!(
                "{FRONT}## A\n```predict\nquestion = \"\"\nchoises = [\"a\"]\nanswer = \"1\"\n```\n```check\nname = 3\nexpr = 'own.uts'\n[[wrong]]\nwhen = 'host.uid'\nsaid = \"x\"\n```\n```hint\n```\n```launch\nflags = [\"cgrup\"]\n```\n"
            ),
        ),
        (
            "answers",
            format!(
                "{FRONT}## A\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 3\nwhy = \"w\"\n```\n```predict\nquestion = \"q\"\nchoices = [\"a\"]\nanswer = 0\nwhy = \"w\"\n```\n```predict\nquestion = \"q\"\nchoices = [\"a\"]\nanswer = 1\nwhy = \"w\"\n```\n"
            ),
        ),
        (
            "TOML",
            format!("{FRONT}## A\n```check\nname = \"中文\nexpr = \n```\n"),
        ),
        (
            "expressions",
            format!(
                "{FRONT}## A\n命名 {{{{ host.hostnam }}}} and {{{{ }}}} {{{{ 1 + }}}}\n\n```check\nname = \"n\"\nexpr = '''\nown.utz and\n  contaner.uid == 1'''\n[[wrong]]\nwhen = \"host.uid == \\\"a\\\" and hst.uid\"\nsay = \"s\"\n[[wrong]]\nwhen = 'host.uid + host.hostname | join(3, 4, 5)'\nsay = \"s\"\n```\n"
            ),
        ),
        (
            "options",
            ["offset = \"-1\"", "offset = \"x\"", "hostname = \"a b\"", LONG_NAME].iter().fold(
                format!("{FRONT}## A\n"),
                |text, option| text + "```launch\nflags = [\"uts\", \"time\"]\n" + option + "\n```\n",
            ),
        ),
        ("characters", format!("{FRONT}## A\n\u{1b}[31mred\n")),
    ];
    let mut seen = String::new();
    for (name, text) in cases {
        writeln!(seen, "{name}\n{}", errors(&text)).unwrap();
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn expressions_stay_out_of_markdowns_way() {
    let text = format!(
        "{FRONT}## A\n**{{{{ host.ipc.queues[0].id * 2 * 3 }}}}** `{{{{ x }}}}` é{{{{ host.uid }}}}!\n\n```\n{{{{ y }}}}\n```\n"
    );
    insta::assert_debug_snapshot!(parse("x.md", &text).unwrap().steps[0].parts);
}

#[test]
fn lines_join_without_a_space_in_chinese_only() {
    let text = format!("{FRONT}## A\none\ntwo 命名\n空间\n`x`\n");
    let lesson = parse("x.md", &text).unwrap();
    let expected = [
        Inline::Text("one two 命名空间 ".to_owned()),
        Inline::Code("x".to_owned()),
    ];
    assert_eq!(
        lesson.steps[0].parts,
        [Part::Prose(vec![Block::Paragraph(expected.to_vec())])]
    );
}

#[test]
fn windows_line_ends_make_no_difference() {
    let text = example();
    let unix = parse("x", &text).unwrap();
    assert_eq!(parse("x", &text.replace('\n', "\r\n")).unwrap(), unix);
}

#[test]
fn a_missing_value_has_no_text_and_no_truth() {
    let host = side("vm", 1, 2);
    let shared = side("vm", 1, 2);
    let own = side("web1", 2, 0);
    let contexts = [
        Known::default(),
        Known {
            host: seen(Some(&host)),
            ..Known::default()
        },
        Known {
            host: seen(Some(&host)),
            containers: first(seen(Some(&shared))),
            ..Known::default()
        },
        Known {
            host: seen(Some(&host)),
            containers: first(KnownSide {
                last: Some(EndedCommand::new("hostname web1", 1, "hostname: denied")),
                ..seen(Some(&own))
            }),
            chosen: NamespaceSet::from_iter([Namespace::Uts]),
            seen: &[View::Code],
            host_kind: HostKind::Machine,
            ..Known::default()
        },
    ]
    .map(|facts| facts.context());
    let mut seen = String::new();
    for source in [
        "host.hostname",
        "container.hostname != 'x'",
        "own.uts",
        "not own.uts",
        "host.ipc.queues | length",
        "container.ipc.queues[0].id",
        "container is defined",
        "host.pid1",
        "container.nspid[-2]",
        "container.ipc.queues == host.ipc.queues",
        "host.nspid[99999999999999999999]",
        "1 // 0",
        "chosen.uts",
        "seen.code and not seen.took",
        "'yours' if ground == 'machine' else ''",
        "host.last.status == 0",
        "container.last.status != 0 and 'denied' in container.last.output",
    ] {
        write!(seen, "{source:42}").unwrap();
        let expr = Expr::new(source, (1, 1));
        match expr.compiles() {
            Err(error) => write!(seen, "{error}").unwrap(),
            Ok(()) => {
                for context in &contexts {
                    let text = expr.text(context).unwrap_or_else(|| "-".to_owned());
                    write!(seen, " {text}/{}", expr.is_true(context)).unwrap();
                }
            }
        }
        seen.push('\n');
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn a_near_miss_is_said_until_the_check_holds() {
    let lesson = parse("x", &example()).unwrap();
    let check = lesson.steps[1]
        .parts
        .iter()
        .find_map(|part| match part {
            Part::Check(check) => Some(check),
            _ => None,
        })
        .unwrap();
    let host = side("vm", 1, 0);
    for (container, holds, near) in [
        (None, false, None),
        (
            Some(side("web1", 1, 0)),
            false,
            Some("This container shares the host's name. Launch it with UTS."),
        ),
        (Some(side("container", 2, 0)), false, None),
        (Some(side("web1", 2, 0)), true, None),
    ] {
        let context = Known {
            host: seen(Some(&host)),
            containers: first(seen(container.as_ref())),
            ..Known::default()
        }
        .context();
        assert_eq!(check.holds(&context), holds, "{container:?}");
        let said = check.near_miss(&context).map(|wrong| wrong.say.as_str());
        assert_eq!(said, near, "{container:?}");
    }
}
