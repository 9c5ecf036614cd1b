//! Sentences about lessons and their steps.

use super::sides::{shell, side_name};
use crate::app::course_end::Tally;
use crate::app::expected::{Difference, KernelObject, UtsField, WhatDiffers};
use crate::app::map_view::seen::WhyStale;
use crate::app::requirements::LessonStanding;
use crate::app::review::Review;
use crate::app::shadowed::{Definition, Shadowed};
use crate::app::starting_state::{MissingStart, WhyMissing};
use crate::app::walk::{Failed, LineEnd};
use crate::explain::{self, tools};
use crate::lang::Lang;
use crate::lesson::{Lack, View};
use crate::sandbox::{HostKind, Side};

/// The most characters of a program's message.
const LONGEST_TOLD: usize = 160;

pub(crate) fn glossary_title(lang: Lang, number: usize, count: usize) -> String {
    match lang {
        Lang::En => format!("Glossary {number}/{count}"),
        Lang::ZhCn => format!("术语表 {number}/{count}"),
    }
}

pub(crate) fn map_lost(lang: Lang, lost: &WhyStale) -> String {
    match (lang, lost) {
        (Lang::En, WhyStale::NoLab) => {
            "There is no lab host to map; Esc, then F9 or R makes one.".to_owned()
        }
        (Lang::ZhCn, WhyStale::NoLab) => {
            "没有实验宿主机可画；按 Esc，再按 F9 或 R 创建一个。".to_owned()
        }
        (Lang::En, WhyStale::NotStarted(why)) => {
            format!("The map's watcher could not be started: {why}. Esc, then N tries again.")
        }
        (Lang::ZhCn, WhyStale::NotStarted(why)) => {
            format!("无法启动地图的观察进程：{why}。按 Esc，再按 N 重试。")
        }
        (Lang::En, WhyStale::Ended) => {
            "The map is no longer live: its watcher has ended. Esc, then N starts it again."
                .to_owned()
        }
        (Lang::ZhCn, WhyStale::Ended) => {
            "地图不再更新：它的观察进程已结束。按 Esc，再按 N 重新启动。".to_owned()
        }
    }
}

/// The keepers of a namespace, and the user namespace that owns it.
pub(crate) fn kept_and_owned(lang: Lang, kept: String, user: Option<u64>) -> String {
    match (lang, user) {
        (_, None) => kept,
        (Lang::En, Some(user)) => format!("{kept}, owned by user {user}"),
        (Lang::ZhCn, Some(user)) => format!("{kept}，归 user {user} 所有"),
    }
}

pub(crate) fn map_unread(lang: Lang, processes: usize) -> String {
    match lang {
        Lang::En => format!("Processes whose namespaces this user may not see: {processes}"),
        Lang::ZhCn => format!("这个用户无权查看其命名空间的进程数：{processes}"),
    }
}

pub(crate) fn map_unread_links(lang: Lang, namespaces: usize) -> String {
    match lang {
        Lang::En => format!("Network namespaces whose links can't be read: {namespaces}"),
        Lang::ZhCn => format!("无法读取其网络接口的网络命名空间数：{namespaces}"),
    }
}

/// The message when no item of a list matches the query.
pub(crate) fn nothing_found(lang: Lang, query: &str) -> String {
    match lang {
        Lang::En => format!("Nothing here contains “{query}”."),
        Lang::ZhCn => format!("这里没有包含“{query}”的条目。"),
    }
}

pub(crate) fn mistakes(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "The saved lessons have a mistake".to_owned(),
        (Lang::En, count) => format!("The saved lessons have {count} mistakes"),
        (Lang::ZhCn, count) => format!("保存的课程里有 {count} 处错误"),
    }
}

/// The same in the title, with the key that lists them.
pub(crate) fn mistakes_mark(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "✘ 1 mistake in the lessons: e".to_owned(),
        (Lang::En, count) => format!("✘ {count} mistakes in the lessons: e"),
        (Lang::ZhCn, count) => format!("✘ 课程有 {count} 处错误：e"),
    }
}

pub(crate) fn hints_left(lang: Lang, left: usize) -> String {
    match (lang, left) {
        (Lang::En, 1) => "h: a hint".to_owned(),
        (Lang::En, left) => format!("h: a hint ({left} left)"),
        (Lang::ZhCn, left) => format!("h：提示（还有 {left} 条）"),
    }
}

