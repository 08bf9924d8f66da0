//! How a program that answers HTTP says what became of a run.

use crate::error::Error;
use crate::failure::{Class, Failure};

/// The status for an error of the loop; `last` is the failure of the last attempt. `None`: it is no answer to a request.
#[must_use]
pub(crate) fn http_status(error: &Error, last: Option<&Failure>) -> Option<u16> {
    let status = match error {
        Error::ProviderUnavailable(_) => 503,
        Error::RequestRefused { .. } => 429,
        Error::TimedOut { .. } => 504,
        Error::SecretUnresolved { .. } => 500,
        Error::RefreshFailed { .. } => 502,
        Error::AttemptFailed { .. } => last.map_or(502, of_failure),
        Error::NoProfileAvailable(unavailable) => match last {
            // All of them wait; the last refusal says for what.
            Some(last) if !is_passing(last) => of_failure(last),
            _ if unavailable.next.is_some() => 429,
            _ => 503,
        },
        _ => return None,
    };
    Some(status)
}

/// Another account, or the same one later, may answer.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.class, Class::RateLimit | Class::Quota | Class::Unknown)
}

fn of_failure(failure: &Failure) -> u16 {
    let stated = |allowed: &[u16], usual: u16| {
        failure.status.filter(|status| allowed.contains(status)).unwrap_or(usual)
    };
    match failure.class {
        Class::RateLimit | Class::Quota => 429,
        Class::Auth | Class::AuthPermanent => stated(&[401, 403], 401),
        Class::Billing => 402,
        Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => 403,
        Class::Capacity | Class::Overloaded => 503,
        Class::Timeout => 504,
        Class::ModelNotFound => 404,
        Class::Format => stated(&[400, 413, 422], 400),
        Class::Network | Class::Truncated | Class::Empty | Class::Aborted | Class::Unknown => 502,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Next, Outage, Unavailable};
    use crate::failure::{Evidence, classify};
    use crate::time::WallMs;
    use std::time::Duration;

    fn nobody(is_free_again: bool) -> Error {
        let next = is_free_again.then(|| Next {
            profile_id: "a".into(),
            free_at: WallMs::default(),
            retry_after: Duration::ZERO,
        });
        let (provider, model, pinned) = ("p".into(), None, None);
        let unavailable =
            Unavailable { provider, model, pinned, profiles: 1, asked: 1, next, paused: 0 };
        Error::NoProfileAvailable(Box::new(unavailable))
    }

    fn failed(status: u16) -> Failure {
        classify(&Evidence { status: Some(status), ..Evidence::default() })
    }

    #[test]
    fn who_has_to_wait_is_told_so() {
        assert_eq!(http_status(&nobody(true), Some(&failed(429))), Some(429));
        assert_eq!(http_status(&nobody(true), None), Some(429));
        assert_eq!(http_status(&nobody(false), None), Some(503));
    }

    #[test]
    fn what_every_account_lacks_is_told() {
        assert_eq!(http_status(&nobody(true), Some(&failed(401))), Some(401));
        assert_eq!(http_status(&nobody(true), Some(&failed(402))), Some(402));
    }

    #[test]
    fn a_provider_that_fails_is_unavailable() {
        let (provider, model) = ("p".into(), None);
        let outage = Outage { provider, model, failed: 3, retry_after: Duration::ZERO };
        let error = Error::ProviderUnavailable(Box::new(outage));
        assert_eq!(http_status(&error, Some(&failed(500))), Some(503));
    }

    #[test]
    fn a_store_s_fault_is_no_answer_to_a_request() {
        assert_eq!(http_status(&Error::Internal("x"), None), None);
    }
}
