//! What a failure leads to, and whether the accounts or the request are at fault.
//!
//! Invariant: a fault of the caller's code, an abort and a broken request neither cool nor rotate; what nobody can read
//! rotates; an answer that had begun is not asked for again.

use std::time::Duration;

use crate::failure::{Class, Failure, Rule};
use crate::profiles::failure_effect::is_endpoints_fault;
use crate::time::{WallMs, duration, milliseconds};

/// If at least this many accounts refuse a request in the same way, the request is at fault.
const REFUSALS_OF_A_BAD_REQUEST: usize = 3;
/// They must have refused it within this time.
const SAME_MOMENT: Duration = Duration::from_secs(15);

/// A request that everybody refused in the same way may try again after this time.
pub(crate) const REFUSED_FOR: Duration = Duration::from_mins(1);

/// The longest that [`jittered`] adds.
const LONGEST_JITTER: Duration = Duration::from_secs(10);

/// What is known of a failed attempt besides the failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Circumstances {
    /// The caller's signal was aborted.
    pub is_aborted: bool,
    /// Something of the answer had arrived.
    pub has_answered: bool,
    /// It is a fault of the caller's own code.
    pub is_callers_code: bool,
    /// How long it was silent before the end. `None`: it gave no sign of life that anybody told of.
    pub silent_for: Option<Duration>,
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It says something about the account or the endpoint.
    pub is_booked: bool,
    /// Another account is asked.
    pub rotates: bool,
    pub endpoint: OfEndpoint,
}

/// What a failure says of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfEndpoint {
    Nothing,
    /// It refused, so it is there.
    Lives,
    Fails,
    /// It did not answer within the caller's own time.
    Silent,
}

pub(crate) fn judge(failure: &Failure, circumstances: Circumstances, may_replay: bool) -> Verdict {
    // What the server said before the caller's abort is true all the same.
    let is_in_time = !circumstances.is_aborted || failure.status.is_some();
    let is_told = is_in_time && !circumstances.is_callers_code && failure.class != Class::Aborted;
    if !is_told {
        return Verdict { is_booked: false, rotates: false, endpoint: OfEndpoint::Nothing };
    }
    if failure.rule == Rule::RefreshFailed {
        // Its login could not be renewed this time: no fault of the account's, nor of the API's.
        let rotates = !circumstances.is_aborted;
        return Verdict { is_booked: false, rotates, endpoint: OfEndpoint::Nothing };
    }
    let is_safe = !circumstances.has_answered || may_replay;
    let rotates = failure.rotate && is_safe && !circumstances.is_aborted;
    Verdict { is_booked: true, rotates, endpoint: of_endpoint(failure) }
}

fn of_endpoint(failure: &Failure) -> OfEndpoint {
    let is_silent =
        matches!(failure.class, Class::Unknown | Class::Format | Class::Truncated | Class::Empty);
    match () {
        () if is_own_limit(failure) => OfEndpoint::Silent,
        () if is_endpoints_fault(failure.class, Some(failure.scope)) => OfEndpoint::Fails,
        () if is_silent && failure.status.is_none() => OfEndpoint::Nothing,
        () => OfEndpoint::Lives,
    }
}

/// Whether it was the caller's clock that ended it, and not the server or the way to it.
fn is_own_limit(failure: &Failure) -> bool {
    use Rule::{TimeoutBody, TimeoutError, TimeoutHeaders, WordsTimeout};
    failure.status.is_none()
        && matches!(failure.rule, TimeoutError | TimeoutHeaders | TimeoutBody | WordsTimeout)
}

/// Whose fault it is that nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    Accounts,
    /// Several refused it in one and the same way, with nothing that speaks of themselves.
    Request,
    /// All of them failed in the same words, which nobody can read and no server is known to have said.
    Nobody,
}

