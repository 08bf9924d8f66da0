//! Any text as a duration, a header's value or the end of a sentence: no panic, nothing negative, one meaning in every
//! place.
#![no_main]

#[allow(dead_code, unused_imports, reason = "a target uses a part of the module")]
#[path = "../../src/failure/mod.rs"]
mod failure;

use failure::parse_hint;
use failure::read::times::duration::parse as parse_duration;
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_770_000_000_000;
const LONGEST_MS: u64 = 35 * 24 * 60 * 60 * 1000;
const YEAR_MS: u64 = 366 * 24 * 60 * 60 * 1000;

const HEADERS: [&str; 9] = [
    "retry-after",
    "retry-after-ms",
    "x-ms-retry-after-ms",
    "x-ratelimit-reset",
    "x-ratelimit-reset-ms",
    "x-ratelimit-reset-after",
    "x-ratelimit-reset-tokens",
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-unified-reset",
];

fuzz_target!(|text: &str| {
    for name in HEADERS {
        let headers = [(name.to_owned(), text.to_owned())];
        if let Some(hint) = parse_hint(&headers, None, NOW) {
            assert!(hint.retry_after_ms <= LONGEST_MS, "{name}");
        }
    }
    let sentence = format!("Your quota will reset after {text}");
    let spoken = parse_hint(&[], Some(sentence.as_bytes()), NOW);
    assert!(spoken.is_none_or(|hint| hint.retry_after_ms <= YEAR_MS));

    let Some(ms) = parse_duration(text) else { return };
    assert!(ms <= YEAR_MS * 10);
    assert_eq!(parse_duration(&format!(" {text}\n")), Some(ms));
    assert_eq!(parse_duration(&format!("{ms}ms")), Some(ms));
    assert_eq!(parse_duration(&format!("{}.{:03}s", ms / 1000, ms % 1000)), Some(ms));
    assert_eq!(parse_duration(&text.to_ascii_uppercase()), Some(ms));
});
