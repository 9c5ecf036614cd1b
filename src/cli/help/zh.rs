//! Simplified Chinese of every help text and of the mistakes in arguments. The launch options have theirs in
//! their own table.

use clap::{Arg, Args as _, Command};

use crate::cli::compare;
use crate::sandbox::{LaunchOption, LaunchOptions};

pub(super) const USAGE: &str = "用法：";
pub(super) const COMMANDS: &str = "子命令：";
pub(super) const ARGUMENTS: &str = "参数：";
pub(super) const OPTIONS: &str = "选项：";
pub(super) const VALUES: &str = "可用的值：";
pub(super) const ANY_OPTIONS: &str = "[选项]";
pub(super) const SUBCOMMAND: &str = "子命令";

pub(super) fn default(value: &str) -> String {
    format!("[默认：{value}]")
}

pub(super) fn wrong_value(about: &str, value: &str, expected: &str) -> String {
    format!("'{value}' 不能作为 {about} 的值。{expected}")
}

pub(super) fn one_of(values: &str) -> String {
    format!("{VALUES}{values}")
}

pub(super) fn value_is_missing(about: &str) -> String {
    format!("{about} 后面缺少值")
}

pub(super) fn argument_is_missing(about: &str) -> String {
    format!("缺少必需的参数：{about}")
}

pub(super) fn conflict(one: &str, other: &str) -> String {
    if one == other {
        return format!("{one} 只能给出一次");
    }
    format!("{one} 不能与 {other} 一起使用")
}

/// The Chinese of an English text. The table has the English text without its full stop.
pub(super) fn text(english: &str) -> Option<&'static str> {
    let row = TEXTS.iter().find(|(text, _)| *text == english);
    row.map(|(_, chinese)| *chinese)
        .or_else(|| of_launch_option(english))
}

/// The Chinese of a launch option's help, from the table of launch options.
fn of_launch_option(english: &str) -> Option<&'static str> {
    let command = LaunchOptions::augment_args(Command::new("nslab"));
    let says_it = |arg: &&Arg| arg.get_help().is_some_and(|it| it.to_string() == english);
    let arg = command.get_arguments().find(says_it)?;
    let mut options = LaunchOption::ALL.into_iter();
    let option = options.find(|option| option.name() == arg.get_id())?;
    Some(option.chinese_help())
}

