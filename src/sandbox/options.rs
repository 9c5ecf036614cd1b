//! The launch options: what a launch does besides making namespaces.
//!
//! Owns the one table of them: the name of each, the flag that it needs, its possible values, and its
//! words in both languages. Must not know how an option is carried out.

mod settings;

use std::fmt;
use std::str::FromStr;

use clap::Args;

use settings::Setting;
pub(crate) use settings::{Proc, Propagation, Root, UserMap, name};

use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};

/// What a launch does besides making namespaces.
// The `///` of a field is its English `--help` text.
#[derive(Clone, PartialEq, Eq, Default, Args)]
// An argument group has its struct's name, and other structs of options exist.
#[group(skip)]
pub struct LaunchOptions {
    /// Which proc is on /proc.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub proc: Proc,
    /// The id maps of a new user namespace.
    #[arg(long, value_name = "WHAT", default_value = "written")]
    pub map: UserMap,
    /// How the mounts of a new mount namespace propagate.
    #[arg(long, value_name = "HOW", default_value = "inherited")]
    pub propagation: Propagation,
    /// The root directory.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub root: Root,
    /// The hostname: it begins with a letter or a digit, has only letters, digits, '-' and '.', and at
    /// most 64 bytes; without this it is `container`.
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<UtsName>,
    /// The NIS domain name, of the same letters and length as a hostname; without this it is the host's.
    #[arg(long, value_name = "NAME")]
    pub domainname: Option<UtsName>,
    /// How many seconds (0 to 4294967295) the clocks of a new time namespace are ahead of the machine's;
    /// without this it is a day.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub offset: Option<Seconds>,
}

/// Makes the enum of launch options, and the list of all of them.
macro_rules! launch_options {
    ($($option:ident)+) => {
        /// One of the launch options.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the table says it")]
        pub enum LaunchOption {
            $($option),+
        }

        impl LaunchOption {
            /// Every option, in the order of the screen.
            pub const ALL: [LaunchOption; [$(LaunchOption::$option),+].len()] =
                [$(LaunchOption::$option),+];
        }
    };
}

launch_options! { Proc Map Propagation Root Hostname Domainname Offset }

/// A row of the table.
struct LaunchOptionRow {
    /// On the command line, in lessons and in the templates of `code`.
    name: &'static str,
    /// The flag that the option needs.
    needs: Namespace,
    /// Its label in the options view, in English and in Chinese.
    label: [&'static str; 2],
    /// Its `--help` text in Chinese, without the full stop.
    chinese_help: &'static str,
    /// More, for an option that takes any text.
    text: Option<TextRow>,
}

/// The part of a row for an option that takes any text.
struct TextRow {
    /// A text that it takes.
    example: &'static str,
    /// The text by default.
    default: &'static str,
    /// The text of the default in the options view.
    shown_default: [&'static str; 2],
    /// How a text is shown beside a container.
    short: fn(&str) -> String,
}

impl LaunchOption {
    /// The option's row of the table.
    fn row(self) -> LaunchOptionRow {
        match self {
            LaunchOption::Proc => LaunchOptionRow {
                name: "proc",
                needs: Namespace::Mnt,
                label: ["/proc", "/proc"],
                chinese_help: "/proc 上挂载的是什么",
                text: None,
            },
            LaunchOption::Map => LaunchOptionRow {
                name: "map",
                needs: Namespace::User,
                label: ["uid and gid map", "uid 和 gid 映射"],
                chinese_help: "新 user 命名空间的 id 映射",
                text: None,
            },
            LaunchOption::Propagation => LaunchOptionRow {
                name: "propagation",
                needs: Namespace::Mnt,
                label: ["mounts propagate", "挂载传播"],
                chinese_help: "新 mount 命名空间里的挂载怎样传播",
                text: None,
            },
            LaunchOption::Root => LaunchOptionRow {
                name: "root",
                needs: Namespace::Mnt,
                label: ["/", "/"],
                chinese_help: "/ 是什么",
                text: None,
            },
            LaunchOption::Hostname => LaunchOptionRow {
                name: "hostname",
                needs: Namespace::Uts,
                label: ["hostname (type it)", "主机名（直接输入）"],
                chinese_help: "主机名：字母或数字开头，只含字母、数字、'-' 和 '.'，最多 64 字节；不给出时是 container",
                text: Some(TextRow {
                    example: "web1",
                    default: "container",
                    shown_default: ["container", "container"],
                    short: str::to_owned,
                }),
            },
            LaunchOption::Domainname => LaunchOptionRow {
                name: "domainname",
                needs: Namespace::Uts,
                label: ["domain name (type it)", "域名（直接输入）"],
                chinese_help: "NIS 域名，写法与主机名相同；不给出时与宿主机相同",
                text: Some(TextRow {
                    example: "lab",
                    default: "",
                    shown_default: ["the host's", "宿主机的"],
                    short: str::to_owned,
                }),
            },
            LaunchOption::Offset => LaunchOptionRow {
                name: "offset",
                needs: Namespace::Time,
                label: ["seconds ahead (type it)", "拨快秒数（直接输入）"],
                chinese_help: "新 time 命名空间的时钟比本机拨快多少秒（0 到 4294967295）；不给出时是一天",
                text: Some(TextRow {
                    example: "172800",
                    // One day, so that the clocks visibly differ.
                    default: "86400",
                    shown_default: ["86400, a day", "86400，一天"],
                    short: |seconds| format!("+{seconds} s"),
                }),
            },
        }
    }

