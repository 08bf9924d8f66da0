//! What a token server answers with, in the forms that are in use.
//!
//! Invariants: without an access token it is a failure, whatever the status; `expires` is by this machine's clock from when
//! the request was sent, so a server's clock does not matter, and a slow answer makes it earlier, never later.

use serde_json::{Map, Value};

use super::login_over::{self, Meaning};
use crate::failure::redact::redact;
use crate::failure::{Evidence, Failure, classify};
use crate::time::WallMs;

/// Where a server says no lifetime, this is assumed: what most give.
const USUAL_LIFETIME_MS: f64 = 3_600_000.0;
/// Longer than any token lives. A larger number is no lifetime.
const LONGEST_LIFETIME_MS: f64 = 400.0 * 86_400_000.0;
/// A moment is a number of this size and larger: 2001 in seconds.
const FIRST_MOMENT: f64 = 1_000_000_000.0;
/// A moment in milliseconds is.
const FIRST_MOMENT_MS: f64 = 100_000_000_000.0;

/// New tokens.
#[derive(Clone, PartialEq)]
pub(crate) struct Tokens {
    pub access: String,
    /// `None`: the old one goes on.
    pub refresh: Option<String>,
    pub expires: WallMs,
    pub id_token: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tokens").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// An answer, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub status: u16,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    /// When the request was sent.
    pub sent_at: WallMs,
    pub now: WallMs,
}

/// The tokens, or what it means that there are none.
pub(crate) fn read(answer: &Answer<'_>) -> Result<Tokens, Box<(Meaning, Failure)>> {
    let fields = fields(answer.body);
    let is_good = (200..300).contains(&answer.status);
    if let Some(tokens) = fields.as_ref().filter(|_| is_good).and_then(|it| tokens(it, answer)) {
        return Ok(tokens);
    }
    Err(Box::new(refused(answer, fields.as_ref())))
}

fn tokens(fields: &Map<String, Value>, answer: &Answer<'_>) -> Option<Tokens> {
    let text = |name: &str| {
        let value = fields.get(name).and_then(Value::as_str)?;
        (!value.trim().is_empty()).then(|| value.to_owned())
    };
    Some(Tokens {
        access: text("access_token").or_else(|| text("accessToken"))?,
        refresh: text("refresh_token").or_else(|| text("refreshToken")),
        expires: expires(fields, answer),
        id_token: text("id_token"),
    })
}

/// A lifetime of zero or less stays what it is: in the past. Whoever refreshes does not believe it twice.
fn expires(fields: &Map<String, Value>, answer: &Answer<'_>) -> WallMs {
    let number = |name: &str| number(fields.get(name)?);
    let lifetime = ["expires_in", "expiresIn"].into_iter().find_map(number);
    // Some give a moment instead, in seconds or milliseconds.
    let moment = ["expires_at", "expiresAt", "expires"].into_iter().find_map(number);
    let moment = moment.or_else(|| lifetime.filter(|it| *it >= FIRST_MOMENT));
    let ms = match (lifetime.filter(|it| *it < FIRST_MOMENT), moment) {
        (None, Some(at)) if at >= FIRST_MOMENT_MS => at - answer.sent_at.as_ms(),
        (None, Some(at)) if at >= FIRST_MOMENT => at * 1_000.0 - answer.sent_at.as_ms(),
        (Some(seconds), _) | (None, Some(seconds)) => seconds * 1_000.0,
        (None, None) => USUAL_LIFETIME_MS,
    };
    let ms = if ms.is_finite() { ms.min(LONGEST_LIFETIME_MS) } else { USUAL_LIFETIME_MS };
    (answer.sent_at + ms).rounded()
}

fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// The object of the answer: JSON, the object in its `data`, or a form.
fn fields(body: &[u8]) -> Option<Map<String, Value>> {
    // Some write a byte order mark, which JSON does not allow; the only token that is still good may stand behind it.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let object = value.as_object()?;
        let is_inside = |name: &&str| {
            let inside = object.get(*name).and_then(Value::as_object);
            inside
                .is_some_and(|it| it.contains_key("access_token") || it.contains_key("accessToken"))
        };
        let inside =
            ["data", "authed_user", "token", "result"].into_iter().find(|it| is_inside(it));
        return Some(match inside.and_then(|name| object[name].as_object()) {
            Some(inside) => inside.clone(),
            None => object.clone(),
        });
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.is_empty() || !text.contains('=') || text.contains(['<', '{', '\n']) {
        return None;
    }
    let mut url = reqwest::Url::parse("form:/").ok()?;
    url.set_query(Some(text));
    Some(
        url.query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect(),
    )
}

