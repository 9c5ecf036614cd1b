//! The templates of `assets`.
//!
//! Owns how they are parsed and filled. Must not know their content.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior};
use serde::Serialize;

/// A template, which is parsed when it is first filled, and then kept: parsing takes most of the time.
pub(crate) struct AssetTemplate {
    source: &'static str,
    parsed: OnceLock<Environment<'static>>,
}

/// The only template of its environment.
const NAME: &str = "";

impl AssetTemplate {
    pub(crate) const fn new(source: &'static str) -> AssetTemplate {
        AssetTemplate {
            source,
            parsed: OnceLock::new(),
        }
    }

    /// Its text with these variables. A line with only a tag produces no line.
    pub(crate) fn fill(&self, variables: impl Serialize) -> Result<String, Error> {
        let environment = if let Some(environment) = self.parsed.get() {
            environment
        } else {
            let environment = parse(self.source)?;
            self.parsed.get_or_init(|| environment)
        };
        let text = environment.get_template(NAME)?.render(Serde(variables))?;
        // Templates are read without their final newline.
        Ok(text + "\n")
    }
}

fn parse(source: &'static str) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.add_template(NAME, source)?;
    Ok(environment)
}
