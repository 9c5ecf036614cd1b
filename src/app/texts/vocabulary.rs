//! The words that a language must have. The English value of a field says what it is for.

/// The words that depend on the language alone.
pub(crate) struct Words {
    pub lesson: &'static str,
    pub flags: &'static str,
    /// Of a shell whose program has rung the bell.
    pub has_rung: &'static str,
    pub host_shell: &'static str,
    pub container_shell: &'static str,
    pub compare: &'static str,
    pub code: &'static str,
    pub trace: &'static str,
    pub details: &'static str,
    /// The tabs of a compact screen: lesson, host, container, compare.
    pub tabs: [&'static str; 4],
    /// In place of what a picked process prints, once it has ended.
    pub process_ended: &'static str,
    pub host_column: &'static str,
    pub container_column: &'static str,
    pub machine_column: &'static str,
    pub lab_host: &'static str,
    pub lab_without_user: &'static str,
    pub the_machine: &'static str,
    pub risk_title: &'static str,
    pub no_user_helps: &'static str,
    pub lab_undecided: &'static str,
    pub root: &'static str,
    pub ordinary_user: &'static str,
    pub no_flags: &'static str,
    /// What `[x]` means.
    pub legend_chosen: &'static str,
    /// What the mark after a letter means.
    pub legend_running: &'static str,
    pub legend_none_running: &'static str,
    pub own: &'static str,
    pub same: &'static str,
    pub identity: &'static str,
    pub none: &'static str,
    pub more: &'static str,
    pub lab_starting: &'static str,
    pub lab_failed: &'static str,
    pub lab_gone: &'static str,
    pub keeper_gone: &'static str,
    pub or_fresh_lab: &'static str,
    pub fresh_lab_helps: &'static str,
    pub shell_starting: &'static str,
    pub no_container: &'static str,
    pub no_container_help: &'static str,
    pub no_shell: &'static str,
    pub launch_refused: &'static str,
    pub you_said: &'static str,
    pub measured: &'static str,
    pub right_one: &'static str,
    pub right: &'static str,
    pub wrong: &'static str,
    pub skipped: &'static str,
    pub now_see: &'static str,
    pub not_measured: &'static str,
    pub otherwise: &'static str,
    pub no_longer: &'static str,
    pub hint: &'static str,
    pub nothing: &'static str,
    pub only_with: &'static str,
    /// Below the options: whose choice they are.
    pub lessons_options: &'static str,
    pub options_title: &'static str,
    /// A line of the lesson has failed, and had run well before.
    pub ran_before: &'static str,
    /// A line of the lesson failed because what it creates exists.
    pub exists_already: &'static str,
    /// Of a line of the lesson whose shell does not report commands.
    pub unreported: &'static str,
    pub launch_part: &'static str,
    pub no_lessons: &'static str,
    pub keys_title: &'static str,
    /// How a step counts that can't work here.
    /// What quitting ends, where no program runs in it.
    pub a_container: &'static str,
    /// Of a launch that failed once its shell had run.
    pub ran_and_ended: &'static str,
    /// Of a command that waits for the other side.
    pub command_waits: &'static str,
    /// In the title, while progress can't be saved.
    pub not_kept: &'static str,
    pub neither: &'static str,
    /// Explains the marks in the list of lessons.
    pub lesson_marks: &'static str,
    /// Precedes man pages and lessons for further reading.
    pub see: &'static str,
    /// What the mark before a term means.
    pub of_this_step: &'static str,
    pub map_title: &'static str,
    pub map_marks: &'static str,
    pub map_waits: &'static str,
    pub map_empty: &'static str,
    pub inside_waits: &'static str,
    pub inside_ended: &'static str,
    /// Stands before the list of namespaces that this namespace contains.
    pub map_around: &'static str,
    pub inside_gone: &'static str,
    pub user_not_joined: &'static str,
    pub pid_not_joined: &'static str,
    pub no_way_inside: &'static str,
    pub visited: &'static str,
    pub visit_refused: &'static str,
    pub map_owned: &'static str,
    pub map_owner: &'static str,
    pub map_networks: &'static str,
    pub map_peer_groups: &'static str,
    pub map_ended: &'static str,
    pub course_end_title: &'static str,
    pub what_next: &'static str,
    pub quit_title: &'static str,
    pub quit_question: &'static str,
    pub minutes: &'static str,
    /// The mouse and the marks, for the help.
    pub legend: [(&'static str, &'static str); 7],
    /// The heading above the relations of a comparison: explains its mark.
    pub changed: &'static str,
    /// Stands for the relation of a row whose values would tell the answer of a question.
    pub predict_first: &'static str,
    /// Shown while a shell stands in the lesson's place.
    pub enter_returns: &'static str,
    /// Behind the key that enters that shell.
    pub type_in_shell: &'static str,
    pub copy_mode: &'static str,
    pub in_copy_mode: &'static str,
    pub in_a_shell: &'static str,
    pub colon: &'static str,
    /// The PID namespaces that a shell is in, from the machine's inwards.
    pub pid_levels: [&'static str; 4],
    pub no_proc: &'static str,
    pub reading: &'static str,
    pub no_host_shell: &'static str,
    pub command_runs: &'static str,
    pub on_both_sides: &'static str,
    pub details_legend: &'static str,
    pub prints_nothing: &'static str,
    pub prompt_title: &'static str,
    pub brackets: (&'static str, &'static str),
    pub key_steps: &'static str,
    pub all_steps: &'static str,
    pub lab_host_title: &'static str,
    pub no_steps: &'static str,
    /// Marks a refused step that was not needed.
    pub went_on: &'static str,
}

/// The words for a line of the keymap: short in the footer, long in the help.
pub(crate) struct KeyWords {
    pub short: &'static str,
    pub long: &'static str,
}
