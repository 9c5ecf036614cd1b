//! Lessons in parallel.
//!
//! Each runs in a process of its own: a lab host belongs to one process (its cgroup, its orphans),
//! and a crash ends one lesson only. Must not know how a lesson is done.

use std::collections::VecDeque;
use std::env;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::StartFrom;
use super::report::{self, Fault, StepOutcome, StepReport, Summary};
use crate::lang::Lang;
use crate::lesson::Lesson;
use crate::sandbox::own_cgroup;

/// How many lessons run at once by default. They wait most of the time.
pub(crate) const JOBS: usize = 4;

#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error("starting nslab for the lesson {lesson}: {source}")]
    Unstartable { lesson: String, source: io::Error },
    #[error("no thread can be started: {0}")]
    NoThread(io::Error),
}

/// A lesson to do.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    lang: Lang,
    lesson: String,
    file: String,
    /// None for a built-in lesson.
    directory: Option<PathBuf>,
    steps: Vec<String>,
    from: StartFrom,
}

impl Task {
    pub(crate) fn new(
        lang: Lang,
        lesson: &Lesson,
        directory: Option<PathBuf>,
        from: StartFrom,
    ) -> Self {
        Self {
            lang,
            lesson: lesson.id.clone(),
            file: lesson.file.clone(),
            directory,
            from,
            steps: lesson.steps.iter().map(|it| it.title.clone()).collect(),
        }
    }

    fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("verify")
            .arg(format!("--lang={}", self.lang))
            .arg(format!("--alone={}", self.file))
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        match self.from {
            StartFrom::Beginning => {}
            StartFrom::EachStep => drop(command.arg("--from-each-step")),
            StartFrom::WrongSide => drop(command.arg("--wrong-side")),
        }
        if let Some(directory) = &self.directory {
            command.arg("--lessons").arg(directory);
        }
        Ok(command)
    }

    /// Does the lesson, and reports each step.
    fn run(&self, reports: &Sender<StepReport>) -> Result<(), VerifyError> {
        let unstartable = |source| VerifyError::Unstartable {
            lesson: self.lesson.clone(),
            source,
        };
        let mut child = self
            .command()
            .and_then(|mut command| command.spawn())
            .map_err(unstartable)?;
        let mut reported = 0;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(report) = serde_json::from_str(&line) {
                    reported += 1;
                    let _ = reports.send(report);
                }
            }
        }
        let status = child.wait().map_err(unstartable)?;
        for (title, step) in self.steps.iter().zip(1..).skip(reported) {
            let _ = reports.send(self.unreported(title, step, &status.to_string()));
        }
        Ok(())
    }

    /// The report of a step that the process didn't report.
    fn unreported(&self, title: &str, step: usize, status: &str) -> StepReport {
        let fault = Fault {
            file: self.file.clone(),
            line: 1,
            column: 1,
            what: format!("the nslab that did this lesson ended before it was done: {status}"),
            ..Fault::default()
        };
        StepReport {
            outcome: StepOutcome::Failed {
                faults: vec![fault],
            },
            ..StepReport::new(self.lang, &self.lesson, step, title)
        }
    }
}

/// Does all tasks, `jobs` at a time, and reports each step in the order of the tasks.
pub(crate) fn all(
    tasks: Vec<Task>,
    jobs: usize,
    mut report_step: impl FnMut(&StepReport),
) -> Result<Summary, VerifyError> {
    own_cgroup::make_room_for_children();
    let begun = Instant::now();
    let mut receivers = Vec::new();
    let mut queue = VecDeque::new();
    for task in tasks {
        let (sender, reports) = channel();
        receivers.push(reports);
        queue.push_back((task, sender));
    }
    let queue = Arc::new(Mutex::new(queue));
    let mut workers = Vec::new();
    for _ in 0..jobs.max(1) {
        let queue = Arc::clone(&queue);
        let work = move || -> Result<(), VerifyError> {
            loop {
                let next = queue
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                let Some((task, sender)) = next else {
                    return Ok(());
                };
                task.run(&sender)?;
            }
        };
        match thread::Builder::new().spawn(work) {
            Ok(worker) => workers.push(worker),
            // The workers that have started do all tasks.
            Err(_) if !workers.is_empty() => break,
            Err(error) => return Err(VerifyError::NoThread(error)),
        }
    }
    let mut summary = Summary::default();
    for reports in receivers {
        for report in reports {
            summary.add(&report);
            report_step(&report);
        }
    }
    for worker in workers {
        if let Ok(ended) = worker.join() {
            ended?;
        }
    }
    summary.millis = report::millis(begun);
    Ok(summary)
}
