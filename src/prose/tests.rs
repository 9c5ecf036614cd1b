//! Wrapping: of blocks, sentences, any text, in both languages.

use proptest::prelude::*;

use super::*;
use crate::lang::Lang;
use crate::lesson::{Known, KnownSide, Lesson, Library, Part, parse};
use crate::observe::Snapshot;

fn lesson(body: &str) -> Lesson {
    let text = format!("+++\nid = \"x\"\ntitle = \"X\"\nflags = []\n+++\n## S\n{body}\n");
    parse("x.md", &text).unwrap()
}

fn blocks(lesson: &Lesson) -> Vec<Block> {
    let parts = lesson.steps.iter().flat_map(|step| &step.parts);
    parts
        .filter_map(|part| match part {
            Part::Prose(blocks) => Some(blocks.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

fn facts() -> Context {
    let host = Snapshot {
        hostname: "vm".to_owned(),
        cgroup: "/".to_owned(),
        ..Snapshot::default()
    };
    Known {
        host: KnownSide {
            snapshot: Some(&host),
            ..KnownSide::default()
        },
        ..Known::default()
    }
    .context()
}

fn text(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

const MIXED: &str = "A **bold claim** about `CLONE_NEWUTS`: the host is {{ host.hostname }},
the container {{ container.hostname }}.

- one item that is long enough to need a second line
  - and one below it
3. numbered

> quoted text that goes on for a while

```sh
echo a line of code that is too long
```

命名空间让容器有了自己的主机名（hostname），而宿主机不受影响。用 `readlink /proc/$$/ns/uts`
就能看到“编号”。";

#[test]
fn narrow() {
    insta::assert_snapshot!(text(&lines(
        &blocks(&lesson(MIXED)),
        &facts(),
        26,
        Theme::Ansi
    )));
}

#[test]
fn styles_survive_wrapping() {
    let lesson =
        lesson("go **very far away** to {{ host.hostname }} {{ container.hostname }} `ls -l`");
    let seen: Vec<String> = lines(&blocks(&lesson), &facts(), 8, Theme::Ansi)
        .iter()
        .flat_map(|line| &line.spans)
        .map(|span| format!("{:?} {:?}", span.content, span.style))
        .collect();
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn a_sentence_sets_code_off() {
    let seen = sentence(
        "run `hostname x` now, a ` alone stays",
        80_usize,
        Role::Text,
        Theme::Ansi,
    );
    let parts: Vec<&str> = seen[0]
        .spans
        .iter()
        .map(|span| span.content.as_ref())
        .collect();
    assert_eq!(parts, ["run ", "hostname x", " now, a ` alone stays"]);
}

#[test]
fn backquotes_in_a_value_are_no_markup() {
    let words = |text: &str| Said::Words(text.to_owned());
    let value = |text: &str| Said::Value(text.to_owned());
    for (pieces, expected) in [
        (
            vec![words("It is "), value("a`b`c"), words(".")],
            vec!["It is ", "a`b`c", "."],
        ),
        (
            vec![words("`id ` is `"), value("`0"), words("`; ` alone")],
            vec!["id ", " is ", "`0", "; ` alone"],
        ),
    ] {
        let seen = filled_sentence(&pieces, 80_usize, Role::Text, Theme::Ansi);
        let spans = seen[0].spans.iter().map(|span| span.content.as_ref());
        assert_eq!(spans.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn lessons_fit_any_pane_and_chinese_keeps_its_rules() {
    let facts = facts();
    for lang in Lang::ALL {
        let library = Library::shared(lang);
        for (number, lesson) in library.lessons().enumerate() {
            let blocks = blocks(lesson);
            let whole = solid(&text(&lines(&blocks, &facts, 10_000, Theme::NoColor)));
            // Every width that a pane may have, each with some of the lessons.
            for width in (20..=80).skip(number % 8).step_by(8) {
                let page = lines(&blocks, &facts, width, Theme::NoColor);
                for line in &page {
                    let line_text = line.to_string();
                    assert!(line.width() <= usize::from(width), "{width}: {line_text}");
                    assert!(
                        !line_text
                            .trim_start()
                            .starts_with(['。', '，', '、', '）', '》', '：', '；', '？', '”']),
                        "{width}: {line_text}"
                    );
                    assert!(
                        !line_text.ends_with(['（', '《', '“']),
                        "{width}: {line_text}"
                    );
                }
                assert_eq!(solid(&text(&page)), whole, "{width}");
            }
        }
    }
}

#[test]
fn plain_text() {
    for (text, width, expected) in [
        ("", 10_usize, vec![""]),
        ("one two", 3, vec!["one", "two"]),
        ("one\n\ntwo", 10, vec!["one", "", "two"]),
        ("abcdef", 4, vec!["abcd", "ef"]),
        ("命名空间。好", 8, vec!["命名空", "间。好"]),
        ("see /dev/shm", 8, vec!["see", "/dev/shm"]),
        ("--lessons DIR", 9, vec!["--lessons", "DIR"]),
    ] {
        assert_eq!(wrap(text, width), expected, "{text:?} {width}");
    }
}

proptest! {
    #[test]
    fn any_text_fits_and_stays_whole(
        text in "([a-z 。，（）命名空间\u{301}é👩\u{200d}\u{fe0f}☁/$-]|\\PC|\n){0,80}",
        width in 2u16..40,
    ) {
        let wrapped = wrap(&text, width);
        for line in &wrapped {
            prop_assert!(line.width() <= usize::from(width), "{line:?}");
        }
        prop_assert_eq!(solid(&wrapped.concat()), solid(&text));
    }

    #[test]
    fn any_lesson_fits(width in 2u16..40, repeat in 1usize..4) {
        let body = [MIXED; 4][..repeat].join("\n\n");
        let page = lines(&blocks(&lesson(&body)), &facts(), width, Theme::Ansi);
        for line in page {
            prop_assert!(line.width() <= usize::from(width), "{}", line);
        }
    }
}
