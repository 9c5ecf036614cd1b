//! The faults in Chinese: rows for `lesson::chinese`.
//!
//! Faults cross from one process to another in English. Must not know where one was found.

use crate::lang::Lang;
use crate::lesson::chinese::{Translation, translated};

/// A fault in a language; unchanged if there is no row.
pub(super) fn fault_text(lang: Lang, english: &str) -> String {
    in_language(lang, FAULTS, english)
}

/// A value beside a fault.
pub(super) fn value_text(lang: Lang, english: &str) -> String {
    in_language(lang, SEEN, english)
}

fn in_language(lang: Lang, rows: &[Translation], english: &str) -> String {
    let chinese = match lang {
        Lang::En => None,
        Lang::ZhCn => translated(rows, PIECES, english),
    };
    chinese.unwrap_or_else(|| english.to_owned())
}

/// Faults of a step.
const FAULTS: &[Translation] = &[
    (
        "\"{}\" is true without anything that this step does for it: {}, and in {} more states",
        "这一步为“{1}”什么也没做，它就已经成立：{2}，以及另外 {3} 种状态下",
    ),
    (
        "\"{}\" is true without anything that this step does for it: {}",
        "这一步为“{1}”什么也没做，它就已经成立：{2}",
    ),
    (
        "\"{}\" is true though `{}` was typed into the {}'s shell",
        "`{2}` 是在{3}的 shell 里输入的，“{1}”却成立",
    ),
    (
        "\"{}\" would also hold if echo had printed the same: let it test `last.program` or the state",
        "换成 echo 打印同样的内容，“{1}”也成立：请检查 `last.program`，或者检查状态",
    ),
    (
        "the effect of the steps before is missing",
        "前面的步骤该留下的东西不在",
    ),
    ("the lab host is gone", "实验宿主机已经没有了"),
    ("there is no such lesson", "没有这一课"),
    (
        "the steps before could not be done again",
        "前面的步骤没能重做",
    ),
    (
        "the steps before could not be done again: {}",
        "前面的步骤没能重做：{1}",
    ),
    (
        "a shell or the lab host did not start",
        "shell 或实验宿主机一直没有出现",
    ),
    (
        "`{}` ended with status {}, and no condition on `{}` was true then",
        "`{1}` 的退出状态是 {2}，当时没有关于 `{3}` 的条件为真",
    ),
    (
        "nothing in this step makes \"{}\" true: it needs a `proof`, or a hint with a `solution`",
        "这一步里没有什么能使“{1}”成立：需要 `proof`，或者带 `solution` 的提示",
    ),
    ("`{}` can't be typed: {}", "无法输入 `{1}`：{2}"),
    (
        "`{}` ended with status {}, and no check or prediction of this step looks at `{}`",
        "`{1}` 的退出状态是 {2}，而这一步没有检查或预测看 `{3}`",
    ),
    ("`{}` ended the {}'s shell", "{2}的 shell 因 `{1}` 而结束"),
    ("`{}` did not end", "`{1}` 没有结束"),
    (
        "this prediction has no `exprs`: nothing shows that its answer is right",
        "这道预测题没有 `exprs`：没有什么说明它的答案是对的",
    ),
    ("the answer {} was not measured", "答案 {1} 没有测出来"),
    (
        "the answer {} was measured, and so was {}",
        "不只有答案 {1}：还测到 {2}",
    ),
    (
        "the answer {} was not measured; {} was",
        "实测不支持答案 {1}：测到的是 {2}",
    ),
    (
        "`{}` has no value when the learner comes here",
        "学到这里时 `{1}` 还没有值",
    ),
    (
        "\"{}\" is true before anything was done for it",
        "还什么也没做，“{1}”就已经成立",
    ),
    (
        "\"{}\" becomes true by any command that succeeds",
        "任何一条成功的命令都会使“{1}”成立",
    ),
    (
        "\"{}\" becomes true by any command that fails",
        "任何一条失败的命令都会使“{1}”成立",
    ),
    (
        "\"{}\" is true and has no ✔: it was true before",
        "“{1}”成立却没有打勾：它之前就成立了",
    ),
    ("\"{}\" did not become true", "“{1}”没有成立"),
    ("there is no lab host", "没有实验宿主机"),
    ("there is no lab host: {}", "没有实验宿主机：{1}"),
    ("the {} could not be launched", "无法启动{1}"),
    ("the {} could not be launched: {}", "无法启动{1}：{2}"),
    ("no snapshot of the {} arrived", "看不到{1}的任何信息"),
    (
        "the {}'s shell ended at once: {}",
        "{1}的 shell 一启动就结束了：{2}",
    ),
    ("the {}'s shell did not start", "{1}的 shell 一直没有出现"),
    ("there is no {}", "没有{1}"),
    (
        "the {}'s shell marks no prompt: verify needs bash 4.4 or later",
        "{1}的 shell 没有标出提示符：verify 需要 bash 4.4 或更新版本",
    ),
    (
        "the {}'s shell is not at its prompt",
        "{1}的 shell 不在提示符处",
    ),
    ("the {} has no shell", "{1}没有 shell"),
    (
        "this way doesn't make \"{}\" true",
        "这个做法没有使“{1}”成立",
    ),
    (
        "the last hint has no `solution`",
        "最后一条提示没有 `solution`",
    ),
    (
        "this near miss has no `sample`",
        "这个常见错误没有 `sample`",
    ),
    (
        "after this sample the check is true",
        "执行这个样例之后，检查反而成立",
    ),
    (
        "this sample is the near miss of line {}",
        "这个样例是第 {1} 行的常见错误",
    ),
    (
        "this sample does not make its `when` true",
        "这个样例没有使它的 `when` 成立",
    ),
    (
        "`{}` has a live value that is missing",
        "`{1}` 里有还不存在的值",
    ),
    (
        "the nslab that did this lesson ended before it was done: {}",
        "做这一课的 nslab 没做完就结束了：{1}",
    ),
    (
        "starting nslab for the lesson {}: {}",
        "无法为课程 {1} 启动 nslab：{2}",
    ),
    ("no thread can be started: {}", "无法启动线程：{1}"),
    ("epoll: {}", "epoll：{1}"),
];

