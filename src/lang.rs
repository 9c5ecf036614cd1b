//! The languages of nslab, and how one is chosen.
//!
//! Owns which languages exist. The words belong to the rooms that show them.

use std::fmt;
use std::str::FromStr;

/// A language of the screen and of the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English, the default.
    #[default]
    En,
    /// Simplified Chinese.
    ZhCn,
}

impl Lang {
    /// All languages, in the order of the language key.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::ZhCn];

    /// Its name on the command line, and the name of its lesson folder.
    pub fn name(self) -> &'static str {
        self.pick(["en", "zh-CN"])
    }

    /// The next language; after the last, the first.
    #[must_use]
    pub fn next(self) -> Lang {
        self.pick([Lang::ZhCn, Lang::En])
    }

    /// Picks one of two: for English, for Chinese.
    pub fn pick<T>(self, [en, zh]: [T; 2]) -> T {
        match self {
            Lang::En => en,
            Lang::ZhCn => zh,
        }
    }

    /// The language of a locale such as `zh_CN.UTF-8`; English for any other.
    pub fn from_locale(locale: &str) -> Lang {
        if locale.starts_with("zh") {
            Lang::ZhCn
        } else {
            Lang::En
        }
    }

    /// The language of the environment: `LC_ALL`, then `LC_MESSAGES`, then `LANG`; see locale(7).
    pub fn from_env() -> Lang {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .map_or(Lang::En, |locale| Lang::from_locale(&locale))
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no language '{word}'; the languages are en, zh-CN")]
pub struct UnknownLang {
    pub word: String,
}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "en" => Ok(Lang::En),
            "zh" | "zh-cn" | "zh_cn" => Ok(Lang::ZhCn),
            _ => Err(UnknownLang {
                word: word.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales() {
        for (locale, lang) in [
            ("zh_CN.UTF-8", Lang::ZhCn),
            ("zh_TW", Lang::ZhCn),
            ("en_GB.UTF-8", Lang::En),
            ("C", Lang::En),
        ] {
            assert_eq!(Lang::from_locale(locale), lang, "{locale}");
        }
    }
}
