//! Fills a template of `assets`.
//!
//! Owns how the templates are read. Must not know what they say.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior};
use serde::Serialize;

/// The template with these variables. A line with only a tag produces no line.
pub(crate) fn fill(template: &str, variables: impl Serialize) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    let text = environment.render_str(template, Serde(variables))?;
    // Templates are read without their final newline.
    Ok(text + "\n")
}