fn refused(answer: &Answer<'_>, fields: Option<&Map<String, Value>>) -> (Meaning, Failure) {
    let (code, words) = fields.map(code_and_words).unwrap_or_default();
    let mut seen = classify(&Evidence {
        status: Some(answer.status),
        headers: answer.headers,
        body: Some(answer.body),
        now_ms: answer.now.whole_ms(),
        ..Evidence::default()
    });
    let is_good = (200..300).contains(&answer.status);
    if is_good && code.is_none() {
        "the token server answered without an access token".clone_into(&mut seen.text);
        return (Meaning::Server, login_over::failure(Meaning::Server, seen));
    }
    let said: Vec<_> = code.iter().chain(&words).map(|it| redact(it)).collect();
    if !said.is_empty() {
        seen.text = said.join(": ");
    }
    seen.reason = code.as_deref().and_then(crate::failure::redact::identifier).or(seen.reason);
    let status = (!is_good).then_some(answer.status);
    let meaning =
        login_over::meaning(code.as_deref(), status, words.as_deref().unwrap_or_default());
    (meaning, login_over::failure(meaning, seen))
}

/// Where the words are.
const WORDS: [&str; 5] = ["error_description", "message", "error_message", "detail", "msg"];

/// `{ error, error_description }`, `{ error: { code | type, message } }`, `{ code, message }`, `{ status }`.
fn code_and_words(fields: &Map<String, Value>) -> (Option<String>, Option<String>) {
    let text = |object: &Map<String, Value>, names: &[&str]| {
        let found = names.iter().find_map(|name| object.get(*name).and_then(Value::as_str));
        found.filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    match fields.get("error") {
        Some(Value::Object(error)) => {
            let code = text(error, &["code", "type", "status", "error"]);
            (code, text(error, &WORDS))
        }
        Some(Value::String(code)) => {
            // Google says more beside it, and Microsoft's codes are in the words.
            let further = text(fields, &["error_subtype", "suberror"]);
            let further =
                further.filter(|it| login_over::meaning(Some(it), None, "") != Meaning::Server);
            (Some(further.unwrap_or_else(|| code.clone())), text(fields, &WORDS))
        }
        _ => {
            let code = text(fields, &["code", "error_code"]);
            // Other answers have these too, and anything may stand there: a token must not be shown.
            let is_word =
                |text: &String| text.chars().all(|it| it.is_ascii_alphabetic() || it == '_');
            let other = || text(fields, &["status", "type"]).filter(is_word);
            (code.or_else(other), text(fields, &WORDS))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Class, Rule, Scope};

    const SENT: WallMs = WallMs::new(1_770_000_000_000.0);

    fn answer(status: u16, body: &str) -> Result<Tokens, Box<(Meaning, Failure)>> {
        let now = SENT + 8_000.0;
        read(&Answer { status, headers: &[], body: body.as_bytes(), sent_at: SENT, now })
    }

    fn lifetime(body: &str) -> f64 {
        (answer(200, body).unwrap().expires.as_ms() - SENT.as_ms()) / 1_000.0
    }

    #[test]
    fn what_stands_in_a_field_of_any_answer_is_shown_only_if_it_is_a_word() {
        let (_, failure) =
            *answer(200, r#"{"status":"s3cret-Token","type":"s3cret"}"#).unwrap_err();
        assert!(!format!("{failure:?}").contains("s3cret"), "{failure:?}");
        let (_, failure) = *answer(400, r#"{"status":"invalid_grant"}"#).unwrap_err();
        assert!(format!("{failure:?}").contains("invalid_grant"), "{failure:?}");
    }

    #[test]
    fn a_lifetime_counts_from_when_the_request_was_sent() {
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":60}"#), 60.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":"60"}"#), 60.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":-5}"#), -5.0);
    }

    #[test]
    fn a_moment_is_taken_for_one_in_seconds_and_in_milliseconds() {
        assert_eq!(lifetime(r#"{"access_token":"a","expires_at":1770000090}"#), 90.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_at":1770000090000}"#), 90.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":1770000090}"#), 90.0);
    }

    #[test]
    fn no_lifetime_is_the_usual_one_and_an_absurd_one_is_bounded() {
        assert_eq!(lifetime(r#"{"access_token":"a"}"#), 3_600.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":null}"#), 3_600.0);
        assert_eq!(lifetime(r#"{"access_token":"a","expires_in":999999999}"#), 400.0 * 86_400.0);
    }

    #[test]
    fn a_new_refresh_token_is_taken_and_none_leaves_the_old_one() {
        let rotated = answer(200, r#"{"access_token":"a","refresh_token":"b"}"#).unwrap();
        assert_eq!(rotated.refresh.as_deref(), Some("b"));
        assert_eq!(
            answer(200, r#"{"access_token":"a","refresh_token":""}"#).unwrap().refresh,
            None
        );
    }

    #[test]
    fn forms_and_wrapped_objects_are_read_too() {
        let form = answer(200, "access_token=a%2B&refresh_token=b&expires_in=28800").unwrap();
        assert_eq!((form.access.as_str(), form.refresh.as_deref()), ("a+", Some("b")));
        assert_eq!(answer(200, r#"{"data":{"access_token":"a"}}"#).unwrap().access, "a");
        assert_eq!(
            answer(200, r#"{"ok":true,"authed_user":{"access_token":"u"}}"#).unwrap().access,
            "u"
        );
    }

    #[test]
    fn a_byte_order_mark_costs_no_login() {
        let marked = "\u{feff}{\"access_token\":\"a\",\"refresh_token\":\"b\"}";
        assert_eq!(answer(200, marked).unwrap().refresh.as_deref(), Some("b"));
    }

    fn refusal_of(status: u16, body: &str) -> (Meaning, Failure) {
        *answer(status, body).unwrap_err()
    }

    #[test]
    fn errors_of_the_standard_and_of_the_large_providers_are_read() {
        let over = [
            (
                400,
                r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
            ),
            (
                401,
                r#"{"error":{"message":"Your refresh token has already been used.","type":"invalid_request_error","param":null,"code":"refresh_token_reused"}}"#,
            ),
            (
                200,
                r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired."}"#,
            ),
            (200, "error=bad_refresh_token&error_description=expired"),
            (200, r#"{"ok":false,"error":"invalid_refresh_token"}"#),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"AADSTS700082: expired","error_codes":[700082]}"#,
            ),
            (400, r#"{"error":"invalid_grant","error_subtype":"invalid_rapt"}"#),
            (400, r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#),
            (
                400,
                r#"{"error":{"type":"invalid_request_error","message":"Refresh token not found or invalid"}}"#,
            ),
        ];
        for (status, body) in over {
            let (meaning, failure) = refusal_of(status, body);
            assert_eq!(meaning, Meaning::LoginIsOver, "{body}");
            assert_eq!((failure.class, failure.scope), (Class::AuthPermanent, Scope::Account));
            assert_eq!(failure.rule, Rule::RefreshRefused);
        }
        let (meaning, _) = refusal_of(401, r#"{"error":"invalid_client"}"#);
        assert_eq!(meaning, Meaning::Settings);
    }

    #[test]
    fn a_fault_of_the_server_keeps_its_class_and_its_wait() {
        let headers = [("retry-after".to_owned(), "7".to_owned())];
        let body = b"slow down";
        let answer = Answer { status: 429, headers: &headers, body, sent_at: SENT, now: SENT };
        let (meaning, failure) = *read(&answer).unwrap_err();
        assert_eq!((meaning, failure.retry_after_ms), (Meaning::Server, Some(7_000)));
        assert_eq!((failure.rule, failure.scope), (Rule::RefreshFailed, Scope::Endpoint));
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        for body in ["", "{}", "<html></html>", "[]", "null", r#"{"access_token":7}"#] {
            assert_eq!(refusal_of(200, body).0, Meaning::Server, "{body}");
        }
    }

    #[test]
    fn no_debug_form_shows_a_token() {
        let tokens =
            answer(200, r#"{"access_token":"secret-a","refresh_token":"secret-b"}"#).unwrap();
        assert!(!format!("{tokens:?}").contains("secret"));
    }
}
