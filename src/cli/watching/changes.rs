//! What has happened between two looks at the profiles: at most one change a profile.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::cli::profiles::Pool;
use crate::cli::text::for_programs;
use crate::cli::text::line::shown;
use crate::cli::text::time_words::{iso, left};
use crate::cli::text::words;
use crate::profiles::status::State;
use crate::store::edits::candidates::Entry;

/// What happened to a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// It was there at the first look, or is new.
    Found,
    Removed,
    /// It is ready, cooling, disabled or unusable since; this was it before.
    State(State),
    /// It rests until another time, or for another reason.
    Window,
    Failed,
    Used,
    /// The gateway judges otherwise one that the plugin serves.
    Gateway,
    /// Something else: its counters, its place.
    Other,
}

impl Event {
    /// The public name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Removed => "removed",
            Self::State(_) => "state",
            Self::Window => "window",
            Self::Failed => "failed",
            Self::Used => "used",
            Self::Gateway => "gateway",
            Self::Other => "changed",
        }
    }
}

/// A change of the profile at a place of the newer look, or for a removed one of the older look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub event: Event,
    pub index: usize,
}

/// What is new in `after`. Time that merely passes is no change; a wait that ends is.
#[must_use]
pub(crate) fn changes(before: Option<&Pool>, after: &Pool) -> Vec<Change> {
    let by_id = |pool: &'_ Pool| -> HashMap<String, usize> {
        let entries = pool.entries.iter().enumerate();
        entries.map(|(index, entry)| (entry.id.clone(), index)).collect()
    };
    let (old_places, new_places) = (before.map(by_id).unwrap_or_default(), by_id(after));
    let old = |id: &str| Some(&before?.entries[*old_places.get(id)?]);
    let kept = after.entries.iter().enumerate();
    let kept = kept.filter_map(|(index, entry)| {
        let id = &entry.id;
        let of_gateway = || gateway_differs(before?, after, id).then_some(Event::Gateway);
        let event =
            old(id).map_or(Some(Event::Found), |old| event(old, entry).or_else(of_gateway))?;
        Some(Change { event, index })
    });
    let gone = before.into_iter().flat_map(|before| before.entries.iter().enumerate());
    let gone = gone
        .filter(|(_, entry)| !new_places.contains_key(&entry.id))
        .map(|(index, _)| Change { event: Event::Removed, index });
    kept.chain(gone).collect()
}

fn gateway_differs(before: &Pool, after: &Pool, id: &str) -> bool {
    let of = |pool: &Pool| {
        let status = pool.gateway_status(id)?;
        Some((status.state, status.until, status.reason.clone()))
    };
    of(before) != of(after)
}

fn event(old: &Entry, new: &Entry) -> Option<Event> {
    let window = |entry: &Entry| {
        let windows = entry.status.windows.iter();
        let windows: Vec<_> = windows.map(|it| (it.model.clone(), it.until)).collect();
        (entry.status.until, entry.status.reason.clone(), windows)
    };
    if old.status.state != new.status.state {
        Some(Event::State(old.status.state))
    } else if window(old) != window(new) {
        Some(Event::Window)
    } else if old.stats.last_failure_at != new.stats.last_failure_at {
        Some(Event::Failed)
    } else if old.stats.last_used != new.stats.last_used {
        Some(Event::Used)
    } else if old.stats != new.stats || old.kind != new.kind || old.provider != new.provider {
        Some(Event::Other)
    } else {
        None
    }
}

