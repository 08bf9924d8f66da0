//! Which of the states that a watcher has seen it reports: pure.
//!
//! Invariant: only whole stores are reported, each state once. A store that cannot be read is reported after a second
//! read, because some hosts rewrite it in place.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Until the second read.
const DOUBT: Duration = Duration::from_millis(100);
/// Between two reads of a store with a fault whose end gives no notification.
const RETRY: Duration = Duration::from_secs(1);

/// A store that differs from the one told before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The whole store, as JSON text.
    pub store: String,
    /// Profiles whose credential or usage was added, changed or removed.
    pub profile_ids: BTreeSet<String>,
}

impl Change {
    /// Takes the place of a change that nobody has read yet.
    pub(crate) fn absorb(&mut self, earlier: Self) {
        self.profile_ids.extend(earlier.profile_ids);
    }
}

/// What there is to tell.
#[derive(Debug)]
pub(crate) enum News {
    Changed(Change),
    Trouble(Error),
}

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    known: Option<(String, Value)>,
    /// The fault seen at the last look, and whether it was told.
    trouble: Option<(&'static str, bool)>,
    again: Option<Duration>,
}

impl Tracker {
    /// Takes the first look's store, which is told otherwise.
    pub(crate) fn begin(text: Option<&str>) -> Self {
        let known = text.map(|text| (text.to_owned(), parse(text)));
        Self { known, ..Self::default() }
    }

    /// When to look again although nothing signals a change.
    pub(crate) fn look_again(&self) -> Option<Duration> {
        self.again
    }

    pub(crate) fn observe(&mut self, seen: Result<String>) -> Option<News> {
        match seen {
            Ok(text) => self.observe_store(text),
            Err(error) => self.observe_trouble(error),
        }
    }

    fn observe_store(&mut self, text: String) -> Option<News> {
        self.again = None;
        let was_told = self.trouble.take().is_some_and(|(_, told)| told);
        if !was_told && self.known.as_ref().is_some_and(|(known, _)| *known == text) {
            return None;
        }
        let now = parse(&text);
        let before = self.known.as_ref().map_or(&Value::Null, |(_, value)| value);
        let is_news = was_told || *before != now;
        let profile_ids = changed_ids(before, &now);
        let store = text.clone();
        self.known = Some((text, now));
        // After a fault that was told, the end of it is news too.
        is_news.then_some(News::Changed(Change { store, profile_ids }))
    }

    fn observe_trouble(&mut self, error: Error) -> Option<News> {
        if self.known.is_none() && matches!(error, Error::StoreMissing { .. }) {
            // Not made yet: nothing to tell.
            self.trouble = None;
            self.again = None;
            return None;
        }
        let code = error.code();
        match self.trouble {
            Some((seen, told)) if seen == code => {
                self.trouble = Some((code, true));
                self.again = retry_after(&error);
                (!told).then_some(News::Trouble(error))
            }
            earlier => {
                let told = earlier.is_some_and(|(_, told)| told);
                self.trouble = Some((code, false));
                self.again = Some(DOUBT);
                if told {
                    // Not the first fault, so no second read is needed.
                    return self.observe_trouble(error);
                }
                None
            }
        }
    }
}

