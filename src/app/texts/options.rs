//! What a launch makes and does, in words.

use super::sides::flags;
use super::words::words;
use crate::app::next_launch::OptionRow;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::plan::{Proc, Propagation, Root, UserMap};
use crate::sandbox::{LaunchOption, LaunchOptions, Plan};

/// A plan in words: its flags, and what is unusual about it.
pub fn plan(lang: Lang, plan: &Plan) -> String {
    let flags = flags(lang, plan.flags);
    let extras = extras(lang, plan);
    match (extras.is_empty(), plan.join) {
        (true, _) => flags,
        // With a join, having no flags is usual.
        (false, Some(_)) if plan.flags.is_empty() => extras,
        (false, _) => format!("{flags} · {extras}"),
    }
}

/// What a plan has beside its flags; empty where there is nothing unusual.
pub fn extras(lang: Lang, plan: &Plan) -> String {
    let mut said = Vec::new();
    if let Some(join) = plan.join {
        let whose = join.whose.number();
        let all = join.kinds == NamespaceSet::all();
        said.push(match (lang, all) {
            (Lang::En, true) => format!("in container {whose}"),
            (Lang::En, false) => format!("{} of container {whose}", flags(lang, join.kinds)),
            (Lang::ZhCn, true) => format!("在容器 {whose} 里"),
            (Lang::ZhCn, false) => format!("共用容器 {whose} 的 {}", flags(lang, join.kinds)),
        });
    }
    said.extend(options(lang, &plan.options));
    said.join(" · ")
}

/// The options that differ from the default.
fn options(lang: Lang, options: &LaunchOptions) -> Vec<String> {
    let LaunchOptions {
        proc,
        map,
        propagation,
        root,
        hostname: _,
    } = options;
    let words = words(lang);
    let proc = match proc {
        Proc::Inherited => None,
        Proc::Fresh => Some(words.fresh_proc),
    };
    let map = match map {
        UserMap::Written => None,
        UserMap::Unwritten => Some(words.no_map),
    };
    let propagation = match propagation {
        Propagation::Inherited => None,
        Propagation::Private => Some("private"),
        Propagation::Shared => Some("shared"),
        Propagation::Slave => Some("slave"),
    };
    let root = match root {
        Root::Inherited => None,
        Root::Own => Some(words.own_root),
    };
    let hostname = options.value(LaunchOption::Hostname);
    let all = [propagation, root, proc, map].into_iter().flatten();
    all.map(str::to_owned).chain(hostname).collect()
}

pub(crate) fn option_row(lang: Lang, row: OptionRow) -> &'static str {
    match (lang, row) {
        (Lang::En, OptionRow::Container) => "container",
        (Lang::En, OptionRow::Joins) => "joins (setns)",
        (Lang::ZhCn, OptionRow::Container) => "容器",
        (Lang::ZhCn, OptionRow::Joins) => "加入（setns）",
        (_, OptionRow::Option(option)) => option_label(lang, option),
    }
}

fn option_label(lang: Lang, option: LaunchOption) -> &'static str {
    match (lang, option) {
        (_, LaunchOption::Proc) => "/proc",
        (Lang::En, LaunchOption::Map) => "uid and gid map",
        (Lang::En, LaunchOption::Propagation) => "mounts propagate",
        (_, LaunchOption::Root) => "/",
        (Lang::En, LaunchOption::Hostname) => "hostname (type it)",
        (Lang::ZhCn, LaunchOption::Map) => "uid 和 gid 映射",
        (Lang::ZhCn, LaunchOption::Propagation) => "挂载传播",
        (Lang::ZhCn, LaunchOption::Hostname) => "主机名（直接输入）",
    }
}

/// What an option is set to.
pub fn option_value(lang: Lang, option: LaunchOption, options: &LaunchOptions) -> String {
    let chosen = match option {
        LaunchOption::Proc => proc_value(lang, options.proc),
        LaunchOption::Map => map_value(lang, options.map),
        LaunchOption::Propagation => propagation_value(lang, options.propagation),
        LaunchOption::Root => root_value(lang, options.root),
        LaunchOption::Hostname => options.hostname(),
    };
    chosen.to_owned()
}

fn proc_value(lang: Lang, proc: Proc) -> &'static str {
    match (lang, proc) {
        (Lang::En, Proc::Inherited) => "what was there",
        (Lang::En, Proc::Fresh) => "a new one",
        (Lang::ZhCn, Proc::Inherited) => "原来的",
        (Lang::ZhCn, Proc::Fresh) => "新挂载一个",
    }
}

fn map_value(lang: Lang, map: UserMap) -> &'static str {
    match (lang, map) {
        (Lang::En, UserMap::Written) => "written",
        (Lang::En, UserMap::Unwritten) => "left empty",
        (Lang::ZhCn, UserMap::Written) => "写入",
        (Lang::ZhCn, UserMap::Unwritten) => "留空",
    }
}

fn propagation_value(lang: Lang, propagation: Propagation) -> &'static str {
    match (lang, propagation) {
        (Lang::En, Propagation::Inherited) => "as clone() copies them",
        (Lang::ZhCn, Propagation::Inherited) => "照 clone() 的复制",
        (_, Propagation::Private) => "private",
        (_, Propagation::Shared) => "shared",
        (_, Propagation::Slave) => "slave",
    }
}

fn root_value(lang: Lang, root: Root) -> &'static str {
    match (lang, root) {
        (Lang::En, Root::Inherited) => "what it was",
        (Lang::En, Root::Own) => "a small one of its own (pivot_root)",
        (Lang::ZhCn, Root::Inherited) => "原来的",
        (Lang::ZhCn, Root::Own) => "自己的小根目录（pivot_root）",
    }
}
