//! An OAuth credential as a renewal sees it: when it is due, what a new one changes, and whose stays.
//!
//! Invariant: a login that somebody else has written meanwhile is not replaced by ours, unless it is older than the one
//! that we began with.

use std::hash::Hasher;
use std::sync::LazyLock;
use std::time::Duration;

use fnv::FnvHasher;
use serde_json::{Map, Value};

use crate::profiles::provider::normalize_provider_id;
use crate::time::WallMs;

/// How long before its end an access token is renewed.
pub(crate) const USUAL_BEFORE: Duration = Duration::from_mins(1);
/// A token that ends sooner may end on its way to the server.
const LONGEST_WAY: Duration = Duration::from_secs(3);
/// What a token that says nothing is taken to last.
const USUAL_LIFETIME: Duration = Duration::from_hours(1);
/// By up to this share a process begins earlier than the others.
const LARGEST_JITTER: f64 = 0.25;

/// Each process has its own, so that they do not all want the lease in the same moment.
static JITTER: LazyLock<f64> = LazyLock::new(|| 1.0 + LARGEST_JITTER * fastrand::f64());

/// `refreshBeforeMs` of this process.
#[must_use]
pub(crate) fn jittered(before: Duration) -> Duration {
    before.mul_f64(*JITTER)
}

/// The parts that count. Its debug form shows none of them.
#[derive(Clone, PartialEq)]
pub(crate) struct Login {
    pub access: String,
    pub refresh: String,
    pub expires: Option<WallMs>,
    pub provider: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Login {
    /// From an entry of a store. `None`: it is no OAuth login, or holds no token itself.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let entry: Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let (access, refresh) = (field("access"), field("refresh"));
        let has_token = !access.trim().is_empty() || !refresh.trim().is_empty();
        (field("type") == "oauth" && has_token).then(|| Self {
            access: access.to_owned(),
            refresh: refresh.to_owned(),
            expires: entry.get("expires").and_then(Value::as_f64).map(WallMs::new),
            provider: normalize_provider_id(field("provider")),
        })
    }

    /// What this login is called among processes: a hash of its refresh token, so that two copies of one login are one.
    /// `id` stands in where there is none.
    #[must_use]
    pub(crate) fn key(&self, id: &str) -> u64 {
        let token = self.refresh.trim();
        hash(if token.is_empty() { id } else { token })
    }

    /// When the access token ends; `None`: nobody knows.
    fn end(&self) -> Option<WallMs> {
        self.expires.filter(|at| at.is_possible())
    }

    /// Whether it has to be renewed before it is used.
    #[must_use]
    pub(crate) fn is_due(&self, before: Duration, now: WallMs) -> bool {
        // Hosts write 0 where they know nothing, and take it for expired.
        self.access.trim().is_empty()
            || self.expires.is_some() && self.end().is_none_or(|end| now + before >= end)
    }

    /// Whether it can still be used, due or not.
    #[must_use]
    pub(crate) fn is_valid(&self, now: WallMs) -> bool {
        !self.access.trim().is_empty()
            && self.end().is_none_or(|end| now + LONGEST_WAY < end)
            && !(self.expires.is_some() && self.end().is_none())
    }

    /// The same with an end that is not after `now`.
    #[must_use]
    pub(crate) fn over_at(self, now: WallMs) -> Self {
        let expires = self.end().filter(|end| *end < now).unwrap_or(now);
        Self { expires: Some(expires), ..self }
    }

    /// Whether somebody's entry stays although we have renewed `began` to `renewed`.
    #[must_use]
    pub(crate) fn stays(&self, began: &Self, renewed: &Self) -> bool {
        if self.access == began.access && self.refresh == began.refresh {
            return false;
        }
        let later = |one: &Self, other: &Self| match (one.end(), other.end()) {
            (Some(one), Some(other)) => one >= other,
            _ => true,
        };
        if self.refresh == began.refresh {
            // The same login, renewed by somebody who knows of no lease.
            return later(self, renewed);
        }
        // A new login. One that ends before the one we began with was put back from an old copy.
        later(self, began)
    }
}

