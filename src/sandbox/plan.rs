//! What a launch is to make: plain data, the same on the screen, in a lesson and on the command line.
//!
//! Owns the one table of launch options. Must not know how any of it is made.

use std::fmt;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::report::Nth;
use crate::namespace::{Namespace, NamespaceSet};

/// What a container is made with. The launcher joins namespaces of another container, then makes
/// new ones; its child carries out the options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
#[group(skip)]
pub struct Plan {
    /// The new namespaces.
    #[arg(long, default_value = "")]
    pub flags: NamespaceSet,
    /// The namespaces of another container.
    #[command(flatten)]
    pub join: Option<Join>,
    /// What it does besides making namespaces.
    #[command(flatten)]
    pub options: LaunchOptions,
}

impl Plan {
    /// New namespaces, and nothing else.
    pub fn new(flags: NamespaceSet) -> Self {
        Plan {
            flags,
            ..Plan::default()
        }
    }

    /// The plan as arguments of a command line.
    pub fn arguments(&self) -> Vec<String> {
        let mut said = vec![format!("--flags={}", self.flags)];
        if let Some(join) = self.join {
            said.push(format!("--join={}", join.kinds));
            said.push(format!("--of={}", join.whose.number()));
        }
        said.extend(self.options.within(self.flags).arguments());
        said
    }

    /// The plan as carried out on the machine. Where `/` is shared, what root mounts in a new mount
    /// namespace appears outside too, unless the kernel prevents it, as in a user namespace.
    #[must_use]
    pub fn on_the_machine(mut self) -> Self {
        let carries = self.flags.contains(Namespace::Mnt) && !self.flags.contains(Namespace::User);
        if carries && self.options.propagation == Propagation::Inherited {
            self.options.propagation = Propagation::Private;
        }
        self
    }
}

/// Namespaces of a running container that a new one joins; setns(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Join {
    /// The container that has them.
    #[arg(id = "of", long = "of", required = false)]
    pub whose: Nth,
    /// Kinds that are ours already need no joining.
    #[arg(id = "join", long = "join", required = false)]
    pub kinds: NamespaceSet,
}

/// What a launch does besides making namespaces.
#[derive(Clone, PartialEq, Eq, Default, Args)]
// An argument group has its struct's name, and other structs of options exist.
#[group(skip)]
pub struct LaunchOptions {
    /// What is on /proc.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub proc: Proc,
    /// Whether the maps of a new user namespace are written.
    #[arg(long, value_name = "WHETHER", default_value = "written")]
    pub map: UserMap,
    /// How the mounts of a new mount namespace propagate.
    #[arg(long, value_name = "HOW", default_value = "inherited")]
    pub propagation: Propagation,
    /// What / is.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub root: Root,
    /// The hostname; without this it is `container`.
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<UtsName>,
    /// The NIS domain name; without this it is the host's.
    #[arg(long, value_name = "NAME")]
    pub domainname: Option<UtsName>,
}

/// One of the launch options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says it")]
pub enum LaunchOption {
    Proc,
    Map,
    Propagation,
    Root,
    Hostname,
    Domainname,
}

/// What belongs to one option.
struct Row {
    option: LaunchOption,
    /// On the command line and in lessons.
    name: &'static str,
    /// The flag that the option needs.
    needs: Namespace,
    /// The words it can be set to; empty if it takes any text.
    choices: fn() -> Vec<String>,
    /// The word that it is set to by default.
    default: fn() -> String,
    /// The word it is set to; `None` for the default.
    value: fn(&LaunchOptions) -> Option<String>,
    /// Sets it to a word, or to its default. The error says what is wrong with the word.
    set: fn(&mut LaunchOptions, Option<&str>) -> Result<(), String>,
}

