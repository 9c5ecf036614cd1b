//! The rows and sides of the comparison that matter in a step.
//!
//! An author may name them in a block `show`. Otherwise the rows are those that the step's checks and
//! predictions ask for. Must not know the size of the screen.

use super::source::suggestion;
use super::table::Fields;
use super::{Context, Expr, LessonStep, Part, Predict, Template};
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::observe::rows::ValueOrigin;
use crate::sandbox::Side;

/// How many rows the smallest screen shows.
pub(crate) const ROWS: usize = 4;

/// A block `show`: the rows and sides of the comparison that matter in the step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Show {
    /// At most [`ROWS`].
    pub rows: Vec<RowId>,
    /// The sides in the left and in the right column.
    pub compare: Option<[Side; 2]>,
}

pub(super) fn read(fields: &mut Fields) -> Show {
    let problems = fields.problems();
    let mut show = Show::default();
    let labels = RowId::ALL.map(|row| row.entry().label);
    let rows = fields.optional_strings("rows").unwrap_or_default();
    for (number, found) in rows.into_iter().enumerate() {
        let row = RowId::ALL
            .into_iter()
            .find(|row| row.entry().label == found.value);
        match row {
            Some(row) if number < ROWS && !show.rows.contains(&row) => show.rows.push(row),
            Some(_) => problems.at(
                found.offset,
                format!("`{}` is one row too many", found.value),
                format!("a screen of 80x24 shows {ROWS} rows, each once"),
            ),
            None => problems.at(
                found.offset,
                format!("there is no row `{}`", found.value),
                suggestion(&found.value, &labels, "the rows are"),
            ),
        }
    }
    let Some(sides) = fields.optional_strings("compare") else {
        return show;
    };
    let offset = sides.first().map_or(fields.offset(), |found| found.offset);
    let both: Option<Vec<Side>> = sides.iter().map(|found| found.side(problems)).collect();
    match both.as_deref() {
        None => {}
        Some([left, right]) if left != right => show.compare = Some([*left, *right]),
        Some(_) => problems.at(
            offset,
            "`compare` names the two sides that stand next to each other",
            "as in `compare = [\"container\", \"container2\"]`",
        ),
    }
    show
}

impl LessonStep {
    /// The rows that matter in it, the most important ones first; empty if none is named or asked for.
    pub fn rows(&self) -> Vec<RowId> {
        let mut rows = self.show.clone().unwrap_or_default().rows;
        if !rows.is_empty() {
            return rows;
        }
        let checks = self.checks().map(|(_, check)| check.expr.source());
        let predictions = self.parts.iter().flat_map(|part| match part {
            Part::Predict(predict) => sources(predict),
            _ => Vec::new(),
        });
        for row in checks.chain(predictions).flat_map(rows_of) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }
}

impl Predict {
    /// The rows that would give the answer away now: all that the right choice says of the sides is true already.
    /// While a part about a command is not true yet: only the rows that the measured sentence names.
    pub fn telling_rows(&self, context: &Context) -> Vec<RowId> {
        let Some(expr) = self.expr() else {
            return Vec::new();
        };
        let conditions = expr.conditions();
        let (ended, seen): (Vec<_>, Vec<_>) =
            conditions.iter().partition(|it| awaits_a_command(it));
        if !seen.iter().all(|it| it.is_true(context)) {
            return Vec::new();
        }
        let live_values = self.measured.iter().flat_map(Template::live_values);
        let mut asked: Vec<&Expr> = live_values.collect();
        if ended.is_empty() || expr.is_true(context) {
            asked.extend(conditions.iter().filter(|it| !is_bare(it)));
            if asked.is_empty() {
                asked.extend(&conditions);
            }
        }
        // No row shows a process's pids in outer namespaces.
        let sources = asked.iter().map(|it| it.source().replace("nspid", ""));
        let mut rows: Vec<_> = sources.flat_map(|it| rows_of(&it)).collect();
        // Each row that shows the content of /proc gives the others away.
        let of_proc = |row: &RowId| row.entry().origin == ValueOrigin::ProcMount;
        if rows.iter().any(of_proc) {
            rows.extend(RowId::ALL.into_iter().filter(of_proc));
        }
        rows
    }
}

/// Whether a condition is about how a command ends.
pub(crate) fn awaits_a_command(condition: &Expr) -> bool {
    let asks = |it: &str| condition.source().contains(it);
    asks(".last.") || asks(".commands")
}

/// Whether a condition only says that a namespace is an own one, or is not: `own.pid`, `not own2.net`.
fn is_bare(condition: &Expr) -> bool {
    let source = condition.source();
    let source = source.strip_prefix("not ").unwrap_or(source);
    let name = source.strip_prefix("own").and_then(|it| it.split_once('.'));
    name.is_some_and(|(_, name)| name.chars().all(char::is_alphabetic))
}

fn sources(predict: &Predict) -> Vec<&str> {
    let measured = predict.measured.iter().flat_map(Template::live_values);
    predict
        .expr()
        .into_iter()
        .chain(measured)
        .map(Expr::source)
        .collect()
}

/// The rows that show what an expression asks for, in its order.
fn rows_of(source: &str) -> Vec<RowId> {
    // The names behind the dots: `container.ipc.queues`, `own.uts`.
    let names = source.split('.').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    let roots = source.split('.');
    let mut rows = Vec::new();
    for (before, name) in roots.zip(names) {
        let of_field = RowId::ALL
            .into_iter()
            .filter(|row| row.entry().fields.contains(&name));
        let kind: Option<Namespace> = Namespace::ALL.into_iter().find(|kind| kind.name() == name);
        let root = before.rsplit(|c: char| !c.is_alphanumeric()).next();
        let namespaces = root.is_some_and(|it| it.starts_with("own") || it == "namespaces");
        let kind = kind.filter(|_| namespaces && name != "cgroup");
        let of_kind = RowId::ALL
            .into_iter()
            .find(|row| Some(row.entry().namespace) == kind);
        rows.extend(of_field.chain(of_kind));
    }
    rows
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("own.uts and container.hostname == \"web1\"", &[RowId::Hostname, RowId::Hostname])]
    #[case("host.ipc.queues | length > container2.ipc.shm[0].id", &[RowId::Queues, RowId::Shm])]
    #[case("container.uid_map == host.uid", &[RowId::UidMap, RowId::Uid])]
    #[case("container.namespaces.net != host.namespaces.net", &[RowId::Interfaces, RowId::Interfaces])]
    #[case("container.cgroup == \"/\"", &[RowId::Cgroup])]
    #[case("chosen.uts or seen.code or host.last.status == 0", &[])]
    fn an_expression_asks_for_rows(#[case] source: &str, #[case] expected: &[RowId]) {
        assert_eq!(rows_of(source), expected);
    }
}
