//! Figures, their targets, and a table of both.

/// The target of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// No target.
    None,
    /// An upper bound for the figure itself.
    AtMost(f64),
    /// An upper bound for the ratio to the figure of another program, measured in the same run.
    Ratio {
        /// The other program's name.
        to: &'static str,
        /// Its figure in the same unit.
        theirs: f64,
        /// The greatest ratio that meets the target, if there is one.
        at_most: Option<f64>,
    },
}

struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    bounds: Vec<Bound>,
}

/// The figures of one run.
pub struct Targets {
    title: String,
    figures: Vec<Figure>,
}

impl Targets {
    pub fn new(title: String) -> Self {
        Self {
            title,
            figures: Vec::new(),
        }
    }

    pub fn add(&mut self, what: &str, value: f64, unit: &'static str, bound: Bound) {
        self.add_all(what, value, unit, &[bound]);
    }

    pub fn add_all(&mut self, what: &str, value: f64, unit: &'static str, bounds: &[Bound]) {
        let figure = Figure {
            what: what.to_owned(),
            value,
            unit,
            bounds: bounds.to_vec(),
        };
        println!("  {}", figure.line());
        self.figures.push(figure);
    }

    /// Prints all figures with their targets, and then the missed targets.
    pub fn print(&self) {
        println!("\n{}", self.title);
        for figure in &self.figures {
            println!("  {}", figure.line());
            for bound in &figure.bounds {
                if let Some((line, _)) = bound.judge(figure) {
                    println!("      {line}");
                }
            }
        }
        let missed: Vec<_> = self.figures.iter().flat_map(Figure::missed).collect();
        if missed.is_empty() {
            println!("\nall targets met");
        } else {
            println!("\ntargets missed:");
            for line in missed {
                println!("  {line}");
            }
        }
    }
}

impl Figure {
    fn line(&self) -> String {
        format!("{:<58} {:>9.2} {}", self.what, self.value, self.unit)
    }

    fn missed(&self) -> impl Iterator<Item = String> {
        let judged = self.bounds.iter().filter_map(|bound| bound.judge(self));
        judged
            .filter(|(_, met)| !met)
            .map(|(line, _)| format!("{}: {line}", self.what))
    }
}

impl Bound {
    /// The figure compared with this bound in words, and whether the target is met.
    fn judge(self, figure: &Figure) -> Option<(String, bool)> {
        let (value, unit) = (figure.value, figure.unit);
        match self {
            Bound::None => None,
            Bound::AtMost(most) => Some((
                format!("{value:.2} {unit}, target {most} {unit}"),
                value <= most,
            )),
            Bound::Ratio {
                to,
                theirs,
                at_most,
            } => {
                let ratio = value / theirs;
                let line = format!("{ratio:.2} times {to} ({theirs:.2} {unit})");
                Some(match at_most {
                    Some(most) => (format!("{line}, target {most}"), ratio <= most),
                    None => (line, true),
                })
            }
        }
    }
}
