//! What a failure leads to, and whether the accounts or the request are at fault.
//!
//! Invariant: a fault of the caller's code, an abort and a broken request neither cool nor rotate; an answer that had
//! begun is not asked for again.

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

/// Bounds of the time for which an endpoint that failed is left alone.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The longest that [`jittered`] adds.
const LONGEST_JITTER: Duration = Duration::from_secs(10);

/// What is known of a failed attempt besides the failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Circumstances {
    /// The caller's signal was aborted.
    pub is_aborted: bool,
    /// Something of the answer had arrived.
    pub has_answered: bool,
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// It says something about the account.
    pub is_booked: bool,
    /// Another account is asked.
    pub rotates: bool,
}

pub(crate) fn judge(failure: &Failure, circumstances: Circumstances, may_replay: bool) -> Verdict {
    // Without a status and without known words, the caller's own code failed.
    let is_foreign = failure.class == Class::Unknown
        && failure.status.is_none()
        && failure.rule != Rule::SecretUnresolved;
    if is_foreign || failure.class == Class::Aborted {
        return Verdict { is_booked: false, rotates: false };
    }
    if circumstances.is_aborted {
        // What the server said before the abort is true all the same.
        return Verdict { is_booked: failure.status.is_some(), rotates: false };
    }
    let is_safe = !circumstances.has_answered || may_replay;
    Verdict { is_booked: true, rotates: failure.rotate && is_safe }
}

/// Whether accounts refused the request in one and the same way, with nothing that speaks of themselves: neither a wait
/// of their own nor a word on their credentials, money or quota. Each failure comes with its time.
pub(crate) fn is_requests_fault(failures: &[(&Failure, WallMs)]) -> bool {
    let (Some((first, begun)), Some((_, ended))) = (failures.first(), failures.last()) else {
        return false;
    };
    let is_vague = |failure: &Failure| {
        matches!(failure.class, Class::RateLimit | Class::Overloaded | Class::Unknown)
            && failure.retry_after_ms.is_none()
            && failure.reset_at.is_none()
    };
    let is_same = |one: &Failure| {
        (one.class, one.status, &one.reason) == (first.class, first.status, &first.reason)
    };
    failures.len() >= REFUSALS_OF_A_BAD_REQUEST
        && failures.iter().all(|(failure, _)| is_vague(failure) && is_same(failure))
        && ended.since(*begun) <= SAME_MOMENT
}

/// How long to leave an endpoint alone after this failure. No account rests for it, but a request sent at once would meet
/// it again.
#[must_use]
pub(crate) fn endpoint_pause(failure: &Failure) -> Duration {
    if !is_endpoints_fault(failure.class, Some(failure.scope)) {
        return Duration::ZERO;
    }
    let stated = Duration::from_millis(failure.retry_after_ms.unwrap_or_default());
    stated.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
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
        is_requests_fault(&timed.collect::<Vec<_>>())
    }

    const SOON: Duration = Duration::from_millis(10);
    const BARE: &str =
        r#"{"error":{"code":429,"message":"Too many requests","status":"RESOURCE_EXHAUSTED"}}"#;

    #[test]
    fn a_rate_limit_is_booked_and_rotates() {
        let verdict = judge(&failed(429, BARE), Circumstances::default(), false);
        assert_eq!(verdict, Verdict { is_booked: true, rotates: true });
    }

    #[test]
    fn a_fault_of_the_caller_s_own_code_is_passed_on_and_not_booked() {
        let fault = thrown("TypeError", "x is not a function");
        let verdict = judge(&fault, Circumstances::default(), false);
        assert_eq!(verdict, Verdict { is_booked: false, rotates: false });
    }

    #[test]
    fn an_endpoint_that_failed_is_left_alone_for_seconds() {
        let told =
            |seconds: u64| Failure { retry_after_ms: Some(seconds * 1_000), ..failed(503, "") };
        assert_eq!(endpoint_pause(&failed(503, "overloaded")), SHORTEST_PAUSE);
        assert_eq!(endpoint_pause(&told(20)), Duration::from_secs(20));
        assert_eq!(endpoint_pause(&told(4_000)), LONGEST_PAUSE);
        assert_eq!(endpoint_pause(&failed(429, BARE)), Duration::ZERO);
    }

    #[test]
    fn an_abort_neither_books_nor_rotates() {
        let abort = thrown("AbortError", "This operation was aborted");
        let verdict = judge(&abort, Circumstances::default(), false);
        assert_eq!(verdict, Verdict { is_booked: false, rotates: false });
    }

    #[test]
    fn what_the_server_said_before_the_caller_s_abort_is_booked_but_does_not_rotate() {
        let aborted = Circumstances { is_aborted: true, ..Circumstances::default() };
        let verdict = judge(&failed(429, BARE), aborted, false);
        assert_eq!(verdict, Verdict { is_booked: true, rotates: false });
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
        let money = failed(402, "payment required");
        assert!(!blames(&[&money, &money, &money], SOON));
    }

    proptest! {
        #[test]
        fn nobody_is_told_to_come_back_early_or_much_later(wait in 0.0..1e9, dice in 0.0..1.0) {
            let told = milliseconds(jittered(duration(wait), dice));
            prop_assert!(told >= wait - 1e-6 && told <= wait * 1.1 + 1.0 && told <= wait + 10_001.0);
        }
    }
}
