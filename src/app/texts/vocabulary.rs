//! The words that depend on the language alone. Each is beside its translation, and its English
//! value shows its use.

use crate::lang::Lang;

/// Each line is a field of `Words`: its name, the English word, the Chinese word.
macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        pub(crate) struct Words {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        const EN: Words = Words { $($name: $en,)* };
        const ZH: Words = Words { $($name: $zh,)* };
    };
}

pub(crate) fn words(lang: Lang) -> &'static Words {
    lang.pick([&EN, &ZH])
}

vocabulary! {
    lesson: "Lesson", "课程";
    flags: "Flags", "标志";
    /// For a shell whose program has rung the bell.
    has_rung: "bell rang", "响过铃";
    host_shell: "Host shell", "宿主机 shell";
    container_shell: "Container shell", "容器 shell";
    compare: "Compare", "对比";
    code: "Code", "代码";
    trace: "What it took", "启动过程";
    details: "Details", "详情";
    /// In place of what a picked process prints, once it has ended.
    process_ended: "This process has ended.", "这个进程已结束。";
    host_column: "HOST", "宿主机";
    container_column: "CONTAINER", "容器";
    machine_column: "MACHINE", "本机";
    lab_host: "lab host", "实验宿主机";
    lab_without_user: "lab host without USER", "实验宿主机（无 USER）";
    the_machine: "the machine itself", "本机";
    risk_title: "Are you sure?", "确定吗？";
    no_user_helps:
        "As root you can have a lab host without a user namespace. F3, then Enter: what that means.",
        "你是 root：可以创建不带 user 命名空间的实验宿主机。按 F3 再按 Enter 看说明。";
    lab_undecided: "Nothing runs yet.", "还没有运行任何东西。";
    root: "root", "root";
    ordinary_user: "ordinary user", "普通用户";
    no_flags: "no flags", "不带标志";
    /// The meaning of `[x]`.
    legend_chosen: "[x] next launch", "[x] 下次启动";
    /// The meaning of the mark after a letter.
    legend_running: "● running now", "● 正在运行";
    legend_none_running: "no container runs", "没有容器在运行";
    own: "own", "独立";
    same: "same", "共用";
    identity: "Identity of the namespaces (device:inode)", "命名空间的标识（设备号:inode）";
    none: "none", "无";
    more: "more", "更多";
    lab_starting: "The lab host is being made …", "正在创建实验宿主机……";
    lab_failed: "The lab host could not be made.", "实验宿主机创建失败。";
    lab_gone:
        "The lab host has ended, with everything that ran in it.",
        "实验宿主机已终止，里面的一切也随之结束。";
    keeper_gone: "Its process 1, the keeper, has ended.", "它的 1 号进程（keeper）没了。";
    or_fresh_lab:
        "If the lab host is broken: F9 or R makes a fresh one.",
        "如果实验宿主机已经坏了：按 F9 或 R 重建一个。";
    fresh_lab_helps: "F9 or R makes a fresh one.", "按 F9 或 R 重建一个。";
    shell_starting: "The shell is starting …", "shell 正在启动……";
    no_container: "No container runs yet.", "还没有容器在运行。";
    no_container_help:
        "Enter in the lesson launches one. Or choose flags yourself and press F5: clone() \
        makes it, and its shell appears here.",
        "在课程里按 Enter 就会启动。也可以自己选好标志再按 F5：clone() 会创建一个容器，\
        它的 shell 就显示在这里。";
    no_shell: "No shell runs here. Enter starts one.", "这里没有 shell 在运行。按 Enter 启动一个。";
    launch_refused: "The launch was refused.", "启动失败。";
    you_said: "you said", "你的预测";
    measured: "measured", "实测结果";
    right_one: "the answer", "答案";
    right: "Right.", "猜对了。";
    wrong: "Not quite.", "没猜对。";
    skipped: "No prediction made.", "跳过了预测。";
    now_see: "Now see whether you are right.", "现在来看看对不对。";
    not_measured: "– Not measured this time.", "– 这一次没有测到。";
    otherwise:
        "– This time the result was different. Where the lab is as the lesson left it:",
        "– 这一次的结果并非如此。若实验环境与课程留下的一致：";
    no_longer: "was true, no longer is", "刚才成立，现在不成立了";
    hint: "Hint", "提示";
    nothing: "nothing", "不加入";
    only_with: "only with ", "需要 ";
    /// Below the options: whose choice they are.
    lessons_options:
        "The lesson chose these. They last until the lesson ends, or until its step \"Your turn\".",
        "这些是课程选的；到“轮到你了”或课程结束时取消。";
    options_title: "The next launch", "下次启动";
    /// A line of the lesson has failed, and had run well before.
    ran_before:
        "This line has succeeded in this shell before, so its effect may be there already. If so, go on; B restarts \
        the lesson in a fresh lab.",
        "同一行命令在这个 shell 里已经成功执行过，它要做的也许已经做好了。如果是这样，请继续；按 B 在新的实验里从头开始这一课。";
    /// A line of the lesson failed because what it creates exists.
    exists_already:
        "What this line makes exists already. If a command of yours made it, go on; B restarts the lesson in a \
        fresh lab.",
        "这一行要做的已经做好了。如果是你自己的命令做的，请继续；按 B 在新的实验里从头开始这一课。";
    /// For a line of the lesson whose shell does not report commands.
    unreported:
        "An earlier command still runs, or is a shell that doesn't report (sh). nslab can't see how this line ends; checks still count.",
        "前面的命令还在运行；如果它是 sh 这样什么都不报告的 shell，nslab 就看不到这一行怎样结束。检查照样算数。";
    launch_part: "launch a container", "启动一个容器";
    no_lessons:
        "There are no lessons here. The lab works without them: F5 launches a container.",
        "这里没有课程，但照样可以做实验：按 F5 启动容器。";
    keys_title: "Keys", "按键";
    /// In the list of programs that quitting ends: the entry of a container in which no program runs.
    a_container: "the container", "容器";
    /// Of a launch that failed once its shell had run.
    ran_and_ended: "It ran, and has ended.", "它运行过，现在已经结束。";
    /// For a command that waits for the other side.
    command_waits: "runs once the other side has ended", "等另一边结束后再运行";
    /// In the title, while progress can't be saved.
    not_kept: "✘ not saved", "✘ 进度未保存";
    /// How a step that can't work here counts.
    neither: "It counts as neither done nor failed.", "这一步既不算完成，也不算失败。";
    /// Explains the marks in the list of lessons.
    lesson_marks: "✔ done · ○ begun · – can't work here", "✔ 已完成 · ○ 进行中 · – 在这里无法进行";
    /// Precedes man pages and lessons for further reading.
    see: "See", "参见";
    /// The meaning of the mark before a term.
    of_this_step: "in this step", "本步出现";
    map_title: "Namespaces of the host", "宿主机的命名空间";
    map_marks:
        "same letter: same namespace · + new · - ended · 12→1: pid 12, there 1",
        "同字母＝同一命名空间 · + 新出现 · - 已结束 · 12→1：pid 12，在其中是 1";
    map_waits: "The namespaces are being read…", "正在读取命名空间……";
    map_empty: "No process is in these:", "下列命名空间里没有进程：";
    inside_waits: "Reading…", "正在读取……";
    inside_ended:
        "This process has ended, or you may not read it: the page is no longer live.",
        "这个进程已结束，或无权查看：下面的内容不再更新。";
    /// Precedes the list of namespaces that this namespace contains.
    map_around: "around", "包含";
    inside_gone: "It has ended.", "它已经结束。";
    user_not_joined:
        "No process is in it. Only /proc of a process in it shows its id maps. nslab doesn't join it: root of that namespace would have power over nslab's process.",
        "其中没有进程。ID 映射只写在其中某个进程的 /proc 里，而 nslab 不加入它：其中的 root 会对前去查看的进程拥有权力。";
    pid_not_joined:
        "No process is in it, so it has no pids. setns(2) never moves a process into a PID namespace, only its future children; and once process 1 has ended, fork(2) fails there.",
        "其中没有进程，所以看不到任何 pid。setns(2) 从不把进程本身移入 PID 命名空间，只影响它的子进程；而 1 号进程结束之后，在其中 fork(2) 会失败。";
    no_way_inside:
        "No process is in it, and nslab sees no file through which to join it: only other namespaces, or the kernel, keep it.",
        "其中没有进程，也看不到可以打开来加入它的文件：只有别的命名空间或内核还保留着它。";
    visited:
        "No process is in it: nslab has joined it to look.",
        "其中没有进程：nslab 加入了它来查看。";
    visit_refused:
        "No process is in it, and joining it fails: it is gone, or you lack CAP_SYS_ADMIN.",
        "其中没有进程，并且已经无法从这里加入它，或者无权加入（CAP_SYS_ADMIN）。";
    map_owned:
        "(b) beside a box: its user namespace owns b.",
        "框旁的 (b)：它的 user 命名空间拥有 b。";
    map_owner: "owned by", "所有者";
    map_networks: "Veth pairs between network namespaces:", "网络命名空间之间的 veth 对：";
    map_peer_groups:
        "Mounts in peer groups (↔ new mounts appear in both, → only there):",
        "有对等组的挂载（↔ 新挂载双向出现，→ 只单向出现）：";
    map_ended: "Ended since the last look:", "上次查看后结束的：";
    course_end_title: "What you have done", "你做了什么";
    what_next: "What next", "接下来";
    quit_title: "Quit?", "要退出吗？";
    quit_question: "Quitting ends what still runs:", "退出会结束仍在运行的程序：";
    minutes: "min", "分钟";
    /// The heading above the relations of a comparison: explains its mark.
    changed: "* changed", "* 刚变化";
    /// In place of the relation of a row whose values would give away the answer to a question.
    predict_first: "predict first", "先预测";
    /// Shown while a shell has the lesson's place.
    enter_returns: "Enter: back to lesson", "Enter：回到课程";
    /// Behind the key that enters that shell.
    type_in_shell: "type here", "在这里输入";
    copy_mode: "copy mode", "复制模式";
    in_copy_mode: "In copy mode:", "在复制模式里：";
    in_a_shell:
        "In a shell, every key goes to the shell, except:",
        "在 shell 里，按键都交给 shell，只有以下例外：";
    colon: ": ", "：";
    no_proc: "no proc is mounted on /proc", "/proc 上没有挂载 proc";
    reading: "reading …", "正在读取……";
    no_host_shell: "No host shell runs.", "宿主机 shell 没有在运行。";
    command_runs: "running … Esc ends it", "正在运行……按 Esc 终止";
    on_both_sides: "run on both sides", "在两边运行";
    details_legend: "≠ differs · + only this side has it", "≠ 内容不同 · + 只有这一边有";
    prints_nothing: "(prints nothing)", "（没有输出）";
    prompt_title: "Run a command on both sides", "在两边运行一条命令";
    key_steps: "key steps", "关键步骤";
    all_steps: "all steps", "全部步骤";
    lab_host_title: "Lab host", "实验宿主机";
    no_steps: "no steps yet", "还没有步骤";
    /// Marks a refused step that was not needed.
    went_on: "continued without it", "未影响启动";
}
