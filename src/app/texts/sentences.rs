//! Sentences that contain a value.

use super::options::plan;
use super::sides::{flags, shell, side_name};
use super::vocabulary::words;
use crate::app::enter_action::EnterAction;
use crate::app::keymap::LeaveKey;
use crate::app::msg::Failure;
use crate::app::review::Score;
use crate::app::system::UserKind;
use crate::app::underway::Underway;
use crate::explain::Refusal;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::share::{self, ShareError};
use crate::sandbox::{ContainerNumber, Exit, HostKind, Plan, Side};

pub(crate) fn launches(lang: Lang, number: ContainerNumber) -> String {
    match (lang, number) {
        (_, ContainerNumber::FIRST) => words(lang).launch_part.to_owned(),
        (Lang::En, number) => format!("launch container {}", number.get()),
        (Lang::ZhCn, number) => format!("启动容器 {}", number.get()),
    }
}

pub(crate) fn too_small(lang: Lang, size: (u16, u16), needed: (u16, u16)) -> String {
    let ((cols, rows), (need_cols, need_rows)) = (size, needed);
    match lang {
        Lang::En => format!("too small: {cols}x{rows}, needs {need_cols}x{need_rows}"),
        Lang::ZhCn => format!("窗口太小：{cols}x{rows}，至少需要 {need_cols}x{need_rows}"),
    }
}

pub(crate) fn ended(lang: Lang, exit: Exit) -> String {
    match (lang, exit) {
        (Lang::En, Exit::Status(status)) => format!("The shell has ended: exit {status}."),
        (Lang::En, Exit::Signal(_)) => format!("The shell was killed: {exit}."),
        (Lang::ZhCn, Exit::Status(status)) => format!("shell 已结束：退出码 {status}。"),
        (Lang::ZhCn, Exit::Signal(_)) => format!("shell 被信号终止：{exit}。"),
    }
}

/// Why there is no lab host, or no shell.
pub(crate) fn failure(lang: Lang, failure: &Failure) -> String {
    match (failure, lang) {
        (Failure::OldKernel { release }, Lang::En) => format!(
            "This is Linux {release}; the lab host needs Linux 5.12 or later (mount_setattr)."
        ),
        (Failure::OldKernel { release }, Lang::ZhCn) => {
            format!(
                "当前内核是 Linux {release}；实验宿主机需要 Linux 5.12 或更高版本（mount_setattr）。"
            )
        }
        (Failure::Machine { answer }, Lang::En) => format!("A helper process failed: {answer}"),
        (Failure::Machine { answer }, Lang::ZhCn) => format!("辅助进程无法使用：{answer}"),
        (Failure::Share(error), Lang::En) => format!("Not shared: {}", not_shared(lang, error)),
        (Failure::Share(error), Lang::ZhCn) => format!("无法共享：{}", not_shared(lang, error)),
        (Failure::Refused(refusal), lang) => refusal.words(lang),
        (Failure::Silent, Lang::En) => {
            "The helper ended without a report: something killed it.".to_owned()
        }
        (Failure::Silent, Lang::ZhCn) => {
            "辅助进程没有留下任何信息就结束了，应该是被杀死的。".to_owned()
        }
        (Failure::NoLab, Lang::En) => "There is no lab host to launch it in.".to_owned(),
        (Failure::NoLab, Lang::ZhCn) => "没有实验宿主机，无处启动。".to_owned(),
    }
}

/// Why a directory is not in the lab.
pub(crate) fn not_shared(lang: Lang, error: &ShareError) -> String {
    match (lang, error) {
        (lang, ShareError::NotCopied { path, refused }) => {
            let (path, why) = (path.display(), Refusal::from(&**refused).words(lang));
            match lang {
                Lang::En => format!("can't copy {path} into memory: {why}"),
                Lang::ZhCn => format!("无法把 {path} 复制到内存：{why}"),
            }
        }
        (Lang::En, error) => error.to_string(),
        (Lang::ZhCn, ShareError::Unreadable { path, error }) => {
            format!("无法读取 {}，所以不能给实验环境看：{error}", path.display())
        }
        (Lang::ZhCn, ShareError::TooLarge(path)) => format!(
            "{} 里的文件超过 {} MiB，而实验环境会在内存里保留一份副本；请换一个小一些的目录",
            path.display(),
            share::LARGEST >> 20
        ),
        (Lang::ZhCn, ShareError::TooMany(path)) => format!(
            "{} 里的文件超过 {} 个，而实验环境会在内存里保留一份副本；请换一个小一些的目录",
            path.display(),
            share::MOST
        ),
    }
}

