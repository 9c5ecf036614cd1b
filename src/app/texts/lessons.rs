//! Sentences about lessons and their steps.

use super::sides::shell;
use crate::app::rebuild::{Absent, Missing};
use crate::app::requirements::{Lack, Standing};
use crate::explain::{self, tools};
use crate::lang::Lang;
use crate::lesson::View;
use crate::sandbox::HostKind;

pub fn glossary_title(lang: Lang, number: usize, count: usize) -> String {
    match lang {
        Lang::En => format!("Glossary {number}/{count}"),
        Lang::ZhCn => format!("术语表 {number}/{count}"),
    }
}

pub fn mistakes(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "The saved lessons have a mistake".to_owned(),
        (Lang::En, count) => format!("The saved lessons have {count} mistakes"),
        (Lang::ZhCn, count) => format!("保存的课程里有 {count} 处错误"),
    }
}

/// The same in the title, with the key that lists them.
pub fn mistakes_mark(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "✘ 1 mistake in the lessons: e".to_owned(),
        (Lang::En, count) => format!("✘ {count} mistakes in the lessons: e"),
        (Lang::ZhCn, count) => format!("✘ 课程有 {count} 处错误：e"),
    }
}

pub fn hints_left(lang: Lang, left: usize) -> String {
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

/// What the step needs and the lab doesn't have.
pub(crate) fn missing(lang: Lang, missing: &Missing) -> String {
    let why = match &missing.what {
        Absent::OfAnotherLesson => lang
            .pick([
                "The lab still has what another lesson left in it.",
                "实验宿主机里还留着别的课的东西。",
            ])
            .to_owned(),
        Absent::NotDone(from, to) if from == to => lang.pick([
            format!("Step {from} has not been done in this lab."),
            format!("第 {from} 步还没有在这个实验宿主机里做过。"),
        ]),
        Absent::NotDone(from, to) => lang.pick([
            format!("Steps {from} to {to} have not been done in this lab."),
            format!("第 {from} 至 {to} 步还没有在这个实验宿主机里做过。"),
        ]),
        Absent::Ended(side) => {
            let shell = shell(lang, *side);
            lang.pick([
                format!("The {shell} has ended, and this step needs it."),
                format!("{shell}已经结束，而这一步需要它。"),
            ])
        }
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
pub(crate) fn standing(lang: Lang, standing: &Standing) -> String {
    let Standing {
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

pub fn lessons_title(lang: Lang, done: usize, count: usize) -> String {
    match lang {
        Lang::En => format!("Lessons: {done} of {count} done"),
        Lang::ZhCn => format!("课程：共 {count} 课，已完成 {done} 课"),
    }
}

/// The keys that open a view from the lesson.
pub fn opens(view: View) -> &'static str {
    match view {
        View::Compare => "F6 F6",
        View::Code => "F7",
        View::Took => "F10 / t",
        View::Details => "F6 Enter",
        View::Machine => "F12 / M",
    }
}
