//! The plan of the next launch: its flags, its options, the container it joins.
//!
//! Must not know where a launch goes, or whether it can work.

use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Join, LaunchOption, LaunchOptions, Plan};

/// The plan of the next launch.
#[derive(Debug)]
pub(crate) struct NextLaunch {
    pub flags: NamespaceSet,
    pub options: LaunchOptions,
    pub join: Option<Join>,
    /// The learner's own options and join, while the lesson's are set.
    own: Option<(LaunchOptions, Option<Join>)>,
    /// The flag under the cursor.
    pub cursor: Namespace,
}

impl NextLaunch {
    pub(super) fn new() -> Self {
        NextLaunch {
            flags: NamespaceSet::EMPTY,
            options: LaunchOptions::default(),
            join: None,
            own: None,
            cursor: Namespace::Uts,
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan {
            flags: self.flags,
            join: self.join,
            options: self.options.clone(),
        }
    }

    pub(super) fn set(&mut self, plan: Plan) {
        (self.flags, self.options, self.join) = (plan.flags, plan.options, plan.join);
    }

    /// Sets the lesson's plan. The learner's own options come back with [`NextLaunch::end_lessons_options`].
    pub(super) fn set_for_lesson(&mut self, plan: Plan) {
        let before = (self.options.clone(), self.join);
        self.set(plan);
        self.own.get_or_insert(before);
    }

    /// Restores the learner's own options and join.
    pub(super) fn end_lessons_options(&mut self) {
        if let Some((options, join)) = self.own.take() {
            (self.options, self.join) = (options, join);
        }
    }

    /// Keeps the lesson's options and join as the learner's own: the learner is changing them.
    pub(super) fn take_over(&mut self) {
        self.own = None;
    }

    /// Whether the options or the join are the lesson's and not the learner's own.
    pub(crate) fn are_lessons(&self) -> bool {
        let own = self.own.as_ref();
        own.is_some_and(|(options, join)| *options != self.options || *join != self.join)
    }

    pub(super) fn toggle_flag(&mut self, kind: Namespace) {
        self.flags.toggle(kind);
        self.cursor = kind;
    }

    /// Joins one more kind of the other container's namespaces, or one fewer.
    pub(super) fn toggle_joined(&mut self, kind: Namespace) {
        if let Some(join) = &mut self.join {
            join.kinds.toggle(kind);
            if join.kinds.is_empty() {
                self.join = None;
            }
            self.take_over();
        }
    }
}

/// A row of the options view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptionRow {
    /// Which container is launched.
    Container,
    /// Whose namespaces it joins.
    Joins,
    Option(LaunchOption),
}

impl OptionRow {
    /// Every row, from the top.
    pub(super) fn all() -> Vec<OptionRow> {
        let options = LaunchOption::ALL.map(OptionRow::Option);
        let first = [OptionRow::Container, OptionRow::Joins];
        first.into_iter().chain(options).collect()
    }

    pub(super) fn takes_text(self) -> bool {
        matches!(self, OptionRow::Option(option) if option.choices().is_empty())
    }

    /// The flag without which the row has no effect.
    pub(super) fn needs(self) -> Option<Namespace> {
        match self {
            OptionRow::Container | OptionRow::Joins => None,
            OptionRow::Option(option) => Some(option.needs()),
        }
    }
}