/// Which key launches a shell that does not run: Enter if its pane has the focus.
pub(crate) fn relaunch(lang: Lang, side: Side, next: &Plan, focused: bool) -> String {
    let key = match (side, focused) {
        (_, true) => "Enter",
        (Side::Host, false) => "F3 → Enter",
        (Side::Container(_), false) => "F5",
    };
    match (lang, side) {
        (Lang::En, Side::Host) => format!("{key} launches it again."),
        (Lang::En, Side::Container(_)) => {
            format!("{key} launches a container again: {}.", plan(lang, next))
        }
        (Lang::ZhCn, Side::Host) => format!("按 {key} 重新启动。"),
        (Lang::ZhCn, Side::Container(_)) => {
            format!("按 {key} 重新启动容器：{}。", plan(lang, next))
        }
    }
}

/// The text about the next action of Enter in the lesson. The flags are those ticked now: a launch may change them.
pub(crate) fn next(lang: Lang, next: &EnterAction<'_>, chosen: NamespaceSet) -> String {
    lang.pick([next_en, next_zh])(next, chosen)
}

/// How a launch changes the ticked flags.
fn flags_changed(lang: Lang, chosen: NamespaceSet, new: NamespaceSet) -> String {
    let only = |these: NamespaceSet, others: NamespaceSet| -> NamespaceSet {
        these.iter().filter(|it| !others.contains(*it)).collect()
    };
    let (ticked, unticked) = (only(new, chosen), only(chosen, new));
    let names = |kinds| flags(lang, kinds);
    match (lang, ticked.is_empty(), unticked.is_empty()) {
        (Lang::En, true, _) if new.is_empty() => "untick all".to_owned(),
        (Lang::En, true, _) => format!("untick {}", names(unticked)),
        (Lang::En, false, true) => format!("tick {}", names(ticked)),
        (Lang::En, false, false) => format!("tick {}, untick {}", names(ticked), names(unticked)),
        (Lang::ZhCn, true, _) if new.is_empty() => "取消所有勾选".to_owned(),
        (Lang::ZhCn, true, _) => format!("取消 {} ", names(unticked)),
        (Lang::ZhCn, false, true) => format!("勾选 {} ", names(ticked)),
        (Lang::ZhCn, false, false) => format!("勾选 {}，取消 {} ", names(ticked), names(unticked)),
    }
}

pub(crate) fn leaves(lang: Lang, key: LeaveKey) -> String {
    format!("{key} {}", lang.pick(["leaves", "离开"]))
}

/// The awaited part of a starting state that is being made.
pub(super) fn underway_en(underway: &Underway) -> String {
    let lang = Lang::En;
    match underway {
        Underway::Lab => "The earlier steps are being done again …".to_owned(),
        Underway::Step(step) => format!("Step {step} is being done again …"),
        Underway::Shell(step, side) => format!(
            "Step {step} is being done again: the {} is starting …",
            shell(lang, *side)
        ),
        Underway::Line { step, side, line } => format!(
            "Step {step} is being done again: {line} has yet to end in the {}",
            shell(lang, *side)
        ),
    }
}

pub(super) fn underway_zh(underway: &Underway) -> String {
    let lang = Lang::ZhCn;
    match underway {
        Underway::Lab => "正在重做前面的步骤……".to_owned(),
        Underway::Step(step) => format!("正在重做第 {step} 步……"),
        Underway::Shell(step, side) => {
            format!("正在重做第 {step} 步：{} 正在启动……", shell(lang, *side))
        }
        Underway::Line { step, side, line } => format!(
            "正在重做第 {step} 步：等 {line} 在 {} 里结束",
            shell(lang, *side)
        ),
    }
}

