//! The table: each English sentence about a lesson beside its Chinese. Must not know how a row is found.

/// A sentence with `{}` for each part that changes, and its translation, in which `{1}` is the first of these parts.
pub(crate) type Translation = (&'static str, &'static str);

/// Findings.
pub(super) const FINDINGS: &[Translation] = &[
    (
        "a lesson begins with its front matter",
        "课程文件要以头部信息开始",
    ),
    (
        "expected a line `+++`, then `id`, `title` and `flags`, then a line `+++`",
        "应当是一行 `+++`，然后是 `id`、`title`、`flags`，再一行 `+++`",
    ),
    (
        "the front matter is TOML, between lines `+++`",
        "头部信息是两行 `+++` 之间的 TOML",
    ),
    (
        "`---` and YAML are of other programs: write `id = \"…\"`",
        "`---` 和 YAML 是别的程序用的：请写 `id = \"…\"`",
    ),
    ("the front matter is never closed", "头部信息没有结束"),
    ("expected a second line `+++`", "应当有第二行 `+++`"),
    ("`front matter` has no `flags`", "头部信息里没有 `flags`"),
    (
        "expected a field `flags = [\"uts\", …]`; `[]` for none",
        "应当有字段 `flags = [\"uts\", …]`；一个也没有就写 `[]`",
    ),
    ("`front matter` has no `{}`", "头部信息里没有 `{1}`"),
    ("`front matter` has no field `{}`", "头部信息没有字段 `{1}`"),
    (
        "`front matter` is not valid TOML: this `[` has no `]`",
        "头部信息不是有效的 TOML：这个 `[` 没有对应的 `]`",
    ),
    (
        "`front matter` is not valid TOML: it doesn't know the character `{}`",
        "头部信息不是有效的 TOML：TOML 不认识字符 `{1}`",
    ),
    (
        "`{}` is not valid TOML: it doesn't know the character `{}`",
        "`{1}` 不是有效的 TOML：TOML 不认识字符 `{2}`",
    ),
    ("write `{}` in its place", "请改成 `{1}`"),
    (
        "`front matter` is not valid TOML: {}",
        "头部信息不是有效的 TOML（解析器说：{1}）",
    ),
    ("`{}` has no field `{}`", "`{1}` 没有字段 `{2}`"),
    (
        "`{}` is not valid TOML: this `[` has no `]`",
        "`{1}` 不是有效的 TOML：这个 `[` 没有对应的 `]`",
    ),
    (
        "`{}` is not valid TOML: {}",
        "`{1}` 不是有效的 TOML（解析器说：{2}）",
    ),
    (
        "expected a list like `[\"one\", \"two\"]`",
        "应当是列表，例如 `[\"one\", \"two\"]`",
    ),
    (
        "a text stands in quotes: `{} = \"{}\"`",
        "文本要写在引号里：`{1} = \"{2}\"`",
    ),
    ("expected a field `{} = …`", "应当有字段 `{1} = …`"),
    ("`{}` has no command", "`{1}` 里没有命令"),
    ("expected one command per line", "应当每行一条命令"),
    ("`{}` is no id", "`{1}` 不能作为 id"),
    (
        "expected small letters, digits and `-`",
        "应当只有小写字母、数字和 `-`",
    ),
    (
        "`{}` holds records, not texts",
        "`{1}` 是记录的列表，里面没有文本",
    ),
    (
        "expected one field of each, as in `{}`",
        "应当取每条记录的一个字段，例如 `{1}`",
    ),
    ("`{}` is one row too many", "`{1}` 这一行多了"),
    (
        "a screen of 80x24 shows {} rows, each once",
        "80x24 的屏幕显示 {1} 行，每行一次",
    ),
    ("`{}` is empty", "`{1}` 是空的"),
    ("expected some text", "应当有文字"),
    ("`{}` is not a function", "`{1}` 不是函数"),
    (
        "`{}` is asked for before anything launches a container",
        "还没有启动容器就用到了 `{1}`",
    ),
    (
        "put a `launch` or a `run container` above it",
        "请在上面放一个 `launch` 或 `run container`",
    ),
    (
        "`{}` is {}, and in {} {}",
        "`{1}` 在这里是 {2}，在 {3} 里是 {4}",
    ),
    ("`{}` is {}", "`{1}` 是 {2}"),
    ("expected {}", "应当是{1}"),
    (
        "expected the number of a choice, 1 to {}",
        "应当是选项的序号，1 到 {1}",
    ),
    (
        "expected a version of Linux, as in `kernel = \"6.17\"`",
        "应当是 Linux 的版本，例如 `kernel = \"6.17\"`",
    ),
    (
        "expected `choices = [\"…\", \"…\"]`",
        "应当是 `choices = [\"…\", \"…\"]`",
    ),
    (
        "a prediction with fewer than two choices",
        "预测题的选项少于两个",
    ),
    ("`{}` stands for two choices", "`{1}` 对应了两个选项"),
    (
        "expected that exactly one choice is true once the commands have run",
        "命令执行之后，应当恰好有一个选项为真",
    ),
    (
        "`exprs` has {} of {} expressions",
        "`exprs` 有 {1} 个表达式，应为 {2} 个",
    ),
    (
        "expected one for each choice, in their order; `false` for a choice that can't be seen",
        "每个选项一个，按选项的次序；看不出来的选项写 `false`",
    ),
    ("a tab in a command", "命令里有制表符"),
    ("expected spaces", "应当用空格"),
    ("there is no block `{}`", "没有 `{1}` 这种块"),
    (
        "expected `run host` or `run container`",
        "应当是 `run host` 或 `run container`",
    ),
    (
        "the kinds are {}; for a block that is only shown: c, console, rust, sh, text",
        "块有这些：{1}；只是展示的块用 c、console、rust、sh、text",
    ),
    ("did you mean `{}`?", "是不是 `{1}`？"),
    ("did you mean `{}` or `{}`?", "是不是 `{1}` 或 `{2}`？"),
    (
        "did you mean `{}`?; for a block that is only shown: c, console, rust, sh, text",
        "是不是 `{1}`？",
    ),
    ("the kinds are {}", "种类有 {1}"),
    ("the sides are {}", "各边的名字是 {1}"),
    ("the rows are {}", "行有 {1}"),
    ("the views are {}", "视图有 {1}"),
    ("the filters are {}", "过滤器有 {1}"),
    (
        "these asterisks are shown as they are",
        "这些星号会原样显示",
    ),
    (
        "only backquotes mark something in the fields of a block",
        "块的字段里只有反引号有标记作用",
    ),
    ("the tests are {}", "判断有 {1}"),
    ("its fields are {}", "它的字段有 {1}"),
    ("they have {}", "它们有 {1}"),
    ("expected one of {}", "应当是其中之一：{1}"),
    ("use a filter after `|`: {}", "请在 `|` 后面用过滤器：{1}"),
    ("there is no namespace kind `{}`", "没有 `{1}` 这种命名空间"),
    ("there is no row `{}`", "没有 `{1}` 这一行"),
    ("there is no side `{}`", "没有 `{1}` 这一边"),
    ("`{}` stands here twice", "`{1}` 在这里写了两次"),
    ("a figure of {} shows no mounts", "`{1}` 的图不显示挂载"),
    (
        "`mounts` belongs to the kinds mounts, layers and peers",
        "`mounts` 只用于 mounts、layers、peers 这几种图",
    ),
    ("`{}` is no mount point", "`{1}` 不是挂载点"),
    (
        "expected a path that begins with `/`",
        "这里应当是以 `/` 开头的路径",
    ),
    ("there is no view `{}`", "没有 `{1}` 这个视图"),
    ("there is no filter `{}`", "没有 `{1}` 这个过滤器"),
    ("there is no test `{}`", "没有 `{1}` 这个判断"),
    ("there is no action `{}`", "没有 `{1}` 这个动作"),
    ("there is no `{}`", "没有 `{1}`"),
    ("`{}` has no `=`", "`{1}` 没有 `=`"),
    ("`{}` has no `{}`", "`{1}` 没有 `{2}`"),
    (
        "it is a list: take one with `{}`, or count them with `{}`",
        "它是列表：用 `{1}` 取一个，或者用 `{2}` 数个数",
    ),
    ("it is a single value", "它是单个值"),
    (
        "`{}` needs its name, path or address in brackets and quotes",
        "`{1}` 后面的方括号里要有带引号的名称、路径或地址",
    ),
    ("`{}` stands in brackets", "`{1}` 后面的要写在方括号里"),
    ("the records of `{}` have no `{}`", "`{1}` 的记录没有 `{2}`"),
    (
        "`compare` names the two sides that stand next to each other",
        "`compare` 要写出并排的两边",
    ),
    ("as in `{}`", "例如 `{1}`"),
    (
        "a number of seconds is expected, from 0 to {}, as in `{}`",
        "应当是秒数，0 到 {1}，例如 `{2}`",
    ),
    (
        "the clocks are set ahead, never back: a number of seconds is expected, from 0 to {}, as in `{}`",
        "时钟只能拨快，不能拨慢：应当是秒数，0 到 {1}，例如 `{2}`",
    ),
    (
        "the name has at most {} bytes, and this has {}, as in `{}`",
        "名称最多 {1} 字节，这里有 {2} 字节；例如 `{3}`",
    ),
    (
        "the name starts with a letter or a digit, and has only letters, digits, '-' and '.', as in `{}`",
        "名称以字母或数字开头，只含字母、数字、'-' 和 '.'，例如 `{1}`",
    ),
    (
        "this stands in front of the first step",
        "这一段在第一步之前",
    ),
    (
        "expected `## Title of the step` above it",
        "上面应当有 `## 步骤的标题`",
    ),
    ("a lesson without a step", "课程没有步骤"),
    ("expected `## Title of the step`", "应当有 `## 步骤的标题`"),
    ("this step is empty", "这一步是空的"),
    (
        "expected text or a block below its title",
        "标题下面应当有文字或块",
    ),
    ("a step without a title", "步骤没有标题"),
    ("a heading of level {}", "{1} 级标题"),
    (
        "a lesson has `## Title of the step` headings only; its own title is in the front matter",
        "课程里只有 `## 步骤的标题` 这种标题；课程自己的标题在头部信息里",
    ),
    ("a heading has no live values", "标题里不能有实时值"),
    ("put it into the text below", "请写进下面的正文"),
    ("an underlined heading", "用下划线写的标题"),
    (
        "expected `## Title of the step`, or an empty line above the line of dashes",
        "应当写 `## 步骤的标题`，或者在那行短横线上面空一行",
    ),
    (
        "a heading inside a list or a quotation",
        "标题在列表或引用里",
    ),
    ("put it at the left margin", "请顶格写"),
    ("a line across is not shown in a lesson", "课程里不显示横线"),
    (
        "start a new step with `##` instead",
        "请用 `##` 开始新的一步",
    ),
    ("HTML is not shown in a lesson", "课程里不显示 HTML"),
    (
        "write it in backticks if the `<` is meant",
        "如果要的就是 `<`，请放进反引号",
    ),
    ("a table is not shown in a lesson", "课程里不显示表格"),
    (
        "write a list, or draw it in a code block",
        "请写成列表，或者画在代码块里",
    ),
    ("pictures are not shown in a lesson", "课程里不显示图片"),
    (
        "describe it, or draw it in a code block",
        "请用文字说明，或者画在代码块里",
    ),
    (
        "`}}` has no `{{` on its line",
        "这一行的 `}}` 没有对应的 `{{`",
    ),
    (
        "`{{` has no `}}` on its line",
        "这一行的 `{{` 没有对应的 `}}`",
    ),
    ("expected `{{ expression }}`", "应当是 `{{ 表达式 }}`"),
    (
        "`**` has no partner that Markdown accepts",
        "`**` 没有 Markdown 认可的另一半",
    ),
    (
        "keep punctuation outside: `**word**.`",
        "标点要放在外面：`**词**。`",
    ),
    ("a backtick without its partner", "反引号没有另一半"),
    ("expected `code`", "应当是 `代码`"),
    (
        "this fence is indented by four spaces or more, so it is shown as text",
        "这个围栏缩进了四格或更多，所以会当作正文显示",
    ),
    (
        "this fence is indented by four spaces or more, so it does not close {}",
        "这个围栏缩进了四格或更多，所以没有结束{1}",
    ),
    (
        "{} is never closed: line {} begins {}",
        "{1}没有结束：第 {2} 行开始了{3}",
    ),
    ("{} is never closed", "{1}没有结束"),
    (
        "expected a line of as many backticks as the first one has, above that line",
        "在那一行上面，应当有一行与开头同样多的反引号",
    ),
    (
        "expected a line of as many backticks as the first one has",
        "应当有一行与开头同样多的反引号",
    ),
    (
        "the block `{}` inside a list or a quotation",
        "块 `{1}` 在列表或引用里",
    ),
    ("not an expression: {}", "这不是表达式（解析器说：{1}）"),
    ("did you mean `==`?", "是不是 `==`？"),
    (
        "expected something like `host.hostname`",
        "应当是 `host.hostname` 这样的写法",
    ),
    (
        "this expression has no value: {}",
        "这个表达式没有值（求值器说：{1}）",
    ),
    ("the character {} cannot be shown", "字符 {1} 无法显示"),
    (
        "expected text, spaces and line ends",
        "应当是文字、空格和换行",
    ),
    ("a second `{}` in this step", "这一步里有第二个 `{1}`"),
    ("no `sources`", "没有 `sources`"),
    (
        "name the man pages to read on, as in `{}`",
        "请列出可以接着读的手册页，例如 `{1}`",
    ),
    (
        "can't read {}, so that the lab can't show it: {}",
        "无法读取 {1}，所以不能给实验环境看：{2}",
    ),
    (
        "{} holds more than {} MiB, and the lab would keep a copy of them in memory; share a smaller directory",
        "{1} 里的文件超过 {2} MiB，而实验环境会在内存里保留一份副本；请换一个小一些的目录",
    ),
    (
        "{} holds more than {} files, and the lab would keep a copy of them in memory; share a smaller directory",
        "{1} 里的文件超过 {2} 个，而实验环境会在内存里保留一份副本；请换一个小一些的目录",
    ),
    (
        "can't copy {} into memory: {}",
        "无法把 {1} 复制到内存：{2}",
    ),
    (
        "`share` names a directory beside the lesson's file",
        "`share` 写的是课程文件旁边的目录",
    ),
    (
        "expected a directory beside the lesson's file: `files`, `../files`",
        "应当是课程文件旁边的目录：`files`、`../files`",
    ),
    ("no `minutes`", "没有 `minutes`"),
    (
        "say about how long the lesson takes, as in `minutes = 8`",
        "请写明大约要多少分钟，例如 `minutes = 8`",
    ),
    ("the title is {} columns wide", "标题宽 {1} 列"),
    (
        "more than {} don't fit into the title bar at 80 columns",
        "80 列宽的屏幕，标题栏放不下超过 {1} 列的",
    ),
    (
        "line {} has a step of the same title",
        "第 {1} 行有标题相同的步骤",
    ),
    (
        "a learner who skips through finds a step by its title",
        "跳着看的人靠标题找步骤",
    ),
    ("this line is {} columns wide", "这一行宽 {1} 列"),
    (
        "more than {} don't fit into the lesson's pane",
        "超过 {1} 列，课程窗格放不下",
    ),
    (
        "more than {} don't fit after a shell's prompt at 80 columns",
        "超过 {1} 列，80 列宽的 shell 提示符后面放不下",
    ),
    (
        "the figure shows {}, and nothing up to here launches it",
        "图要显示 {1}，但到这里为止没有启动它",
    ),
    (
        "name sides that are there in this step, or leave `sides` out",
        "请写这一步里有的那些边，或者不写 `sides`",
    ),
    (
        "the figure of {} has nothing to draw in this step",
        "`{1}` 的图在这一步没有可画的内容",
    ),
    (
        "{} is joined before anything launches it",
        "{1} 还没有启动就有容器要加入它",
    ),
    (
        "put the `launch` of that one above",
        "请把它的 `launch` 放在上面",
    ),
    (
        "the expression of \"{}\" looks at nothing, so it is never measured",
        "选项“{1}”的表达式什么也没看，所以永远测不出来",
    ),
    (
        "write what would be seen if this choice were right, or choose another wrong answer",
        "请写出假如这个选项正确会看到什么，或者换一个错误选项",
    ),
    (
        "this check looks at nothing: it is true, or false, for ever",
        "这个检查什么也没看：它要么一直为真，要么一直为假",
    ),
    (
        "name what changes, as in `{}`",
        "请写出会变的东西，例如 `{1}`",
    ),
    (
        "the prompt waits for this `sleep`",
        "提示符要等这个 `sleep`",
    ),
    (
        "this loop never ends if the event doesn't happen",
        "等的事情一直不发生，这个循环就一直不结束",
    ),
    (
        "count its tries, so that it fails after the last one: `{}`",
        "请限定次数，让它在最后一次之后失败：`{1}`",
    ),
    (
        "no time is right on every machine: wait for what should happen, as in `{}`; a `sleep` in the background needs `&`",
        "没有哪个时间在每台机器上都合适：请等待该发生的事，例如 `{1}`；后台的 `sleep` 要加 `&`",
    ),
    (
        "the last hint has no `solution`",
        "最后一条提示没有 `solution`",
    ),
    (
        "it shows the commands, and lets `nslab verify` try them, as in `{}`",
        "它给出命令，也让 `nslab verify` 试一遍，例如 `{1}`",
    ),
    (
        "only the last hint may have a `solution`",
        "只有最后一条提示可以有 `solution`",
    ),
    (
        "hints are tiers; keep the solution for the last one",
        "提示要由浅入深，解法留给最后一条",
    ),
    (
        "this near miss has no `sample`",
        "这个常见错误没有 `sample`",
    ),
    (
        "it lets `nslab verify` try whether it can happen, as in `{}`",
        "它让 `nslab verify` 试一试会不会发生，例如 `{1}`",
    ),
    (
        "the first hint tells the solution: `{}`",
        "第一条提示就说出了解法：`{1}`",
    ),
    (
        "`in` joins everything: `join` and `of` have nothing to add",
        "`in` 加入全部命名空间，不必再写 `join` 和 `of`",
    ),
    ("`of` without `join`", "有 `of` 而没有 `join`"),
    (
        "say which of its namespaces, as in `{}`",
        "请说明要它的哪些命名空间，例如 `{1}`",
    ),
    ("a container can't join itself", "容器不能加入自己"),
    (
        "expected another one, as in `container = 2`",
        "应当是另一个容器，例如 `container = 2`",
    ),
    ("`{}` needs {}", "`{1}` 需要 {2}"),
    (
        "expected `{}` among its `flags`",
        "它的 `flags` 里应当有 `{1}`",
    ),
    ("a script without an action", "脚本里没有动作"),
    (
        "expected lines like `launch uts`, `host: hostname web1`, `choose uts`, `open code`",
        "应当是这样的行：`launch uts`、`host: hostname web1`、`choose uts`、`open code`",
    ),
    ("nothing is typed here", "这里没有要敲的命令"),
    (
        "expected a command, as in `{}`",
        "应当有一条命令，例如 `{1}`",
    ),
    ("`{}` takes one word", "`{1}` 后面只有一个词"),
    (
        "expected words like `container=2`, `proc=fresh` after the flags",
        "标志后面是 `container=2`、`proc=fresh` 这样的词",
    ),
    ("the id `{}` is taken by {}", "id `{1}` 已经被 {2} 使用"),
    (
        "expected an id of its own for each lesson",
        "每课要有自己的 id",
    ),
    (
        "translations agree in everything but their words",
        "译文只有文字可以不同，其余要一致",
    ),
    ("this step reads as in {}", "这一步的文字与 {1} 里的一样"),
    ("it is not translated yet", "它还没有翻译"),
    ("there is no {}/{}", "缺少 {1}/{2}"),
    (
        "each lesson is a file of the same name in both folders",
        "每一课在两个文件夹里各有一个同名文件",
    ),
    ("{} here, and in {} {}", "这里有 {1}，{2} 里有 {3}"),
    (
        "{} stands here, and {} at {}",
        "这里是 {1}，而 {3} 处是 {2}",
    ),
    (
        "{}: {} here, and {} at {}",
        "{1}：这里是 {2}，而 {4} 处是 {3}",
    ),
    (
        "this `recap` is not in the last step",
        "这个 `recap` 不在最后一步",
    ),
    ("a lesson closes with it", "它是一课的结尾"),
    ("the last step has no `recap`", "最后一步没有 `recap`"),
    (
        "say in {} sentences what to remember, as in `{}`",
        "请用 {1} 句话说出要记住什么，例如 `{2}`",
    ),
    (
        "this `recap` has {} of {} sentences",
        "这个 `recap` 有 {1} 句，应为 {2} 句",
    ),
    (
        "a lesson has {} sentences to keep, neither more nor less",
        "每课要记住 {1} 句话，不多也不少",
    ),
    ("this is not one sentence: {}", "这不是一句话：{1}"),
    (
        "each entry is one whole sentence, with its full stop",
        "每一项是完整的一句话，带句号",
    ),
    (
        "a sentence of this `recap` is {} columns wide: {}",
        "这个 `recap` 有一句宽 {1} 列：{2}",
    ),
    ("nobody remembers more than {}", "超过 {1} 列就记不住了"),
    (
        "the file begins with a byte order mark (BOM)",
        "文件开头有字节顺序标记（BOM）",
    ),
    (
        "save it as UTF-8, without a byte order mark",
        "请存成 UTF-8，不带字节顺序标记",
    ),
    ("the file is UTF-16", "这个文件是 UTF-16"),
    (
        "the file is not text: it has a zero byte here",
        "这个文件不是文本：这里有一个零字节",
    ),
    ("expected Markdown", "应当是 Markdown"),
    (
        "the file is not UTF-8 from here on; it seems to be GB18030 (GBK)",
        "从这里起不是 UTF-8，看起来是 GB18030（GBK）",
    ),
    ("the byte {} here is not UTF-8", "这里的字节 {1} 不是 UTF-8"),
    ("this is a directory", "这是目录"),
    (
        "this is a FIFO, a socket or a device",
        "这是 FIFO、套接字或设备",
    ),
    (
        "expected a text file of this name",
        "应当是这个名字的文本文件",
    ),
    ("this file is larger than {} MiB", "这个文件超过 {1} MiB"),
    ("divide it into several lessons", "请分成几课"),
    ("this link leads to nothing", "这个链接指向的东西不存在"),
    (
        "remove it, or put a file where it leads",
        "请删掉它，或者在它指向的地方放一个文件",
    ),
    ("this link leads back to itself", "这个链接指回了自己"),
    (
        "remove it, or let it lead to a file",
        "请删掉它，或者让它指向一个文件",
    ),
    ("you may not read this file", "没有权限读这个文件"),
    (
        "its permissions, or those of a directory above it, refuse",
        "它的权限，或者上层目录的权限，不允许",
    ),
    ("this file can't be read: {}", "读不了这个文件：{1}"),
    ("expected a text file", "应当是文本文件"),
];