/// In the order of `LaunchOption`'s variants, which is the order on the screen.
const TABLE: [Row; 6] = [
    Row {
        option: LaunchOption::Proc,
        name: "proc",
        needs: Namespace::Mnt,
        choices: choices::<Proc>,
        default: default::<Proc>,
        value: |options| chosen(&options.proc),
        set: |options, word| choose(&mut options.proc, word),
    },
    Row {
        option: LaunchOption::Map,
        name: "map",
        needs: Namespace::User,
        choices: choices::<UserMap>,
        default: default::<UserMap>,
        value: |options| chosen(&options.map),
        set: |options, word| choose(&mut options.map, word),
    },
    Row {
        option: LaunchOption::Propagation,
        name: "propagation",
        needs: Namespace::Mnt,
        choices: choices::<Propagation>,
        default: default::<Propagation>,
        value: |options| chosen(&options.propagation),
        set: |options, word| choose(&mut options.propagation, word),
    },
    Row {
        option: LaunchOption::Root,
        name: "root",
        needs: Namespace::Mnt,
        choices: choices::<Root>,
        default: default::<Root>,
        value: |options| chosen(&options.root),
        set: |options, word| choose(&mut options.root, word),
    },
    Row {
        option: LaunchOption::Hostname,
        name: "hostname",
        needs: Namespace::Uts,
        choices: Vec::new,
        default: || DEFAULT_HOSTNAME.to_owned(),
        value: |options| options.hostname.as_ref().map(|name| name.0.clone()),
        set: |options, word| {
            options.hostname = word.map(str::parse).transpose()?;
            Ok(())
        },
    },
    Row {
        option: LaunchOption::Domainname,
        name: "domainname",
        needs: Namespace::Uts,
        choices: Vec::new,
        default: String::new,
        value: |options| options.domainname.as_ref().map(|name| name.0.clone()),
        set: |options, word| {
            options.domainname = word.map(str::parse).transpose()?;
            Ok(())
        },
    },
];

fn choices<T: ValueEnum>() -> Vec<String> {
    T::value_variants().iter().map(name).collect()
}

fn default<T: ValueEnum + Default>() -> String {
    name(&T::default())
}

fn chosen<T: ValueEnum + Default + PartialEq>(choice: &T) -> Option<String> {
    (*choice != T::default()).then(|| name(choice))
}

fn choose<T: ValueEnum + Default>(choice: &mut T, word: Option<&str>) -> Result<(), String> {
    *choice = word.map_or_else(|| Ok(T::default()), |word| T::from_str(word, false))?;
    Ok(())
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

impl LaunchOption {
    /// Every option, in the order of the screen.
    pub const ALL: [LaunchOption; TABLE.len()] = {
        let mut all = [LaunchOption::Proc; TABLE.len()];
        let mut i = 0;
        while i < TABLE.len() {
            all[i] = TABLE[i].option;
            i += 1;
        }
        all
    };

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
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

    /// The words it can be set to; empty if it takes any text.
    pub fn choices(self) -> Vec<String> {
        (self.row().choices)()
    }
}

impl LaunchOptions {
    /// The word that an option is set to; `None` for the default.
    pub fn value(&self, option: LaunchOption) -> Option<String> {
        (option.row().value)(self)
    }

    /// The word that an option is set to, by default too.
    pub fn word(&self, option: LaunchOption) -> String {
        self.value(option).unwrap_or_else(option.row().default)
    }

    /// Sets an option to a word, or to its default. The error says what is wrong with the word.
    pub fn set(&mut self, option: LaunchOption, word: Option<&str>) -> Result<(), String> {
        (option.row().set)(self, word)
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

    /// The hostname of a container with a UTS namespace of its own.
    pub fn hostname(&self) -> &str {
        self.hostname
            .as_ref()
            .map_or(DEFAULT_HOSTNAME, UtsName::as_str)
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

/// A name that sethostname(2) and setdomainname(2) take and that hostname(7) allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UtsName(String);

const DEFAULT_HOSTNAME: &str = "container";

impl UtsName {
    pub fn as_str(&self) -> &str {
        &self.0
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

/// The name of a choice, on the command line as in lessons.
pub fn name<T: ValueEnum>(choice: &T) -> String {
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

/// Whether the maps of a new user namespace are written; user_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum UserMap {
    /// uid 0 and gid 0 inside are the user and group that made it.
    #[default]
    Written,
    /// They are left empty, so every id inside is 65534.
    Unwritten,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Root {
    /// The one that was there before.
    #[default]
    Inherited,
    /// A small one of its own; pivot_root(2).
    Own,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_mounted_for_others() {
        let all = LaunchOptions {
            proc: Proc::Fresh,
            map: UserMap::Unwritten,
            propagation: Propagation::Shared,
            root: Root::Own,
            hostname: Some("web1".parse().unwrap()),
            domainname: Some("lab".parse().unwrap()),
        };
        let of = |flags: &str| all.within(flags.parse().unwrap());
        assert_eq!(of("pid"), LaunchOptions::default());
        assert_eq!(of("uts,pid").hostname(), "web1");
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
    fn the_table_is_in_the_order_of_the_variants() {
        for (i, option) in LaunchOption::ALL.into_iter().enumerate() {
            assert_eq!(option as usize, i);
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
            let last = option.choices().pop().unwrap_or("web1".to_owned());
            all.set(option, Some(&last)).unwrap();
            assert_eq!(all.value(option), Some(last), "{option:?}");
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