/// Why a step can't work here.
pub(crate) fn lack(lang: Lang, lack: &Lack) -> String {
    let why = match lack {
        Lack::Program(program) => tools::missing(lang, program),
        Lack::Shortfall(shortfall) => explain::shortfall(lang, *shortfall).to_owned(),
        Lack::Kind(kind) => lang.pick([
            format!("This kernel has no {} namespaces.", kind.label()),
            format!("内核不支持 {} 命名空间。", kind.label()),
        ]),
        Lack::Kernel(major, minor) => lang.pick([
            format!("It needs Linux {major}.{minor} or later."),
            format!("这一步需要 Linux {major}.{minor} 或更新的内核。"),
        ]),
        Lack::Host(HostKind::Lab | HostKind::LabWithoutUser) => lang
            .pick([
                "It needs a lab host: start nslab without --host machine.",
                "这一步需要实验宿主机：启动 nslab 时不要加 --host machine。",
            ])
            .to_owned(),
        Lack::Host(HostKind::Machine) => lang
            .pick([
                "It needs the machine itself as the host: nslab --host machine.",
                "这一步需要以本机作为宿主机：nslab --host machine。",
            ])
            .to_owned(),
        Lack::Container => lang
            .pick([
                "The kernel refused this container; its pane (F4) says why. F5 tries again.",
                "内核拒绝创建这个容器，原因见容器窗格（F4）。按 F5 再试一次。",
            ])
            .to_owned(),
    };
    match lang {
        Lang::En => format!("This step can't work here. {why}"),
        Lang::ZhCn => format!("这一步在这里无法进行。{why}"),
    }
}

/// A difference from what the lesson left.
pub(crate) fn difference(lang: Lang, it: &Difference) -> String {
    // In Chinese, a space follows a word of letters or digits.
    let spaced = |name: String| match lang {
        Lang::ZhCn if name.ends_with(|it: char| it.is_ascii()) => format!("{name} "),
        Lang::En | Lang::ZhCn => name,
    };
    let side = spaced(side_name(lang, it.side).clone());
    let thing = |thing: &KernelObject| spaced(named(lang, thing));
    match (lang, &it.what) {
        (Lang::En, WhatDiffers::Ended) => format!("The {} has ended.", shell(lang, it.side)),
        (Lang::ZhCn, WhatDiffers::Ended) => format!("{}已经结束。", spaced(shell(lang, it.side))),
        (Lang::En, WhatDiffers::Plan) => {
            format!("The {side} was replaced by one with other flags or options.")
        }
        (Lang::ZhCn, WhatDiffers::Plan) => format!("{side}已不是原来那个，标志或选项不同。"),
        (lang, WhatDiffers::Name { field, then, now }) => match (lang, field) {
            (Lang::En, UtsField::Hostname) => {
                format!("The {side} is called {now}; the lesson left it as {then}.")
            }
            (Lang::ZhCn, UtsField::Hostname) => format!("{side}现在叫 {now}，课程里它叫 {then}。"),
            (Lang::En, UtsField::Domainname) => {
                format!("The {side}'s domain name is {now}; the lesson left it as {then}.")
            }
            (Lang::ZhCn, UtsField::Domainname) => {
                format!("{side}的域名现在是 {now}，课程里是 {then}。")
            }
        },
        (Lang::En, WhatDiffers::Gone(it)) => format!("The {side} no longer has its {}.", thing(it)),
        (Lang::ZhCn, WhatDiffers::Gone(it)) => format!("{side}的{}没有了。", thing(it)),
        (Lang::En, WhatDiffers::Extra(it)) => {
            format!("The {side} has an extra {}.", thing(it))
        }
        (Lang::ZhCn, WhatDiffers::Extra(it)) => {
            format!("{side}多了课程里没有的{}。", named(lang, it))
        }
    }
}

/// A kernel object that a side has, with its kind.
fn named(lang: Lang, thing: &KernelObject) -> String {
    match (lang, thing) {
        (Lang::En, KernelObject::Mount(name)) => format!("mount on {name}"),
        (Lang::En, KernelObject::Interface(name)) => format!("interface {name}"),
        (Lang::En, KernelObject::Address(name)) => format!("address {name}"),
        (Lang::En, KernelObject::Queue(id)) => format!("message queue {id}"),
        (Lang::En, KernelObject::Segment(id)) => format!("shared memory segment {id}"),
        (Lang::En, KernelObject::Semaphores(id)) => format!("semaphore set {id}"),
        (Lang::En, KernelObject::Mqueue(name)) => format!("POSIX queue {name}"),
        (Lang::ZhCn, KernelObject::Mount(name)) => format!("挂载点 {name}"),
        (Lang::ZhCn, KernelObject::Interface(name)) => format!("网络接口 {name}"),
        (Lang::ZhCn, KernelObject::Address(name)) => format!("地址 {name}"),
        (Lang::ZhCn, KernelObject::Queue(id)) => format!("消息队列 {id}"),
        (Lang::ZhCn, KernelObject::Segment(id)) => format!("共享内存段 {id}"),
        (Lang::ZhCn, KernelObject::Semaphores(id)) => format!("信号量集 {id}"),
        (Lang::ZhCn, KernelObject::Mqueue(name)) => format!("POSIX 队列 {name}"),
    }
}

