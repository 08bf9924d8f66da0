//! What holds for every body: spelling and order change nothing, nothing panics, and a record reads as itself.

use proptest::prelude::*;
use serde_json::{Value, json};

mod inputs;

use inputs::{
    any_headers, any_json, blanks, details, quoted, refusals, respelled, sentences,
    spelled_duration,
};

use super::names::{Class, Source};
use super::parse_hint;
use super::record::{Evidence, Failure};
use super::redact::{MAX_CHARS, redact_to};
use crate::failure::classify;
use crate::failure::read::times::duration;

const NOW: i64 = 1_770_000_000_000;
const EIGHT_DAYS_MS: u64 = 8 * 24 * 60 * 60 * 1000;

fn classify_body(body: &str) -> Failure {
    classify(&Evidence {
        status: Some(429),
        body: Some(body.as_bytes()),
        model: Some("m"),
        now_ms: NOW,
        ..Evidence::default()
    })
}

fn quota_body(message: &str, detail: &Value) -> String {
    let details = [&json!({ "reason": "QUOTA_EXHAUSTED" }), detail];
    json!({ "error": { "code": 429, "message": message, "details": details } }).to_string()
}

/// What every record keeps, whatever it was made from.
fn check_sound(failure: &Failure) -> Result<(), TestCaseError> {
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.reset_at.is_some());
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.source.is_some());
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.trust.is_some());
    prop_assert!(failure.retry_after_ms.is_none_or(|ms| ms <= duration::MAX_MS));
    prop_assert!(failure.text.encode_utf16().count() <= MAX_CHARS);
    prop_assert!(!failure.text.contains(char::is_control));
    let known = Evidence { known: Some(failure), status: Some(500), ..Evidence::default() };
    prop_assert_eq!(&classify(&known), failure);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_users_text_in_a_400_never_changes_its_class(text in sentences(), form in 0..7usize, is_detail in any::<bool>()) {
        let body = if is_detail {
            json!({ "detail": [{ "type": "string_type", "loc": ["body"], "msg": "Input should be valid", "input": text }] })
        } else {
            json!({ "error": { "message": quoted(form, &text), "type": "invalid_request_error", "code": null } })
        }.to_string();
        let evidence = Evidence { status: Some(400), body: Some(body.as_bytes()), now_ms: NOW, ..Evidence::default() };
        let failure = classify(&evidence);
        prop_assert_eq!((failure.class, failure.retry_after_ms), (Class::Format, None), "{}", body);
    }

    #[test]
    fn an_envelope_a_quotation_and_unknown_members_change_nothing(body in refusals(), form in 0..6u8) {
        let plain = classify_body(body);
        let mut value: Value = serde_json::from_str(body).expect("valid");
        let wrapped = match form {
            0 => json!(body).to_string(),
            1 => json!(json!(body).to_string()).to_string(),
            2 => json!([value]).to_string(),
            3 => json!({ "error": { "message": "Provider returned error", "code": 429, "metadata": { "raw": body } } }).to_string(),
            4 => json!({ "error": { "message": body } }).to_string(),
            _ => {
                value["zz_new"] = json!({ "note": "insufficient balance", "n": 7 });
                value.to_string()
            }
        };
        let failure = classify_body(&wrapped);
        prop_assert_eq!((failure.class, failure.retry_after_ms), (plain.class, plain.retry_after_ms), "{}", wrapped);
    }

    #[test]
    fn a_duration_means_the_same_in_every_spelling((ms, text) in spelled_duration(), before in blanks(), after in blanks()) {
        prop_assert_eq!(duration::parse(&format!("{before}{text}{after}")), Some(ms));
    }

    #[test]
    fn a_duration_means_the_same_in_every_place((ms, text) in spelled_duration()) {
        let bodies = [
            quota_body("x", &json!({ "retryDelay": text })),
            quota_body("x", &json!({ "metadata": { "quotaResetDelay": text } })),
            quota_body(&format!("Your quota will reset after {text}."), &Value::Null),
            quota_body(&format!("Individual quota reached. Resets in {text}, they say"), &Value::Null),
            quota_body("x", &json!({ "retryDelay": { "seconds": (ms / 1000).to_string(), "nanos": ms % 1000 * 1_000_000 } })),
        ];
        for body in bodies {
            prop_assert_eq!(classify_body(&body).retry_after_ms, Some(ms), "{}", body);
            let hint = parse_hint(&[], Some(body.as_bytes()), NOW);
            prop_assert_eq!(hint.map(|hint| hint.retry_after_ms), Some(ms));
        }
    }

    #[test]
    fn a_fraction_of_a_millisecond_is_rounded_up(whole in 0..691_199_999u64, nanos in 1..1_000_000u64) {
        let text = format!("{}.{:03}{:06}s", whole / 1000, whole % 1000, nanos);
        prop_assert_eq!(duration::parse(&text), Some(whole + 1));
        prop_assert_eq!(duration::parse(&format!("{whole}.{nanos:06}ms")), Some(whole + 1));
    }

    #[test]
    fn the_order_of_details_and_members_and_blanks_change_nothing(
        details in details(), blank in blanks(), backwards in any::<bool>(), in_list in any::<bool>(),
    ) {
        let error = json!({ "error": { "code": 429, "message": "Your quota will reset after 1h.", "details": details } });
        let body = if in_list { json!([error]) } else { error };
        let failure = classify_body(&respelled(&body, &blank, backwards));
        prop_assert_eq!(failure.class, Class::Quota);
        prop_assert_eq!(failure.retry_after_ms, Some(3_723_400));
        prop_assert_eq!(failure.source, Some(Source::RetryInfo));
        prop_assert_eq!(failure.reason.as_deref(), Some("QUOTA_EXHAUSTED"));
        prop_assert_eq!(failure.quota_id.as_deref(), Some("RequestsPerDay"));
        prop_assert_eq!(failure.model.as_deref(), Some("m1"));
    }

    #[test]
    fn any_data_gives_a_sound_record(body in any_json(), headers in any_headers(), status in proptest::option::of(100..600u16)) {
        let body = body.to_string();
        let evidence = Evidence { status, headers: &headers, body: Some(body.as_bytes()), now_ms: NOW, ..Evidence::default() };
        check_sound(&classify(&evidence))?;
        let _ = parse_hint(&headers, Some(body.as_bytes()), NOW);
    }

    #[test]
    fn a_damaged_body_gives_a_sound_record(body in any_json(), cut in any::<prop::sample::Index>(), junk in ".{0,4}") {
        let body = body.to_string();
        let mut at = cut.index(body.len() + 1);
        while !body.is_char_boundary(at) { at -= 1; }
        check_sound(&classify_body(&body[..at]))?;
        check_sound(&classify_body(&format!("{}{junk}{}", &body[..at], &body[at..])))?;
    }

    #[test]
    fn any_bytes_give_a_sound_record(body in proptest::collection::vec(any::<u8>(), 0..200), now in any::<i64>()) {
        check_sound(&classify(&Evidence { body: Some(&body), now_ms: now, ..Evidence::default() }))?;
    }

    #[test]
    fn a_redacted_text_is_its_own_redaction(
        parts in proptest::collection::vec(
            prop_oneof![
                ".{0,20}",
                "[A-Za-z0-9_-]{20,60}",
                proptest::sample::select(&["Bearer ", "ya29.", "sk-", "api_key=", "://", "@", "\"", "password: ", "?key=", "Authorization: "][..])
                    .prop_map(str::to_owned),
            ],
            0..12,
        ),
        limit in 0..300usize,
    ) {
        let once = redact_to(&parts.concat(), limit);
        prop_assert!(once.encode_utf16().count() <= limit);
        prop_assert_eq!(redact_to(&once, limit), once);
    }
}