/// The English text of the command or the argument, and the Chinese. In the order of the commands.
pub(super) const TEXTS: &[(&str, &str)] = &[
    // nslab
    (
        "A terminal lab that teaches Linux namespaces: make a container, one namespace at a time, on your own kernel",
        "在终端里学 Linux 命名空间：在自己的内核上，一个一个地做出容器的命名空间",
    ),
    (
        "The language: en or zh-CN; the default is what LANG says",
        "界面语言：en 或 zh-CN；默认由 LANG 决定",
    ),
    (
        "Read the lessons from this directory instead of those built in; a lesson that is saved meanwhile is shown at once",
        "从这个目录读取课程，不用内置的课程；课程文件一保存，界面立即更新",
    ),
    (
        "Begin with the lesson that has this id",
        "从 id 是它的这一课开始",
    ),
    (
        "What a container is compared with: a disposable lab host; for root on a kernel without user namespaces, a lab host without one; or the machine itself, which nothing protects",
        "与容器对比的宿主机：用完就扔的实验宿主机；没有 user 命名空间的实验宿主机（内核不支持 user 命名空间时，仅限 root）；或者本机，此时本机没有任何保护",
    ),
    (
        "A lab host, in which the learner is root and can break nothing",
        "实验宿主机，在里面是 root，但弄不坏任何东西",
    ),
    (
        "A lab host without a user namespace of its own, for root where there are none: its root is the machine's",
        "没有独立 user 命名空间的实验宿主机，供内核不支持 user 命名空间时的 root 使用；里面的 root 就是本机的 root",
    ),
    ("The machine itself", "本机"),
    (
        "Show the lab a copy of this directory, read-only at /share: regular files, directories and links, 64 MiB at most. A lesson that brings files shows those instead",
        "把这个目录的副本给实验环境看，只读，位于 /share：普通文件、目录和链接，最多 64 MiB。自带文件的课程显示它自己的文件",
    ),
    (
        "Milliseconds between two keys of a command that the lesson types; 0 types it at once, as suits a screen reader",
        "课程输入命令时，两次按键之间的毫秒数；0 表示一次输完，适合屏幕阅读器",
    ),
    (
        "The key that leaves a shell: ctrl-], ctrl-g, alt-x, f12, …",
        "离开 shell 的按键：ctrl-]、ctrl-g、alt-x、f12 等",
    ),
    (
        "Let programs in the shells copy to the clipboard of your terminal (OSC 52); they can never read it",
        "允许 shell 里的程序写终端的剪贴板（OSC 52）；无论如何都不能读",
    ),
    (
        "The figures of lessons: drawn, or told in sentences, as for a screen reader; with NO_COLOR they are told",
        "课程里的图：drawn 画出来，told 用句子说出来（适合屏幕阅读器）；设了 NO_COLOR 时默认用句子",
    ),
    ("As boxes and lines", "画成方框和线"),
    (
        "In sentences, as for a screen reader",
        "用句子说出来，例如给屏幕阅读器",
    ),
    ("Print help", "显示帮助"),
    (
        "Print help (see a summary with '-h')",
        "显示帮助（-h 只显示概要）",
    ),
    (
        "Print help (see more with '--help')",
        "显示帮助（--help 更详细）",
    ),
    ("Print version", "显示版本"),
    (
        "Print this message or the help of the given subcommand(s)",
        "显示这份帮助，或某个子命令的帮助",
    ),
    // compare
    (
        "Make a container, and print what host and container each see",
        "创建一个容器，列出宿主机和容器各看到什么",
    ),
    (
        "With --pid, --container or --unit, compares that process of the machine instead: nothing is made and nothing is changed",
        "带 --pid、--container 或 --unit 时，改为对比本机上的那个进程：不创建也不改变任何东西",
    ),
    (
        "With a command, it is also run on both sides, as the host's program and as the container's first process, and both outputs are printed",
        "给出命令时，还在两边各运行一次（在容器里是第一个进程），并打印两边的输出",
    ),
    (
        "The container's own namespaces, separated by commas: uts ipc pid mnt net user cgroup time",
        "容器独立的命名空间，用逗号分隔：uts ipc pid mnt net user cgroup time",
    ),
    ("The one that was there before", "原来的那个"),
    (
        "A new one, which shows the container's PID namespace; proc(5)",
        "新挂载的，显示容器的 PID 命名空间；见 proc(5)",
    ),
    (
        "uid 0 and gid 0 inside are the user and group that made it",
        "里面的 uid 0、gid 0 就是创建它的用户和组",
    ),
    (
        "They are left empty, so every id inside is 65534",
        "映射留空，里面所有的 id 都是 65534",
    ),
    (
        "As clone(2) copies them: shared mounts stay shared",
        "与 clone(2) 复制时一样：共享（shared）的挂载仍然共享",
    ),
    ("Mounts don't propagate in or out", "不传入，也不传出"),
    (
        "A mount on either side appears on the other",
        "任何一边的挂载都会出现在另一边",
    ),
    (
        "A mount outside appears inside, but not the other way round",
        "外面的挂载会出现在里面，反过来则不会",
    ),
    (
        "A small one of its own; pivot_root(2)",
        "独立的小型根目录；见 pivot_root(2)",
    ),
    (
        "Don't ask root whether the command may run where nothing protects the machine",
        "本机没有保护时，也不再询问 root 是否运行命令",
    ),
    (
        "Compare this process with the machine; nothing is made",
        "把这个进程与本机对比；不创建任何东西",
    ),
    (
        "Compare the first process of this container; asks docker, podman or crictl for its pid",
        "对比这个容器的第一个进程；它的 pid 由 docker、podman 或 crictl 查出",
    ),
    (
        "Compare the main process of this unit of systemd, or the first one of a scope",
        "对比这个 systemd 单元的主进程；scope 则是其中第一个进程",
    ),
    (
        "What that process is compared with: another pid, or machine",
        "与那个进程对比的：另一个 pid，或 machine（本机）",
    ),
    ("Print JSON", "输出 JSON"),
    ("A command to run on both sides", "在两边运行的命令"),
    // map
    (
        "Print every namespace of the machine, or of a new lab host: who is in it, what else keeps it, and which one owns it",
        "列出本机或新实验宿主机的命名空间：谁在里面、靠什么存在、归谁所有",
    ),
    (
        "Changes nothing. Shows what this user may see, and counts the rest",
        "不改变任何东西。只显示当前用户有权看到的，看不到的给出个数",
    ),
    (
        "Map the machine instead of a new lab host",
        "列出本机的命名空间，不创建实验宿主机",
    ),
    (
        "One kind alone: uts ipc pid mnt net user cgroup time",
        "只列一种：uts ipc pid mnt net user cgroup time",
    ),
    // run
    (
        "Run a command in a container in a lab host, on this terminal or with plain pipes",
        "在实验宿主机的容器里运行一条命令，接当前终端或管道",
    ),
    (
        "On a terminal, the command gets a terminal of its own, and nslab explains what the kernel refuses it. Otherwise it gets the pipes and the output file that nslab was given. Input from a file, and the data of a device or a named FIFO, go through a pipe. Without a command, a shell runs. The exit code is the command's, and 125 when the sandbox itself failed",
        "在终端里运行时，命令得到一个独立的终端，命令被拒绝时 nslab 会解释原因；接管道时，直接用管道；输入来自文件，或者输入输出是设备、命名管道时，由 nslab 经管道转送。不给出命令时运行 shell。退出状态就是命令的退出状态；实验环境本身出错时是 125",
    ),
    (
        "The command; without it, a shell",
        "要运行的命令；不给出时是 shell",
    ),
    // doctor
    (
        "Find out what this machine allows: each kind of namespace, and a lab host",
        "检查这台机器允许什么：每一种命名空间，以及实验宿主机",
    ),
    (
        "Makes a lab host, and launches its shell and a container of each kind in it, as the screen does. Changes nothing on the machine, and leaves nothing behind",
        "与界面一样，创建实验宿主机，在里面启动 shell，并为每一种命名空间启动一个容器。不改变本机，也不留下任何东西",
    ),
    (
        "Read the lessons from this directory instead of those built in",
        "从这个目录读取课程，不用内置的课程",
    ),
    (
        "Print the AppArmor profile for this nslab, and try nothing",
        "打印这个 nslab 的 AppArmor 配置，不做任何检查",
    ),
    (
        "Print a seccomp profile for a container that nslab is to run in, and try nothing",
        "打印一份 seccomp 配置，供要在里面运行 nslab 的容器使用，不做任何检查",
    ),
    // lessons
    ("List the lessons", "列出所有课程"),
    // lint
    (
        "Check a directory of lessons, and say what should be fixed",
        "检查一个课程目录，指出该改什么",
    ),
    (
        "Reads the folders en and zh-CN in it, or the directory itself. Each finding is a line: FILE:LINE:COLUMN: error or warning: what is wrong; what was expected. With an error, a lesson can't be used, or the two languages differ in more than their words",
        "读取其中的 en 和 zh-CN 两个文件夹，没有就读目录本身。每个问题占一行：文件:行:列: 错误或警告：问题；应当怎样。有错误的课程不能使用，或者两种语言的差别不止是文字",
    ),
    ("The directory of lessons", "课程目录"),
    // new
    ("Write a draft to start from", "写一份草稿，供你修改"),
    (
        "A small lesson in both languages, after the existing ones",
        "一课简短的课程，中英文各一份，排在已有课程之后",
    ),
    (
        "Its id: lower-case letters, digits and '-'",
        "课程的 id：小写字母、数字和 '-'",
    ),
    (
        "The directory of lessons, with folders en and zh-CN",
        "课程目录，里面有 en 和 zh-CN 两个文件夹",
    ),
    // verify
    (
        "Do lessons without a person, in real shells and real namespaces, and report what isn't true",
        "在真实的 shell 和命名空间里自动做一遍课程，报告与事实不符之处",
    ),
    (
        "Types every command, which has to work, and gives every answer, which has to be right. Each check has to be false before its commands and true after them. Each live value has to exist, each sample of a near miss has to be that near miss, and each hint's solution has to work",
        "每条命令都输入一遍，必须成功；每个预测都作答，答案必须正确；每项检查在命令之前必须不成立，之后必须成立；每个实时值必须存在；每个差一点的样例必须正是那种情况；每条提示的解法必须有效",
    ),
    (
        "The ids of the lessons; without any, all lessons",
        "课程的 id；不给出时是全部课程",
    ),
    (
        "The language: en or zh-CN; the default is both",
        "课程的语言：en 或 zh-CN；默认两种都做",
    ),
    (
        "Print JSON: an object for each step, and a last one for all of them",
        "输出 JSON：每一步一个对象，最后一个是总计",
    ),
    ("How many lessons are done at once", "同时做几课"),
    (
        "Do each lesson N times, to find faults that occur only sometimes",
        "每一课做几遍：只是偶尔出错的问题才会现形",
    ),
    (
        "Begin each lesson at every step as well, and type its commands into the other shell: no check may become true",
        "同样从每一步开始，但把命令输入到另一个 shell 里：任何检查都不得成立",
    ),
    (
        "Begin each lesson at every step, in a lab of its own in which nslab has done the steps before",
        "从每一步各开始一次：每次都用单独的实验宿主机，前面的步骤由 nslab 做好",
    ),
    // code
    (
        "Print a program that makes a container: in C, in Rust, or as an unshare command line",
        "把创建容器的过程写成程序：C、Rust，或一条 unshare 命令",
    ),
    ("The language of the program", "程序的语言"),
    ("C, with clone(2)", "C，使用 clone(2)"),
    ("Rust, with the nix crate", "Rust，使用 nix 库"),
    ("A command line with unshare(1)", "使用 unshare(1) 的命令行"),
    (
        "The namespaces of another container that it joins, separated by commas; the program takes the pid of that container's process",
        "加入另一个容器的哪些命名空间，用逗号分隔；程序的参数是那个容器里进程的 pid",
    ),
    // review
    (
        "Ask again the lesson questions that are due: wrong answers first, five minutes at most. Each is measured in the lab",
        "复习到期的题目：答错的先问，最多五分钟，同样在实验里实测",
    ),
    (
        "Ask all questions of the lesson with this id that were answered before, due or not",
        "只复习 id 是它的这一课：以前答过的题目全部再问一遍，不论是否到期",
    ),
    // sheet
    (
        "Print a sheet to take along: each kind of namespace with its flag, its options and its trap",
        "打印一页速查表：每种命名空间的标志、选项和陷阱",
    ),
    ("Output format", "输出格式"),
    ("Plain text, 80 columns wide", "纯文本，宽 80 列"),
    ("A Markdown table", "Markdown 表格"),
    (
        "A page of HTML that prints on one sheet of A4 paper",
        "HTML 页面，可以打印在一张 A4 纸上",
    ),
    // Names of values.
    ("LANG", "语言"),
    ("DIR", "目录"),
    ("ID", "课程 id"),
    ("HOST", "宿主机"),
    ("KEY", "按键"),
    ("MS", "毫秒"),
    ("LIST", "列表"),
    ("WHAT", "内容"),
    ("HOW", "方式"),
    ("NAME", "名称"),
    ("PID", "PID"),
    ("COMMAND", "命令"),
    ("KIND", "种类"),
    ("LESSON", "课程"),
    ("N", "N"),
    ("FORMAT", "格式"),
];

