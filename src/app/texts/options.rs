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
        domainname: _,
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
    let names = [LaunchOption::Hostname, LaunchOption::Domainname];
    let names = names.map(|option| options.value(option));
    let all = [propagation, root, proc, map].into_iter().flatten();
    all.map(str::to_owned)
        .chain(names.into_iter().flatten())
        .collect()
}

pub(crate) fn option_row(lang: Lang, row: OptionRow) -> &'static str {
    match row {
        OptionRow::Container => lang.pick(["container", "容器"]),
        OptionRow::Joins => lang.pick(["joins (setns)", "加入（setns）"]),
        OptionRow::Option(option) => match option {
            LaunchOption::Proc => "/proc",
            LaunchOption::Map => lang.pick(["uid and gid map", "uid 和 gid 映射"]),
            LaunchOption::Propagation => lang.pick(["mounts propagate", "挂载传播"]),
            LaunchOption::Root => "/",
            LaunchOption::Hostname => lang.pick(["hostname (type it)", "主机名（直接输入）"]),
            LaunchOption::Domainname => lang.pick(["domain name (type it)", "域名（直接输入）"]),
        },
    }
}

/// What an option is set to.
pub fn option_value(lang: Lang, option: LaunchOption, options: &LaunchOptions) -> &str {
    match option {
        LaunchOption::Proc => match options.proc {
            Proc::Inherited => lang.pick(["what was there", "原来的"]),
            Proc::Fresh => lang.pick(["a new one", "新挂载一个"]),
        },
        LaunchOption::Map => match options.map {
            UserMap::Written => lang.pick(["written", "写入"]),
            UserMap::Unwritten => lang.pick(["left empty", "留空"]),
        },
        LaunchOption::Propagation => match options.propagation {
            Propagation::Inherited => lang.pick(["as clone() copies them", "照 clone() 的复制"]),
            Propagation::Private => "private",
            Propagation::Shared => "shared",
            Propagation::Slave => "slave",
        },
        LaunchOption::Root => match options.root {
            Root::Inherited => lang.pick(["what it was", "原来的"]),
            Root::Own => lang.pick([
                "a small one of its own (pivot_root)",
                "自己的小根目录（pivot_root）",
            ]),
        },
        LaunchOption::Hostname => options.hostname(),
        LaunchOption::Domainname => match &options.domainname {
            Some(name) => name.as_str(),
            None => lang.pick(["the host's", "宿主机的"]),
        },
    }
}
