//! Notices: messages that the footer shows for a moment.

use std::io;

use super::options::plan;
use super::sentences::{underway_en, underway_zh};
use super::sides::shell;
use super::words::in_brackets;
use crate::app::notice::Notice;
use crate::app::review::Wanted;
use crate::app::underway::{FailedLine, Underway};
use crate::app::{NotCopied, NotSaved, WhyNotCopied};
use crate::explain;
use crate::lang::Lang;
use crate::pty::emulator::Toward;
use crate::sandbox::{HostKind, Shortfall, Side};

pub(crate) fn notice(lang: Lang, notice: &Notice) -> String {
    lang.pick([notice_en, notice_zh])(notice)
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn notice_en(notice: &Notice) -> String {
    let lang = Lang::En;
    match notice {
        Notice::Busy { side, program } => format!(
            "{program} runs in the foreground of the {}; quit it first",
            shell(lang, *side)
        ),
        Notice::Stopped(side) => format!(
            "Ctrl-S stopped the terminal of the {}; Ctrl-Q there continues it",
            shell(lang, *side)
        ),
        Notice::LaunchedFirst(Side::Host) => {
            "The host shell was not running and is launched now. Enter again types the command"
                .to_owned()
        }
        Notice::LaunchedFirst(Side::Container(_)) => {
            "The step needs this container, so it is launched. Enter again types the command"
                .to_owned()
        }
        Notice::StepForgotten => {
            "The step begins again; what it did in the lab stays · B: restart the lesson".to_owned()
        }
        Notice::NoLab => "There is no lab host to launch in; F9 or R makes one".to_owned(),
        Notice::NoShell(Side::Host) => {
            "No shell runs here: Enter starts one, F2 goes to the lesson".to_owned()
        }
        Notice::NoShell(Side::Container(_)) => {
            "No container runs here: F5 launches one, F2 goes to the lesson".to_owned()
        }
        Notice::LabStarting => "The lab host is still being made".to_owned(),
        Notice::FreshLab(HostKind::Machine) => {
            "The same key again ends both shells and starts a new host shell".to_owned()
        }
        Notice::FreshLab(_) => {
            "The same key again makes a fresh lab host and ends both shells".to_owned()
        }
        Notice::BeginAgain { side, program } => format!(
            "The same key again restarts the lesson and ends {program} in the {}",
            shell(lang, *side)
        ),
        Notice::WentToShell { key, leave } => {
            format!("{key} went to the shell; {leave} leaves the shell, then {key} goes to the lab")
        }
        Notice::NoMoreHints => "There is no further hint for this step".to_owned(),
        Notice::Shortfalls(missing) => shortfalls(lang, missing),
        Notice::Missing(what) => what.clone(),
        Notice::OnMachine => {
            "The host is this machine itself: what you change in its shell stays".to_owned()
        }
        Notice::UserAdded => {
            "USER added: on the machine, only root of a user namespace may create the others"
                .to_owned()
        }
        Notice::Resumed => "You are where you left off · l: all lessons".to_owned(),
        Notice::Rebuilt(0) => "The lab host is fresh".to_owned(),
        Notice::Rebuilt(steps) => format!(
            "The lab host is new: {} again, so that this step can go on",
            done_again(*steps)
        ),
        Notice::RebuiltBut(failed) => rebuilt_but(lang, failed),
        Notice::NotRebuilt(stopped) => not_rebuilt(lang, stopped),
        Notice::RebuildEnds { side, program } => format!(
            "Enter again makes a fresh lab host and ends {program} in the {}",
            shell(lang, *side)
        ),
        Notice::NothingToReview(next) => nothing_to_review(lang, *next),
        Notice::NothingWrong => "You have no wrong answer in this lesson".to_owned(),
        Notice::ReviewEnds {
            wanted,
            side,
            program,
        } => review_ends(lang, *wanted, *side, program),
        Notice::Rebuilding(underway) => format!("Wait. {}", underway_en(underway)),
        Notice::NotKept(why) => format!("Progress is not saved: {why}"),
        Notice::Unwatched(side) => format!(
            "The watcher of the {} has ended: what that shell sees is unknown until its next launch",
            shell(lang, *side)
        ),
        Notice::WatchedAgain => {
            "A watcher of nslab was killed or stopped; another one has taken its place".to_owned()
        }
        Notice::NotWatched(why) => {
            format!("The lesson files can't be watched, so restart nslab after saving one: {why}")
        }
        Notice::ForgetLesson => "The same key again starts it over, in a fresh lab".to_owned(),
        Notice::ForgetAll => "The same key again forgets all progress".to_owned(),
        Notice::ChooseFirst => {
            "Choose with a number or ↑ ↓ · Enter again skips the prediction".to_owned()
        }
        Notice::NothingToFollow => nothing_to_follow(Lang::En),
        Notice::ProcessEnded(name) => format!("{name} has ended, or can't be read"),
        Notice::NoMoreTabs => "There can be at most six containers".to_owned(),
        Notice::NothingToJoin(number) => format!(
            "Container {} is not running, so there is nothing to join · o: what is joined",
            number.get()
        ),
        Notice::Launched(new) => {
            let plan = plan(lang, new);
            format!("Launched ({plan}) · F4: its shell · t: what the launch took")
        }
        Notice::Copied => copied(lang),
        Notice::CopiedSelection => "Copied by OSC 52 (tmux: set-clipboard on)".to_owned(),
        Notice::CopiedWith(tool) => format!("Copied with {tool}"),
        Notice::NotCopied(why) => not_copied(lang, why),
        Notice::SearchWrapped(toward) => wrapped(lang, *toward),
        Notice::NotFound(text) => format!("Not found: {text}"),
        Notice::Saved { path } => format!("Written to {path}"),
        Notice::NotSaved(why) => not_saved(lang, why),
    }
}

fn nothing_to_follow(lang: Lang) -> String {
    let said = lang.pick([
        "Nothing to follow: each shell's program is in the namespaces of its shell",
        "没有可跟随的程序：各个 shell 里的程序都在该 shell 的命名空间里",
    ]);
    said.to_owned()
}

/// The lab host could not be rebuilt. Where the footer is too narrow for a command, its end is cut off.
fn not_rebuilt(lang: Lang, stopped: &Underway) -> String {
    let (step, why) = match (lang, stopped) {
        (Lang::En, Underway::Lab) => {
            return "The lab host could not be rebuilt. B restarts the lesson".to_owned();
        }
        (Lang::ZhCn, Underway::Lab) => return "没能重建实验宿主机。按 B 从头开始这一课".to_owned(),
        (_, Underway::Step(step)) => (step, String::new()),
        (Lang::En, Underway::Shell(step, side)) => {
            (step, format!(". The {} did not start", shell(lang, *side)))
        }
        (Lang::ZhCn, Underway::Shell(step, side)) => {
            (step, format!("。{} 没有启动", shell(lang, *side)))
        }
        (Lang::En, Underway::Line { step, line, .. }) => {
            (step, format!(". This has not ended: {line}"))
        }
        (Lang::ZhCn, Underway::Line { step, line, .. }) => {
            (step, format!("。没有等到这条命令结束：{line}"))
        }
    };
    match lang {
        Lang::En => format!("Step {step} can't be redone; B restarts the lesson{why}"),
        Lang::ZhCn => format!("第 {step} 步没能重做，按 B 从头开始这一课{why}"),
    }
}

/// The starting state was made, but a line of it has failed.
fn rebuilt_but(lang: Lang, failed: &FailedLine) -> String {
    let FailedLine { step, line, status } = failed;
    match lang {
        Lang::En => format!(
            "Step {step} can't be redone; B restarts the lesson. This failed (exit status {status}): {line}"
        ),
        Lang::ZhCn => format!(
            "第 {step} 步没能重做，按 B 从头开始这一课。这条命令失败了（退出状态 {status}）：{line}"
        ),
    }
}

/// A search continued at the other end of the text.
fn wrapped(lang: Lang, toward: Toward) -> String {
    let said = match toward {
        Toward::Newer => [
            "The search continued at the first line",
            "已搜到最后一行，从第一行接着找到",
        ],
        Toward::Older => [
            "The search continued at the last line",
            "已搜到第一行，从最后一行接着找到",
        ],
    };
    lang.pick(said).to_owned()
}

/// No question is due. `next`: seconds until one is; `None` if none was ever answered.
fn nothing_to_review(lang: Lang, next: Option<u64>) -> String {
    match (lang, next) {
        (Lang::En, None) => {
            "Nothing to review yet: answer some questions of the lessons first".to_owned()
        }
        (Lang::En, Some(seconds)) => {
            let wait = wait(lang, seconds);
            format!("Nothing is due now; the next question is due in {wait}")
        }
        (Lang::ZhCn, None) => "还没有可以复习的题目：先回答几道课程里的问题".to_owned(),
        (Lang::ZhCn, Some(seconds)) => {
            format!("现在没有到期的题目；下一道在{}之后", wait(lang, seconds))
        }
    }
}

/// Asks for the key of the review again.
fn review_ends(lang: Lang, wanted: Wanted, side: Side, program: &str) -> String {
    let shell = shell(lang, side);
    let key = match wanted {
        Wanted::Due => "r",
        Wanted::WrongHere => "w",
    };
    match lang {
        Lang::En => {
            format!(
                "{key} again begins the review in a fresh lab host and ends {program} in the {shell}"
            )
        }
        Lang::ZhCn => {
            format!("再按 {key}：重建实验宿主机开始复习，{shell}里的 {program} 会结束")
        }
    }
}

/// A wait in whole days, or in hours where it is shorter.
fn wait(lang: Lang, seconds: u64) -> String {
    const HOUR: u64 = 60 * 60;
    let hours = seconds.div_ceil(HOUR).max(1);
    match (lang, hours.div_ceil(24), hours) {
        (Lang::En, _, 1) => "an hour".to_owned(),
        (Lang::En, 1, hours) => format!("{hours} hours"),
        (Lang::En, days, _) => format!("{days} days"),
        (Lang::ZhCn, 1, hours) => format!(" {hours} 小时"),
        (Lang::ZhCn, days, _) => format!(" {days} 天"),
    }
}

/// The steps that were done again, in English.
fn done_again(steps: usize) -> String {
    match steps {
        1 => "step 1 was done".to_owned(),
        steps => format!("steps 1–{steps} were done"),
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn notice_zh(notice: &Notice) -> String {
    let lang = Lang::ZhCn;
    match notice {
        Notice::Busy { side, program } => {
            format!(
                "{} 的前台正在运行 {program}，请先退出它",
                shell(lang, *side)
            )
        }
        Notice::Stopped(side) => format!(
            "Ctrl-S 暂停了{} 的终端：在那里按 Ctrl-Q 继续",
            shell(lang, *side)
        ),
        Notice::LaunchedFirst(Side::Host) => {
            "宿主机 shell 没有在运行，已启动。再按 Enter 输入命令".to_owned()
        }
        Notice::LaunchedFirst(Side::Container(_)) => {
            "这一步需要这样的容器，已启动。再按 Enter 输入命令".to_owned()
        }
        Notice::StepForgotten => {
            "这一步从头做；它在实验里做过的改动还在 · B：从头开始这一课".to_owned()
        }
        Notice::NoLab => "没有实验宿主机，无法启动；按 F9 或 R 创建".to_owned(),
        Notice::NoShell(Side::Host) => {
            "这里没有 shell 在运行：按 Enter 启动，按 F2 回到课程".to_owned()
        }
        Notice::NoShell(Side::Container(_)) => {
            "这里没有容器在运行：按 F5 启动，按 F2 回到课程".to_owned()
        }
        Notice::LabStarting => "实验宿主机还在创建中".to_owned(),
        Notice::FreshLab(HostKind::Machine) => {
            "再按一次：结束两个 shell，重新启动宿主机的 shell".to_owned()
        }
        Notice::FreshLab(_) => "再按一次：重建实验宿主机，两个 shell 都会结束".to_owned(),
        Notice::BeginAgain { side, program } => format!(
            "再按一次：这一课从头开始；{}里的 {program} 会结束",
            shell(lang, *side)
        ),
        Notice::WentToShell { key, leave } => {
            format!("{key} 发给了 shell；先按 {leave} 离开 shell，再按 {key}")
        }
        Notice::NoMoreHints => "这一步没有更多提示了".to_owned(),
        Notice::Shortfalls(missing) => shortfalls(lang, missing),
        Notice::Missing(what) => what.clone(),
        Notice::OnMachine => "宿主机就是本机：在它的 shell 里做的改动会保留".to_owned(),
        Notice::UserAdded => {
            "已加上 USER：在本机上，普通用户要先成为 user 命名空间的 root，才能创建其他几种"
                .to_owned()
        }
        Notice::Resumed => "接着上次的位置继续 · l：课程列表".to_owned(),
        Notice::Rebuilt(0) => "实验宿主机已重建".to_owned(),
        Notice::Rebuilt(1) => "实验宿主机是新的：第 1 步已自动重做，可以继续".to_owned(),
        Notice::Rebuilt(steps) => {
            format!("实验宿主机是新的：第 1–{steps} 步已自动重做，可以继续")
        }
        Notice::RebuiltBut(failed) => rebuilt_but(lang, failed),
        Notice::NotRebuilt(stopped) => not_rebuilt(lang, stopped),
        Notice::RebuildEnds { side, program } => format!(
            "再按 Enter：重建实验宿主机，{}里的 {program} 会结束",
            shell(lang, *side)
        ),
        Notice::NothingToReview(next) => nothing_to_review(lang, *next),
        Notice::NothingWrong => "这一课没有答错的题".to_owned(),
        Notice::ReviewEnds {
            wanted,
            side,
            program,
        } => review_ends(lang, *wanted, *side, program),
        Notice::Rebuilding(underway) => format!("请稍候。{}", underway_zh(underway)),
        Notice::NotKept(why) => format!("进度没有保存：{why}"),
        Notice::Unwatched(side) => format!(
            "{} 的观察进程已经结束：下次启动之前，无法得知它看到的内容",
            shell(lang, *side)
        ),
        Notice::WatchedAgain => "nslab 的一个观察进程被结束或暂停，已由新的观察进程接替".to_owned(),
        Notice::NotWatched(why) => {
            format!("无法监视课程文件，保存后要重启 nslab 才能看到：{why}")
        }
        Notice::ForgetLesson => "再按一次：清除这一课的进度，在重建的实验里从头做".to_owned(),
        Notice::ForgetAll => "再按一次：清除所有进度".to_owned(),
        Notice::ChooseFirst => "请用数字或 ↑ ↓ 选择；再按 Enter 则不预测，继续".to_owned(),
        Notice::NothingToFollow => nothing_to_follow(Lang::ZhCn),
        Notice::ProcessEnded(name) => format!("{name} 已结束，或无权查看"),
        Notice::NoMoreTabs => "最多只能有六个容器".to_owned(),
        Notice::NothingToJoin(number) => format!(
            "容器 {} 没有在运行，没有可以加入的命名空间 · o：加入什么",
            number.get()
        ),
        Notice::Launched(new) => {
            let plan = plan(lang, new);
            format!("已启动（{plan}） · F4：它的 shell · t：启动过程")
        }
        Notice::Copied => copied(lang),
        Notice::CopiedSelection => "已用 OSC 52 复制（tmux 需 set-clipboard on）".to_owned(),
        Notice::CopiedWith(tool) => format!("已用 {tool} 复制"),
        Notice::NotCopied(why) => not_copied(lang, why),
        Notice::SearchWrapped(toward) => wrapped(lang, *toward),
        Notice::NotFound(text) => format!("没有找到：{text}"),
        Notice::Saved { path } => format!("已写入 {path}"),
        Notice::NotSaved(why) => not_saved(lang, why),
    }
}

fn copied(lang: Lang) -> String {
    let said = [
        "Copied, if the terminal supports OSC 52 (tmux: set-clipboard on); w: to a file",
        "已交给终端剪贴板（OSC 52；tmux 需 set-clipboard on），不行就按 w 存文件",
    ];
    lang.pick(said).to_owned()
}

fn not_copied(lang: Lang, NotCopied { tool, display, why }: &NotCopied) -> String {
    let why = match (lang, why) {
        (_, WhyNotCopied::Said(why)) => why.clone(),
        // Longer words would be cut: a notice is one line.
        (lang, WhyNotCopied::Refused(refusal)) => {
            let (step, gate) = (&refusal.step, refusal.explanation.gate.name(lang));
            format!(
                "{} {}{}",
                step.call,
                step.answer(),
                in_brackets(lang, &gate)
            )
        }
        (Lang::En, WhyNotCopied::TooSlow(seconds)) => format!("no answer in {seconds} s"),
        (Lang::ZhCn, WhyNotCopied::TooSlow(seconds)) => format!("{seconds} 秒内没有回应"),
    };
    match lang {
        Lang::En => format!("Copied by OSC 52 alone: {tool} failed ({display}): {why}"),
        Lang::ZhCn => format!("只用 OSC 52 复制：{tool} 失败（{display}）：{why}"),
    }
}

fn not_saved(lang: Lang, why: &NotSaved) -> String {
    let NotSaved {
        directory,
        kind,
        answer,
    } = why;
    let helps = match kind {
        io::ErrorKind::PermissionDenied => lang.pick([
            "start nslab in a directory that you may write to, or press y",
            "请在自己的目录里启动 nslab，或按 y 复制",
        ]),
        io::ErrorKind::ReadOnlyFilesystem => lang.pick([
            "start nslab where files can be written, or press y",
            "请在可写的目录里启动 nslab，或按 y 复制",
        ]),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            lang.pick(["make room there, or press y", "请先腾出空间，或按 y 复制"])
        }
        io::ErrorKind::NotFound => lang.pick([
            "that directory is gone; press y",
            "该目录已不存在，请按 y 复制",
        ]),
        _ => lang.pick(["press y to copy it instead", "可按 y 复制"]),
    };
    match lang {
        Lang::En => format!("Not written to {directory}: {answer}; {helps}"),
        Lang::ZhCn => format!("无法写入 {directory}：{answer}；{helps}"),
    }
}

fn shortfalls(lang: Lang, missing: &[Shortfall]) -> String {
    let said = missing
        .iter()
        .map(|missing| explain::shortfall(lang, *missing));
    said.collect::<Vec<_>>().join(lang.pick([" ", ""]))
}
