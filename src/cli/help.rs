//! `--help` and the errors of arguments in the chosen language.
//!
//! Owns how the texts of a clap command are replaced. The English ones are at the commands themselves,
//! the Chinese ones in the table of `help/zh.rs`; a test finds the texts that lack a row there.

mod zh;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use clap::builder::{PossibleValue, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use crossterm::terminal;

use crate::lang::Lang;

/// The widest help, as in English.
const WIDEST: usize = 100;

/// Columns before the help of an argument, if the help is below the argument.
const INDENT: usize = 10;

/// The language that a command line asks for. It is needed before the line is parsed, for errors and help.
/// Values that are no language are ignored: `nslab code --lang` names a program's.
pub(super) fn spoken(arguments: &[OsString]) -> Lang {
    let words = arguments
        .iter()
        .map(|word| word.to_str().unwrap_or_default());
    let mut before = "";
    let mut said = None;
    for word in words.take_while(|word| *word != "--") {
        let value = word.strip_prefix("--lang=");
        let value = value.or((before == "--lang").then_some(word));
        said = value.and_then(|it| it.parse().ok()).or(said);
        before = word;
    }
    said.unwrap_or_else(Lang::from_env)
}

/// The command with its texts in this language.
pub(super) fn in_language(mut command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command,
        Lang::ZhCn => {
            // Adds the help options, which have texts too.
            command.build();
            translated(command, width())
        }
    }
}

/// The columns of the terminal, where there is one.
fn width() -> usize {
    let on_terminal = io::stdout().is_terminal() || io::stderr().is_terminal();
    let columns = on_terminal.then(terminal::size).and_then(Result::ok);
    columns.map_or(WIDEST, |(columns, _)| usize::from(columns).min(WIDEST))
}

fn translated(mut command: Command, width: usize) -> Command {
    let wrapped = |text: &StyledStr| textwrap::fill(&paragraphs(&text.to_string()), width);
    if let Some(about) = command.get_about().map(wrapped) {
        command = command.about(about);
    }
    if let Some(about) = command.get_long_about().map(wrapped) {
        command = command.long_about(about);
    }
    if command.get_after_help().is_some() {
        let lines = zh::after_help(command.get_name()).unwrap_or_default();
        let lines = lines.lines().map(|line| {
            let indent = line.len() - line.trim_start().len();
            let further = " ".repeat(indent + 2);
            textwrap::fill(
                line,
                textwrap::Options::new(width).subsequent_indent(&further),
            )
        });
        command = command.after_help(lines.collect::<Vec<_>>().join("\n"));
    }
    let command = command
        .term_width(width)
        .mut_args(|arg| argument(arg, width))
        .mut_subcommands(|it| translated(it, width))
        .subcommand_value_name(zh::SUBCOMMAND);
    let template = template(&command);
    let usage = usage(command.clone());
    command.help_template(template).override_usage(usage)
}

/// The parts of a help and their headings.
fn template(command: &Command) -> String {
    let style = command.get_styles().get_header();
    let mut template = format!(
        "{{about-with-newline}}\n{style}{}{style:#}{{usage}}",
        zh::USAGE
    );
    let shown = |arg: &Arg| !arg.is_hide_set();
    let parts = [
        (
            command.get_subcommands().any(|it| !it.is_hide_set()),
            zh::COMMANDS,
            "subcommands",
        ),
        (
            command.get_positionals().any(shown),
            zh::ARGUMENTS,
            "positionals",
        ),
        (command.get_opts().any(shown), zh::OPTIONS, "options"),
    ];
    for (_, heading, tag) in parts.iter().filter(|(present, ..)| *present) {
        let _ = write!(template, "\n\n{style}{heading}{style:#}\n{{{tag}}}");
    }
    template + "{after-help}"
}

fn usage(mut command: Command) -> String {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    usage.replace("[OPTIONS]", zh::ANY_OPTIONS)
}