/// The text below the options of a command.
pub(super) fn after_help(command: &str) -> Option<String> {
    let said = match command {
        "compare" => return Some(compare::json_help(crate::lang::Lang::ZhCn)),
        "map" => MAP,
        "doctor" => DOCTOR,
        "lint" => "退出状态：没有要改的是 0，否则是 1。",
        "verify" => {
            "退出状态：每一步说的都属实是 0，否则是 1。在这台机器上做不了的步骤会跳过并说明原因，不算失败；每一步都跳过时什么也没有验证，退出状态是 77。"
        }
        _ => return None,
    };
    Some(said.to_owned())
}

const MAP: &str = "\
JSON：{\"read_from\":…,\"ids\":…,\"namespaces\":[…],\"processes\":[…],\"unread\":{…}}
  read_from：proc；内核还列出了所有命名空间时是 proc+listns（root，Linux 6.19 起）
  ids：内核是否给每个命名空间一个不再重用的 id
  namespaces 的每一项：dev、ino、kind、id、parent 和 owner {dev, ino}（看不到时是 null）、owner_uid、\
processes（pid）、holders（挂载 mount {path, pid}、描述符 descriptor {pid, fd} 或套接字 socket {pid, fd}）、children（inode）、\
first（PID 命名空间的 1 号进程）、peer_groups {shared, master}（挂载的：编号 → 挂载点）、links（网络命名空间的）
  links 的每一项：index、name、kind（veth、bridge 等）、up、addresses、master（所属网桥的 index）、peer {index, namespace {dev, ino}}（另一端；看不到其命名空间时是 null）
  processes 的每一项：pid、outside（它在本机上的 pid）、numbers（在各层 PID 命名空间里的号码）、name、uid、namespaces（种类 → inode）
  unread：processes、descriptors、mounts、sockets、links，即当前用户看不到的个数；hidden：/proc 是否连有多少进程都不显示（hidepid）
