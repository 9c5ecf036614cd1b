//! The plan of a launch, in words.

use super::sides::flags;
use crate::app::next_launch::OptionRow;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::{LaunchOption, Plan};

/// A plan in words: its flags, and its settings that are not the default.
pub(crate) fn plan(lang: Lang, plan: &Plan) -> String {
    let flags = flags(lang, plan.flags);
    let extras = extras(lang, plan);
    match (extras.is_empty(), plan.join) {
        (true, _) => flags,
        // With a join, having no flags is usual.
        (false, Some(_)) if plan.flags.is_empty() => extras,
        (false, _) => format!("{flags} · {extras}"),
    }
}

/// The settings of a plan besides its flags; empty if all have their default.
pub(crate) fn extras(lang: Lang, plan: &Plan) -> String {
    let mut said = Vec::new();
    if let Some(join) = plan.join {
        let whose = join.whose.get();
        let all = join.kinds == NamespaceSet::all();
        said.push(match (lang, all) {
            (Lang::En, true) => format!("in container {whose}"),
            (Lang::En, false) => format!("{} of container {whose}", flags(lang, join.kinds)),
            (Lang::ZhCn, true) => format!("在容器 {whose} 里"),
            (Lang::ZhCn, false) => format!("共用容器 {whose} 的 {}", flags(lang, join.kinds)),
        });
    }
    // Namespaces and mounts first, names last, as in the table.
    let options = LaunchOption::ALL.into_iter();
    said.extend(options.filter_map(|option| plan.options.short(option, lang)));
    said.join(" · ")
}

pub(crate) fn option_row(lang: Lang, row: OptionRow) -> &'static str {
    match row {
        OptionRow::Container => lang.pick(["container", "容器"]),
        OptionRow::Joins => lang.pick(["joins (setns)", "加入（setns）"]),
        OptionRow::Option(option) => option.label(lang),
    }
}