/// An argument whose help says its possible values and its default itself: clap says them in English.
fn argument(arg: Arg, width: usize) -> Arg {
    let width = width.saturating_sub(INDENT);
    let texts = [arg.get_help(), arg.get_long_help()];
    let [short, long] = texts.map(|text| text.map(|it| paragraphs(&it.to_string())));
    let Some(short) = short.or(long.clone()) else {
        return arg;
    };
    let default = default_value(&arg).map(|it| zh::default(&it));
    let values: Vec<_> = arg.get_possible_values();
    let values = values
        .iter()
        .filter(|it| it.get_help().is_some() && !it.is_hide_set());
    let values: String = values.map(|it| value_line(it, width)).collect();

    let mut whole = textwrap::fill(long.as_ref().unwrap_or(&short), width);
    if !values.is_empty() {
        let _ = write!(whole, "\n\n{}{values}", zh::VALUES);
    }
    let first = match &default {
        Some(default) => format!("{short} {default}"),
        None => short,
    };
    if let Some(default) = &default {
        let _ = write!(whole, "\n\n{default}");
    }
    let names = arg.get_value_names().unwrap_or_default().iter();
    let names: Option<Vec<_>> = names.map(|name| zh::text(name)).collect();
    let mut arg = arg
        .help(textwrap::fill(&first, width))
        .hide_possible_values(true)
        .hide_default_value(true)
        // The help then begins in a known column, so that it can be wrapped here.
        .next_line_help(true);
    if arg.get_long_help().is_some() || !values.is_empty() {
        arg = arg.long_help(whole);
    }
    match names {
        Some(names) if !names.is_empty() => arg.value_names(names),
        _ => arg,
    }
}

fn default_value(arg: &Arg) -> Option<String> {
    let shown = arg.get_action().takes_values() && !arg.is_hide_default_value_set();
    let values = arg.get_default_values().iter().filter(|_| shown);
    let values: Vec<_> = values.map(|it| it.to_string_lossy()).collect();
    (!values.is_empty()).then(|| values.join(" "))
}

fn value_line(value: &PossibleValue, width: usize) -> String {
    let text = value.get_help().map(|it| paragraphs(&it.to_string()));
    let line = format!("- {}：{}", value.get_name(), text.unwrap_or_default());
    let options = textwrap::Options::new(width).subsequent_indent("  ");
    format!("\n{}", textwrap::fill(&line, options))
}

/// The text in Chinese, paragraph by paragraph. One without a row stays as it is.
fn paragraphs(english: &str) -> String {
    let chinese = english.split("\n\n").map(|paragraph| {
        let (bare, stop) = match paragraph.strip_suffix('.') {
            Some(bare) => (bare, "。"),
            None => (paragraph, ""),
        };
        zh::text(bare).map_or_else(|| paragraph.to_owned(), |text| format!("{text}{stop}"))
    });
    chinese.collect::<Vec<_>>().join("\n\n")
}

/// A mistake in the arguments, in Chinese. `None` for other errors.
pub(super) fn mistake(command: &Command, error: &clap::Error) -> Option<String> {
    let told = |kind| error.get(kind).map(ContextValue::to_string);
    let about = told(ContextKind::InvalidArg).unwrap_or_default();
    let value = told(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            Some(zh::value_is_missing(&about))
        }
        ErrorKind::InvalidValue => {
            let valid = told(ContextKind::ValidValue).unwrap_or_default();
            Some(zh::wrong_value(&about, &value, &zh::one_of(&valid)))
        }
        ErrorKind::ValueValidation => {
            let expected = expected(command, &about).unwrap_or_default();
            Some(zh::wrong_value(&about, &value, &expected))
        }
        ErrorKind::MissingRequiredArgument => Some(zh::argument_is_missing(&about)),
        ErrorKind::ArgumentConflict => {
            let other = told(ContextKind::PriorArg)?;
            Some(zh::conflict(&about, &other))
        }
        _ => None,
    }
}

