//! Words that come as a list, or that belong to a step of a launch.

use crate::app::key_steps::KeyStep;
use crate::lang::Lang;

/// The tabs of a compact screen, each with its key: lesson, host, container, compare.
pub(crate) fn tabs(lang: Lang) -> [&'static str; 4] {
    lang.pick([
        ["Lesson F2", "Host F3", "Container F4", "Compare F6"],
        ["课程 F2", "宿主机 F3", "容器 F4", "对比 F6"],
    ])
}

/// The mouse and the marks, for the help.
pub(crate) fn legend(lang: Lang) -> [(&'static str, &'static str); 7] {
    lang.pick([[
        ("click, wheel", "focus a pane, tick a flag, choose; scroll"),
        (
            "Shift + drag",
            "select text to copy (on a Mac: Option or Fn)",
        ),
        ("[x] ●", "chosen for the next launch; the container has it"),
        ("*", "changed since your last key"),
        (
            "❯ … ✔ ✘",
            "a command of the lesson: next; it runs, or its end was not seen; ended well; failed",
        ),
        ("≠ =", "the two sides see different things; the same"),
        (
            "own same",
            "the container has a namespace of its own; the host's",
        ),
    ], [
        ("单击、滚轮", "切换窗格、勾选标志、选择选项；滚动"),
        ("Shift + 拖动", "选中文字以便复制（Mac 上用 Option 或 Fn）"),
        ("[x] ●", "下次启动时带上；正在运行的容器带有"),
        ("*", "上次按键之后变了"),
        (
            "❯ … ✔ ✘",
            "课程的命令：下一条；在运行，或没看到它结束；成功；失败",
        ),
        ("≠ =", "两边看到的不同；相同"),
        ("独立 共用", "容器有自己的命名空间；与宿主机共用"),
    ]])
}

/// A remark in brackets, to be appended to a text.
pub(crate) fn in_brackets(lang: Lang, said: &str) -> String {
    match lang {
        Lang::En => format!(" ({said})"),
        Lang::ZhCn => format!("（{said}）"),
    }
}

/// The purpose of a step of a launch.
pub(crate) fn why(lang: Lang, kind: KeyStep) -> &'static str {
    lang.pick([why_en, why_zh])(kind)
}

fn why_en(kind: KeyStep) -> &'static str {
    match kind {
        KeyStep::Unshare => "moves the process that calls it into new namespaces",
        KeyStep::UnshareTime => "clone() can't make this kind: made here, for its children",
        KeyStep::Offsets => "sets how far the clocks inside are ahead",
        KeyStep::Join => "joins the lab host: its guard's namespaces, then its keeper's",
        KeyStep::Clone => {
            "a new process: returns its pid as the caller's PID namespace numbers it; each CLONE_NEW \
             flag gives it a namespace of its own"
        }
        KeyStep::Maps => "which user outside is root (uid 0) inside",
        KeyStep::Session => "a session of its own, so that it can have a terminal of its own",
        KeyStep::Terminal => "takes that terminal: then job control and Ctrl-C work",
        KeyStep::UtsName => "sets the name in the new UTS namespace, and nowhere else",
        KeyStep::ReadOnly => "nothing in here can write to the machine's files",
        KeyStep::Mount => "a tree of mounts of its own",
        KeyStep::Pivot => "the new tree becomes /",
        KeyStep::Network => "lo and a veth pair, which a new NET namespace will not have",
        KeyStep::Exec => "the process becomes this program",
    }
}

fn why_zh(kind: KeyStep) -> &'static str {
    match kind {
        KeyStep::Unshare => "让调用它的进程进入新的命名空间",
        KeyStep::UnshareTime => "clone() 无法创建这一种，所以在这里创建，供子进程使用",
        KeyStep::Offsets => "设定里面的时钟拨快多少",
        KeyStep::Join => "加入实验宿主机：先是 guard 的命名空间，再是 keeper 的",
        KeyStep::Clone => {
            "创建新进程，返回值是调用者看到的 pid；每个 CLONE_NEW 标志给它一个独立的命名空间"
        }
        KeyStep::Maps => "里面的 root（uid 0）对应外面的哪个用户",
        KeyStep::Session => "建立自己的会话，之后才能有自己的终端",
        KeyStep::Terminal => "接管这个终端：作业控制和 Ctrl-C 才能工作",
        KeyStep::UtsName => "只修改新 UTS 命名空间里的这个名称",
        KeyStep::ReadOnly => "在里面无法改写本机的文件",
        KeyStep::Mount => "搭建自己的挂载树",
        KeyStep::Pivot => "新的目录树成为 /",
        KeyStep::Network => "lo 和一对 veth：好让新的 NET 命名空间有所不同",
        KeyStep::Exec => "进程变成这个程序",
    }
}