    /// The name on the command line and in lessons.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The flag that it needs: without a mount namespace of its own, for example, a container would
    /// mount for everybody who shares the old one.
    pub fn needs(self) -> Namespace {
        self.row().needs
    }

    /// Its label in the options view.
    pub fn label(self, lang: Lang) -> &'static str {
        lang.pick(self.row().label)
    }

    /// Its `--help` text in Chinese, without the full stop.
    pub fn chinese_help(self) -> &'static str {
        self.row().chinese_help
    }

    /// The words it can be set to; empty if it takes any text.
    pub fn choices(self) -> Vec<String> {
        LaunchOptions::default().setting(self).choices()
    }

    /// A text that it takes; `None` if it only takes its choices.
    pub fn example(self) -> Option<&'static str> {
        self.row().text.map(|text| text.example)
    }
}

impl LaunchOptions {
    fn setting(&self, option: LaunchOption) -> &dyn Setting {
        match option {
            LaunchOption::Proc => &self.proc,
            LaunchOption::Map => &self.map,
            LaunchOption::Propagation => &self.propagation,
            LaunchOption::Root => &self.root,
            LaunchOption::Hostname => &self.hostname,
            LaunchOption::Domainname => &self.domainname,
            LaunchOption::Offset => &self.offset,
        }
    }

    fn setting_mut(&mut self, option: LaunchOption) -> &mut dyn Setting {
        match option {
            LaunchOption::Proc => &mut self.proc,
            LaunchOption::Map => &mut self.map,
            LaunchOption::Propagation => &mut self.propagation,
            LaunchOption::Root => &mut self.root,
            LaunchOption::Hostname => &mut self.hostname,
            LaunchOption::Domainname => &mut self.domainname,
            LaunchOption::Offset => &mut self.offset,
        }
    }

    /// The word that an option is set to; `None` for the default.
    pub fn value(&self, option: LaunchOption) -> Option<String> {
        self.setting(option).value()
    }

    /// The word that an option is set to, by default too.
    pub fn word(&self, option: LaunchOption) -> String {
        let default = || match option.row().text {
            Some(text) => text.default.to_owned(),
            // The default is the first choice.
            None => option.choices().swap_remove(0),
        };
        self.value(option).unwrap_or_else(default)
    }

    /// The text of an option in the options view.
    pub fn shown(&self, option: LaunchOption, lang: Lang) -> String {
        match (self.setting(option).shown(), option.row().text) {
            (Some(words), _) => lang.pick(words).to_owned(),
            (None, Some(text)) => {
                let default = || lang.pick(text.shown_default).to_owned();
                self.value(option).unwrap_or_else(default)
            }
            (None, None) => self.word(option),
        }
    }

    /// The text of an option beside a container; `None` for the default.
    pub fn short(&self, option: LaunchOption, lang: Lang) -> Option<String> {
        let value = self.value(option)?;
        Some(match (self.setting(option).short(), option.row().text) {
            (Some(words), _) => lang.pick(words).to_owned(),
            (None, Some(text)) => (text.short)(&value),
            (None, None) => value,
        })
    }

    /// Sets an option to a word, or to its default. The error says what is wrong with the word.
    pub fn set(&mut self, option: LaunchOption, word: Option<&str>) -> Result<(), String> {
        self.setting_mut(option).set(word)
    }

    /// These options, without those that need another flag than these.
    #[must_use]
    pub fn within(&self, flags: NamespaceSet) -> Self {
        let mut kept = self.clone();
        for option in LaunchOption::ALL {
            if !flags.contains(option.needs()) {
                // A default is never refused.
                let _ = kept.set(option, None);
            }
        }
        kept
    }

    /// The first option that needs another flag than these.
    pub fn misplaced(&self, flags: NamespaceSet) -> Option<LaunchOption> {
        LaunchOption::ALL
            .into_iter()
            .find(|option| self.value(*option).is_some() && !flags.contains(option.needs()))
    }

    /// The changes of propagation before and after anything is mounted. What a container mounts
    /// must not appear outside where `/` is shared, and pivot_root(2) demands the same.
    #[must_use]
    pub fn propagations(&self) -> [Propagation; 2] {
        let mounts = self.proc == Proc::Fresh || self.root == Root::Own;
        match self.propagation {
            Propagation::Inherited if mounts => [Propagation::Private, Propagation::Inherited],
            Propagation::Shared if mounts => [Propagation::Private, Propagation::Shared],
            first => [first, Propagation::Inherited],
        }
    }

    /// The options that differ from their defaults, as arguments of a command line.
    pub fn arguments(&self) -> Vec<String> {
        LaunchOption::ALL
            .into_iter()
            .filter_map(|option| Some(format!("--{}={}", option.name(), self.value(option)?)))
            .collect()
    }
}