impl Change {
    fn profile<'a>(&self, before: Option<&'a Pool>, after: &'a Pool) -> (&'a Pool, &'a Entry) {
        let pool = match (self.event, before) {
            (Event::Removed, Some(before)) => before,
            _ => after,
        };
        (pool, &pool.entries[self.index])
    }

    /// One line for people.
    #[must_use]
    pub(crate) fn line(&self, before: Option<&Pool>, after: &Pool) -> String {
        let (pool, entry) = self.profile(before, after);
        let of_gateway = pool.gateway_status(&entry.id).filter(|_| self.event == Event::Gateway);
        let status = of_gateway.unwrap_or(&entry.status);
        let what = match self.event {
            Event::Removed => "removed".to_owned(),
            Event::State(from) => format!("{} -> {}", from.name(), status.state.name()),
            Event::Found => status.state.name().to_owned(),
            other => format!("{}: {}", other.name(), status.state.name()),
        };
        let why = words::why(status, after.model.as_deref());
        let mut line = format!("{} {} {what}", iso(after.now), shown(&entry.id));
        if self.event != Event::Removed && !why.is_empty() {
            line = [line, format!(", {why}")].concat();
        }
        if let Some(until) = status.until.filter(|_| self.event != Event::Removed) {
            line = [line, format!(", {} left", left(until.since(pool.now)))].concat();
        }
        line + "\n"
    }

    /// One line for programs.
    #[must_use]
    pub(crate) fn json(&self, before: Option<&Pool>, after: &Pool) -> String {
        let (pool, _) = self.profile(before, after);
        let mut value =
            json!({ "at": for_programs::moment(Some(after.now)), "event": self.event.name() });
        if let Event::State(from) = self.event {
            value["from"] = from.name().into();
        }
        let profile = for_programs::profile(pool, self.index);
        if let (Value::Object(value), Value::Object(profile)) = (&mut value, profile) {
            value.extend(profile);
        }
        for_programs::compact(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::profiles::View;
    use crate::cli::test_stores::{HOUR, NOW, SECRET, documents, store};
    use crate::time::WallMs;

    fn pool(stats: &str, now: WallMs) -> Pool {
        let text = store(&["a"], &format!(r#","usageStats":{{"a":{stats}}}"#));
        Pool::of(&documents(&text), &View::default(), now)
    }

    fn cooling(until: WallMs) -> String {
        format!(r#"{{"cooldownUntil":{until:?},"cooldownReason":"rate_limit"}}"#)
    }

    fn names(before: &Pool, after: &Pool) -> Vec<&'static str> {
        changes(Some(before), after).iter().map(|change| change.event.name()).collect()
    }

    #[test]
    fn each_kind_of_change_has_its_name() {
        let ready = pool("{}", NOW);
        let hour = pool(&cooling(NOW + HOUR), NOW);
        for (before, after, expected) in [
            (&ready, hour.clone(), "state"),
            (&hour, pool(&cooling(NOW + 2 * HOUR), NOW), "window"),
            (&ready, pool(r#"{"lastFailureAt":5}"#, NOW), "failed"),
            (&ready, pool(r#"{"lastUsed":5}"#, NOW), "used"),
            (&ready, pool(r#"{"errorCount":5}"#, NOW), "changed"),
        ] {
            assert_eq!(names(before, &after), [expected]);
        }
        let empty = Pool::of(&documents(r#"{"profiles":{}}"#), &View::default(), NOW);
        assert_eq!(names(&ready, &empty), ["removed"]);
        assert_eq!(names(&empty, &ready), ["found"]);
        assert_eq!(changes(None, &ready)[0].event, Event::Found);
    }

    #[test]
    fn time_that_passes_is_no_change_until_a_wait_ends() {
        let stats = cooling(NOW + HOUR);
        let before = pool(&stats, NOW);
        assert_eq!(names(&before, &pool(&stats, NOW + HOUR + -1.0)), [""; 0]);
        let after = pool(&stats, NOW + HOUR);
        assert_eq!(names(&before, &after), ["state"]);
        let change = changes(Some(&before), &after)[0];
        assert_eq!(
            change.line(Some(&before), &after),
            "2026-02-02T03:40:00.000Z a cooling -> ready\n"
        );
    }

    #[test]
    fn a_line_says_what_why_and_how_long() {
        let (before, after) = (pool("{}", NOW), pool(&cooling(NOW + HOUR), NOW));
        let change = changes(Some(&before), &after)[0];
        let line = "2026-02-02T02:40:00.000Z a ready -> cooling, rate limit, 1 h left\n";
        assert_eq!(change.line(Some(&before), &after), line);
        let json = change.json(Some(&before), &after);
        assert!(!json.contains(SECRET) && json.ends_with("}\n") && json.lines().count() == 1);
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&value["event"], &value["from"]), (&"state".into(), &"ready".into()));
        assert_eq!((&value["profileId"], &value["state"]), (&"a".into(), &"cooling".into()));
    }
}