fn next_en(next: &EnterAction<'_>, chosen: NamespaceSet) -> String {
    let lang = Lang::En;
    match next {
        EnterAction::ReadOn => "Enter: read on ↓".to_owned(),
        EnterAction::LabStarting => "The lab host is being made …".to_owned(),
        EnterAction::Rebuilding(underway) => underway_en(underway),
        EnterAction::TypeOut => "Enter: type the rest at once".to_owned(),
        EnterAction::Rebuild(0) => "Enter: make a fresh lab".to_owned(),
        EnterAction::Rebuild(1) => "Enter: rebuild step 1".to_owned(),
        EnterAction::Rebuild(steps) => format!("Enter: rebuild steps 1–{steps}"),
        EnterAction::LabAbsent => "There is no lab host: F9 or R makes one".to_owned(),
        EnterAction::ShellStarting(side) => format!("The {} is starting …", shell(lang, *side)),
        EnterAction::Choose => "1–9 or ↑ ↓: predict · s: skip".to_owned(),
        EnterAction::Skip => "Enter: go on without a prediction".to_owned(),
        EnterAction::Answer(_) => "Enter: predict this".to_owned(),
        EnterAction::Launch(number, new) => {
            let what = match *number {
                ContainerNumber::FIRST => "a container".to_owned(),
                number => side_name(lang, Side::Container(number)),
            };
            let plain = Plan::new(new.flags) == *new;
            if plain && new.flags != chosen {
                let changed = flags_changed(lang, chosen, new.flags);
                format!("Enter: {changed} and launch {what}")
            } else {
                format!("Enter: launch {what} ({})", plan(lang, new))
            }
        }
        EnterAction::LaunchFirst(Side::Host, _) => {
            "Enter: first launch the host shell again".to_owned()
        }
        EnterAction::LaunchFirst(Side::Container(ContainerNumber::FIRST), new) => {
            format!("Enter: first launch a container ({})", plan(lang, new))
        }
        EnterAction::LaunchFirst(side @ Side::Container(_), new) => {
            let what = side_name(lang, *side);
            format!("Enter: first launch {what} ({})", plan(lang, new))
        }
        EnterAction::Type { side, .. } => format!("Enter: type it into the {}", shell(lang, *side)),
        EnterAction::ValueMissing(what) => format!("Wait: {what} has no value yet"),
        EnterAction::Nudge => "Not everything is ✔ yet · Enter: what is missing?".to_owned(),
        EnterAction::Show => "Enter: show me".to_owned(),
        EnterAction::StepAnyway => "Enter: go on anyway · B: restart the lesson".to_owned(),
        EnterAction::Step => "Enter: next step".to_owned(),
        EnterAction::NextQuestion(1) => "Enter: the last question of the review".to_owned(),
        EnterAction::NextQuestion(left) => format!("Enter: next question, {left} are left"),
        EnterAction::EndReview(Score { right, asked }) => {
            format!("{right} of {asked} right · Enter: end the review")
        }
        EnterAction::Lesson(title) => format!("Enter: next lesson, {title}"),
        EnterAction::Finished => "This was the last step. Enter: what you have done".to_owned(),
        EnterAction::NoLesson => "F5: launch a container".to_owned(),
        EnterAction::StepAgain => "back to the step, as it was before the mistakes".to_owned(),
    }
}

