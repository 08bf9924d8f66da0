//! What the codes of the providers mean: one table a group of providers, data only.
//!
//! Invariant: a code is compared by its letters and digits alone, so `RATE_LIMIT_EXCEEDED`, `rateLimitExceeded` and
//! `rate-limit-exceeded` are one. A code stands here only if it is clear under every status; general ones
//! (`invalid_request_error`, `RESOURCE_EXHAUSTED`) only stand for a status, and words decide beside them. A provider's
//! numbers are looked up with its name before them, because two providers use the same.

mod asia;
mod clouds;
mod gateways;
mod hosts;
pub(crate) mod kinds;
mod openai;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use kinds::{Code, Meaning};

static CODES: LazyLock<HashMap<&'static str, Code>> = LazyLock::new(|| {
    let tables = [openai::CODES, clouds::CODES, gateways::CODES, asia::CODES, hosts::CODES];
    let mut codes = HashMap::new();
    for (code, names) in tables.into_iter().flatten() {
        codes.extend(names.iter().map(|name| (*name, *code)));
    }
    codes
});

/// The meaning of a code, or `None` where the status and the words must decide.
pub(crate) fn code(text: &str) -> Option<Code> {
    let known = |part: &str| Letters::of(part).and_then(|it| CODES.get(it.as_str()).copied());
    // The whole, without a plan or a link behind it (`user_weekly_rate_limited:pro`), without a namespace before it
    // (`com.example#ThrottlingException`), and the last of its parts (`Throttling.RateQuota`).
    known(text)
        .or_else(|| known(text.split_once(':')?.0))
        .or_else(|| known(text.rsplit_once('#')?.1.split(':').next()?))
        .or_else(|| known(text.rsplit_once('.')?.1))
}

/// A code's letters and digits in lower case, without an allocation: every code of every error is looked up.
struct Letters {
    bytes: [u8; 64],
    length: usize,
}

impl Letters {
    /// `None` for what is longer than any code that is known.
    fn of(code: &str) -> Option<Self> {
        let mut letters = Self { bytes: [0; 64], length: 0 };
        for byte in code.bytes().filter(u8::is_ascii_alphanumeric) {
            *letters.bytes.get_mut(letters.length)? = byte.to_ascii_lowercase();
            letters.length += 1;
        }
        (letters.length > 0).then_some(letters)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// The status that a general code stands for, for errors that come without one.
pub(crate) fn status(code: &str) -> Option<u16> {
    let code = code.rsplit(['#', '.']).next()?;
    Some(match Letters::of(code)?.as_str() {
        "invalidargument"
        | "failedprecondition"
        | "outofrange"
        | "invalidrequesterror"
        | "invalidrequest"
        | "badrequest"
        | "badrequesterror"
        | "validationerror"
        | "validationexception"
        | "unsupportedvalue"
        | "invalidparameter"
        | "invalidtype"
        | "invalidvalue" => 400,
        "unauthenticated"
        | "authenticationerror"
        | "unauthorized"
        | "autherror"
        | "authenticationrequired" => 401,
        "billingerror" | "paymentrequired" => 402,
        "permissiondenied"
        | "permissionerror"
        | "forbidden"
        | "accessdenied"
        | "permissiondeniederror" => 403,
        "notfound" | "notfounderror" => 404,
        "requesttoolarge" => 413,
        "resourceexhausted"
        | "ratelimiterror"
        | "toomanyrequests"
        | "toomanyrequestserror"
        | "throttlingerror" => 429,
        "cancelled" | "canceled" => 499,
        "internal"
        | "apierror"
        | "internalerror"
        | "internalservererror"
        | "servererror"
        | "gatewayerror" => 500,
        "unavailable" | "serviceunavailable" | "serviceunavailableerror" => 503,
        "deadlineexceeded" | "timeouterror" => 504,
        "overloadederror" => 529,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::names::Class;

    #[test]
    fn a_code_is_written_as_it_is_compared_and_stands_in_one_place() {
        let tables = [openai::CODES, clouds::CODES, gateways::CODES, asia::CODES, hosts::CODES];
        let mut seen = HashMap::new();
        for (code, name) in tables
            .into_iter()
            .flatten()
            .flat_map(|(code, names)| names.iter().map(move |n| (code, n)))
        {
            assert_eq!(Letters::of(name).expect("short").as_str(), *name);
            assert_eq!(seen.insert(*name, *code), None, "{name} stands twice");
        }
    }

    #[test]
    fn a_suffix_or_a_namespace_does_not_hide_a_code() {
        for text in [
            "user_weekly_rate_limited:pro",
            "UserWeeklyRateLimited",
            "example.limits#user-weekly-rate-limited",
        ] {
            assert_eq!(code(text).map(|code| code.class), Some(Class::Quota), "{text}");
        }
        assert_eq!(
            code("ThrottlingException:http://errors.example/").map(|it| it.class),
            Some(Class::RateLimit)
        );
    }
}