/// The program that got the text which was typed into a shell.
pub(crate) fn inside(lang: Lang, side: Side, program: &str) -> String {
    let shell = shell(lang, side);
    match lang {
        Lang::En => format!(
            "In the {shell}, {program} runs in namespaces of its own, and gets what you type. End it (exit), and try again."
        ),
        Lang::ZhCn => format!(
            "{shell} 里正在运行 {program}，它有自己的命名空间：在那里输入的内容交给了 {program}。请结束它（exit），再试一次。"
        ),
    }
}

/// A command that was no program in this side's shell.
pub(crate) fn shadowed(lang: Lang, side: Side, it: &Shadowed) -> String {
    let (name, shell) = (&it.name, shell(lang, side));
    let (by, undo) = match it.by {
        Definition::Alias => (lang.pick(["an alias", "别名"]), "unalias"),
        Definition::Function => (lang.pick(["a function", "函数"]), "unset -f"),
    };
    match lang {
        Lang::En => format!(
            "In the {shell}, {name} is {by} and may do something other than the program of that name: \
             {undo} {name} there removes it."
        ),
        Lang::ZhCn => format!(
            "在{shell} 里，{name} 是{by}，做的事可能与同名程序不同：在那里用 {undo} {name} 去掉它。"
        ),
    }
}

/// A command has failed that the lesson types only later, in `step`. The learner is in the step `here`. Both are
/// counted from 0.
pub(crate) fn ahead(lang: Lang, step: usize, here: usize) -> String {
    let (number, now) = (step + 1, here + 1);
    match (lang, step == here) {
        (Lang::En, true) => {
            "This command comes later in this step, and may need the commands before it. Go on with \
                             the step (F2, Enter)."
                .to_owned()
        }
        (Lang::En, false) => format!(
            "This command belongs to step {number}, and may need the steps before that one. Go on with step {now} \
             (F2, Enter)."
        ),
        (Lang::ZhCn, true) => {
            "这条命令在这一步里还没轮到，可能要先做完它前面的。请继续做这一步（F2，Enter）。"
                .to_owned()
        }
        (Lang::ZhCn, false) => format!(
            "这是第 {number} 步的命令，可能要先做完前面的步骤。请先继续第 {now} 步（F2，Enter）。"
        ),
    }
}

/// How a command failed.
pub(crate) fn failed(lang: Lang, failed: &Failed) -> String {
    let LineEnd {
        status, last_line, ..
    } = &failed.end;
    let told: String = last_line.chars().take(LONGEST_TOLD).collect();
    match (lang, told.is_empty()) {
        (Lang::En, true) => format!("It failed: exit status {status}."),
        (Lang::En, false) => format!("It failed (exit status {status}): {told}"),
        (Lang::ZhCn, true) => format!("执行失败：退出状态 {status}。"),
        (Lang::ZhCn, false) => format!("执行失败（退出状态 {status}）：{told}"),
    }
}

/// Two sentences in a row; Chinese has no space between them.
pub(crate) fn both(lang: Lang, one: &str, other: &str) -> String {
    format!("{one}{}{other}", lang.pick([" ", ""]))
}

/// Differences from what the lesson left, each in a sentence.
fn differences(lang: Lang, all: &[Difference]) -> String {
    let said: Vec<_> = all.iter().map(|it| difference(lang, it)).collect();
    said.join(lang.pick([" ", ""]))
}

/// The differences that keep a check from being true, and the remedy. On the machine, no step is done again.
pub(crate) fn causes(lang: Lang, all: &[Difference], host: HostKind) -> String {
    let said = differences(lang, all);
    let helps = match host {
        HostKind::Lab | HostKind::LabWithoutUser => lang.pick([
            " Undo that, or let Enter rebuild the steps; B restarts.",
            "请改回来，或按 Enter 重做前面的步骤；B 从头开始。",
        ]),
        HostKind::Machine => lang.pick([" Undo that; B restarts.", "请改回来；B 从头开始。"]),
    };
    format!("{said}{helps}")
}

