//! Any text as a provider's message, at every place and under every status: no panic, a sound record, and a text that
//! is its own redaction.
#![no_main]

#[allow(dead_code, unused_imports, reason = "a target uses a part of the module")]
#[path = "../../src/failure/mod.rs"]
mod failure;

use failure::{Class, Evidence, Failure, redact};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_770_000_000_000;
const LONGEST_MS: u64 = 366 * 24 * 60 * 60 * 1000;
const STATUSES: [u16; 12] = [200, 400, 401, 402, 403, 404, 412, 413, 429, 499, 500, 529];

fuzz_target!(|text: &str| {
    let quoted = serde_json::to_string(text).expect("a text is JSON");
    for status in STATUSES {
        let body = format!(r#"{{"error":{{"type":"invalid_request_error","message":{quoted}}}}}"#);
        let stated = Evidence { status: Some(status), now_ms: NOW, model: Some("m"), ..Evidence::default() };
        check(&failure::classify(&Evidence { body: Some(body.as_bytes()), ..stated }));
        check(&failure::classify(&Evidence { message: Some(text), ..stated }));
    }
    // What a request quotes decides nothing.
    let body = format!(r#"{{"error":{{"type":"invalid_request_error","message":"messages.0: bad value: \"{}\""}}}}"#, {
        quoted.trim_matches('"').replace("\\\"", "'")
    });
    let evidence = Evidence { status: Some(400), body: Some(body.as_bytes()), now_ms: NOW, ..Evidence::default() };
    assert_eq!(failure::classify(&evidence).class, Class::Format, "{body}");
});

fn check(record: &Failure) {
    assert!(record.retry_after_ms.is_none_or(|ms| ms <= LONGEST_MS));
    assert_eq!(record.retry_after_ms.is_some(), record.source.is_some());
    assert!(!record.text.contains(char::is_control));
    assert_eq!(redact::redact(&record.text), record.text);
}
