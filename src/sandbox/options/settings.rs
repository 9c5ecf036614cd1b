//! The values of a launch option: one of a list of words, or text. Owns how each word is shown.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

/// The value of an option.
pub(super) trait Setting {
    /// The words it can be set to, the default first; empty if it takes any text.
    fn choices(&self) -> Vec<String> {
        Vec::new()
    }
    /// The word it is set to; `None` for the default.
    fn value(&self) -> Option<String>;
    /// Sets it to a word, or to its default. The error says what is wrong with the word.
    fn set(&mut self, word: Option<&str>) -> Result<(), String>;
    /// A choice as the options view shows it, in English and in Chinese; `None` for text.
    fn shown(&self) -> Option<[&'static str; 2]> {
        None
    }
    /// A choice as it is shown beside a container, if it is no default; `None` for text.
    fn short(&self) -> Option<[&'static str; 2]> {
        None
    }
}

/// One of a list of words, the default first.
trait Choice: ValueEnum + Default + PartialEq {
    /// As the options view shows it, in English and in Chinese.
    fn shown(&self) -> [&'static str; 2];

    /// As it is shown beside a container. A default is not shown there.
    fn short(&self) -> [&'static str; 2] {
        self.shown()
    }
}

impl<T: Choice> Setting for T {
    fn choices(&self) -> Vec<String> {
        T::value_variants().iter().map(name).collect()
    }

    fn value(&self) -> Option<String> {
        (*self != T::default()).then(|| name(self))
    }

    fn set(&mut self, word: Option<&str>) -> Result<(), String> {
        *self = word.map_or_else(|| Ok(T::default()), |word| T::from_str(word, false))?;
        Ok(())
    }

    fn shown(&self) -> Option<[&'static str; 2]> {
        Some(Choice::shown(self))
    }

    fn short(&self) -> Option<[&'static str; 2]> {
        Some(Choice::short(self))
    }
}

impl<T: FromStr<Err = String> + fmt::Display> Setting for Option<T> {
    fn value(&self) -> Option<String> {
        self.as_ref().map(T::to_string)
    }

    fn set(&mut self, word: Option<&str>) -> Result<(), String> {
        *self = word.map(str::parse).transpose()?;
        Ok(())
    }
}

/// The name of a choice, on the command line as in lessons.
pub(crate) fn name<T: ValueEnum>(choice: &T) -> String {
    choice
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

/// What is on `/proc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Proc {
    /// The one that was there before.
    #[default]
    Inherited,
    /// A new one, which shows the container's PID namespace; proc(5).
    Fresh,
}

impl Choice for Proc {
    fn shown(&self) -> [&'static str; 2] {
        match self {
            Proc::Inherited => ["what was there", "原来的"],
            Proc::Fresh => ["a new one", "新挂载一个"],
        }
    }

    fn short(&self) -> [&'static str; 2] {
        ["new /proc", "新的 /proc"]
    }
}

/// Whether the maps of a new user namespace are written; user_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum UserMap {
    /// uid 0 and gid 0 inside are the user and group that made it.
    #[default]
    Written,
    /// They are left empty, so every id inside is 65534.
    Unwritten,
}

impl Choice for UserMap {
    fn shown(&self) -> [&'static str; 2] {
        match self {
            UserMap::Written => ["written", "写入"],
            UserMap::Unwritten => ["left empty", "留空"],
        }
    }

    fn short(&self) -> [&'static str; 2] {
        ["no map", "不写映射"]
    }
}

/// The propagation of all mounts; mount_namespaces(7), "SHARED SUBTREES".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Propagation {
    /// As clone(2) copies them: shared mounts stay shared.
    #[default]
    Inherited,
    /// Mounts don't propagate in or out.
    Private,
    /// A mount on either side appears on the other.
    Shared,
    /// A mount outside appears inside, but not the other way round.
    Slave,
}

impl Choice for Propagation {
    fn shown(&self) -> [&'static str; 2] {
        match self {
            Propagation::Inherited => ["as clone() copies them", "照 clone() 的复制"],
            Propagation::Private => ["private", "private"],
            Propagation::Shared => ["shared", "shared"],
            Propagation::Slave => ["slave", "slave"],
        }
    }
}

/// What `/` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Root {
    /// The one that was there before.
    #[default]
    Inherited,
    /// A small one of its own; pivot_root(2).
    Own,
}

impl Choice for Root {
    fn shown(&self) -> [&'static str; 2] {
        match self {
            Root::Inherited => ["what it was", "原来的"],
            Root::Own => [
                "a small one of its own (pivot_root)",
                "自己的小根目录（pivot_root）",
            ],
        }
    }

    fn short(&self) -> [&'static str; 2] {
        ["own /", "自己的 /"]
    }
}