/// The message about the missing starting state.
pub(crate) fn missing(lang: Lang, missing: &MissingStart) -> String {
    let why = match &missing.what {
        WhyMissing::OfAnotherLesson => lang
            .pick([
                "The lab was used for another lesson.",
                "这个实验宿主机已经用于别的课。",
            ])
            .to_owned(),
        WhyMissing::WithoutFiles => lang
            .pick([
                "The lab doesn't have the files of this lesson yet.",
                "实验宿主机里还没有这一课的文件。",
            ])
            .to_owned(),
        WhyMissing::NotDone(from, to) if from == to => lang.pick([
            format!("Step {from} has not been done in this lab."),
            format!("第 {from} 步还没有在这个实验宿主机里做过。"),
        ]),
        WhyMissing::NotDone(from, to) => lang.pick([
            format!("Steps {from} to {to} have not been done in this lab."),
            format!("第 {from} 至 {to} 步还没有在这个实验宿主机里做过。"),
        ]),
        WhyMissing::Different(all) => differences(lang, all),
    };
    let helps = match (lang, missing.steps) {
        (Lang::En, 0) => "Enter makes a fresh lab.".to_owned(),
        (Lang::En, 1) => "Enter rebuilds step 1 in a fresh lab; B restarts the lesson.".to_owned(),
        (Lang::En, steps) => {
            format!("Enter rebuilds steps 1–{steps} in a fresh lab; B restarts the lesson.")
        }
        (Lang::ZhCn, 0) => "按 Enter 重建实验宿主机。".to_owned(),
        (Lang::ZhCn, 1) => {
            "按 Enter 在新的实验宿主机里重做第 1 步；按 B 从头开始这一课。".to_owned()
        }
        (Lang::ZhCn, steps) => {
            format!("按 Enter 在新的实验宿主机里重做第 1–{steps} 步；按 B 从头开始这一课。")
        }
    };
    format!("{why}{}{helps}", lang.pick([" ", ""]))
}

/// How many of a lesson's steps are done, and how many can't work here.
pub(crate) fn standing(lang: Lang, standing: &LessonStanding) -> String {
    let LessonStanding {
        done,
        steps,
        lacking,
        ..
    } = standing;
    match (lang, lacking) {
        (_, lacking) if *steps == 0 => format!("{lacking} –"),
        (_, 0) => format!("{done}/{steps}"),
        (Lang::En, lacking) => format!("{done}/{steps}, {lacking} –"),
        (Lang::ZhCn, lacking) => format!("{done}/{steps}，{lacking} –"),
    }
}

/// The learner's place in a review.
pub(crate) fn review(lang: Lang, review: &Review) -> String {
    let (at, count) = review.progress();
    match lang {
        Lang::En => format!("Review {at}/{count}: "),
        Lang::ZhCn => format!("复习 {at}/{count}："),
    }
}

/// The heading above the predictions of a lesson.
pub(crate) fn predictions(lang: Lang, right: usize, answered: usize, all: usize) -> String {
    match (lang, answered) {
        (Lang::En, 0) => format!("You answered none of the {all} questions."),
        (Lang::ZhCn, 0) => format!("本课 {all} 个问题，你一个也没有回答。"),
        (Lang::En, _) => {
            format!("Your predictions: {right} right, {answered} of {all} questions answered")
        }
        (Lang::ZhCn, _) => format!("你的预测：{all} 题回答了 {answered} 题，对 {right} 题"),
    }
}

/// The text about the key that repeats the wrongly answered questions.
pub(crate) fn wrong_again(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "ask me again the question that I got wrong".to_owned(),
        (Lang::En, count) => format!("ask me again the {count} questions that I got wrong"),
        (Lang::ZhCn, count) => format!("再问一遍我没答对的 {count} 题"),
    }
}