/// Each failure comes with its time.
#[must_use]
pub(crate) fn blame(failures: &[(&Failure, WallMs)]) -> Blame {
    let (Some((first, begun)), Some((_, ended))) = (failures.first(), failures.last()) else {
        return Blame::Accounts;
    };
    let is_same = |one: &Failure| {
        let is_unknown = one.class == Class::Unknown;
        (one.class, one.status, &one.reason) == (first.class, first.status, &first.reason)
            && (!is_unknown || one.text == first.text)
    };
    if !failures.iter().all(|(failure, _)| is_same(failure)) {
        return Blame::Accounts;
    }
    let is_ours = matches!(first.rule, Rule::SecretUnresolved | Rule::RefreshFailed);
    let has_a_cause = first.status.is_some() || is_ours;
    if first.class == Class::Unknown && !has_a_cause {
        return Blame::Nobody;
    }
    let is_vague = |failure: &Failure| {
        let states_a_wait = failure.retry_after_ms.is_some() || failure.reset_at.is_some();
        // Too much at once is not this request's fault alone.
        let is_concurrency = failure.rule == Rule::Concurrency;
        matches!(failure.class, Class::RateLimit | Class::Unknown)
            && !is_concurrency
            && failure.rule != Rule::RefreshFailed
            && !states_a_wait
    };
    let is_requests = failures.len() >= REFUSALS_OF_A_BAD_REQUEST
        && failures.iter().all(|(failure, _)| is_vague(failure))
        && ended.since(*begun) <= SAME_MOMENT;
    if is_requests { Blame::Request } else { Blame::Accounts }
}

