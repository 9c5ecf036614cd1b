//! The diagnosis as text, in each language.

use std::fmt::Write as _;

use super::{Diagnosis, KindDiagnosis, LackingLesson, MissingProgram, apparmor};
use crate::explain::{Gate, Refusal, Remedy, shortfall};
use crate::lang::Lang;

struct DoctorWords {
    title: &'static str,
    root: &'static str,
    user: &'static str,
    kinds: &'static str,
    kinds_in_lab: &'static str,
    works: &'static str,
    lessons: &'static str,
    lab_host: &'static str,
    lab_works: &'static str,
    lab_fails: &'static str,
    some_lack: &'static str,
    steps: [&'static str; 2],
    unbounded: &'static str,
    refused: &'static str,
    helps: &'static str,
    install: &'static str,
    blunt: &'static str,
    missing: &'static str,
    ended: &'static str,
    colon: &'static str,
    comma: &'static str,
}

const EN: DoctorWords = DoctorWords {
    title: "nslab doctor",
    root: "root",
    user: "ordinary user",
    kinds: "Namespaces, each in a process of its own",
    kinds_in_lab: "Namespaces, each with a container in the lab host",
    works: "works",
    lessons: "lessons: ",
    lab_host: "Lab host",
    lab_works: "can be made, and the lessons run in it",
    some_lack: "can be made; steps of these lessons can't work in it, all others do:",
    steps: ["step ", " of "],
    lab_fails: "can't be made: the lessons' shells have nowhere to run",
    unbounded: "The memory of the lab's programs is bounded by the machine alone: nslab may make no \
                cgroup here that bounds it. In a container, the engine's --memory bounds it; with \
                systemd, this command does:",
    refused: "What refused",
    helps: "What helps",
    install: "Install nslab's AppArmor profile, which allows this to nslab and to nothing else:",
    blunt: "The blunt way, for every program and until the next boot:",
    missing: "Programs that lessons use and that are not installed",
    ended: "its process ended: ",
    colon: ": ",
    comma: ", ",
};

const ZH: DoctorWords = DoctorWords {
    title: "nslab doctor",
    root: "root",
    user: "普通用户",
    kinds: "命名空间，每一种都在单独的进程里试过",
    kinds_in_lab: "命名空间，每一种都在实验宿主机里用一个容器试过",
    works: "可用",
    lessons: "涉及课程：",
    lab_host: "实验宿主机",
    lab_works: "可以创建，课程都能在里面运行",
    some_lack: "可以创建；下列课程的部分步骤无法进行，其余都能运行：",
    steps: ["第 ", " 步，共 "],
    lab_fails: "无法创建：课程的 shell 无处运行",
    unbounded: "实验中程序的内存只受本机自身限制：nslab 在这里无法创建能限制内存的 cgroup。\
                在容器里，容器引擎的 --memory 选项可以限制它；有 systemd 时，用这条命令：",
    refused: "谁拒绝了",
    helps: "怎么办",
    install: "安装 nslab 的 AppArmor 配置，它只对 nslab 放行，不影响别的程序：",
    blunt: "简单粗暴的办法，对所有程序放行，重启后恢复：",
    missing: "课程会用到、但没有安装的程序",
    ended: "进程已结束：",
    colon: "：",
    comma: "、",
};

impl Diagnosis {
    /// The report. `binary`: the path of this nslab.
    pub(crate) fn text(&self, lang: Lang, binary: &str) -> String {
        let words = match lang {
            Lang::En => &EN,
            Lang::ZhCn => &ZH,
        };
        let mut text = String::new();
        self.head(&mut text, words);
        let kinds = match self.lab_host.bounds_memory {
            Some(_) => words.kinds_in_lab,
            None => words.kinds,
        };
        if !self.kinds.is_empty() {
            let _ = writeln!(text, "\n{kinds}");
        }
        for kind in &self.kinds {
            let _ = writeln!(text, " {}", row(kind, lang, words));
        }
        let _ = writeln!(text, "\n{}", words.lab_host);
        lab_host(&mut text, self, lang, words);
        self.gates_and_remedies(&mut text, lang, words, binary);
        if !self.missing.is_empty() {
            let _ = writeln!(text, "\n{}", words.missing);
            for program in &self.missing {
                let _ = writeln!(text, " {}", absent(program, words));
            }
        }
        text
    }

    fn head(&self, text: &mut String, words: &DoctorWords) {
        let mut parts = vec![words.title.to_owned()];
        parts.extend(self.machine.release.iter().map(|it| format!("Linux {it}")));
        let who = |euid| if euid == 0 { words.root } else { words.user };
        parts.extend(self.machine.euid.map(|euid| who(euid).to_owned()));
        let _ = writeln!(text, "{}", parts.join(" · "));
    }