/// No notification comes when a directory far up gets its permissions back, or the system its resources.
fn retry_after(error: &Error) -> Option<Duration> {
    match error {
        Error::StoreMissing { .. }
        | Error::StoreUnreadable { .. }
        | Error::StoreMigrated { .. } => None,
        _ => Some(RETRY),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn changed_ids(before: &Value, now: &Value) -> BTreeSet<String> {
    let empty = Map::new();
    let mut ids = BTreeSet::new();
    for section in ["profiles", "usageStats"] {
        let entries = |store: &'_ Value| store.get(section).and_then(Value::as_object).cloned();
        let before = entries(before).unwrap_or_else(|| empty.clone());
        let now = entries(now).unwrap_or_else(|| empty.clone());
        let differs = |id: &&String| before.get(*id) != now.get(*id);
        ids.extend(before.keys().chain(now.keys()).filter(differs).cloned());
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = r#"{"version":1,"profiles":{"a":{"type":"oauth"},"b":{"type":"oauth"}}}"#;

    fn cooling(id: &str) -> String {
        A.replace("}}}", &format!(r#"}}}},"usageStats":{{"{id}":{{"cooldownUntil":9}}}}}}"#))
    }

    fn told(news: Option<News>) -> Vec<String> {
        match news {
            None => Vec::new(),
            Some(News::Changed(change)) => change.profile_ids.into_iter().collect(),
            Some(News::Trouble(error)) => vec![error.code().to_owned()],
        }
    }

    fn missing() -> Result<String> {
        Err(Error::StoreMissing { path: "/a".into() })
    }

    fn unreadable() -> Result<String> {
        Err(Error::StoreUnreadable { path: "/a".into(), problem: String::new() })
    }

    #[test]
    fn only_the_profiles_that_differ_are_told() {
        let mut tracker = Tracker::begin(Some(A));
        assert_eq!(told(tracker.observe(Ok(cooling("b")))), ["b"]);
        assert_eq!(told(tracker.observe(Ok(cooling("a")))), ["a", "b"]);
    }

    #[test]
    fn a_rewrite_of_the_same_content_is_no_news() {
        let mut tracker = Tracker::begin(Some(A));
        assert!(tracker.observe(Ok(A.replace(':', ": "))).is_none());
        assert!(tracker.observe(Ok(A.to_owned())).is_none());
    }

    #[test]
    fn a_new_order_is_news_without_a_profile() {
        let mut tracker = Tracker::begin(Some(A));
        let ordered = A.replace("}}}", r#"}},"order":{"p":["b"]}}"#);
        assert!(
            matches!(tracker.observe(Ok(ordered)), Some(News::Changed(change)) if change.profile_ids.is_empty())
        );
    }

    #[test]
    fn a_fault_is_told_at_the_second_look_and_once() {
        let mut tracker = Tracker::begin(Some(A));
        assert!(tracker.observe(unreadable()).is_none());
        assert_eq!(tracker.look_again(), Some(DOUBT));
        assert_eq!(told(tracker.observe(unreadable())), ["ERR_STORE_UNREADABLE"]);
        assert!(tracker.observe(unreadable()).is_none());
        assert_eq!(tracker.look_again(), None);
        assert_eq!(told(tracker.observe(missing())), ["ERR_STORE_MISSING"]);
    }

    #[test]
    fn a_fault_that_was_gone_at_the_second_look_is_not_told() {
        let mut tracker = Tracker::begin(Some(A));
        assert!(tracker.observe(missing()).is_none());
        assert_eq!(told(tracker.observe(Ok(cooling("a")))), ["a"]);
        assert_eq!(tracker.look_again(), None);
    }

    #[test]
    fn after_a_fault_that_was_told_the_store_is_told_even_if_it_is_the_same() {
        let mut tracker = Tracker::begin(Some(A));
        for _ in 0..2 {
            let _ = tracker.observe(missing());
        }
        assert!(matches!(tracker.observe(Ok(A.to_owned())), Some(News::Changed(_))));
    }

    #[test]
    fn a_store_that_was_never_there_is_not_missed() {
        let mut tracker = Tracker::begin(None);
        for _ in 0..2 {
            assert!(tracker.observe(missing()).is_none());
        }
        assert_eq!(told(tracker.observe(Ok(A.to_owned()))), ["a", "b"]);
    }

    #[test]
    fn a_change_that_nobody_read_lives_on_in_the_next() {
        let change = |id: &str| Change { store: id.into(), profile_ids: [id.to_owned()].into() };
        let mut last = change("b");
        last.absorb(change("a"));
        assert_eq!(
            last,
            Change { store: "b".into(), profile_ids: ["a".into(), "b".into()].into() }
        );
    }
}