/// The wait with jitter, so that callers do not come back in one burst: up to a tenth more, in whole milliseconds. `dice`
/// is between 0 and 1.
#[must_use]
pub(crate) fn jittered(wait: Duration, dice: f64) -> Duration {
    let longer = wait.saturating_add((wait / 10).min(LONGEST_JITTER).mul_f64(dice));
    duration(milliseconds(longer).ceil())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::failure::Evidence;
    use crate::failure::classify;

    fn failed(status: u16, body: &str) -> Failure {
        classify(&Evidence {
            status: Some(status),
            body: Some(body.as_bytes()),
            ..Evidence::default()
        })
    }

    fn thrown(name: &str, message: &str) -> Failure {
        let thrown = [crate::failure::Thrown { name, message, code: "" }];
        classify(&Evidence { thrown: &thrown, ..Evidence::default() })
    }

    /// Whether failures that follow each other so fast are the request's fault.
    fn blames(failures: &[&Failure], apart: Duration) -> bool {
        let timed = failures
            .iter()
            .enumerate()
            .map(|(index, it)| (*it, WallMs::default() + apart * index as u32));
        blame(&timed.collect::<Vec<_>>()) == Blame::Request
    }

    fn plain(failure: &Failure) -> Verdict {
        judge(failure, Circumstances::default(), false)
    }

    const NOTHING: Verdict =
        Verdict { is_booked: false, rotates: false, endpoint: OfEndpoint::Nothing };
    const SOON: Duration = Duration::from_millis(10);
    const BARE: &str =
        r#"{"error":{"code":429,"message":"Too many requests","status":"RESOURCE_EXHAUSTED"}}"#;

    #[test]
    fn a_rate_limit_is_booked_and_rotates() {
        let endpoint = OfEndpoint::Lives;
        let verdict = Verdict { is_booked: true, rotates: true, endpoint };
        assert_eq!(plain(&failed(429, BARE)), verdict);
    }

    #[test]
    fn a_fault_of_the_caller_s_own_code_is_passed_on_and_not_booked() {
        let fault = thrown("TypeError", "x is not a function");
        let callers = Circumstances { is_callers_code: true, ..Circumstances::default() };
        assert_eq!(judge(&fault, callers, false), NOTHING);
    }

    #[test]
    fn what_nobody_can_read_asks_the_next_account_and_says_nothing_of_the_endpoint() {
        let verdict = plain(&thrown("Error", "OAuth token refresh failed"));
        let endpoint = OfEndpoint::Nothing;
        assert_eq!(verdict, Verdict { is_booked: true, rotates: true, endpoint });
        assert_eq!(plain(&failed(418, "short and stout")).endpoint, OfEndpoint::Lives);
    }

    #[test]
    fn only_what_would_fail_for_every_account_is_the_endpoints() {
        for status in [500, 502, 503, 504, 529] {
            assert_eq!(plain(&failed(status, "")).endpoint, OfEndpoint::Fails, "{status}");
        }
        assert_eq!(plain(&thrown("TypeError", "fetch failed")).endpoint, OfEndpoint::Fails);
        for status in [400, 401, 402, 403, 404, 429] {
            assert_eq!(plain(&failed(status, "")).endpoint, OfEndpoint::Lives, "{status}");
        }
    }

    #[test]
    fn the_caller_s_own_time_limit_says_that_the_endpoint_was_silent() {
        for (name, message) in [("TimeoutError", "timed out"), ("Error", "Request timed out.")] {
            assert_eq!(plain(&thrown(name, message)).endpoint, OfEndpoint::Silent, "{name}");
        }
        let code = |code| [crate::failure::Thrown { name: "Error", message: "x", code }];
        let of = |code: &[_]| plain(&classify(&Evidence { thrown: code, ..Evidence::default() }));
        assert_eq!(of(&code("UND_ERR_HEADERS_TIMEOUT")).endpoint, OfEndpoint::Silent);
        for refused in ["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"] {
            assert_eq!(of(&code(refused)).endpoint, OfEndpoint::Fails, "{refused}");
        }
    }

    #[test]
    fn an_abort_neither_books_nor_rotates() {
        let abort = thrown("AbortError", "This operation was aborted");
        assert_eq!(plain(&abort), NOTHING);
    }

    #[test]
    fn what_the_server_said_before_the_caller_s_abort_is_booked_but_does_not_rotate() {
        let aborted = Circumstances { is_aborted: true, ..Circumstances::default() };
        let verdict = judge(&failed(429, BARE), aborted, false);
        assert_eq!((verdict.is_booked, verdict.rotates), (true, false));
        assert!(!judge(&thrown("TimeoutError", "timed out"), aborted, false).is_booked);
    }

    #[test]
    fn a_broken_request_does_not_rotate() {
        let verdict =
            judge(&failed(400, "invalid request format"), Circumstances::default(), false);
        assert!(!verdict.rotates);
    }

    #[test]
    fn an_answer_that_had_begun_is_not_asked_for_again_unless_the_caller_says_so() {
        let begun = Circumstances { has_answered: true, ..Circumstances::default() };
        assert!(!judge(&failed(503, "overloaded"), begun, false).rotates);
        assert!(judge(&failed(503, "overloaded"), begun, true).rotates);
    }

    #[test]
    fn three_bare_refusals_of_the_same_kind_speak_against_the_request() {
        let bare = failed(429, BARE);
        assert!(blames(&[&bare, &bare, &bare], SOON));
        assert!(!blames(&[&bare, &bare], SOON));
        assert!(!blames(&[&bare, &bare, &bare], SAME_MOMENT));
    }

    #[test]
    fn a_wait_of_its_own_or_another_answer_speaks_against_the_account() {
        let bare = failed(429, BARE);
        let stated = failed(
            429,
            r#"{"error":{"code":429,"message":"retry in 30s","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"30s"}]}}"#,
        );
        assert_eq!(stated.retry_after_ms, Some(30_000));
        assert!(!blames(&[&bare, &stated, &bare], SOON));
        assert!(!blames(&[&stated, &stated, &stated], SOON));
        let other = failed(503, "overloaded");
        assert!(!blames(&[&bare, &bare, &other], SOON));
        let busy = failed(429, "Concurrent request limit reached");
        assert_eq!(busy.rule, Rule::Concurrency);
        assert!(!blames(&[&busy, &busy, &busy], SOON));
        assert!(!blames(&[&other, &other, &other], SOON));
        let money = failed(402, "payment required");
        assert!(!blames(&[&money, &money, &money], SOON));
    }

    #[test]
    fn words_that_nobody_can_read_blame_nobody_if_they_are_always_the_same() {
        let blame = |texts: &[&str]| {
            let failures: Vec<_> = texts.iter().map(|text| thrown("Error", text)).collect();
            let timed: Vec<_> = failures.iter().map(|it| (it, WallMs::default())).collect();
            super::blame(&timed)
        };
        assert_eq!(blame(&["odd"]), Blame::Nobody);
        assert_eq!(blame(&["odd", "odd", "odd", "odd"]), Blame::Nobody);
        assert_eq!(blame(&["odd for a", "odd for b", "odd for c"]), Blame::Accounts);
        let told = failed(418, "short and stout");
        assert!(blames(&[&told, &told, &told], SOON));
    }

    proptest! {
        #[test]
        fn nobody_is_told_to_come_back_early_or_much_later(wait in 0.0..1e9, dice in 0.0..1.0) {
            let told = milliseconds(jittered(duration(wait), dice));
            prop_assert!(told >= wait - 1e-6 && told <= wait * 1.1 + 1.0 && told <= wait + 10_001.0);
        }
    }
}