/// The same in every process and version.
#[must_use]
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// What a renewal changes of an entry, member by member; what it does not name stays.
#[derive(Clone, PartialEq)]
pub(crate) struct Renewal {
    members: Map<String, Value>,
}

impl std::fmt::Debug for Renewal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Renewal(…)")
    }
}

impl Renewal {
    /// From what `refresh` gave for `began`. The problem says what it must give.
    pub(crate) fn read(given: &str, began: &Login, now: WallMs) -> Result<Self, &'static str> {
        let given: Value = serde_json::from_str(given).unwrap_or_default();
        let Value::Object(mut members) = given else { return Err("gave no credential") };
        members.retain(|_, value| !value.is_null());
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::trim);
        let Some(access) = text("access").filter(|access| !access.is_empty()) else {
            return Err("gave a credential without an access token (access)");
        };
        if text("type").is_some_and(|kind| kind != "oauth") {
            return Err("gave a credential of another type");
        }
        if text("provider").is_some_and(|given| normalize_provider_id(given) != began.provider) {
            return Err("gave a credential of another provider");
        }
        let is_same = access == began.access.trim();
        // One that the answer leaves out, or empty: the old one goes on.
        if text("refresh").is_none_or(str::is_empty) {
            members.remove("refresh");
        }
        let expires = members.get("expires").and_then(Value::as_f64);
        let expires = match expires {
            Some(expires) if expires.is_finite() => WallMs::new(expires).rounded(),
            _ => now + USUAL_LIFETIME,
        };
        if is_same && began.end().is_some_and(|end| expires <= end) {
            return Err("gave the credential that it got");
        }
        members.insert("expires".to_owned(), expires.whole_ms().into());
        Ok(Self { members })
    }

    /// The members to set, in the order in which they were given.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Another entry of the same login, with what is new for the entry `before`: what each has of its own stays.
    #[must_use]
    pub(crate) fn apply_news(&self, before: &str, entry: &str) -> String {
        let before: Value = serde_json::from_str(before).unwrap_or_default();
        let news = self.members().filter(|(name, value)| before.get(name) != Some(*value));
        let members = news.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        Self { members }.apply(entry)
    }

    /// The entry with them, for places that keep no layout.
    #[must_use]
    pub(crate) fn apply(&self, entry: &str) -> String {
        let mut entry: Value = serde_json::from_str(entry).unwrap_or_default();
        if let Some(entry) = entry.as_object_mut() {
            for (name, value) in self.members() {
                entry.insert(name.to_owned(), value.clone());
            }
        }
        entry.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn login(access: &str, refresh: &str, left_ms: f64) -> Login {
        let (access, refresh) = (access.to_owned(), refresh.to_owned());
        Login { access, refresh, expires: Some(NOW + left_ms), provider: "p".into() }
    }

    fn is_due(left_ms: f64) -> bool {
        login("a", "r", left_ms).is_due(Duration::from_mins(1), NOW)
    }

    #[test]
    fn a_login_is_due_a_minute_before_its_end_and_valid_until_seconds_before_it() {
        assert!(!is_due(60_001.0) && is_due(60_000.0) && is_due(-1.0));
        assert!(login("a", "r", 3_001.0).is_valid(NOW));
        assert!(!login("a", "r", 3_000.0).is_valid(NOW));
    }

    #[test]
    fn without_an_access_token_it_is_due_and_without_an_end_it_is_not() {
        assert!(login("", "r", 1e9).is_due(Duration::ZERO, NOW));
        assert!(!login("", "r", 1e9).is_valid(NOW));
        let endless = Login { expires: None, ..login("a", "r", 0.0) };
        assert!(!endless.is_due(Duration::from_mins(1), NOW) && endless.is_valid(NOW));
        let zero = Login { expires: Some(WallMs::new(0.0)), ..endless };
        assert!(zero.is_due(Duration::from_mins(1), NOW) && !zero.is_valid(NOW));
    }

    #[test]
    fn two_copies_of_a_login_have_one_key_and_two_logins_have_two() {
        assert_eq!(login("a", "r", 0.0).key("x"), login("b", "r", 9.0).key("y"));
        assert_ne!(login("a", "r", 0.0).key("x"), login("a", "s", 0.0).key("x"));
        assert_ne!(login("a", "", 0.0).key("x"), login("a", "", 0.0).key("y"));
    }

    #[test]
    fn a_new_login_stays_even_if_the_one_that_was_refused_said_that_it_lasts_longer() {
        let (began, renewed) = (login("a", "r", 864_000_000.0), login("b", "s", 3_600_000.0));
        let new = login("x", "y", 60_000.0);
        assert!(!new.stays(&began, &renewed));
        assert!(new.stays(&began.over_at(NOW), &renewed));
    }

    #[test]
    fn a_new_login_stays_and_an_old_copy_does_not() {
        let (began, renewed) = (login("a", "r", 0.0), login("b", "s", 3_600_000.0));
        assert!(!began.stays(&began, &renewed));
        assert!(login("x", "y", 1_000.0).stays(&began, &renewed));
        assert!(!login("x", "y", -1_000.0).stays(&began, &renewed));
        // By somebody who knows of no lease, with the same refresh token.
        assert!(login("x", "r", 3_600_001.0).stays(&began, &renewed));
        assert!(!login("x", "r", 1_000.0).stays(&began, &renewed));
    }

    #[test]
    fn a_renewal_names_what_it_changes() {
        let began = login("a", "r", 0.0);
        let given = r#"{"type":"oauth","access":"b","refresh":"","email":null,"expires":7000.4}"#;
        let renewal = Renewal::read(given, &began, NOW).unwrap();
        let entry =
            r#"{"type":"oauth","provider":"p","access":"a","refresh":"r","expires":1,"email":"x"}"#;
        let expected = r#"{"type":"oauth","provider":"p","access":"b","refresh":"r","expires":7000,"email":"x"}"#;
        assert_eq!(renewal.apply(entry), expected);
    }

    #[test]
    fn an_answer_that_is_no_credential_is_refused() {
        let began = login("a", "r", 0.0);
        let refused = [
            "null",
            "7",
            "[]",
            r#"{"refresh":"s"}"#,
            r#"{"access":" "}"#,
            r#"{"access":"b","type":"api_key"}"#,
            r#"{"access":"b","provider":"q"}"#,
            r#"{"access":"a","expires":1}"#,
        ];
        for given in refused {
            assert!(Renewal::read(given, &began, NOW).is_err(), "{given}");
        }
        assert!(Renewal::read(r#"{"access":"b","provider":" P "}"#, &began, NOW).is_ok());
    }

    #[test]
    fn no_end_is_the_usual_one() {
        let renewal = Renewal::read(r#"{"access":"b"}"#, &login("a", "r", 0.0), NOW).unwrap();
        let expires = renewal.members().find(|(name, _)| *name == "expires").unwrap().1;
        assert_eq!(expires.as_f64(), Some(NOW.as_ms() + 3_600_000.0));
    }

    proptest! {
        /// Whatever three parties hold, a login that ends later and has another refresh token stays.
        #[test]
        fn a_later_login_of_another_family_stays(began in -1e7..1e7, theirs in 0.0..1e7, ours in -1e7..1e7) {
            let began = login("a", "r", began);
            let renewed = login("b", "s", ours);
            let other = Login { expires: Some(began.expires.unwrap() + theirs), ..login("x", "y", 0.0) };
            prop_assert!(other.stays(&began, &renewed));
        }

        /// What nobody has touched is replaced, whatever the ends say: a server may lie.
        #[test]
        fn what_nobody_has_touched_is_replaced(began in -1e7..1e7, ours in -1e12..1e12) {
            let began = login("a", "r", began);
            prop_assert!(!began.stays(&began, &login("b", "s", ours)));
        }
    }
}