fn next_zh(next: &EnterAction<'_>, chosen: NamespaceSet) -> String {
    let lang = Lang::ZhCn;
    match next {
        EnterAction::ReadOn => "Enter：继续阅读 ↓".to_owned(),
        EnterAction::LabStarting => "正在创建实验宿主机……".to_owned(),
        EnterAction::Rebuilding(underway) => underway_zh(underway),
        EnterAction::TypeOut => "Enter：一次输完".to_owned(),
        EnterAction::Rebuild(0) => "Enter：重建实验宿主机".to_owned(),
        EnterAction::Rebuild(1) => "Enter：重做第 1 步".to_owned(),
        EnterAction::Rebuild(steps) => format!("Enter：重做第 1–{steps} 步"),
        EnterAction::LabAbsent => "没有实验宿主机：按 F9 或 R 创建".to_owned(),
        EnterAction::ShellStarting(side) => format!("{} 正在启动……", shell(lang, *side)),
        EnterAction::Choose => "1–9 或 ↑ ↓：预测 · s：跳过".to_owned(),
        EnterAction::Skip => "Enter：不预测，继续".to_owned(),
        EnterAction::Answer(_) => "Enter：选定这个预测".to_owned(),
        EnterAction::Launch(number, new) => {
            let what = side_name(lang, Side::Container(*number));
            let plain = Plan::new(new.flags) == *new;
            if plain && new.flags != chosen {
                let changed = flags_changed(lang, chosen, new.flags);
                format!("Enter：{changed}并启动{what}")
            } else {
                format!("Enter：启动{what}（{}）", plan(lang, new))
            }
        }
        EnterAction::LaunchFirst(Side::Host, _) => "Enter：先重新启动宿主机 shell".to_owned(),
        EnterAction::LaunchFirst(side @ Side::Container(_), new) => {
            let what = side_name(lang, *side);
            format!("Enter：先启动{what}（{}）", plan(lang, new))
        }
        EnterAction::Type { side, .. } => format!("Enter：把命令输入{}", shell(lang, *side)),
        EnterAction::ValueMissing(what) => format!("请稍候：{what} 还没有值"),
        EnterAction::Nudge => "还有未完成的 ○ · Enter：看看还差什么".to_owned(),
        EnterAction::Show => "Enter：演示一下".to_owned(),
        EnterAction::StepAnyway => "Enter：仍然继续 · B：从头开始这一课".to_owned(),
        EnterAction::Step => "Enter：下一步".to_owned(),
        EnterAction::NextQuestion(left) => format!("Enter：下一题（还有 {left} 题）"),
        EnterAction::EndReview(Score { right, asked }) => {
            format!("答对 {right}/{asked} · Enter：结束复习")
        }
        EnterAction::Lesson(title) => format!("Enter：下一课《{title}》"),
        EnterAction::Finished => "这是最后一步。Enter：看看做了什么".to_owned(),
        EnterAction::NoLesson => "F5：启动容器".to_owned(),
        EnterAction::StepAgain => "返回这一步（出错之前的内容）".to_owned(),
    }
}

pub(crate) fn steps(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "1 step".to_owned(),
        (Lang::En, count) => format!("{count} steps"),
        (Lang::ZhCn, count) => format!("{count} 步"),
    }
}

/// How many steps are hidden.
pub(crate) fn more_steps(lang: Lang, count: usize) -> String {
    match (lang, count) {
        (Lang::En, 1) => "1 more step: Enter shows it".to_owned(),
        (Lang::En, count) => format!("{count} more steps: Enter shows them"),
        (Lang::ZhCn, count) => format!("另有 {count} 步：按 Enter 显示"),
    }
}

/// How many lines of the program the last toggle has added and removed.
pub(crate) fn code_change(lang: Lang, toggled: &str, added: usize, removed: usize) -> String {
    match lang {
        Lang::En => format!("{toggled}: +{added} -{removed} lines"),
        Lang::ZhCn => format!("{toggled}：+{added} -{removed} 行"),
    }
}

/// The kind of host, for the title.
pub(crate) fn host_kind(lang: Lang, host: HostKind) -> &'static str {
    let words = words(lang);
    match host {
        HostKind::Lab => words.lab_host,
        HostKind::LabWithoutUser => words.lab_without_user,
        HostKind::Machine => words.the_machine,
    }
}

