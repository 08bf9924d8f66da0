//! Any chain of thrown errors, with any headers beside it: no panic, a sound record, and an abort that stays one.
#![no_main]

#[allow(dead_code, unused_imports, reason = "a target uses a part of the module")]
#[path = "../../src/failure/mod.rs"]
mod failure;

use failure::{Class, Evidence, Thrown};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_770_000_000_000;
const LONGEST_MS: u64 = 366 * 24 * 60 * 60 * 1000;

fuzz_target!(|data: (Vec<(String, String, String)>, Vec<(String, String)>, Option<u16>)| {
    let (chain, headers, status) = data;
    let thrown: Vec<Thrown<'_>> =
        chain.iter().take(16).map(|(name, message, code)| Thrown { name, message, code }).collect();
    let evidence = Evidence { status, headers: &headers, thrown: &thrown, now_ms: NOW, ..Evidence::default() };
    let record = failure::classify(&evidence);
    assert!(record.retry_after_ms.is_none_or(|ms| ms <= LONGEST_MS));
    assert!(!record.text.contains(char::is_control));
    assert_eq!(failure::classify(&evidence), record);

    let abort = [Thrown { name: "AbortError", message: "This operation was aborted", code: "" }];
    let evidence = Evidence { thrown: &abort, now_ms: NOW, ..Evidence::default() };
    assert_eq!(failure::classify(&evidence).class, Class::Aborted);
});
