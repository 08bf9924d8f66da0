//! What holds for every body: spelling and order change nothing, nothing panics, and a record reads as itself.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::parse_hint;
use super::record::{Class, Evidence, Failure};
use super::redact::{MAX_CHARS, redact_to};
use crate::failure::classify;
use crate::failure::read::duration;

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

/// Blanks that may stand anywhere between two signs.
fn blanks() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ \t\r\n]{0,3}").expect("a valid pattern")
}

/// One of several spellings of a unit.
fn unit(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    (proptest::sample::select(names), any::<bool>())
        .prop_map(|(name, upper)| if upper { name.to_uppercase() } else { name.to_owned() })
}

/// A duration with one of its spellings.
fn spelled_duration() -> impl Strategy<Value = (u64, String)> {
    let units = (
        unit(&["d", "day", "days"]),
        unit(&["h", "hr", "hrs", "hour", "hours"]),
        unit(&["m", "min", "mins", "minute", "minutes"]),
        unit(&["s", "sec", "secs", "second", "seconds"]),
        unit(&["ms", "msec", "millis", "millisecond", "milliseconds"]),
    );
    let fence = proptest::sample::select(&["", " ", "  ", ", ", " and ", " AND ", "\n"][..]);
    let gap = proptest::sample::select(&["", " ", "\t"][..]);
    (0..EIGHT_DAYS_MS, 0..6u8, units, fence, gap).prop_map(|(ms, form, (d, h, m, s, milli), fence, gap)| {
        let (days, hours, minutes) = (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
        let seconds = format!("{}.{:03}", ms / 1000 % 60, ms % 1000);
        let text = match form {
            0 => format!("{ms}{gap}{milli}"),
            1 => format!("{}.{:03}{gap}{s}", ms / 1000, ms % 1000),
            2 => format!("{}.{:03}000000{gap}{s}", ms / 1000, ms % 1000),
            3 => format!("{}{gap}{h}{fence}{minutes}{gap}{m}{fence}{seconds}{gap}{s}", ms / 3_600_000),
            4 => format!("{days}{gap}{d}{fence}{hours}{gap}{h}{fence}{minutes}{gap}{m}{fence}{seconds}{gap}{s}"),
            _ => format!("{}{gap}{s}{fence}{}{gap}{milli}", ms / 1000, ms % 1000),
        };
        (ms, text)
    })
}

fn quota_body(message: &str, detail: &Value) -> String {
    json!({ "error": { "code": 429, "message": message, "details": [{ "reason": "QUOTA_EXHAUSTED" }, detail] } })
        .to_string()
}

/// The details of one error, in any order.
fn details() -> impl Strategy<Value = Vec<Value>> {
    Just(vec![
        json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "QUOTA_EXHAUSTED",
            "metadata": { "model": "m2", "quotaResetDelay": "1h2m3.4s", "quotaResetTimeStamp": "2026-02-02T09:00:00Z" } }),
        json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED",
            "metadata": { "model": "m1", "quota_limit": "RequestsPerMinute" } }),
        json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3723.4s" }),
        json!({ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [
            { "quotaId": "RequestsPerDay" }, { "quotaId": "TokensPerMinute", "quotaDimensions": { "model": "m3" } }] }),
        json!({ "@type": "type.googleapis.com/google.rpc.LocalizedMessage", "message": "reset after 5m" }),
        json!({ "@type": "type.googleapis.com/google.rpc.DebugInfo", "detail": "please wait 90s" }),
    ])
    .prop_shuffle()
}

/// JSON with blanks between all its signs, and the members of objects in any order.
fn respelled(value: &Value, blank: &str, backwards: bool) -> String {
    let parts = |open: char, parts: Vec<String>, close: char| {
        format!("{open}{blank}{}{blank}{close}", parts.join(&format!("{blank},{blank}")))
    };
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if backwards {
                members.reverse();
            }
            let member = |(key, value): (&String, &Value)| {
                format!("\"{key}\"{blank}:{blank}{}", respelled(value, blank, backwards))
            };
            parts('{', members.into_iter().map(member).collect(), '}')
        }
        Value::Array(items) => {
            parts('[', items.iter().map(|item| respelled(item, blank, backwards)).collect(), ']')
        }
        other => other.to_string(),
    }
}

/// Anything that could be an error body, and much that could not.
fn any_json() -> impl Strategy<Value = Value> {
    let names = &[
        "error",
        "errors",
        "message",
        "details",
        "code",
        "status",
        "reason",
        "metadata",
        "model",
        "retryDelay",
        "quotaResetDelay",
        "quotaResetTimeStamp",
        "violations",
        "links",
        "url",
        "type",
        "@type",
        "response",
        "body",
        "seconds",
        "nanos",
        "resets_at",
        "resets_in_seconds",
        "class",
        "rotate",
        "rule",
        "scope",
        "candidates",
    ][..];
    let texts = prop_oneof![
        proptest::sample::select(
            &["QUOTA_EXHAUSTED", "reset after 5h", "1e9s", "NaN", "-1s", "0s", "429", "{", "["][..]
        )
        .prop_map(str::to_owned),
        ".{0,12}",
        spelled_duration().prop_map(|(_, text)| text),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(names), inner), 0..6).prop_map(
                |members| {
                    Value::Object(
                        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                    )
                }
            ),
        ]
    })
}

fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = proptest::sample::select(
        &[
            "Retry-After",
            "retry-after-ms",
            "x-ratelimit-reset",
            "x-ratelimit-reset-ms",
            "x-ratelimit-reset-after",
            "x-ratelimit-reset-tokens",
            "x-ratelimit-remaining-tokens",
            "anthropic-ratelimit-unified-reset",
            "anthropic-ratelimit-unified-status",
            "anthropic-ratelimit-tokens-reset",
            "x-codex-primary-used-percent",
            "x-codex-primary-reset-after-seconds",
            "x-request-id",
        ][..],
    );
    let values = prop_oneof![
        any::<f64>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        spelled_duration().prop_map(|(_, text)| text),
        ".{0,30}",
        Just("rejected".to_owned()),
    ];
    proptest::collection::vec((names.prop_map(str::to_owned), values), 0..6)
}

/// What every record keeps, whatever it was made from.
fn check_sound(failure: &Failure) -> Result<(), TestCaseError> {
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.reset_at.is_some());
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.source.is_some());
    prop_assert_eq!(failure.retry_after_ms.is_some(), failure.trust.is_some());
    prop_assert!(failure.retry_after_ms.is_none_or(|ms| ms <= duration::MAX_MS));
    prop_assert!(failure.text.encode_utf16().count() <= MAX_CHARS);
    prop_assert!(!failure.text.contains(char::is_control));
    let again = serde_json::to_vec(failure).expect("a record is plain data");
    let read = classify(&Evidence { body: Some(&again), now_ms: NOW + 7, ..Evidence::default() });
    prop_assert_eq!(&read, failure);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

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
        prop_assert_eq!(failure.source, Some("retry-info"));
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
