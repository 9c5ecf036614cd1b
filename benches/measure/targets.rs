//! Figures with what they are held against, and a table of both.

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// Only told.
    None,
    /// The figure itself.
    AtMost(f64),
    /// The figure divided by that of another program, measured in the same run.
    Ratio {
        /// The other program's name.
        to: &'static str,
        /// Its figure, in the same unit.
        theirs: f64,
        /// The greatest ratio that is good, where there is one.
        at_most: Option<f64>,
    },
}

struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    bounds: Vec<Bound>,
}

/// What was measured in one run.
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

    /// All figures once more, with what each is held against, and at the end the targets missed.
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
    /// What a figure is against this bound, in words, and whether it is met.
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
