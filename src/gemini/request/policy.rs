//! Whether a failed attempt is followed by another. Pure: randomness comes in as an argument.
//!
//! Invariant: a rate limit is never answered by a second request unless the caller asked for that, and nothing
//! is sent again once a part of the answer has been delivered.

use std::time::Duration;

use crate::failure::{Class, Failure, Rule};
use crate::gemini::call::request_options::RetryMode;

const MOST_RETRIES: u32 = 3;
/// An empty answer rarely gets better.
const MOST_EMPTY_RETRIES: u32 = 2;

/// What is known when an attempt has failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation<'a> {
    pub(crate) mode: RetryMode,
    /// Repetitions so far.
    pub(crate) retries: u32,
    pub(crate) failure: &'a Failure,
    /// Only an attempt to connect had failed, or the connection itself.
    pub(crate) is_connection: bool,
    pub(crate) has_next_endpoint: bool,
    pub(crate) delivered: bool,
    pub(crate) retry_delay: Duration,
    pub(crate) longest_wait: Option<Duration>,
    /// Between 0 and 1.
    pub(crate) random: f64,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    GiveUp,
    /// Again after this pause, at the next endpoint if there is one.
    Again(Duration),
}

pub(crate) fn next(situation: &Situation<'_>) -> Next {
    let failure = situation.failure;
    if situation.mode == RetryMode::None || situation.delivered {
        return Next::GiveUp;
    }
    let most = if failure.class == Class::Empty { MOST_EMPTY_RETRIES } else { MOST_RETRIES };
    if situation.retries >= most {
        return Next::GiveUp;
    }
    if is_rate_limit(failure) {
        return after_rate_limit(situation);
    }
    match failure.status {
        Some(403 | 404) if situation.has_next_endpoint => Next::Again(Duration::ZERO),
        Some(status) if status >= 500 => after_server_fault(situation),
        None if is_passing(situation) => Next::Again(back_off(situation)),
        _ => Next::GiveUp,
    }
}

fn is_rate_limit(failure: &Failure) -> bool {
    failure.status == Some(429) || matches!(failure.class, Class::RateLimit | Class::Quota)
}

fn is_passing(situation: &Situation<'_>) -> bool {
    // An untrusted certificate is not trusted a second later either.
    if situation.failure.rule == Rule::NetworkTls {
        return false;
    }
    situation.is_connection
        || matches!(
            situation.failure.class,
            Class::Network | Class::Truncated | Class::Empty | Class::Overloaded | Class::Capacity
        )
}

fn after_rate_limit(situation: &Situation<'_>) -> Next {
    match situation.failure.retry_after_ms {
        _ if situation.mode != RetryMode::Short => Next::GiveUp,
        Some(stated) => sit_out(situation, Duration::from_millis(stated)),
        // A quota without a stated end is not over in seconds.
        None if situation.failure.class == Class::Quota => Next::GiveUp,
        None => Next::Again(back_off(situation)),
    }
}

fn after_server_fault(situation: &Situation<'_>) -> Next {
    let pause = back_off(situation);
    match situation.failure.retry_after_ms.map(Duration::from_millis) {
        None => Next::Again(pause),
        Some(stated) if stated <= pause => Next::Again(pause),
        Some(stated) if situation.mode == RetryMode::Short => sit_out(situation, stated),
        // The stated wait is too long to sit out: the caller decides.
        Some(_) => Next::GiveUp,
    }
}

fn sit_out(situation: &Situation<'_>, stated: Duration) -> Next {
    if situation.longest_wait.is_some_and(|longest| stated > longest) {
        return Next::GiveUp;
    }
    // A little later than stated, and not all at once.
    Next::Again(stated + situation.retry_delay.mul_f64(situation.random / 4.0))
}

/// Doubles with each repetition; the second half of each pause is random.
fn back_off(situation: &Situation<'_>) -> Duration {
    let full = situation.retry_delay * 2_u32.pow(situation.retries.min(10));
    full.mul_f64(0.5 + situation.random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemini::request::outcome::Failed;

    fn failure(class: Class, status: Option<u16>, retry_after_ms: Option<u64>) -> Failure {
        Failure { retry_after_ms, status, ..Failed::local(class, Rule::None, "x").failure }
    }

    fn situation(mode: RetryMode, failure: &Failure) -> Situation<'_> {
        Situation {
            mode,
            retries: 0,
            failure,
            is_connection: false,
            has_next_endpoint: false,
            delivered: false,
            retry_delay: Duration::from_secs(1),
            longest_wait: Some(Duration::from_mins(1)),
            random: 1.0,
        }
    }

    #[test]
    fn a_rate_limit_is_never_repeated_unless_short_waits_were_asked_for() {
        for failure in [
            failure(Class::RateLimit, Some(429), Some(0)),
            failure(Class::Capacity, Some(429), Some(2_000)),
            failure(Class::Quota, None, None),
        ] {
            assert_eq!(
                next(&situation(RetryMode::Transient, &failure)),
                Next::GiveUp,
                "{failure:?}"
            );
        }
        let stated = failure(Class::RateLimit, Some(429), Some(2_000));
        let wait = next(&situation(RetryMode::Short, &stated));
        assert_eq!(wait, Next::Again(Duration::from_millis(2_250)));
        let long = failure(Class::RateLimit, Some(429), Some(129_786_000));
        assert_eq!(next(&situation(RetryMode::Short, &long)), Next::GiveUp);
        let unlimited = Situation { longest_wait: None, ..situation(RetryMode::Short, &long) };
        assert!(matches!(next(&unlimited), Next::Again(_)));
    }

    #[test]
    fn server_faults_back_off_and_end() {
        let fault = failure(Class::Overloaded, Some(503), None);
        let at = |retries| next(&Situation { retries, ..situation(RetryMode::Transient, &fault) });
        assert_eq!(at(0), Next::Again(Duration::from_secs(1)));
        assert_eq!(at(2), Next::Again(Duration::from_secs(4)));
        assert_eq!(at(3), Next::GiveUp);
        let slow = failure(Class::Capacity, Some(503), Some(40_000));
        assert_eq!(next(&situation(RetryMode::Transient, &slow)), Next::GiveUp);
        assert_eq!(next(&situation(RetryMode::None, &fault)), Next::GiveUp);
    }

    #[test]
    fn nothing_is_repeated_after_a_part_was_delivered() {
        let cut = failure(Class::Truncated, None, None);
        let delivered = Situation { delivered: true, ..situation(RetryMode::Transient, &cut) };
        assert_eq!(next(&delivered), Next::GiveUp);
        assert!(matches!(next(&situation(RetryMode::Transient, &cut)), Next::Again(_)));
    }

    #[test]
    fn only_forbidden_and_missing_move_on_at_once() {
        for (status, expected) in [(403, true), (404, true), (400, false), (401, false)] {
            let refused = failure(Class::Unknown, Some(status), None);
            let several =
                Situation { has_next_endpoint: true, ..situation(RetryMode::Transient, &refused) };
            assert_eq!(next(&several) == Next::Again(Duration::ZERO), expected, "{status}");
            assert_eq!(next(&situation(RetryMode::Transient, &refused)), Next::GiveUp);
        }
    }
}
