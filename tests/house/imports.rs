//! Which source file imports from which, as far as paths say it.
//!
//! Reads `use` declarations and paths in the code (`crate::a::b`, `super::c`, `d::e` where `d` is a child).
//! Follows re-exports to the file that defines a name. Doesn't see methods: those are no imports.

use std::collections::{BTreeMap, BTreeSet};

/// A module's path: `["app", "walk"]`.
type Module = Vec<String>;

/// The names that each file takes from another one.
pub type Imports = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// A name in a path that a file writes, and the module that the path leads to from there.
struct Path {
    segments: Vec<String>,
    /// What the name is called in the file.
    alias: String,
    public: bool,
}

/// The imports among these modules, of which the code is given without comments and tests.
pub fn imports(code: &BTreeMap<Module, String>) -> Imports {
    let uses: BTreeMap<_, _> = code.iter().map(|(at, text)| (at, uses(text))).collect();
    let mut imports = Imports::new();
    for (from, text) in code {
        let rest = without_uses(text);
        let counts = |path: &&Path| !path.public || uses_name(&rest, &path.alias);
        let declared = uses[from]
            .iter()
            .filter(counts)
            .map(|it| it.segments.clone());
        for segments in declared.chain(inline(&rest)) {
            let Some((to, name)) = resolve(from, &segments, code, &uses, 0) else {
                continue;
            };
            if to != *from {
                let names = imports.entry(from.clone()).or_default();
                names.entry(to).or_default().insert(name);
            }
        }
    }
    imports
}

/// Groups of files that all import from each other, directly or through others; the largest first.
pub fn cycles(imports: &Imports) -> Vec<Vec<Module>> {
    let reach = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for to in imports.get(at).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(to.clone()) {
                    open.push(to);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> = imports.keys().map(|from| (from, reach(from))).collect();
    let mut cycles = BTreeSet::new();
    for (from, to) in &reached {
        let back = |other: &&Module| reached.get(*other).is_some_and(|it| it.contains(*from));
        let cycle: Vec<_> = to.iter().filter(back).cloned().collect();
        if cycle.len() > 1 {
            cycles.insert(cycle);
        }
    }
    let mut cycles: Vec<_> = cycles.into_iter().collect();
    cycles.sort_by_key(|cycle| std::cmp::Reverse(cycle.len()));
    cycles
}

/// The module that defines what a path names, and the name.
fn resolve(
    from: &Module,
    segments: &[String],
    code: &BTreeMap<Module, String>,
    uses: &BTreeMap<&Module, Vec<Path>>,
    depth: usize,
) -> Option<(Module, String)> {
    let (mut at, mut rest) = match segments[0].as_str() {
        "crate" => (Vec::new(), &segments[1..]),
        "self" => (from.clone(), &segments[1..]),
        "super" => (from.split_last()?.1.to_vec(), &segments[1..]),
        child if code.contains_key(&below(from, child)) => (from.clone(), segments),
        _ => return None,
    };
    while let Some((first, others)) = rest.split_first() {
        if first == "super" {
            at.pop();
        } else if code.contains_key(&below(&at, first)) {
            at.push(first.clone());
        } else {
            break;
        }
        rest = others;
    }
    let Some(name) = rest.first() else {
        return Some((at, "self".to_owned()));
    };
    let exported = uses.get(&at)?.iter().find(|it| it.alias == *name);
    match exported.filter(|_| depth < 8) {
        Some(path) => {
            let onward: Vec<_> = path.segments.iter().chain(&rest[1..]).cloned().collect();
            resolve(&at, &onward, code, uses, depth + 1)
        }
        None => Some((at, name.clone())),
    }
}

fn below(module: &Module, child: &str) -> Module {
    module.iter().cloned().chain([child.to_owned()]).collect()
}

/// Whether a name stands in the text, and not as that of a method or a field.
fn uses_name(text: &str, name: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (
            text[..at].chars().next_back(),
            text[at + name.len()..].chars().next(),
        );
        !before.is_some_and(|c| in_name(c) || c == '.') && !after.is_some_and(in_name)
    })
}

/// The `use` declarations: where each begins and ends, and whether it is public.
fn declarations(text: &str) -> Vec<(usize, usize, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let public = start.starts_with("pub ") || start.starts_with("pub(");
        let declares = start
            .split(" use ")
            .next()
            .is_some_and(|before| before.starts_with("pub"));
        if start.starts_with("use ") || (public && declares && start.contains(" use ")) {
            let end = text[at..].find(';').map_or(text.len(), |end| at + end + 1);
            found.push((at, end, public));
        }
        at += line.len();
    }
    found
}

fn uses(text: &str) -> Vec<Path> {
    let mut found = Vec::new();
    for (start, end, public) in declarations(text) {
        let declared = &text[start..end];
        let tree = declared.split_once("use ").map_or("", |(_, tree)| tree);
        let tree: String = tree
            .trim_end_matches(';')
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for path in leaves(&tree) {
            let (path, alias) = match path.split_once(" as ") {
                Some((path, alias)) => (path.to_owned(), Some(alias.to_owned())),
                None => (path, None),
            };
            let mut segments: Vec<_> = path.split("::").map(|it| it.trim().to_owned()).collect();
            if segments.len() > 1 && segments.last().is_some_and(|it| it == "self") {
                segments.pop();
            }
            let alias = alias
                .or_else(|| segments.last().cloned())
                .unwrap_or_default();
            found.push(Path {
                segments,
                alias,
                public,
            });
        }
    }
    found
}

/// `a::{b, c::{d}}` as `a::b`, `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((before, inside)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inside = &inside[..inside.rfind('}').unwrap_or(inside.len())];
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(leaves)
        .map(|leaf| format!("{}{leaf}", before.trim()))
        .collect()
}

fn without_uses(text: &str) -> String {
    let mut kept = String::new();
    let mut last = 0;
    for (start, end, _) in declarations(text) {
        kept.push_str(&text[last..start]);
        last = end;
    }
    kept.push_str(&text[last..]);
    // Neither a declared module nor a visibility is an import.
    let code = kept
        .lines()
        .filter(|line| !(line.contains("mod ") && line.ends_with(';')));
    code.map(|line| line.replace("pub(in crate", "pub(in "))
        .collect::<Vec<_>>()
        .join("\n")
}

/// All paths of two segments and more.
fn inline(text: &str) -> Vec<Vec<String>> {
    let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    text.split(|c: char| !in_path(c))
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").map(str::to_owned).collect::<Vec<_>>())
        .filter(|path| !path[0].is_empty())
        .collect()
}
