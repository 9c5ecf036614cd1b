//! Any bytes: cut anywhere, the events are the same, and little is held.

use super::*;

/// Bytes that often make sequences, whole or in parts.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "\x1b",
        "[",
        "O",
        "]",
        "P",
        "_",
        "\x1b[",
        "\x1bO",
        "\x1b]11;",
        "\x1bP>|",
        "\x1b\\",
        "<",
        "?",
        "1",
        ";",
        ":",
        "27",
        "200~",
        "\x1b[200~",
        "\x1b[201~",
        "0;3;4",
        "M",
        "m",
        "A",
        "R",
        "u",
        "~",
        "$",
        "y",
        "\r",
        "\x07",
        "\x7f",
        "é",
        "中",
        "🦀",
    ];
    let part = prop_oneof![
        4 => proptest::sample::select(parts.to_vec()).prop_map(|part| part.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn cut_anywhere_the_events_are_the_same(
        bytes in input(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let now = Instant::now();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for cut in cuts.windows(2) {
            events.extend(decoder.feed(&bytes[cut[0]..cut[1]], now));
        }
        events.extend(decoder.expire(now + SEQUENCE_WAIT));
        prop_assert_eq!(exactly(&events), exactly(&all(&bytes)));
    }

    #[test]
    fn little_is_held_and_nothing_waits_for_ever(bytes in input()) {
        let mut decoder = Decoder::default();
        let now = Instant::now();
        decoder.feed(&bytes, now);
        prop_assert!(decoder.held.len() <= bytes.len().max(SEQUENCE_LIMIT));
        decoder.expire(now + SEQUENCE_WAIT);
        prop_assert_eq!(decoder.deadline(), None);
        // After any bytes, a key still arrives, if necessary after a paste's end.
        let mut events = decoder.feed(PASTE_END, now);
        events.extend(decoder.feed(b"\rq", now));
        prop_assert_eq!(events.last(), Some(&key(K::Char('q'), NONE)));
    }
}

#[test]
fn an_endless_sequence_is_not_held() {
    let mut decoder = Decoder::default();
    for (start, endless) in [
        ("\x1b[", "1;"),
        ("\x1bO", "1;"),
        ("\x1b]1", "x"),
        ("\x1bP1", "1"),
    ] {
        decoder.feed(start.as_bytes(), Instant::now());
        let events = decoder.feed(endless.repeat(10_000).as_bytes(), Instant::now());
        assert!(decoder.held.len() <= SEQUENCE_LIMIT);
        assert!(start == "\x1bO" || events.is_empty(), "{start:?}");
        decoder.feed(b"\r", Instant::now());
    }
}