/// A value of an expression beside a fault.
const SEEN: &[Translation] = &[
    ("{} is {}", "{1} 是 {2}"),
    ("{} has no value", "{1} 没有值"),
];

/// Parts in place of `{}`.
const PIECES: &[Translation] = &[
    ("at the end of step {}", "第 {1} 步结束时"),
    ("after the sample of line {}", "第 {1} 行的样例之后"),
    ("{}, at the end of step {}", "{1}、第 {2} 步结束时"),
    (
        "{}, after the sample of line {}",
        "{1}、第 {2} 行的样例之后",
    ),
    ("host", "宿主机"),
    ("container", "容器"),
    ("container2", "容器 2"),
    ("container3", "容器 3"),
    ("container4", "容器 4"),
    ("container5", "容器 5"),
    ("container6", "容器 6"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_chinese_has_no_english_but_what_it_quotes() {
        for (english, chinese) in [
            (
                "`exit` ended the container2's shell",
                "容器 2的 shell 因 `exit` 而结束",
            ),
            (
                "\"n\" is true without anything that this step does for it: at the end of step 1, after the \
                 sample of line 9, and in 2 more states",
                "这一步为“n”什么也没做，它就已经成立：第 1 步结束时、第 9 行的样例之后，以及另外 2 种状态下",
            ),
        ] {
            assert_eq!(fault_text(Lang::ZhCn, english), chinese);
            assert_eq!(fault_text(Lang::En, english), english);
        }
        assert_eq!(
            value_text(Lang::ZhCn, "host.uid has no value"),
            "host.uid 没有值"
        );
    }
}