/// The options that differ from the default.
impl fmt::Debug for LaunchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = LaunchOption::ALL.into_iter().filter_map(|option| {
            let word = self.value(option)?;
            Some((option.name(), word))
        });
        f.debug_map().entries(set).finish()
    }
}

/// A name that sethostname(2) and setdomainname(2) take and that hostname(7) allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UtsName(String);

impl fmt::Display for UtsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `__NEW_UTS_LEN`, in bytes; uname(2).
const LONGEST_NAME: usize = 64;

impl FromStr for UtsName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.len() > LONGEST_NAME {
            let length = name.len();
            return Err(format!(
                "the name has at most {LONGEST_NAME} bytes, and this has {length}"
            ));
        }
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric())
            || !name.chars().all(allowed)
        {
            return Err("the name starts with a letter or a digit, and has only letters, digits, '-' and '.'".to_owned());
        }
        Ok(UtsName(name.to_owned()))
    }
}

/// How far a clock is ahead. The kernel also takes some larger numbers; time_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(u32);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().map(Seconds);
        seconds.map_err(|_| {
            let ahead = if text.starts_with('-') {
                "the clocks are set ahead, never back: "
            } else {
                ""
            };
            format!(
                "{ahead}a number of seconds is expected, from 0 to {}",
                u32::MAX
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl LaunchOption {
        /// A word that is not its default, for tests of every option.
        pub(crate) fn unusual(self) -> String {
            let example = self.example().map(str::to_owned);
            example.or_else(|| self.choices().pop()).unwrap()
        }
    }

    #[test]
    fn nothing_is_mounted_for_others() {
        let all = LaunchOptions {
            proc: Proc::Fresh,
            map: UserMap::Unwritten,
            propagation: Propagation::Shared,
            root: Root::Own,
            hostname: Some("web1".parse().unwrap()),
            domainname: Some("lab".parse().unwrap()),
            ..LaunchOptions::default()
        };
        let of = |flags: &str| all.within(flags.parse().unwrap());
        assert_eq!(of("pid"), LaunchOptions::default());
        assert_eq!(of("uts,pid").word(LaunchOption::Hostname), "web1");
        assert_eq!(of("uts,mnt,user"), all);
        assert_eq!(of("user").map, UserMap::Unwritten);
        assert_eq!(of("user").proc, Proc::Inherited);
        let misplaced = |flags: &str| all.misplaced(flags.parse().unwrap());
        assert_eq!(misplaced("uts"), Some(LaunchOption::Proc));
        assert_eq!(misplaced("mnt"), Some(LaunchOption::Map));
        assert_eq!(misplaced("mnt,user"), Some(LaunchOption::Hostname));
        assert_eq!(misplaced("uts,mnt,user"), None);
        assert_eq!(
            LaunchOptions::default().misplaced(NamespaceSet::EMPTY),
            None
        );
    }

    #[test]
    fn each_option_is_an_argument_and_either_has_choices_or_takes_text() {
        let command = LaunchOptions::augment_args(clap::Command::new("nslab"));
        let arguments: Vec<_> = command.get_arguments().map(clap::Arg::get_id).collect();
        assert_eq!(arguments, LaunchOption::ALL.map(LaunchOption::name));
        for option in LaunchOption::ALL {
            let text = option.example().is_some();
            assert_eq!(option.choices().is_empty(), text, "{option:?}");
        }
    }

    #[test]
    fn a_name_is_what_the_kernel_and_the_man_page_allow() {
        let longest = "x".repeat(LONGEST_NAME);
        for (name, wrong) in [
            ("web1", None),
            ("1.example-2.org", None),
            (longest.as_str(), None),
            ("", Some("starts with a letter")),
            ("-x", Some("starts with a letter")),
            ("a b", Some("only letters")),
            ("名字", Some("starts with a letter")),
            ("a\"; reboot", Some("only letters")),
            (
                &format!("{longest}x"),
                Some("at most 64 bytes, and this has 65"),
            ),
        ] {
            let error = name.parse::<UtsName>().err();
            match wrong {
                None => assert_eq!(error, None, "{name}"),
                Some(part) => assert!(error.is_some_and(|it| it.contains(part)), "{name}"),
            }
        }
    }

    #[test]
    fn every_option_is_set_from_the_word_it_says() {
        let mut all = LaunchOptions::default();
        for option in LaunchOption::ALL {
            let word = option.unusual();
            all.set(option, Some(&word)).unwrap();
            assert_eq!(all.value(option), Some(word), "{option:?}");
        }
        assert_eq!(all.arguments().len(), LaunchOption::ALL.len());
    }

    #[test]
    fn only_what_is_new_is_said() {
        assert_eq!(LaunchOptions::default().arguments(), Vec::<String>::new());
        let options = LaunchOptions {
            proc: Proc::Fresh,
            propagation: Propagation::Slave,
            ..LaunchOptions::default()
        };
        assert_eq!(options.arguments(), ["--proc=fresh", "--propagation=slave"]);
    }
}
