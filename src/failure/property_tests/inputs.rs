//! What the properties are tried on: bodies, headers, durations and sentences of any kind.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::EIGHT_DAYS_MS;

/// Blanks that may stand anywhere between two signs.
pub(super) fn blanks() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ \t\r\n]{0,3}").expect("a valid pattern")
}

/// One of several spellings of a unit.
pub(super) fn unit(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    (proptest::sample::select(names), any::<bool>())
        .prop_map(|(name, upper)| if upper { name.to_uppercase() } else { name.to_owned() })
}

/// A duration with one of its spellings.
pub(super) fn spelled_duration() -> impl Strategy<Value = (u64, String)> {
    let units = (
        unit(&["d", "day", "days"]),
        unit(&["h", "hr", "hrs", "hour", "hours"]),
        unit(&["m", "min", "mins", "minute", "minutes"]),
        unit(&["s", "sec", "secs", "second", "seconds"]),
        unit(&["ms", "msec", "millis", "millisecond", "milliseconds"]),
    );
    let fence = proptest::sample::select(&["", " ", "  ", ", ", " and ", " AND ", "\n"][..]);
    let gap = proptest::sample::select(&["", " ", "\t"][..]);
    let drawn = (0..EIGHT_DAYS_MS, 0..6u8, units, fence, gap);
    drawn.prop_map(|(ms, form, (d, h, m, s, milli), fence, gap)| {
        let (days, hours, minutes) = (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
        let seconds = format!("{}.{:03}{gap}{s}", ms / 1000 % 60, ms % 1000);
        let rest = format!("{minutes}{gap}{m}{fence}{seconds}");
        let text = match form {
            0 => format!("{ms}{gap}{milli}"),
            1 => format!("{}.{:03}{gap}{s}", ms / 1000, ms % 1000),
            2 => format!("{}.{:03}000000{gap}{s}", ms / 1000, ms % 1000),
            3 => format!("{}{gap}{h}{fence}{rest}", ms / 3_600_000),
            4 => format!("{days}{gap}{d}{fence}{hours}{gap}{h}{fence}{rest}"),
            _ => format!("{}{gap}{s}{fence}{}{gap}{milli}", ms / 1000, ms % 1000),
        };
        (ms, text)
    })
}

/// The details of one error, in any order.
pub(super) fn details() -> impl Strategy<Value = Vec<Value>> {
    let detail = |kind: &str, mut rest: Value| {
        rest["@type"] = format!("type.googleapis.com/google.rpc.{kind}").into();
        rest
    };
    let own = json!({ "model": "m2", "quotaResetDelay": "1h2m3.4s",
        "quotaResetTimeStamp": "2026-02-02T09:00:00Z" });
    let minute = json!({ "model": "m1", "quota_limit": "RequestsPerMinute" });
    let violations = json!([{ "quotaId": "RequestsPerDay" },
        { "quotaId": "TokensPerMinute", "quotaDimensions": { "model": "m3" } }]);
    Just(vec![
        detail("ErrorInfo", json!({ "reason": "QUOTA_EXHAUSTED", "metadata": own })),
        detail("ErrorInfo", json!({ "reason": "RATE_LIMIT_EXCEEDED", "metadata": minute })),
        detail("RetryInfo", json!({ "retryDelay": "3723.4s" })),
        detail("QuotaFailure", json!({ "violations": violations })),
        detail("LocalizedMessage", json!({ "message": "reset after 5m" })),
        detail("DebugInfo", json!({ "detail": "please wait 90s" })),
    ])
    .prop_shuffle()
}

/// JSON with blanks between all its signs, and the members of objects in any order.
pub(super) fn respelled(value: &Value, blank: &str, backwards: bool) -> String {
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
pub(super) fn any_json() -> impl Strategy<Value = Value> {
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

pub(super) fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
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

/// Sentences and bodies of real kinds of refusals: what a user may quote, and what must mean the same in any envelope.
pub(super) fn refusals() -> impl Strategy<Value = &'static str> {
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

pub(super) fn sentences() -> impl Strategy<Value = String> {
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
pub(super) fn quoted(form: usize, text: &str) -> String {
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
