//! Which profile each session stays with.
//!
//! Invariant: nothing here is needed to be right: a session that is forgotten starts anywhere.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::WallMs;

/// A session that was quiet for so long may start anywhere.
const LONGEST: Duration = Duration::from_hours(24);
/// A session that goes on as before is told to others this often.
const TOLD_EVERY: Duration = Duration::from_hours(1);
/// One from further ahead is of a clock that was set back.
const LONGEST_AHEAD: Duration = Duration::from_hours(1);

/// The profile that a session stays with, and the one that stands in while that one rests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// A hash: session keys may name people.
    pub key: u64,
    pub provider: String,
    pub home: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<String>,
    pub at: WallMs,
}

impl Session {
    #[must_use]
    pub(crate) fn is_recent(&self, now: WallMs) -> bool {
        now.since(self.at) < LONGEST && self.at.since(now) < LONGEST_AHEAD
    }
}

/// The sessions that are known, and those that others do not know yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sessions {
    /// By key; a session asks few providers.
    known: HashMap<u64, Vec<Session>>,
    untold: Vec<(u64, String)>,
}

impl Sessions {
    #[must_use]
    pub(crate) fn get(&self, key: u64, provider: &str, now: WallMs) -> Option<&Session> {
        let of_key = self.known.get(&key)?;
        of_key.iter().find(|session| session.provider == provider && session.is_recent(now))
    }

    /// Notes whom a session was given. Its home stays its home while `is_home_usable`; who is asked meanwhile stands in.
    pub(crate) fn note(
        &mut self,
        (key, provider): (u64, &str),
        profile: &str,
        is_home_usable: bool,
        now: WallMs,
    ) {
        let known = self.get(key, provider, now);
        let (home, stand_in) = match known {
            Some(session) if session.home != profile && is_home_usable => {
                (session.home.clone(), Some(profile.to_owned()))
            }
            _ => (profile.to_owned(), None),
        };
        let is_told = known.is_some_and(|known| {
            known.home == home && known.stand_in == stand_in && now.since(known.at) < TOLD_EVERY
        });
        if !is_told {
            self.insert(Session { key, provider: provider.to_owned(), home, stand_in, at: now });
            self.untold.push((key, provider.to_owned()));
        }
    }

    /// Takes over what somebody else has noted.
    pub(crate) fn absorb(&mut self, session: Session) {
        let known = self.known.get(&session.key).into_iter().flatten();
        let known = known.filter(|known| known.provider == session.provider).map(|known| known.at);
        if known.reduce(WallMs::later).is_none_or(|at| at <= session.at) {
            self.insert(session);
        }
    }

    fn insert(&mut self, session: Session) {
        let of_key = self.known.entry(session.key).or_default();
        match of_key.iter_mut().find(|known| known.provider == session.provider) {
            Some(known) => *known = session,
            None => of_key.push(session),
        }
    }

    /// Those that are to be told, once.
    pub(crate) fn take_untold(&mut self) -> Vec<Session> {
        let untold = mem::take(&mut self.untold);
        let find = |(key, provider): &(u64, String)| {
            self.known.get(key)?.iter().find(|session| session.provider == *provider).cloned()
        };
        untold.iter().filter_map(find).collect()
    }

    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.known.values().map(Vec::len).sum()
    }

    /// Those that are still of use, the latest first.
    #[must_use]
    pub(crate) fn recent(&self, now: WallMs) -> Vec<&Session> {
        let all = self.known.values().flatten();
        let mut recent: Vec<_> = all.filter(|session| session.is_recent(now)).collect();
        recent.sort_by(|a, b| b.at.total_cmp(a.at));
        recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn noted(profiles: &[(&str, bool)]) -> Sessions {
        let mut sessions = Sessions::default();
        for (profile, is_home_usable) in profiles {
            sessions.note((7, "p"), profile, *is_home_usable, NOW);
        }
        sessions
    }

    #[test]
    fn a_session_keeps_its_home_while_another_stands_in() {
        let mut sessions = noted(&[("home", true), ("other", true)]);
        let session = sessions.get(7, "p", NOW).unwrap();
        assert_eq!((session.home.as_str(), session.stand_in.as_deref()), ("home", Some("other")));
        sessions.note((7, "p"), "home", true, NOW);
        assert_eq!(sessions.get(7, "p", NOW).unwrap().stand_in, None);
    }

    #[test]
    fn a_home_that_cannot_serve_any_more_is_replaced() {
        let sessions = noted(&[("gone", true), ("new", false)]);
        assert_eq!(sessions.get(7, "p", NOW).unwrap().home, "new");
    }

    #[test]
    fn each_provider_has_its_own() {
        let mut sessions = noted(&[("a", true)]);
        assert_eq!(sessions.get(7, "q", NOW), None);
        sessions.note((7, "q"), "b", true, NOW);
        assert_eq!(sessions.get(7, "p", NOW).unwrap().home, "a");
    }

    #[test]
    fn a_session_that_goes_on_is_told_once_an_hour() {
        let mut sessions = noted(&[("a", true), ("a", true)]);
        assert_eq!(sessions.take_untold().len(), 1);
        sessions.note((7, "p"), "a", true, NOW + TOLD_EVERY - Duration::from_millis(1));
        assert_eq!(sessions.take_untold(), []);
        sessions.note((7, "p"), "a", true, NOW + TOLD_EVERY);
        assert_eq!(sessions.take_untold().len(), 1);
    }

    #[test]
    fn one_that_was_quiet_for_a_day_is_forgotten() {
        let sessions = noted(&[("a", true)]);
        assert!(sessions.get(7, "p", NOW + LONGEST - Duration::from_millis(1)).is_some());
        assert_eq!(sessions.get(7, "p", NOW + LONGEST), None);
        assert_eq!(sessions.recent(NOW + LONGEST), Vec::<&Session>::new());
        // A clock that was set back a day makes no session eternal.
        assert_eq!(sessions.get(7, "p", NOW - LONGEST), None);
    }

    #[test]
    fn the_later_note_of_two_processes_holds() {
        let mut sessions = noted(&[("a", true)]);
        let at = |at, home: &str| Session {
            key: 7,
            provider: "p".into(),
            home: home.into(),
            stand_in: None,
            at,
        };
        sessions.absorb(at(NOW - Duration::from_millis(1), "older"));
        assert_eq!(sessions.get(7, "p", NOW).unwrap().home, "a");
        sessions.absorb(at(NOW + 1.0, "newer"));
        assert_eq!(sessions.get(7, "p", NOW).unwrap().home, "newer");
    }
}
