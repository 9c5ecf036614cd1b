//! Text → expression, with each mistake at its place.
//!
//! Must not know the use of the expression.

use super::expr::Expr;
use super::names;
use super::source::Problems;

impl Expr {
    /// Reads an expression at this byte of the lesson: looks up every name in it, and evaluates it
    /// with example values.
    pub(super) fn read(source: &str, offset: usize, problems: &Problems) -> Option<Expr> {
        let before = problems.count();
        let expr = Expr::new(source, problems.position(offset));
        if let Err(error) = expr.compiles() {
            let within = error
                .range()
                .map_or(0, |range| range.start.min(source.len()));
            let detail = error.detail().unwrap_or("it does not parse");
            let rest = source.get(within..).unwrap_or_default().trim_start();
            let help = if rest.starts_with('=') && !rest.starts_with("==") {
                "did you mean `==`?"
            } else {
                "expected something like `host.hostname`"
            };
            problems.at(
                offset + within,
                format!("not an expression: {detail}"),
                help,
            );
            return None;
        }
        for unknown in names::unknown(source) {
            problems.at(offset + unknown.offset, unknown.what, unknown.help);
        }
        if problems.count() > before {
            return None;
        }
        // Finds mistakes that names don't show: text added to a number, an argument that a filter doesn't take.
        match expr.evaluate(&names::examples(expr.questions())) {
            Err(error) if error.kind() != minijinja::ErrorKind::UndefinedError => {
                let detail = error
                    .detail()
                    .map_or_else(|| error.kind().to_string(), str::to_owned);
                let what = format!("this expression has no value: {detail}");
                problems.report(offset, what, None);
                None
            }
            _ => Some(expr),
        }
    }
}
