//! A refusal of our own in the shape of the API that was asked, so that its SDK throws its own typed error, at once.
//!
//! Invariant: the text holds no secret: it is one of our errors' own.

use serde_json::{Value, json};

use super::family::Family;
use crate::failure::Class;

/// Why nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Every account is limited.
    Limited,
    /// No account's credential is taken.
    Unauthorized,
    /// No account has money.
    Unpaid,
    /// The provider does not answer.
    Unavailable,
    /// We could not ask at all.
    Broken,
}

impl Why {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Limited => 429,
            Self::Unauthorized => 401,
            Self::Unpaid => 402,
            Self::Unavailable => 503,
            Self::Broken => 500,
        }
    }

    /// By the code of our error, and the class of the last failure.
    pub(crate) fn of(code: &str, class: Option<Class>) -> Self {
        match code {
            "ERR_PROVIDER_UNAVAILABLE" => Self::Unavailable,
            "ERR_REQUEST_REFUSED" => Self::Limited,
            "ERR_NO_PROFILE_AVAILABLE" => match class {
                Some(
                    Class::Auth
                    | Class::AuthPermanent
                    | Class::VerificationRequired
                    | Class::AccountDisabled,
                ) => Self::Unauthorized,
                Some(Class::Billing) => Self::Unpaid,
                Some(Class::Overloaded | Class::Capacity | Class::Network | Class::Timeout) => {
                    Self::Unavailable
                }
                _ => Self::Limited,
            },
            _ => Self::Broken,
        }
    }

    /// `(type, code)` of `OpenAI`, the type of Anthropic, the status of Google.
    fn words(self) -> ((&'static str, &'static str), &'static str, &'static str) {
        match self {
            Self::Limited => {
                (("requests", "rate_limit_exceeded"), "rate_limit_error", "RESOURCE_EXHAUSTED")
            }
            Self::Unauthorized => (
                ("invalid_request_error", "invalid_api_key"),
                "authentication_error",
                "UNAUTHENTICATED",
            ),
            Self::Unpaid => (
                ("insufficient_quota", "insufficient_quota"),
                "billing_error",
                "RESOURCE_EXHAUSTED",
            ),
            Self::Unavailable => {
                (("server_error", "service_unavailable"), "overloaded_error", "UNAVAILABLE")
            }
            Self::Broken => (("server_error", "internal_error"), "api_error", "INTERNAL"),
        }
    }
}

/// The body, as JSON.
pub(crate) fn body(family: Family, why: Why, message: &str, retry_after_ms: Option<u64>) -> String {
    let ((kind, code), anthropic, google) = why.words();
    let body = match family {
        Family::OpenAi => {
            json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
        }
        Family::Anthropic => {
            json!({ "type": "error", "error": { "type": anthropic, "message": message } })
        }
        Family::Google => {
            let retry_info = |ms: u64| {
                json!({
                    "@type": "type.googleapis.com/google.rpc.RetryInfo",
                    "retryDelay": format!("{}.{:03}s", ms / 1000, ms % 1000),
                })
            };
            let details: Vec<Value> = retry_after_ms.map(retry_info).into_iter().collect();
            json!({ "error": { "code": why.status(), "message": message, "status": google, "details": details } })
        }
    };
    body.to_string()
}

/// The headers that every refusal gets, also one that comes from the server: we have asked everybody already.
pub(crate) fn headers(retry_after_ms: Option<u64>) -> Vec<(&'static str, String)> {
    let mut headers = vec![("x-should-retry", "false".to_owned())];
    if let Some(ms) = retry_after_ms {
        headers.push(("retry-after", ms.div_ceil(1000).to_string()));
        headers.push(("retry-after-ms", ms.to_string()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Evidence, classify};

    const ALL: [Why; 5] =
        [Why::Limited, Why::Unauthorized, Why::Unpaid, Why::Unavailable, Why::Broken];

    #[test]
    fn another_layer_of_this_package_reads_it_as_what_it_is() {
        for family in [Family::OpenAi, Family::Anthropic, Family::Google] {
            for why in ALL {
                let body = body(family, why, "No profile is free.", Some(1500));
                let failure = classify(&Evidence {
                    status: Some(why.status()),
                    body: Some(body.as_bytes()),
                    ..Evidence::default()
                });
                let is_it = match why {
                    Why::Limited => matches!(failure.class, Class::RateLimit | Class::Quota),
                    Why::Unauthorized => {
                        matches!(failure.class, Class::Auth | Class::AuthPermanent)
                    }
                    Why::Unpaid => failure.class == Class::Billing,
                    Why::Unavailable => {
                        matches!(failure.class, Class::Overloaded | Class::Capacity)
                    }
                    Why::Broken => failure.class == Class::Overloaded,
                };
                assert!(is_it, "{family:?} {why:?}: {failure:?}");
            }
        }
    }

    #[test]
    fn the_wait_is_told_in_both_units() {
        let headers = headers(Some(1500));
        assert!(headers.contains(&("retry-after", "2".to_owned())));
        assert!(headers.contains(&("retry-after-ms", "1500".to_owned())));
        assert_eq!(super::headers(None), [("x-should-retry", "false".to_owned())]);
    }

    #[test]
    fn the_last_failure_says_why_nobody_is_left() {
        for (code, class, why) in [
            ("ERR_NO_PROFILE_AVAILABLE", None, Why::Limited),
            ("ERR_NO_PROFILE_AVAILABLE", Some(Class::RateLimit), Why::Limited),
            ("ERR_NO_PROFILE_AVAILABLE", Some(Class::AuthPermanent), Why::Unauthorized),
            ("ERR_NO_PROFILE_AVAILABLE", Some(Class::Billing), Why::Unpaid),
            ("ERR_PROVIDER_UNAVAILABLE", Some(Class::RateLimit), Why::Unavailable),
            ("ERR_STORE_IO", None, Why::Broken),
        ] {
            assert_eq!(Why::of(code, class), why, "{code} {class:?}");
        }
    }
}