    fn gates_and_remedies(&self, text: &mut String, lang: Lang, words: &DoctorWords, binary: &str) {
        let gates = self.gates();
        if gates.is_empty() {
            return;
        }
        let _ = writeln!(text, "\n{}", words.refused);
        for gate in gates {
            let why = format!("{}{}{}", gate.name(lang), words.colon, gate.why(lang));
            text.push_str(&wrapped(&why));
        }
        if self.remedies.is_empty() {
            return;
        }
        let _ = writeln!(text, "\n{}", words.helps);
        for remedy in &self.remedies {
            let _ = match remedy {
                Remedy::ApparmorProfile => writeln!(
                    text,
                    " {}\n   {}\n {}\n   {}",
                    words.install,
                    apparmor::command(binary),
                    words.blunt,
                    apparmor::BLUNT
                ),
                other => write!(text, "{}", wrapped(&other.words(lang))),
            };
        }
    }
}

/// Wraps a sentence at eighty columns.
fn wrapped(sentence: &str) -> String {
    let options = textwrap::Options::new(79)
        .initial_indent(" ")
        .subsequent_indent("   ")
        .break_words(false);
    textwrap::fill(sentence, options) + "\n"
}

fn row(kind: &KindDiagnosis, lang: Lang, words: &DoctorWords) -> String {
    let label = format!("{:<6}", kind.kind.label());
    if kind.works {
        return format!("✔ {label} {}", words.works);
    }
    let mut parts = Vec::new();
    if let Some(refusal) = &kind.refusal {
        let before = kind.after.iter().map(|call| format!("{call} ✔ → "));
        parts.push(before.collect::<String>() + &refused(refusal, lang));
    }
    if let Some(exit) = kind.ended {
        parts.push(format!("{}{exit}", words.ended));
    }
    parts.extend(lessons(&kind.lessons, words));
    format!("✘ {label} {}", parts.join(" · "))
}

fn lessons(ids: &[String], words: &DoctorWords) -> Option<String> {
    (!ids.is_empty()).then(|| format!("{}{}", words.lessons, ids.join(words.comma)))
}

/// `unshare(CLONE_NEWUSER) EPERM · seccomp`
fn refused(refusal: &Refusal, lang: Lang) -> String {
    let errno = refusal.step.refusal().unwrap_or_default();
    let call = &refusal.step.call;
    match &refusal.explanation.gate {
        Gate::Unknown => format!("{call} {errno}"),
        gate => format!("{call} {errno} · {}", gate.name(lang)),
    }
}

fn lab_host(text: &mut String, diagnosis: &Diagnosis, lang: Lang, words: &DoctorWords) {
    let lab = &diagnosis.lab_host;
    if lab.bounds_memory.is_none() {
        let why = match (&lab.refusal, &lab.failure) {
            (Some(refusal), _) => refused(refusal, lang),
            (None, Some(failure)) => failure.clone(),
            (None, None) => String::new(),
        };
        let _ = writeln!(text, " ✘ {}\n   {why}", words.lab_fails);
        return;
    }
    if diagnosis.lessons.is_empty() {
        let _ = writeln!(text, " ✔ {}", words.lab_works);
    } else {
        let _ = writeln!(text, " ✔ {}", words.some_lack);
        for lesson in &diagnosis.lessons {
            let _ = writeln!(text, "   {}", lacking(lesson, words));
        }
    }
    for missing in &lab.shortfalls {
        text.push_str(&wrapped(&format!("! {}", shortfall(lang, *missing))));
    }
    if let Some(command) = lab.bound_by {
        text.push_str(&wrapped(&format!("! {}", words.unbounded)));
        let _ = writeln!(text, "   {command}");
    }
}

/// `uts: step 3, 4 of 7`
fn lacking(lesson: &LackingLesson, words: &DoctorWords) -> String {
    let LackingLesson {
        lesson,
        steps,
        lacking,
    } = lesson;
    let numbers: Vec<_> = lacking.iter().map(usize::to_string).collect();
    let [step, of] = words.steps;
    let numbers = numbers.join(words.comma);
    format!("{lesson}{}{step}{numbers}{of}{steps}", words.colon)
}

fn absent(missing: &MissingProgram, words: &DoctorWords) -> String {
    let install = missing
        .package
        .map(|package| format!("sudo apt install {package}"));
    let mut parts = vec![missing.program.clone()];
    parts.extend(install);
    parts.extend(lessons(&missing.lessons, words));
    parts.join(" · ")
}
