//! What `--help` says of the JSON: the fields of the whole, and of each part.

use std::collections::BTreeSet;

use serde_json::Value;

/// The names of the fields of these objects; a field may be absent from some of them.
pub fn keys<'a>(objects: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let objects: Vec<_> = objects.into_iter().filter(|it| !it.is_null()).collect();
    assert!(!objects.is_empty(), "there is none to compare with");
    let keys = objects.iter().flat_map(|it| it.as_object().unwrap().keys());
    keys.cloned().collect()
}

/// The fields of the whole, as its outline in the help has them.
pub fn outline(help: &str) -> Value {
    let (_, text) = help.split_once("JSON: ").unwrap();
    let text = text.split_once("\n  ").map(|_| {
        let mut lines = text.lines();
        let first = lines.next().into_iter();
        let more = lines.take_while(|line| line.starts_with("   "));
        first.chain(more).map(str::trim).collect::<String>()
    });
    let text = text.unwrap().replace("{…}", "{}").replace("[…]", "[]");
    serde_json::from_str(&text.replace('…', "null")).unwrap()
}

/// The names of the parts. A line that is too long has been broken, and begins like a part.
pub fn parts(help: &str) -> Vec<&str> {
    let (_, text) = help.split_once("JSON: ").unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
    let first = lines.filter(|line| !line.starts_with(' '));
    let broken = |line: &str| panic!("this line is broken: {line}");
    let name = |line| {
        str::split_once(line, "  ")
            .unwrap_or_else(|| broken(line))
            .0
    };
    first.map(name).collect()
}

/// The text about a part: what stands beside its name.
pub fn part(help: &str, name: &str) -> String {
    let start = format!("  {name}  ");
    let mut lines = help.lines().skip_while(|line| !line.starts_with(&start));
    let first = lines.next().unwrap_or_else(|| panic!("no {name}\n{help}"));
    let more = lines.take_while(|line| line.starts_with("   "));
    let first = first.strip_prefix(&start).unwrap();
    [first]
        .into_iter()
        .chain(more)
        .map(str::trim)
        .fold(String::new(), |text, line| {
            if text.is_empty() {
                line.to_owned()
            } else {
                text + " " + line
            }
        })
}

/// The fields that a text names: `a, b and c {…} (…), d: what they say; e: what it says`.
pub fn fields(text: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let outside = text.chars().filter(|c| {
        depth += i32::from("{(".contains(*c));
        depth -= i32::from(")}".contains(*c));
        depth == 0 && !")}".contains(*c)
    });
    let outside: String = outside.collect();
    let lists = outside.split(';').filter_map(|it| it.split(':').next());
    let names = lists
        .flat_map(|it| it.split(','))
        .flat_map(|it| it.split(" and "));
    names.map(|name| name.trim().to_owned()).collect()
}

/// The fields of the field with this name, in the curly brackets behind it.
pub fn fields_of(text: &str, field: &str) -> BTreeSet<String> {
    let (_, inner) = text.split_once(&format!("{field} {{")).unwrap();
    let mut depth = 1;
    let end = inner.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    });
    fields(&inner[..end.unwrap()])
}

/// Whether a text has this word.
pub fn has_word(text: &str, word: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.any(|it| it == word)
}
