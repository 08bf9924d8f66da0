//! The refusals of this process's requests within the last minute, by credential.
//!
//! A host of the January line books a failure by its reason alone: the wait that the server stated to our own request is
//! lost on the way. A mark takes it from here.
//!
//! Invariant: no credential is kept, only a hash that this process alone can make.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::failure::Failure;

/// A host books right after the failure.
const KEPT_SECS: u64 = 60;
/// No process has more accounts refused within a minute.
const MOST: usize = 256;

struct Refusal {
    credential: u64,
    failure: Failure,
    at: Instant,
}

static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static RECENT: Mutex<VecDeque<Refusal>> = Mutex::new(VecDeque::new());

fn recent() -> MutexGuard<'static, VecDeque<Refusal>> {
    RECENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request with this token ended in this failure.
pub(crate) fn note(token: &str, failure: &Failure) {
    let credential = KEYS.hash_one(token);
    let mut recent = recent();
    recent
        .retain(|known| known.credential != credential && known.at.elapsed().as_secs() < KEPT_SECS);
    if recent.len() == MOST {
        recent.pop_front();
    }
    recent.push_back(Refusal { credential, failure: failure.clone(), at: Instant::now() });
}

/// A request with this token was answered.
pub(crate) fn forget(token: &str) {
    let credential = KEYS.hash_one(token);
    recent().retain(|known| known.credential != credential);
}

/// What the last request with this token was refused with.
pub(crate) fn find(token: &str) -> Option<Failure> {
    let credential = KEYS.hash_one(token);
    let recent = recent();
    let mut known = recent.iter().filter(|known| known.credential == credential);
    known.find(|known| known.at.elapsed().as_secs() < KEPT_SECS).map(|known| known.failure.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Evidence, classify};

    fn refused(status: u16) -> Failure {
        classify(&Evidence { status: Some(status), ..Evidence::default() })
    }

    #[test]
    fn the_last_refusal_of_a_credential_is_found_until_it_is_answered() {
        note("one", &refused(503));
        note("one", &refused(429));
        note("two", &refused(401));
        assert_eq!(find("one"), Some(refused(429)));
        assert_eq!(find("three"), None);
        forget("one");
        assert_eq!((find("one"), find("two")), (None, Some(refused(401))));
    }
}