/// The facts that root should know before using this host.
pub(crate) fn risk(lang: Lang, host: HostKind) -> &'static [&'static str] {
    match (lang, host) {
        (_, HostKind::Lab) => &[],
        (Lang::En, HostKind::LabWithoutUser) => &[
            "A lab host without a user namespace of its own: its root is this machine's root.",
            "It has its own hostname, IPC objects, processes, mounts and network; they end with it.",
            "Not protected: the machine's files (they are mounted read-only, which root can undo), \
             its kernel settings in /proc/sys, and anything that a program does on purpose.",
            "Type only what you would type as root.",
        ],
        (Lang::ZhCn, HostKind::LabWithoutUser) => &[
            "这个实验宿主机没有自己的 user 命名空间：它的 root 就是本机的 root。",
            "它自己的、随它一起消失的：主机名、IPC 对象、进程、挂载、网络。",
            "不受保护的：本机的文件（虽以只读方式挂载，但 root 可以改回来）、/proc/sys 里的内核参数，\
             以及程序有意做的任何事。",
            "只输入你以 root 身份也敢输入的命令。",
        ],
        (Lang::En, HostKind::Machine) => &[
            "With --host machine there is no lab host: you are root, and both shells are root's.",
            "What you type there (rm, kill, mount, hostname) changes this machine permanently.",
            "A container isolates what its flags say, and nothing else.",
            "Programs that the shells leave behind end with nslab; files, mounts and IPC objects stay.",
        ],
        (Lang::ZhCn, HostKind::Machine) => &[
            "使用 --host machine 时没有实验宿主机：你是 root，两个 shell 都是 root 的。",
            "在里面输入的命令（rm、kill、mount、hostname）会改变本机，并且一直有效。",
            "容器只隔开标志所选的那几样，别的什么也不拦。",
            "shell 里留下的进程会随 nslab 结束；文件、挂载和 IPC 对象不会。",
        ],
    }
}

/// Warns above a lesson that it was written for another kind of host; none on a lab host.
pub(crate) fn not_the_lab(lang: Lang, host: HostKind, user: UserKind) -> Option<&'static str> {
    Some(match (lang, host, user) {
        (_, HostKind::Lab, _) => return None,
        (Lang::En, HostKind::LabWithoutUser, _) => {
            "You are root of this machine here, too: read each command before Enter types it."
        }
        (Lang::ZhCn, HostKind::LabWithoutUser, _) => {
            "你在这里也是本机的 root：请先看清每条命令，再按 Enter 输入。"
        }
        (Lang::En, HostKind::Machine, UserKind::Root) => {
            "Lessons are written for a lab host. Here each command changes this machine: read it \
             before Enter types it. → skips a step."
        }
        (Lang::ZhCn, HostKind::Machine, UserKind::Root) => {
            "课程是为实验宿主机写的，而在这里每条命令都会改变本机：请先看清命令，再按 Enter 输入。\
             按 → 可以跳过一步。"
        }
        (Lang::En, HostKind::Machine, UserKind::Ordinary) => {
            "Lessons are written for a lab host, where you are root. Here you are not: containers \
             get USER as well, some commands are refused, and some checks stay ○. → skips a step."
        }
        (Lang::ZhCn, HostKind::Machine, UserKind::Ordinary) => {
            "课程是为实验宿主机写的，你在那里是 root，在这里不是：容器会另外带上 USER，有些命令会被\
             拒绝，有些检查会一直是 ○。按 → 可以跳过一步。"
        }
    })
}

/// The consequence if the learner declines the risk.
pub(crate) fn without_risk(lang: Lang, untried: bool) -> &'static str {
    match (lang, untried) {
        (Lang::En, true) => "No: make an ordinary lab host, in which you can break nothing.",
        (Lang::ZhCn, true) => "否：还是创建实验宿主机，在里面弄不坏任何东西。",
        (Lang::En, false) => "No: read the lessons and look at the code, without shells.",
        (Lang::ZhCn, false) => "否：不用 shell，只读课程、看代码。",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::flags_changed;
    use crate::lang::Lang;

    #[rstest]
    #[case::adds("uts", "uts,pid", "tick PID", "勾选 PID ")]
    #[case::takes_away("uts,ipc,pid", "uts,ipc", "untick PID", "取消 PID ")]
    #[case::both(
        "uts,ipc",
        "net",
        "tick NET, untick UTS IPC",
        "勾选 NET，取消 UTS IPC "
    )]
    #[case::none_left("uts,ipc", "", "untick all", "取消所有勾选")]
    fn a_launch_says_what_it_does_to_the_ticks(
        #[case] chosen: &str,
        #[case] new: &str,
        #[case] english: &str,
        #[case] chinese: &str,
    ) {
        let set = |flags: &str| flags.parse().unwrap();
        let said = |lang| flags_changed(lang, set(chosen), set(new));
        assert_eq!([said(Lang::En), said(Lang::ZhCn)], [english, chinese]);
    }
}
