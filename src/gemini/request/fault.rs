//! Why an attempt failed, in the words that a person reads.

use std::fmt::Write as _;

use super::outcome::{Failed, Phase};
use super::prepared::{Prepared, Target};
use crate::failure::redact::redact;
use crate::failure::{Class, Evidence, Failure, Rule, classify};
use crate::gemini::call::request_options::RateLimitText;
use crate::http::client::Way;
use crate::http::no_response::{causes, name_the_way};
use crate::http::proxy::Proxy;

/// A failed attempt, before it is known whether another follows.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) failed: Box<Failed>,
    /// Nothing was sent: there was no connection.
    pub(crate) is_connection: bool,
}

impl From<Failed> for Fault {
    fn from(failed: Failed) -> Self {
        Self { failed: Box::new(failed), is_connection: false }
    }
}

impl Fault {
    pub(crate) fn failure(&self) -> &Failure {
        &self.failed.failure
    }
}

/// What the server said, as a fault with the text that hosts know.
pub(crate) fn server_fault(prepared: &Prepared, evidence: &Evidence<'_>) -> Fault {
    let mut failure = classify(evidence);
    failure.text = prepared.credentials.hide_token(failure.text);
    let is_limit =
        failure.status == Some(429) || matches!(failure.class, Class::RateLimit | Class::Quota);
    let message = match failure.status {
        _ if is_limit && prepared.options.rate_limit_text == RateLimitText::Quota => {
            quota_words(failure.retry_after_ms)
        }
        Some(status) => format!("Cloud Code Assist API error ({status}): {}", failure.text),
        None => format!("Cloud Code Assist API error: {}", failure.text),
    };
    Fault::from(Failed::new(message, failure))
}

/// No response came.
pub(crate) fn network(
    error: &reqwest::Error,
    target: &Target,
    trust_problem: Option<&str>,
) -> Fault {
    let Way { proxy, connect_timeout, .. } = &target.way;
    if error.is_connect()
        && error.is_timeout()
        && let Some(limit) = connect_timeout
    {
        let mut failed = Failed::timed_out(Phase::Connect, *limit);
        name_the_way(&mut failed.message, &target.url, proxy.as_ref());
        return Fault { failed: Box::new(failed), is_connection: true };
    }
    let causes = redact(&causes(error));
    let rule =
        if causes.contains("invalid peer certificate") { Rule::NetworkTls } else { Rule::Network };
    let mut message = format!("Network error: {causes}");
    name_the_way(&mut message, &target.url, proxy.as_ref());
    if let Some(problem) = trust_problem.filter(|_| message.contains("certificate")) {
        let _ = write!(message, "; {problem}");
    }
    let failed = Box::new(Failed::local(Class::Network, rule, message));
    Fault { failed, is_connection: true }
}

/// The response's body broke off.
pub(crate) fn cut_off(error: &reqwest::Error, events: u64) -> Failed {
    let causes = redact(&causes(error));
    let message = format!("Cloud Code Assist stream was cut off after {events} events: {causes}");
    Failed::local(Class::Truncated, Rule::CutOff, message)
}

pub(crate) fn proxy_refused(proxy: &Proxy) -> Fault {
    let message = format!("Network error: the proxy {proxy} asks for authentication (407)");
    Failed::local(Class::Network, Rule::ProxyAuthentication, message).into()
}

/// A function of the caller threw.
pub(crate) fn hook_failed(name: &str, words: String) -> Fault {
    let mut failed = Failed::local(Class::Format, Rule::Callback, words);
    failed.field = Some(name.to_owned());
    failed.into()
}

/// Words that hosts take for a rate limit, but that no retry layer matches.
pub(crate) fn quota_words(retry_after_ms: Option<u64>) -> String {
    let mut words = "You have exceeded your current quota".to_owned();
    if let Some(ms) = retry_after_ms {
        words.push_str(" (resets in ");
        words.push_str(&spell(ms));
        words.push(')');
    }
    words
}

/// Parts of at most two digits, so that no duration looks like a status code.
fn spell(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let parts = [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm')];
    let mut spelled = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| (1..100).contains(count)) {
        let _ = write!(spelled, "{count}{unit}");
    }
    if !seconds.is_multiple_of(60) || spelled.is_empty() {
        let _ = write!(spelled, "{}s", seconds % 60);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelled_duration_has_three_digits_in_a_row() {
        assert_eq!(spell(0), "0s");
        assert_eq!(spell(730_000), "12m10s");
        assert_eq!(spell(504_000), "8m24s");
        assert_eq!(spell(3_600_000), "1h");
        for ms in [429_000, 500_000, 503 * 3_600_000, 429 * 60_000, 99 * 86_400_000] {
            let spelled = spell(ms);
            assert!(
                !spelled.split(|char: char| !char.is_ascii_digit()).any(|run| run.len() > 2),
                "{spelled}"
            );
        }
    }
}
