//! Whether what was thrown is a fault of the caller's own code, which no other account would cure.
//!
//! Invariant: what a server, the way to it or a client's message caused is never taken for one: it needs a programmer's
//! error by name, without a status, a code of its own or a response.

use super::names::Class;
use super::record::{Evidence, Failure, Thrown};

const PROGRAMMERS: [&str; 7] = [
    "TypeError",
    "ReferenceError",
    "RangeError",
    "SyntaxError",
    "EvalError",
    "URIError",
    "AssertionError",
];

/// How Node's own checks of arguments begin their codes.
const CODES: [&str; 4] = ["ERR_INVALID_", "ERR_MISSING_", "ERR_OUT_OF_RANGE", "ERR_ASSERTION"];

/// Why `fetch` fails for what its caller has asked for, in the words of undici; "fetch failed" stands above.
const OF_THE_REQUEST: [&str; 6] = [
    "unexpected redirect",
    "redirect count exceeded",
    "bad port",
    "unknown scheme",
    "not implemented... yet...",
    "URL scheme must be a HTTP(S) scheme",
];

/// `failure` is what the evidence was read as.
#[must_use]
pub(crate) fn is_callers_code(evidence: &Evidence<'_>, failure: &Failure) -> bool {
    let has_response = evidence.status.is_some()
        || evidence.body.is_some()
        || !evidence.headers.is_empty()
        || evidence.known.is_some();
    let is_of_the_request = |links: &[Thrown<'_>]| {
        let is_fetch = links.first().is_some_and(|link| link.name == "TypeError");
        is_fetch && links.iter().any(|link| OF_THE_REQUEST.contains(&link.message))
    };
    if !has_response && failure.class == Class::Network && is_of_the_request(evidence.thrown) {
        return true;
    }
    if failure.class != Class::Unknown || failure.status.is_some() || has_response {
        return false;
    }
    evidence.thrown.first().is_some_and(|outermost| {
        // A server's page that was to be JSON is no fault of a programmer.
        let is_parsing = outermost.name == "SyntaxError" && outermost.message.contains("JSON");
        let is_checked = |code: &str| CODES.iter().any(|start| code.starts_with(start));
        PROGRAMMERS.contains(&outermost.name)
            && !is_parsing
            && (outermost.code.is_empty() || is_checked(outermost.code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Thrown, classify};

    fn is_callers(evidence: &Evidence<'_>) -> bool {
        is_callers_code(evidence, &classify(evidence))
    }

    fn thrown<'a>(name: &'a str, message: &'a str, code: &'a str) -> [Thrown<'a>; 1] {
        [Thrown { name, message, code }]
    }

    #[test]
    fn a_programmers_error_is_the_callers() {
        for (name, message, code) in [
            ("TypeError", "Cannot read properties of undefined (reading 'id')", ""),
            ("ReferenceError", "foo is not defined", ""),
            ("RangeError", "Invalid array length", ""),
            ("SyntaxError", "Invalid regular expression: /(/: Unterminated group", ""),
            ("AssertionError", "1 == 2", "ERR_ASSERTION"),
            ("TypeError", "Invalid URL", "ERR_INVALID_URL"),
        ] {
            let thrown = thrown(name, message, code);
            assert!(is_callers(&Evidence { thrown: &thrown, ..Evidence::default() }), "{name}");
        }
    }

    #[test]
    fn what_a_client_says_in_words_of_its_own_is_not() {
        for (name, message, code) in [
            ("Error", "OAuth token refresh failed for acme", ""),
            ("CliError", "exited with 1", ""),
            ("SyntaxError", "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON", ""),
            ("TypeError", "no good", "E_GATEWAY"),
        ] {
            let thrown = thrown(name, message, code);
            assert!(!is_callers(&Evidence { thrown: &thrown, ..Evidence::default() }), "{message}");
        }
    }

    #[test]
    fn nor_is_anything_with_a_response_or_a_meaning() {
        let odd = thrown("TypeError", "odd", "");
        let with_status = Evidence { status: Some(418), thrown: &odd, ..Evidence::default() };
        assert!(!is_callers(&with_status));
        let with_body = Evidence { body: Some(b"short"), thrown: &odd, ..Evidence::default() };
        assert!(!is_callers(&with_body));
        let fetch = thrown("TypeError", "fetch failed", "");
        let evidence = Evidence { thrown: &fetch, ..Evidence::default() };
        assert_eq!(classify(&evidence).class, Class::Network);
        assert!(!is_callers(&evidence));
    }

    #[test]
    fn a_redirect_or_an_address_that_the_request_forbids_is_the_callers_own() {
        for message in ["unexpected redirect", "redirect count exceeded", "bad port"] {
            let chain = [
                Thrown { name: "TypeError", message: "fetch failed", code: "" },
                Thrown { name: "Error", message, code: "" },
            ];
            assert!(is_callers(&Evidence { thrown: &chain, ..Evidence::default() }), "{message}");
        }
        let chain = [
            Thrown { name: "TypeError", message: "fetch failed", code: "" },
            Thrown { name: "Error", message: "other side closed", code: "UND_ERR_SOCKET" },
        ];
        assert!(!is_callers(&Evidence { thrown: &chain, ..Evidence::default() }));
    }

    #[test]
    fn the_fetch_of_any_runtime_that_fails_is_the_network() {
        for message in [
            "Failed to fetch",
            "Load failed",
            "NetworkError when attempting to fetch resource.",
            "error sending request for url (https://example.com/): client error (Connect)",
        ] {
            let thrown = thrown("TypeError", message, "");
            let evidence = Evidence { thrown: &thrown, ..Evidence::default() };
            assert_eq!(classify(&evidence).class, Class::Network, "{message}");
        }
    }
}
