//! The time since boot, as `uptime -p` of procps prints it.

pub(super) fn uptime(minutes: u64) -> String {
    let days = minutes / 60 / 24;
    let parts = [
        (days / 365, "year"),
        (days % 365 / 7, "week"),
        (days % 365 % 7, "day"),
        (minutes / 60 % 24, "hour"),
        (minutes % 60, "minute"),
    ];
    let units: Vec<String> = parts
        .into_iter()
        // Minutes are printed even if they are none.
        .filter(|(count, unit)| *count > 0 || *unit == "minute")
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    format!("up {}", units.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `uptime -p` of procps 4.0.2 prints them in a time namespace whose boottime has an offset.
    #[test]
    fn the_time_since_boot_is_told_as_uptime_does() {
        for (seconds, told) in [
            (30, "up 0 minutes"),
            (65, "up 1 minute"),
            (3_605, "up 1 hour, 0 minutes"),
            (86_405, "up 1 day, 0 minutes"),
            (90_065, "up 1 day, 1 hour, 1 minute"),
            (604_805, "up 1 week, 0 minutes"),
            (31_449_605, "up 52 weeks, 0 minutes"),
            (31_536_005, "up 1 year, 0 minutes"),
            (34_128_000, "up 1 year, 4 weeks, 2 days, 0 minutes"),
        ] {
            assert_eq!(uptime(seconds / 60), told, "{seconds}");
        }
    }
}
