//! What an error of a token server means: the login is over, or only this try failed.
//!
//! RFC 6749 (section 5.2) has six codes; the large providers have many more, and other places for them. Codes come before
//! the status, words come last.
//!
//! Invariant: a login is given up only for what speaks of the refresh token or of its owner's consent. A fault of the
//! server, of the way to it, or of the client's own settings gives up nothing.

use crate::failure::{Class, Failure, Rule, Scope};

/// What a refusal concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The refresh token, or the owner's consent: only a new login helps.
    LoginIsOver,
    /// The client's own settings: its id, its secret, its scope.
    Settings,
    /// The token server, or the way to it: another try may succeed.
    Server,
}

/// Codes that end a login, in lower case.
const OVER: [&str; 27] = [
    "invalid_grant",
    // OpenAI
    "refresh_token_reused",
    "refresh_token_expired",
    "refresh_token_invalidated",
    "refresh_token_revoked",
    "token_invalidated",
    // GitHub
    "bad_refresh_token",
    "bad_credentials",
    // Slack
    "invalid_refresh_token",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_authed",
    // Microsoft, and OpenID Connect
    "interaction_required",
    "login_required",
    "consent_required",
    "account_selection_required",
    "reauth_required",
    "invalid_rapt",
    // Others
    "access_denied",
    "authorization_revoked",
    "expired_refresh_token",
    "refresh_token_not_found",
    "refresh_token_already_used",
    "invalid_token",
    "expired_token",
    "app_not_installed",
];

/// Codes that speak of the client.
const SETTINGS: [&str; 9] = [
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_request",
    "invalid_target",
    "bad_client_secret",
    "incorrect_client_credentials",
    "bad_redirect_uri",
];

/// Codes that speak of the server.
const SERVER: [&str; 7] = [
    "server_error",
    "temporarily_unavailable",
    "slow_down",
    "rate_limited",
    "ratelimited",
    "rate_limit_exceeded",
    "internal_failure",
];

/// Words about a refresh token that end it, where the code says nothing.
const OVER_WORDS: [&str; 12] = [
    "already used",
    "already been used",
    "been used",
    "reused",
    "has expired",
    "is expired",
    "expired or revoked",
    "revoked",
    "not found or invalid",
    "is invalid",
    "invalid refresh token",
    "no longer valid",
];

/// From the code, the status and the words, each as far as it is known.
#[must_use]
pub(crate) fn meaning(code: Option<&str>, status: Option<u16>, words: &str) -> Meaning {
    let code = code.map(|code| code.trim().to_ascii_lowercase().replace(['-', ' '], "_"));
    let is_in = |codes: &[&str]| code.as_deref().is_some_and(|code| codes.contains(&code));
    let is_refusal = status.is_none_or(|status| status < 500 && status != 429);
    match () {
        // A gateway's 503 may carry any text; only what the token server itself refuses counts.
        () if !is_refusal || is_in(&SERVER) => Meaning::Server,
        () if is_in(&OVER) => Meaning::LoginIsOver,
        // Some say `invalid_request` of a refresh token that is over.
        () if speaks_of_the_token(words) => Meaning::LoginIsOver,
        () if is_in(&SETTINGS) => Meaning::Settings,
        () => Meaning::Server,
    }
}

fn speaks_of_the_token(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let names_it =
        ["refresh token", "refresh_token", "refreshtoken"].iter().any(|it| words.contains(it));
    // A missing one is the caller's mistake.
    names_it && !words.contains("missing") && OVER_WORDS.iter().any(|it| words.contains(it))
}

/// The record of a refresh that failed. Of one that only failed this time nobody rests.
#[must_use]
pub(crate) fn failure(meaning: Meaning, seen: Failure) -> Failure {
    match meaning {
        Meaning::LoginIsOver => Failure {
            class: Class::AuthPermanent,
            scope: Scope::Account,
            rotate: true,
            rule: Rule::RefreshRefused,
            retry_after_ms: None,
            reset_at: None,
            source: None,
            trust: None,
            ..seen
        },
        Meaning::Settings => {
            let (class, scope) = (Class::Format, Scope::Request);
            Failure { class, scope, rotate: true, rule: Rule::RefreshFailed, ..seen }
        }
        Meaning::Server => {
            Failure { scope: Scope::Endpoint, rotate: true, rule: Rule::RefreshFailed, ..seen }
        }
    }
}

