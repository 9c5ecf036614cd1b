//! Any text: nothing panics, and each mistake has its place.

use super::*;

/// Random sequences of valid and invalid pieces of lessons.
fn scraps() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        FRONT,
        "+++\n",
        "id = \"x\"\n",
        "## S\n",
        "# T\n",
        "```\n",
        "````\n",
        "```check\n",
        "```run host\n",
        "```predict\n",
        "```launch\n",
        "```hint\n",
        "~~~\n",
        "expr = 'own.uts'\n",
        "expr = \"\\\"\"\n",
        "[[wrong]]\n",
        "wrong = 3\n",
        "when = 'host.ipc.queues[0].key'\n",
        "flags = [\"uts\"]\n",
        "{{ host.uid }}",
        "{{",
        "}}",
        "**",
        "*",
        "`",
        "- ",
        "1. ",
        "> ",
        "    ",
        "\t",
        "\r\n",
        "\n",
        "<b>",
        "[a](b)",
        "![",
        "命名空间",
        "é",
        "\u{e000}",
        "&amp;",
        "\\",
        "{{host.x['}}",
        "{{ '\\",
        "| length",
        "answer = 99999999999999999999\n",
    ]);
    prop::collection::vec(
        prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => ".{0,8}"],
        0..24,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), scraps(), scraps().prop_map(|s| format!("{FRONT}{s}"))]) {
        if let Err(errors) = parse("x.md", &text) {
            prop_assert!(!errors.is_empty());
        }
    }

    #[test]
    fn a_mutated_lesson_parses_or_says_where(
        cut in any::<prop::sample::Index>(),
        length in 0usize..40,
        scrap in scraps(),
    ) {
        let good: Vec<char> = include_str!("../../../lessons/zh-CN/04-ipc.md").chars().collect();
        let at = cut.index(good.len());
        let end = (at + length).min(good.len());
        let text: String = good[..at].iter().copied().chain(scrap.chars()).chain(good[end..].iter().copied()).collect();
        let lines = text.lines().count() + 1;
        if let Err(errors) = parse("x.md", &text) {
            for error in errors {
                let LessonError::Text { line, column, .. } = error else {
                    return Err(TestCaseError::fail("not an error of the text"));
                };
                prop_assert!(line >= 1 && line <= lines && column >= 1);
            }
        }
    }

    #[test]
    fn no_expression_panics(source in prop_oneof![
        any::<String>(),
        prop::collection::vec(prop::sample::select(vec![
            "host", "container", "own", ".", "uts", "ipc", "queues", "[", "]", "(", ")", "0", "-1", "'a'", "|", "length",
            "join", "map", "selectattr", "is", "not", "defined", "==", "+", "~", "*", "//", "%", " ", "{", "}", ":", ",",
        ]), 0..14).prop_map(|parts| parts.concat()),
    ]) {
        drop(names::unknown(&source));
        let expr = Expr::new(&source, (1, 1));
        drop(expr.text(&names::examples(expr.questions())));
        expr.is_true(&Context::default());
    }
}
