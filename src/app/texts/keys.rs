//! The words for the lines of the keymap: short in the footer, long in the help.

use crate::lang::Lang;

pub(crate) struct KeyWords {
    pub short: &'static str,
    pub long: &'static str,
}

/// Each line is a `Word` with its text in English and in Chinese: short = long.
macro_rules! key_words {
    ($($word:ident: $en:literal = $en_long:literal, $zh:literal = $zh_long:literal;)*) => {
        /// The name of a line of the keymap's table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word {
            $($word,)*
        }

        pub(crate) fn key(lang: Lang, word: Word) -> KeyWords {
            let (short, long) = match word {
                $(Word::$word => lang.pick([($en, $en_long), ($zh, $zh_long)]),)*
            };
            KeyWords { short, long }
        }
    };
}

key_words! {
    Help: "help" = "this list of keys", "帮助" = "显示这份按键列表";
    FocusLesson: "lesson" = "go to the lesson", "课程" = "转到课程";
    FocusHost: "host" = "go to the host shell", "宿主机" = "转到宿主机 shell";
    FocusContainer: "container" = "go to the container shell", "容器" = "转到容器 shell";
    FocusCompare: "compare" = "go to the comparison; again: enlarge, shrink",
        "对比" = "转到对比；再按一次：放大或还原";
    FocusCode: "code" = "the chosen flags as a program; again: in another language",
        "代码" = "把选定的标志写成程序；再按一次：换一种语言";
    FocusTrace: "steps" = "the steps that made the lab host and each launch",
        "过程" = "逐步列出创建实验宿主机和启动 shell 的经过";
    FocusDetails: "details" = "the row or command last shown in full",
        "详情" = "回到上次查看的详情";
    Options: "options" = "what the next launch does besides its flags: join, /proc, maps, mounts, root, names, clocks",
        "选项" = "下次启动除标志外还做什么：加入、/proc、映射、挂载、根目录、名字、时钟";
    NewTab: "one more" = "open a tab for one more container",
        "再来一个" = "为又一个容器新开一个标签";
    Tabs: "tabs" = "previous container, next container", "标签" = "前一个容器、后一个容器";
    OtherSides: "compare" = "compare another side: in the left column, in the right one",
        "比较对象" = "换一个比较对象：左列、右列";
    MoveOption: "move" = "move to another row", "移动" = "移到另一行";
    ChangeOption: "change" = "change the value under the cursor", "更改" = "更改光标所在的一项";
    JoinKinds: "joined" = "which kinds are joined", "加入" = "加入哪几种命名空间";
    Panes: "panes" = "next pane, previous pane", "窗格" = "下一个窗格，上一个窗格";
    Launch: "launch" = "launch a container with the chosen flags", "启动" = "用选定的标志启动容器";
    Language: "中文" = "switch to Chinese, and back (中文)",
        "English" = "切换到英文，再按切换回来（English）";
    FreshLab: "fresh lab" = "end both shells; with a lab host, make a fresh one",
        "重建实验" = "结束两个 shell；有实验宿主机的话，重新创建";
    BeginAgain: "again" = "restart this lesson, in a fresh lab host",
        "重来" = "重建实验宿主机，从头开始这一课";
    Flags: "flags" = "choose flags for the next launch", "标志" = "为下次启动选择标志";
    MoveFlags: "move" = "move to another flag", "移动" = "移到另一个标志";
    ToggleHere: "choose" = "tick or untick the flag for the next launch",
        "选择" = "为下次启动选中或取消这个标志";
    LaunchHere: "launch" = "launch a container with the chosen flags",
        "启动" = "用选定的标志启动容器";
    Next: "next" = "go on with this step", "继续" = "继续做这一步";
    Scroll: "scroll" = "scroll", "滚动" = "滚动";
    Pages: "page" = "scroll by a page, to the top, to the end", "翻页" = "按页滚动，到开头，到末尾";
    Choose: "predict" = "predict this", "预测" = "选这一项作为预测";
    MoveChoice: "move" = "move to another choice", "移动" = "移到另一个选项";
    Answer: "this one" = "predict the choice under the cursor", "选定" = "选光标所在的一项作为预测";
    Skip: "skip" = "go on without a prediction", "跳过" = "不作预测，直接继续";
    Hint: "hint" = "show a hint, then the next", "提示" = "显示一条提示，再按显示下一条";
    Steps: "step" = "previous step, next step", "上/下一步" = "上一步，下一步";
    Lessons: "lessons" = "list of lessons", "课程列表" = "课程列表";
    CourseEnd: "what is done" = "what you have done in the course, and what next",
        "做了什么" = "全部课程里做了什么，接下来做什么";
    Mistakes: "mistakes" = "mistakes in the lessons of --lessons DIR, if there are any",
        "错误" = "--lessons DIR 的课程里的错误（如果有）";
    Glossary: "terms" = "what the underlined words mean", "术语" = "解释课文里带下划线的术语";
    MoveTerm: "move" = "move to another term", "移动" = "移到另一个术语";
    TermPages: "page" = "move by a page, to the first term, to the last",
        "翻页" = "翻页，移到第一个、最后一个术语";
    Map: "map" = "map of the namespaces; beside the panes on a screen of 160 columns",
        "地图" = "命名空间的地图；屏幕有 160 列时显示在窗格旁边";
    MoveMap: "move" = "move to another box or process", "移动" = "移到另一个框或进程";
    MapPages: "page" = "move by a page, to the first line, to the last",
        "翻页" = "翻页，移到第一行、最后一行";
    Follow: "follow" = "compare a shell with the program in it that has left its namespaces",
        "跟随" = "对比 shell 和它里面离开了其命名空间的程序";
    PickProcess: "compare" = "compare the process under the cursor: in the right column, in the left one",
        "对比" = "把光标处的进程放进对比：右列、左列";
    LookInside: "inside" = "what the process under the cursor sees, or what is in the namespace",
        "查看内部" = "光标处的进程看到什么，命名空间里有什么";
    BackToMap: "map" = "back to the map", "地图" = "回到地图";
    LeaveMap: "back" = "back to the panes; on a screen of 160 columns the map stays beside them",
        "返回" = "回到窗格；屏幕有 160 列时，地图留在旁边";
    CloseMap: "close" = "close the map", "关闭" = "关闭地图";
    MoveLesson: "move" = "move to another lesson", "移动" = "移到另一课";
    SearchList: "search" = "search: the list shows only entries with the words you type",
        "搜索" = "搜索：只列出包含所输入文字的条目";
    MoveFound: "move" = "move to another match", "移动" = "移到搜到的另一项";
    TakeFound: "take" = "take it: open the lesson, or show the term in the whole list",
        "选定" = "选定它：打开这一课，或在完整列表里显示这个术语";
    EndSearch: "clear" = "end the search: show the whole list", "清除" = "结束搜索，显示完整列表";
    Pick: "open" = "open this lesson", "打开" = "打开这一课";
    Zoom: "zoom" = "give the pane the whole screen, or take it back",
        "全屏" = "让窗格占满屏幕,或还原";
    Height: "height" = "make the pane higher, or lower", "高度" = "让窗格变高或变矮";
    LessonWidth: "width" = "make the lesson narrower, or wider", "宽度" = "让课程变窄或变宽";
    ResetSplits: "as before" = "put all borders back", "复位" = "所有边框恢复原位";
    MoveRow: "move" = "move to another row", "移动" = "移到另一行";
    RowPages: "page" = "move by a page, to the first row, to the last",
        "翻页" = "按页移动，到第一行，到最后一行";
    Open: "details" = "show the row in full, both sides", "详情" = "并排显示这一行在两边的完整内容";
    OtherRow: "row" = "previous row, next row", "上/下一行" = "上一行，下一行";
    Back: "back" = "back to where you were; first ends a running command",
        "返回" = "回到刚才的地方；命令还在运行时先终止它";
    Prompt: "run" = "run a command on both sides, compare what it prints",
        "运行命令" = "在两边运行一条命令，对比输出";
    Run: "run" = "run it on the host and in the container", "运行" = "在实验宿主机和容器里运行";
    Recall: "earlier" = "earlier commands, later ones", "历史命令" = "更早的命令，更晚的命令";
    CloseLine: "close" = "close it, run nothing", "关闭" = "关闭，不运行";
    Leave: "leave" = "leave the shell, back to the lesson; pressed twice, it goes to the program",
        "离开 shell" = "离开 shell，回到课程；连按两次则发给程序";
    ToProgram: "to program" = "send this key to the program in the shell",
        "交给程序" = "把这个键交给终端里的程序";
    History: "history" = "scroll what the shell has printed", "历史" = "滚动 shell 的历史输出";
    BeginCopy: "copy mode" = "copy mode: read, search and copy what the shell has printed",
        "复制模式" = "复制模式：浏览、搜索、复制 shell 的输出";
    HistoryKeys: "history" = "copy mode, a page back", "历史" = "复制模式，并向上翻一页";
    HistoryTop: "top" = "copy mode, at the first line of the history",
        "开头" = "复制模式，到历史的第一行";
    MoveInCopy: "move" = "move the cursor", "移动" = "移动光标";
    MoveAsVi: "move" = "move the cursor, as in vi", "移动" = "移动光标，和 vi 一样";
    MoveAsEmacs: "move" = "move the cursor, as in emacs", "移动" = "移动光标，和 emacs 一样";
    MoveByWords: "words" = "to the next word, the previous word, the word's end, the line's start, its end",
        "词" = "下一个词，上一个词，词尾，行首，行尾";
    WordsAsEmacs: "words" = "to the word's end, the previous word, the line's start, its end",
        "词" = "词尾，上一个词，行首，行尾";
    MoveByHalves: "half a page" = "half a page back, half a page on", "半页" = "上半页，下半页";
    MoveByPages: "page" = "a page back, a page on", "翻页" = "上一页，下一页";
    MoveToEnds: "ends" = "to the first line, to the last line", "首尾" = "到第一行，到最后一行";
    PagesAsEmacs: "page" = "a page on, a page back", "翻页" = "下一页，上一页";
    Select: "select" = "begin a selection, or end it", "选择" = "开始选择，或取消选择";
    SelectLines: "lines" = "select whole lines", "选行" = "选择整行";
    SelectRectangle: "rectangle" = "select a rectangle, or the text from end to end again",
        "矩形" = "选择矩形，或恢复为连续的文字";
    SelectNothing: "nothing" = "select nothing", "不选" = "取消选择";
    TakeSelected: "copy" = "copy what is selected, and leave copy mode",
        "复制" = "复制选中的文字，并退出复制模式";
    Search: "search" = "search towards the newest line, or the oldest",
        "搜索" = "向新的一端搜索，向旧的一端搜索";
    Find: "find" = "find the text; small letters also find capital ones",
        "查找" = "查找这段文字；小写字母也匹配大写";
    FindAgain: "next" = "find the text again, or in the other direction",
        "下一处" = "再找一处，或反方向再找";
    BackToLive: "back to live" = "leave copy mode, back to the shell's last lines",
        "回到最新" = "退出复制模式，回到 shell 的最后几行";
    LeaveCopy: "leave" = "leave copy mode and the shell, back to the lesson",
        "离开" = "退出复制模式，离开 shell，回到课程";
    CloseSearch: "close" = "close it, find nothing", "关闭" = "关闭，不查找";
    Notation: "language" = "in C, in Rust, as an unshare command line",
        "换语言" = "C、Rust，或者 unshare 命令行";
    Copy: "copy" = "copy it to the terminal's clipboard (OSC 52)",
        "复制" = "复制到终端的剪贴板（OSC 52）";
    Save: "write" = "write it to a new file in the current directory",
        "存文件" = "在当前目录写一个新文件";
    AllSteps: "all/key steps" = "show all steps, or only the key ones",
        "全部/关键" = "显示全部步骤，或只显示关键步骤";
    Relaunch: "restart" = "start this shell again", "重新启动" = "重新启动这个 shell";
    FreshLabHere: "fresh lab" = "make a fresh lab host", "重建实验" = "重新创建实验宿主机";
    BackToLesson: "back to the lesson" = "back to the lesson", "回到课程" = "回到课程";
    Interrupt: "quit" = "quit; asks if a program or a container runs",
        "退出" = "退出；有程序或容器在运行时先询问";
    Quit: "quit" = "quit; asks if a program runs in a shell",
        "退出" = "退出；shell 里有程序在运行时会先询问";
    QuitAnyway: "quit" = "quit, and end the running programs", "退出" = "退出并结束正在运行的程序";
    Stay: "stay" = "don't quit", "不退出" = "继续实验";
    Close: "close" = "close this list", "关闭" = "关闭这个列表";
    ForgetStep: "start over" = "do this step from its beginning; what it did in the lab stays",
        "重做" = "从头重做这一步；它在实验里做过的改动还在";
    ForgetLesson: "start over" = "do this lesson from its beginning, in a fresh lab host; asks again",
        "重做" = "清除这一课的进度，在重建的实验里从头做；需再按一次";
    Review: "review" = "ask again what is due, for five minutes at most; in a fresh lab host",
        "复习" = "复习到期的题目，最多五分钟；在重建的实验里进行";
    WrongAgain: "the wrong ones" = "ask again the questions of this lesson that you answered wrongly; in a fresh lab host",
        "错题" = "再问一遍这一课答错的题；在重建的实验里进行";
    ForgetAll: "forget all" = "forget all progress; asks again",
        "清除全部" = "清除所有进度；需再按一次";
    Machine: "machine" = "show the machine itself beside the two sides, or hide it",
        "本机" = "在两边之外再显示本机，再按隐藏";
    WithoutUser: "without USER" = "a lab host without a user namespace; asks first",
        "不带 USER" = "创建不带 user 命名空间的实验宿主机；会先询问";
    TakeRisk: "yes" = "use it", "是" = "使用它";
    NoRisk: "no" = "don't", "否" = "不使用";
}