/// The help of the option that an error names as `--option <VALUE>`.
fn expected(command: &Command, about: &str) -> Option<String> {
    let name = about.split([' ', '=']).next()?.strip_prefix("--")?;
    let all = command.get_subcommands().chain([command]);
    let mut found = all
        .flat_map(Command::get_arguments)
        .filter(|arg| arg.get_long() == Some(name));
    Some(found.next()?.get_help()?.to_string().replace('\n', ""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::cli::Cli;

    /// Every English text that a help shows.
    fn texts(command: &Command, found: &mut BTreeSet<String>) {
        let mut add = |text: Option<&StyledStr>| {
            let text = text.map(ToString::to_string).unwrap_or_default();
            let paragraphs = text.split("\n\n").filter(|it| !it.is_empty());
            found.extend(paragraphs.map(|it| it.strip_suffix('.').unwrap_or(it).to_owned()));
        };
        add(command.get_about());
        add(command.get_long_about());
        for arg in command.get_arguments().filter(|it| !it.is_hide_set()) {
            let name = command.get_name();
            assert!(
                arg.get_help().is_some(),
                "{name}: {} has no help",
                arg.get_id()
            );
            add(arg.get_help());
            add(arg.get_long_help());
            for value in arg.get_possible_values() {
                add(value.get_help());
            }
        }
        for arg in command
            .get_arguments()
            .filter(|it| it.get_action().takes_values())
        {
            let names = arg.get_value_names().unwrap_or_default().iter();
            found.extend(
                names
                    .filter(|_| !arg.is_hide_set())
                    .map(ToString::to_string),
            );
        }
        for command in command.get_subcommands().filter(|it| !it.is_hide_set()) {
            texts(command, found);
        }
    }

    #[test]
    fn every_text_has_its_row() {
        let mut command = Cli::command();
        command.build();
        let mut found = BTreeSet::new();
        texts(&command, &mut found);
        let lacking: Vec<_> = found.iter().filter(|it| zh::text(it).is_none()).collect();
        assert!(lacking.is_empty(), "no row in help/zh.rs: {lacking:#?}");
        let unused = zh::TEXTS.iter().map(|(english, _)| *english);
        let unused: Vec<_> = unused.filter(|it| !found.contains(*it)).collect();
        assert!(
            unused.is_empty(),
            "rows for nothing in help/zh.rs: {unused:#?}"
        );
    }

    /// All commands. Those below `help` are the others once more, without their options.
    fn commands(command: &Command) -> Vec<Command> {
        let below = command
            .get_subcommands()
            .filter(|it| !it.is_hide_set() && command.get_name() != "help");
        let below = below.flat_map(commands);
        std::iter::once(command.clone()).chain(below).collect()
    }

    #[test]
    fn a_help_in_chinese_has_no_english_sentence_and_fits() {
        let mut english = Cli::command();
        english.build();
        for command in commands(&english) {
            let name = command.get_name();
            let after = command.get_after_help().is_some();
            assert_eq!(after, zh::after_help(name).is_some(), "{name}");
        }
        for width in [80, 100] {
            for mut command in commands(&translated(english.clone(), width)) {
                for help in [command.render_help(), command.render_long_help()] {
                    let help = help.to_string();
                    for line in help.lines() {
                        assert!(line.width() <= width, "{line:?} is too wide in\n{help}");
                    }
                    for word in [
                        " the ", "Usage", "Options", "OPTIONS", "COMMAND", "default:", "Print",
                    ] {
                        assert!(!help.contains(word), "{word:?} in\n{help}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_language_is_known_before_a_line_is_parsed() {
        let spoken = |line: &str| {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            spoken(&words)
        };
        assert_eq!(spoken("nslab --lang zh-CN --help"), Lang::ZhCn);
        assert_eq!(spoken("nslab --lang=zh-CN map"), Lang::ZhCn);
        assert_eq!(spoken("nslab --lang zh-CN lessons --lang en"), Lang::En);
        assert_eq!(spoken("nslab --lang zh-CN code --lang c"), Lang::ZhCn);
        assert_eq!(spoken("nslab --lang en run -- echo --lang zh-CN"), Lang::En);
    }
}
