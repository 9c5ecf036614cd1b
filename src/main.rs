//! nslab's entry.
fn main() {}
