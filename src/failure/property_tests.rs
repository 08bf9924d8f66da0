//! What holds for every body: spelling and order change nothing, nothing panics, and a record reads as itself.

use proptest::prelude::*;
use serde_json::{Value, json};

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
    let known = Evidence { known: Some(failure), status: Some(500), ..Evidence::default() };
    prop_assert_eq!(&classify(&known), failure);
    Ok(())
}

/// Sentences and bodies of real kinds of refusals: what a user may quote, and what must mean the same in any envelope.
fn refusals() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(
        &[
            r#"{"error":{"code":"insufficient_quota","type":"x","message":"You exceeded your current quota"}}"#,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"Weekly limit reached. Resets in 3 days."}}"#,
            r#"{"error":{"message":"Rate limit reached on tokens per day (TPD). Please try again in 2h3m.","code":"rate_limit_exceeded"}}"#,
            r#"{"error":{"code":"1308","message":"Usage limit reached for 5 hour. It will reset at 2026-02-02 13:38:28"}}"#,
            r#"{"message":"Too many requests, please wait 7 seconds","code":"rate_limited"}"#,
            r#"{"error":{"status":"RESOURCE_EXHAUSTED","code":429,"message":"Your quota will reset after 4h."}}"#,
            r#"{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#,
            r#"{"error":"you have reached your session usage limit"}"#,
        ][..],
    )
}

fn sentences() -> impl Strategy<Value = String> {
    let phrases = proptest::sample::select(
        &[
            "insufficient balance",
            "credit balance is too low",
            "weekly usage limit",
            "account has been suspended",
            "invalid api key",
            "rate limit reached, resets in 3 days",
            "余额不足",
            "must be verified",
            "retry after 5s",
            "insufficient_quota",
            "(2056)",
            "An error occurred (ThrottlingException)",
            "token has expired",
        ][..],
    );
    prop_oneof![
        ("[a-z ]{0,12}", phrases, "[a-z ]{0,12}").prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        refusals().prop_map(str::to_owned),
        ".{0,40}",
    ]
}

/// How services quote a part of the request that they refuse.
fn quoted(form: usize, text: &str) -> String {
    match form {
        0 => format!("Invalid value for 'messages[3].content': {text}"),
        1 => format!("messages.2.content.0.text: {text}"),
        2 => format!("Invalid type: expected a list, got a string: '{text}'"),
        3 => format!("The prompt '{text}' is not valid"),
        4 => format!("'{text}' is not one of ['low', 'high']"),
        5 => format!("Bad request: unexpected value `{text}`"),
        _ => format!("Could not parse the body near {text}"),
    }
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
