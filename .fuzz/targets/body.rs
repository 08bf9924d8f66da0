//! Any bytes as a body, a message or a thrown text: no panic, a sound record, and a record of ours stays as it is.
#![no_main]

#[allow(dead_code, unused_imports, reason = "a target uses a part of the module")]
#[path = "../../src/failure/mod.rs"]
mod failure;

use failure::{Evidence, Failure, LegacyInputs, Thrown, redact};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_770_000_000_000;
const YEAR_MS: u64 = 366 * 24 * 60 * 60 * 1000;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let statuses = [None, Some(200), Some(400), Some(403), Some(429), Some(503)];
    let status = statuses[data.len() % statuses.len()];
    let evidence = Evidence { status, now_ms: NOW, model: Some("m"), ..Evidence::default() };
    check(&Evidence { body: Some(data), ..evidence });
    check(&Evidence { message: Some(&text), ..evidence });
    check(&Evidence { thrown: &[Thrown { name: "Error", message: &text, code: &text }], ..evidence });

    if let Some(hint) = failure::parse_hint(&[], Some(data), NOW) {
        assert!(hint.retry_after_ms <= YEAR_MS);
        assert_eq!(hint.reset_at, NOW.saturating_add_unsigned(hint.retry_after_ms));
    }
    let _ = failure::host_reason(&text);
    let inputs = LegacyInputs {
        retry_after: None,
        rate_limit_reset: Some(&text),
        rate_limit_reset_after: None,
        to_number: &|_| f64::NAN,
        to_date: &|_| f64::NAN,
        now_ms: 0.0,
    };
    assert!(failure::extract_legacy_delay(&text, &inputs).is_none_or(|ms| ms.is_finite() && ms > 0.0));
    let shown = redact::redact(&text);
    assert_eq!(redact::redact(&shown), shown);
});

fn check(evidence: &Evidence<'_>) {
    let record: Failure = failure::classify(evidence);
    assert!(record.retry_after_ms.is_none_or(|ms| ms <= YEAR_MS * 10));
    assert_eq!(record.retry_after_ms.is_some(), record.source.is_some());
    assert!(record.text.encode_utf16().count() <= redact::MAX_CHARS);
    assert!(!record.text.contains(char::is_control));
    let known = Evidence { known: Some(&record), now_ms: NOW + 1, ..Evidence::default() };
    assert_eq!(failure::classify(&known), record);
}