/// Parts of sentences, in place of `{}`.
pub(super) const PIECES: &[Translation] = &[
    ("nothing more", "没有别的了"),
    ("none", "没有"),
    ("absent", "没有"),
    ("the block `{}`", "块 `{1}` "),
    ("a fenced block", "围栏块"),
    ("another block", "另一个块"),
    ("a step", "新的一步"),
    ("1 step", "1 步"),
    ("{} steps", "{1} 步"),
    ("1 sentence", "1 句"),
    ("{} sentences", "{1} 句"),
    ("a string", "字符串"),
    ("a list of strings", "字符串列表"),
    ("a list of tables", "表的列表"),
    ("a list", "列表"),
    ("an integer", "整数"),
    ("a boolean", "布尔值"),
    ("a float", "小数"),
    ("a table", "表"),
    ("a datetime", "日期时间"),
    ("true or false", " true 或 false"),
    ("a number from {} to {}", " {1} 到 {2} 的整数"),
    (
        "a `predict` of {} choices with answer {}, shown by {}, measured {}",
        "一个 `predict`，{1} 个选项，答案是 {2}，由 {3} 判断，实测 {4}",
    ),
    (
        "a `predict` of {} choices with answer {}, shown by {}",
        "一个 `predict`，{1} 个选项，答案是 {2}，由 {3} 判断",
    ),
    (
        "a `predict` of {} choices with answer {}, measured {}",
        "一个 `predict`，{1} 个选项，答案是 {2}，实测 {3}",
    ),
    (
        "a `predict` of {} choices with answer {}",
        "一个 `predict`，{1} 个选项，答案是 {2}",
    ),
    ("a `launch` of {} with {}", "一个 `launch`，{1}，带 {2}"),
    ("`run {}` with {}", "`run {1}`，内容是 {2}"),
    ("a `check` of `{}`, {}", "一个 `check`，条件是 `{1}`，{2}"),
    ("a `check` of {}", "一个 `check`，条件是 {1}"),
    ("a `hint` with the solution {}", "一个 `hint`，解法是 {1}"),
    ("a `hint`", "一个 `hint`"),
    (
        "wrong when `{}`, with the sample {}",
        "常见错误是 `{1}`，样例是 {2}",
    ),
    ("wrong when {}", "常见错误是 {1}"),
    ("with a hint", "带一条提示"),
    ("with a hint, {}", "带一条提示，{1}"),
    ("live values", "实时值"),
    ("the `{}`", "`{1}` "),
    (
        "programs [{}], namespaces {}, lab host [{}]{}",
        "程序 [{1}]，命名空间 {2}，实验宿主机 [{3}]{4}",
    ),
    ("rows [{}]{}", "行 [{1}]{2}"),
];