实验宿主机里的 pid 是实验宿主机自己的编号。
退出状态：0；什么也读不到时是 1。";

const DOCTOR: &str = "\
JSON：{\"works\":…,\"machine\":{…},\"kinds\":[…],\"lab_host\":{…},\"lessons\":[…],
       \"lessons_in_all\":…,\"other_hosts\":[…],\"missing\":[…],\"remedies\":[…],\"text\":{\"gates\":[…],\"remedies\":[…]}}
  machine：判断所依据的事实；查不到的是 null 或没有
  kinds 的每一项：kind、works、refusal、after（此前成功的一步）、ended（提前结束）、lessons（涉及的课程）
  lab_host：refusal、failure、shortfalls、bounds_memory（没有实验宿主机时是 null）、\
bound_by（内存没有限制时，能加上限制的命令）
  lessons：有步骤在这里做不了的课程：lesson、steps（几步）、lacking（缺什么）
  other_hosts：没有实验宿主机时，root 还可以用的 --host
  每个 refusal：step {call, errno, value, micros}、explanation {gate, remedies}
  missing：program、package（Debian 和 Ubuntu 的软件包）、lessons
  text：同样内容的文字，用所选的语言
退出状态：能创建实验宿主机、其 shell 能运行时是 0，否则是 1。";
