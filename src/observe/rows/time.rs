//! The time since boot, as `uptime -p` of procps prints it.

pub(super) fn uptime(minutes: u64) -> String {
    let hours = minutes / 60;
    let days = hours / 24;
    let parts = [
        (days / 7 / 52, "year"),
        (days / 7 % 52, "week"),
        (days % 7, "day"),
        (hours % 24, "hour"),
        (minutes % 60, "minute"),
    ];
    let mut units: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if units.is_empty() {
        units.push("0 minutes".to_owned());
    }
    format!("up {}", units.join(", "))
}
