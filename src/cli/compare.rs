//! `nslab compare`: makes a lab host and a container in it, and prints what each side sees; or prints what
//! two processes of the machine see.

mod processes;
mod unit;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use self::processes::{Counterpart, Looked, ProcessOption};
use super::args::{ConsentOption, FlagsOption, HostOption, LangOption, planned, refusal_words};
use super::output::{UsageError, exit_code, in_words, print};
use super::worker;
use crate::app::texts;
use crate::explain;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::Snapshot;
use crate::observe::comparison::{self, ComparedRow};
use crate::observe::rows::RowId;
use crate::observe::snapshot::EXAMPLE;
use crate::observe::watch;
use crate::sandbox::entry::{Errand, ProgramEntry};
use crate::sandbox::environment::{OutputTarget, shell};
use crate::sandbox::launch::{Event, HeldProcess, OngoingLaunch};
use crate::sandbox::{FAILED, Host, LaunchOptions, Plan, Side};

/// The script of each side's first process: it waits until it has been observed, then executes the command.
/// So the container's process 1 is first the compared shell, then the command.
const WAIT_THEN_RUN: &str = r#"read -r _ && exec "$@""#;

/// The widest column of the text output. Longer values overflow.
const COLUMN: usize = 34;

/// Make a container, and print what host and container each see.
///
/// With --pid, --container or --unit, compares that process of the machine instead: nothing is made and
/// nothing is changed.
///
/// With a command, it is also run on both sides, as the host's program and as the container's
/// first process, and both outputs are printed.
#[derive(Debug, Args)]
#[command(after_help = json_help(Lang::En))]
pub(super) struct CompareArgs {
    #[command(flatten)]
    flags: FlagsOption,
    #[command(flatten)]
    launch: LaunchOptions,
    #[command(flatten)]
    host: HostOption,
    #[command(flatten)]
    consent: ConsentOption,
    #[command(flatten)]
    process: ProcessOption,
    /// What that process is compared with: another pid, or machine
    #[arg(long, value_name = "PID", requires = "process")]
    with: Option<Counterpart>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// A command to run on both sides
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Notes on fields whose names don't explain them.
const NOTES: [(&str, [&str; 2]); 3] = [
    (
        "namespaces",
        [" (kind → {dev, ino})", "（种类 → {dev, ino}）"],
    ),
    (
        "shell_pid",
        [" (what echo $$ prints)", "（echo $$ 打印的值）"],
    ),
    ("uptime", [" (seconds)", "（秒）"]),
];

/// Documents the JSON by the fields that an example has, so that no field can be forgotten.
pub(super) fn json_help(lang: Lang) -> String {
    let rows = comparison::compare(&EXAMPLE, &EXAMPLE);
    let [side, row] = [
        serde_json::to_value(&*EXAMPLE),
        serde_json::to_value(&rows[0]),
    ]
    .map(|example| fields(&example.unwrap_or_default(), lang));
    let whole = "{\"flags\":[…],\"host\":{…},\"container\":{…},\"rows\":[…]}";
    let command = "\"command\":{\"host\":{…},\"container\":{…}}";
    match lang {
        Lang::En => format!(
            "\
JSON: {whole}
  a side: {side}
  a row: {row}
  with a command, also {command}: stdout, stderr, status
  where this user may not read a process, its side and its values are null, and each row has
  missing (the right that this user lacks) instead of differs and own_namespace
Exit code: 0, or 125 when the sandbox itself failed."
        ),
        Lang::ZhCn => format!(
            "\
JSON：{whole}
  一边（host、container）：{side}
  一行：{row}
  给出命令时还有 {command}：stdout、stderr、status
  当前用户无权读取某个进程时，那一边和它的值是 null，每一行有 missing（缺少的权限），没有 differs 和 own_namespace
退出状态：0；实验环境本身出错时是 125。"
        ),
    }
}

fn fields(example: &Value, lang: Lang) -> String {
    let fields = example.as_object().into_iter().flatten();
    let field =
        |(name, value): (&String, &Value)| match (NOTES.iter().find(|(of, _)| of == name), value) {
            (Some((_, note)), _) => format!("{name}{}", lang.pick(*note)),
            (None, Value::Object(_)) => format!("{name} {{{}}}", self::fields(value, lang)),
            (None, _) => name.clone(),
        };
    fields.map(field).collect::<Vec<_>>().join(", ")
}

#[derive(Debug, Serialize)]
struct CompareReport {
    flags: NamespaceSet,
    host: Option<Snapshot>,
    container: Option<Snapshot>,
    rows: Vec<CompareRow>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    command: BTreeMap<Side, CommandOutput>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CompareRow {
    Compared(ComparedRow),
    /// This user may not read a side.
    Unread {
        id: RowId,
        namespace: Namespace,
        label: &'static str,
        host: Option<String>,
        container: Option<String>,
        /// The right that is missing.
        missing: String,
    },
}

impl CompareRow {
    /// Its label, its two values, and how these compare.
    fn cells(&self, lang: Lang) -> [String; 4] {
        match self {
            CompareRow::Compared(row) => [
                row.label.to_owned(),
                row.host.clone(),
                row.container.clone(),
                texts::relation(lang, row.namespace, row.own_namespace, row.differs),
            ],
            CompareRow::Unread {
                label,
                host,
                container,
                missing,
                ..
            } => {
                let [host, container] =
                    [host, container].map(|value| value.clone().unwrap_or_else(|| "?".to_owned()));
                [(*label).to_owned(), host, container, missing.clone()]
            }
        }
    }
}

/// The rows of two processes. If one may not be read, each row names the missing right.
fn rows(sides: &[Looked; 2]) -> Vec<CompareRow> {
    let [left, right] = sides.each_ref().map(|side| side.sees.as_ref());
    let missing = match (left, right) {
        (Ok(left), Ok(right)) => {
            let rows = comparison::compare(left, right);
            return rows.into_iter().map(CompareRow::Compared).collect();
        }
        (Err(missing), Ok(_)) | (_, Err(missing)) => missing,
    };
    let row = |id: RowId| {
        let value = |side: Result<&Snapshot, _>| side.ok().map(|it| id.value(it).to_string());
        CompareRow::Unread {
            id,
            namespace: id.entry().namespace,
            label: id.entry().label,
            host: value(left),
            container: value(right),
            missing: missing.clone(),
        }
    };
    RowId::ALL.map(row).into()
}

/// A command's output on one side, and its exit code, as the shell's `$?`.
#[derive(Debug, Serialize)]
struct CommandOutput {
    stdout: String,
    stderr: String,
    status: i32,
    /// Why it failed, where that is known.
    #[serde(skip)]
    why: Option<String>,
}

impl CommandOutput {
    /// Adds the reason why the command failed, if the facts of its process explain it.
    fn explained(self, command: &[String], facts: &Facts, lang: Lang) -> Self {
        let line = command.join(" ");
        let why = explain::ended(&line, self.status == 0, &self.stderr, facts);
        Self {
            why: why.map(|why| why.words(lang)),
            ..self
        }
    }
}

pub(super) fn compare(options: &CompareArgs) -> anyhow::Result<ExitCode> {
    let lang = options.lang.or_from_env();
    let compared = if options.process.is_given() {
        if !options.flags.flags.is_empty() || options.launch != LaunchOptions::default() {
            let said = lang.pick([
                "a process that runs already takes no flags and no launch options",
                "进程已经在运行，不能再带标志和启动选项",
            ]);
            return Err(UsageError(said.to_owned()).into());
        }
        look(options, lang)
    } else {
        let launch = options.launch.clone();
        options.host.check(lang)?;
        let plan = planned(options.host.needed(options.flags.flags, lang), launch, lang)?;
        if !options.command.is_empty() {
            options.consent.ask(options.host.host, lang)?;
        }
        measure(options, &plan, lang).map(|report| (report, ColumnNames::of_sides(lang)))
    };
    match compared {
        Ok((report, names)) => {
            let text = if options.json {
                serde_json::to_string_pretty(&report)? + "\n"
            } else {
                as_text(&report, &names, lang)
            };
            print(&text)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.is::<UsageError>() => Err(error),
        Err(error) => {
            eprintln!("nslab compare: {}", in_words(&error, lang));
            Ok(exit_code(FAILED))
        }
    }
}

/// The names of the two sides in the text: left, then right.
struct ColumnNames {
    columns: [String; 2],
    /// The headings above a command's output.
    outputs: [String; 2],
}

impl ColumnNames {
    fn of_sides(lang: Lang) -> Self {
        let sides = [Side::Host, Side::CONTAINER];
        let outputs = match lang {
            Lang::En => sides.map(|side| side.to_string()),
            Lang::ZhCn => ["宿主机", "容器"].map(str::to_owned),
        };
        Self {
            columns: sides.map(|side| texts::column(lang, side)),
            outputs,
        }
    }

    fn of_processes(sides: &[Looked; 2]) -> Self {
        let columns = sides.each_ref().map(|side| side.name.clone());
        Self {
            outputs: columns.clone(),
            columns,
        }
    }
}

/// Observes two processes of the machine. Also returns their names.
fn look(options: &CompareArgs, lang: Lang) -> anyhow::Result<(CompareReport, ColumnNames)> {
    let sides = options
        .process
        .look(options.with.unwrap_or(Counterpart::Machine), lang)?;
    let rows = rows(&sides);
    let mut command = BTreeMap::new();
    if !options.command.is_empty() {
        for (side, looked) in [Side::Host, Side::CONTAINER].into_iter().zip(&sides) {
            command.insert(side, looked.run(&options.command, lang)?);
        }
    }
    let names = ColumnNames::of_processes(&sides);
    let [host, container] = sides.map(|side| side.sees.ok());
    let flags = match (&host, &container) {
        (Some(host), Some(container)) => comparison::own_namespaces(host, container),
        _ => NamespaceSet::EMPTY,
    };
    let report = CompareReport {
        flags,
        host,
        container,
        rows,
        command,
    };
    Ok((report, names))
}

fn measure(options: &CompareArgs, plan: &Plan, lang: Lang) -> anyhow::Result<CompareReport> {
    let lab = options.host.start(lang)?;
    let mut host = Waiting::start(&lab, Side::Host, Plan::default(), options)?;
    let mut container = Waiting::start(&lab, Side::CONTAINER, plan.clone(), options)?;
    let observe = |waiting: &Waiting| {
        let side = waiting.side;
        watch::once(&lab, &waiting.process).with_context(|| match lang {
            Lang::En => format!("observing the {side}"),
            Lang::ZhCn => format!("观察{}", texts::column(lang, side)),
        })
    };
    let (host_sees, container_sees) = (observe(&host)?, observe(&container)?);
    let mut printing = BTreeMap::new();
    if !options.command.is_empty() {
        printing.insert(Side::Host, host.release(&lab)?);
        printing.insert(Side::CONTAINER, container.release(&lab)?);
    }
    // End processes that a command left running: they would hold the output open.
    drop((host, container, lab));
    let mut command = BTreeMap::new();
    for (side, printing) in printing {
        let (facts, printed) = (printing.facts.clone(), printing.end()?);
        command.insert(side, printed.explained(&options.command, &facts, lang));
    }
    let rows = comparison::compare(&host_sees, &container_sees);
    Ok(CompareReport {
        flags: plan.flags,
        host: Some(host_sees),
        container: Some(container_sees),
        rows: rows.into_iter().map(CompareRow::Compared).collect(),
        command,
    })
}

/// The shell of one side, which waits for a line on its standard input.
struct Waiting {
    side: Side,
    process: HeldProcess,
    helper: Child,
    stdin: Option<ChildStdin>,
    end: mpsc::Receiver<Event>,
}

impl Waiting {
    fn start(lab: &Host, side: Side, plan: Plan, options: &CompareArgs) -> anyhow::Result<Self> {
        let lang = options.lang.or_from_env();
        let mut program = shell();
        let name = program[0].clone();
        program.extend(["-c".to_owned(), WAIT_THEN_RUN.to_owned(), name]);
        program.extend(options.command.iter().cloned());
        let entry = ProgramEntry {
            errand: Errand::Launch,
            side,
            plan,
            tty: None,
            screen: OutputTarget::Users,
            program: &program,
        };
        let prepared = lab
            .helper(&entry)
            .context(lang.pick(["opening a socket", "打开套接字"]))?;
        let mut helper = prepared
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context(lang.pick(["starting a helper", "启动辅助进程"]))?;
        let stdin = helper.stdin.take();
        let launch = OngoingLaunch::new(prepared.expected, helper.id())?;
        let (tell, events) = mpsc::channel();
        let follow = move || launch.follow(|event| drop(tell.send(event)));
        worker::start(follow)?;
        let said = |side: Side| match lang {
            Lang::En => format!("{side}: "),
            Lang::ZhCn => format!("{}：", texts::column(lang, side)),
        };
        let mut refused = None;
        for event in &events {
            match event {
                Event::Step(_) => {}
                Event::Refused(step) => refused = Some(step),
                Event::Started(process) => {
                    return Ok(Self {
                        side,
                        process,
                        helper,
                        stdin,
                        end: events,
                    });
                }
                Event::Failed(Some(step)) => bail!("{}{}", said(side), refusal_words(lang, &step)),
                Event::Exited(_) | Event::Failed(None) => break,
            }
        }
        match refused {
            Some(step) => bail!("{}{}", said(side), refusal_words(lang, &step)),
            None => bail!(
                "{}{}",
                said(side),
                lang.pick([
                    "the shell ended before it could be observed",
                    "shell 还没来得及观察就结束了",
                ])
            ),
        }
    }

    /// Lets the shell execute the command, and waits for its end.
    fn release(&mut self, lab: &Host) -> anyhow::Result<PrintingCommand> {
        // The command will be this same process.
        let facts = self.process.facts(lab.place());
        if let Some(mut stdin) = self.stdin.take() {
            stdin.write_all(b"\n")?;
        }
        let stdout = self.helper.stdout.take();
        let stderr = self.helper.stderr.take();
        let stdout = worker::start(move || read_all(stdout))?;
        let stderr = worker::start(move || read_all(stderr))?;
        let status = self.end.iter().find_map(|event| match event {
            Event::Exited(exit) => Some(exit.code()),
            _ => None,
        });
        self.helper.wait()?;
        Ok(PrintingCommand {
            facts,
            stdout,
            stderr,
            status: status.unwrap_or(FAILED),
        })
    }
}

/// A command that has ended, while its children may still have the output open.
struct PrintingCommand {
    facts: Facts,
    stdout: JoinHandle<io::Result<String>>,
    stderr: JoinHandle<io::Result<String>>,
    status: i32,
}

impl PrintingCommand {
    /// Waits until no process has the output open.
    fn end(self) -> io::Result<CommandOutput> {
        let text = |thread: JoinHandle<io::Result<String>>| {
            thread.join().unwrap_or_else(|_| Ok(String::new()))
        };
        Ok(CommandOutput {
            stdout: text(self.stdout)?,
            stderr: text(self.stderr)?,
            status: self.status,
            why: None,
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.process.kill();
        let _ = self.helper.wait();
    }
}

fn read_all(stream: Option<impl Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn as_text(report: &CompareReport, names: &ColumnNames, lang: Lang) -> String {
    let [left, right] = names.columns.clone();
    let heading = [String::new(), left, right, String::new()];
    let rows = report.rows.iter().map(|row| row.cells(lang));
    let table: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let widest = |column: usize| {
        let widths = table.iter().map(|cells| cells[column].width());
        widths.max().unwrap_or(0).min(COLUMN)
    };
    let widths = [0, 1, 2].map(widest);
    let mut text = String::new();
    for [label, host, container, relation] in &table {
        let columns = [label, host, container].into_iter().zip(widths);
        let columns = columns.map(|(cell, width)| pad(cell, width) + "  ");
        let line = columns.collect::<String>() + relation;
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for (side, output) in &report.command {
        let CommandOutput {
            stdout,
            stderr,
            status,
            why,
        } = output;
        let whose = &names.outputs[usize::from(*side != Side::Host)];
        let exit = lang.pick(["exit", "退出状态"]);
        let exit = format!("[{whose}] {exit} {status}");
        let _ = write!(text, "\n{exit}\n{stdout}{stderr}");
        if let Some(why) = why {
            let _ = writeln!(text, "  → {why}");
        }
    }
    text
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