/// The same for what a function of the caller's threw, as it was read.
#[must_use]
pub(crate) fn of_thrown(seen: Failure, codes: &[String]) -> Failure {
    if matches!(seen.rule, Rule::RefreshRefused | Rule::RefreshFailed) {
        // Ours already.
        return seen;
    }
    let known = codes.iter().chain(&seen.reason).map(String::as_str);
    let meaning = known
        .map(|code| meaning(Some(code), seen.status, &seen.text))
        .find(|meaning| *meaning != Meaning::Server)
        .unwrap_or_else(|| meaning(spoken_code(&seen.text), seen.status, &seen.text));
    failure(meaning, seen)
}

/// A code in a message: `invalid_grant: Token has been expired or revoked.`
fn spoken_code(text: &str) -> Option<&'static str> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<_> = text.split(|letter| !is_letter(letter)).collect();
    // One word alone is prose; a code of OAuth has an underscore.
    let codes = OVER.into_iter().chain(SETTINGS).filter(|code| code.contains('_'));
    codes.into_iter().find(|code| words.iter().any(|word| word.eq_ignore_ascii_case(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_the_standard_and_of_the_large_providers_are_known() {
        for code in
            ["invalid_grant", "refresh_token_reused", "bad_refresh_token", "interaction_required"]
        {
            assert_eq!(meaning(Some(code), Some(400), ""), Meaning::LoginIsOver, "{code}");
        }
        assert_eq!(meaning(Some("BAD-REFRESH-TOKEN"), Some(400), ""), Meaning::LoginIsOver);
        for code in ["invalid_client", "unauthorized_client", "invalid_scope"] {
            assert_eq!(meaning(Some(code), Some(401), ""), Meaning::Settings, "{code}");
        }
        for code in ["server_error", "temporarily_unavailable"] {
            assert_eq!(meaning(Some(code), Some(400), ""), Meaning::Server, "{code}");
        }
    }

    #[test]
    fn a_fault_of_the_server_ends_no_login_whatever_its_body_says() {
        for status in [429, 500, 502, 503, 529] {
            assert_eq!(meaning(Some("invalid_grant"), Some(status), ""), Meaning::Server);
        }
    }

    #[test]
    fn what_nobody_can_read_ends_no_login() {
        for (status, words) in [(403, "<html>Attention Required!"), (400, "bad request"), (401, "")]
        {
            assert_eq!(meaning(None, Some(status), words), Meaning::Server);
        }
        let missing = "refresh_token is missing or invalid_request: is invalid";
        assert_eq!(meaning(None, Some(400), missing), Meaning::Server);
    }

    #[test]
    fn words_that_say_so_of_the_refresh_token_end_it() {
        for words in [
            "Your refresh token has already been used to generate a new access token.",
            "Refresh token not found or invalid",
            "The refresh_token has expired",
        ] {
            assert_eq!(
                meaning(Some("invalid_request"), Some(400), words),
                Meaning::LoginIsOver,
                "{words}"
            );
        }
    }

    #[test]
    fn a_message_s_code_counts() {
        let seen = |text: &str| {
            Failure::without_response(
                Rule::Given,
                Class::Unknown,
                Scope::Account,
                true,
                text.into(),
            )
        };
        let over = of_thrown(seen("Error: invalid_grant (400)"), &[]);
        assert_eq!((over.class, over.rule), (Class::AuthPermanent, Rule::RefreshRefused));
        let other = of_thrown(seen("socket hang up"), &[]);
        assert_eq!((other.rule, other.scope), (Rule::RefreshFailed, Scope::Endpoint));
        let given = of_thrown(seen("no words"), &["invalid_grant".to_owned()]);
        assert_eq!(given.rule, Rule::RefreshRefused);
    }
}