/// The progress in the whole course.
pub(crate) fn done_in_course(lang: Lang, it: &Tally) -> Vec<String> {
    let Tally {
        lessons,
        lessons_done,
        steps,
        steps_done,
        shown,
        lacking,
        questions,
        right,
        wrong,
        undecided,
        skipped,
    } = *it;
    let (left, open) = (steps - steps_done, it.open());
    let here = match (lang, lacking) {
        (_, 0) => String::new(),
        (Lang::En, lacking) => format!(" {lacking} can't work here."),
        (Lang::ZhCn, lacking) => format!("另有 {lacking} 步在这里无法进行。"),
    };
    match lang {
        Lang::En => vec![
            format!("Lessons: {lessons_done} of {lessons} done."),
            format!(
                "Steps: {steps_done} of {steps} done, {shown} of them shown to you; {left} left.{here}"
            ),
            format!(
                "Predictions: of {questions}, {right} right, {wrong} wrong, {undecided} not measured, {skipped} \
                 skipped; {open} not asked yet."
            ),
        ],
        Lang::ZhCn => vec![
            format!("课程：共 {lessons} 课，做完 {lessons_done} 课。"),
            format!(
                "步骤：共 {steps} 步，做完 {steps_done} 步，其中 {shown} 步由 nslab 演示；还剩 {left} 步。{here}"
            ),
            format!(
                "预测：共 {questions} 题，对 {right} 题，错 {wrong} 题，未测出 {undecided} 题，跳过 {skipped} 题；\
                 还没问 {open} 题。"
            ),
        ],
    }
}

/// The progress in a lesson: steps, predictions, steps that were shown.
pub(crate) fn done_in_lesson(lang: Lang, it: &Tally) -> String {
    let steps = format!("{}/{}", it.steps_done, it.steps);
    let right = match lang {
        Lang::En => format!("{}/{} right", it.right, it.questions),
        Lang::ZhCn => format!("对 {}/{}", it.right, it.questions),
    };
    let shown = match (lang, it.shown) {
        (_, 0) => String::new(),
        (Lang::En, shown) => format!("  {shown} shown"),
        (Lang::ZhCn, shown) => format!("  演示 {shown}"),
    };
    format!("{steps:<5}  {right}{shown}")
}

/// The advice what to do next. `open`: the number and the title of the first lesson that is not done.
pub(crate) fn what_next(lang: Lang, it: &Tally, open: Option<(usize, &str)>) -> Vec<String> {
    let mut all = Vec::new();
    if let Some((number, title)) = open {
        all.push(match lang {
            Lang::En => format!("Go on with lesson {number}, {title}: `l`, then Enter."),
            Lang::ZhCn => format!("继续第 {number} 课《{title}》：按 `l`，再按 Enter。"),
        });
    }
    if it.wrong + it.skipped > 0 {
        all.push(lang.pick([
            "Answer again what you got wrong or skipped: `r` here, or `nslab review` on another day.",
            "再答一遍错过或跳过的题：在这里按 `r`，或者改天运行 `nslab review`。",
        ]).to_owned());
    } else if it.right > 0 {
        all.push(
            lang.pick([
                "Review after some days: `nslab review`, five minutes at most.",
                "过些天容易忘的时候再复习：`nslab review`，最多五分钟。",
            ])
            .to_owned(),
        );
    }
    if it.shown > 0 {
        all.push(lang.pick([
            "Do yourself what was shown to you: `x` twice in the list (`l`) starts a lesson over, with all its questions.",
            "演示过的自己再做一遍：在列表（`l`）里按两次 `x`，从头做这一课，问题也会重新问。",
        ]).to_owned());
    } else if it.lessons_done > 0 {
        all.push(lang.pick([
            "Do a lesson once more: `x` twice in the list (`l`) starts it over, with all its questions.",
            "再做一遍某一课：在列表（`l`）里按两次 `x`，从头做，问题也会重新问。",
        ]).to_owned());
    }
    all.extend(lang.pick([
        [
            "Take it along: `nslab sheet` prints all eight kinds on one page.",
            "See it on a machine of yours: `nslab map` shows its namespaces, `lsns` and `nsenter` are the tools to go on with.",
        ],
        [
            "随身带一份：`nslab sheet` 把八种命名空间印在一页上。",
            "到自己的机器上看看：`nslab map` 显示上面的命名空间，接着用 `lsns` 和 `nsenter`。",
        ],
    ]).map(str::to_owned));
    all
}

/// The title of the list of lessons.
pub(crate) fn lessons_title(lang: Lang, done: usize, count: usize) -> String {
    match lang {
        Lang::En => format!("Lessons: {done} of {count} done"),
        Lang::ZhCn => format!("课程：共 {count} 课，已完成 {done} 课"),
    }
}

/// The keys that open a view from the lesson.
pub(crate) fn opens(view: View) -> &'static str {
    match view {
        View::Compare => "F6 F6",
        View::Code => "F7",
        View::Trace => "F10 / t",
        View::Details => "F6 Enter",
        View::Machine => "F12 / M",
    }
}
