//! Who is next: the host's order of one provider's profiles.
//!
//! An explicit order is a priority list; without one, the type decides (`oauth`, `token`, `api_key`) and then who
//! was used longest ago. Profiles that rest go last, soonest free first. A preferred profile goes first even
//! if it rests, because the caller chose it.

use std::collections::HashSet;

use super::cooldown::unusable_until_for;
use super::stats::UsageStats;
use crate::time::WallMs;

/// What the order needs to know of one profile.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub id: String,
    pub kind: Kind,
    pub stats: UsageStats,
}

/// The credential's type, in order of preference.
#[derive(Hash, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Oauth,
    Token,
    ApiKey,
}

impl Kind {
    #[must_use]
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "oauth" => Some(Self::Oauth),
            "token" => Some(Self::Token),
            "api_key" => Some(Self::ApiKey),
            _ => None,
        }
    }
}

/// Orders usable candidates. `explicit` says that the order given is a priority list to keep.
#[must_use]
pub(crate) fn resolve(
    candidates: Vec<Candidate>,
    explicit: bool,
    preferred: Option<&str>,
    model: Option<&str>,
    now: WallMs,
) -> Vec<String> {
    let mut seen = HashSet::new();
    let unique = candidates.into_iter().filter(|candidate| seen.insert(candidate.id.clone()));
    let (mut resting, mut available): (Vec<_>, Vec<_>) = unique.partition(|candidate| {
        unusable_until_for(&candidate.stats, model).is_some_and(|until| now < until)
    });
    if !explicit {
        available.sort_by(|a, b| {
            let used = |c: &Candidate| c.stats.last_used.unwrap_or_default();
            a.kind.cmp(&b.kind).then_with(|| used(a).total_cmp(used(b)))
        });
    }
    let free_at =
        |candidate: &Candidate| unusable_until_for(&candidate.stats, model).unwrap_or(now);
    resting.sort_by(|a, b| free_at(a).total_cmp(free_at(b)));

    let mut order: Vec<String> = available.into_iter().chain(resting).map(|c| c.id).collect();
    if let Some(at) = preferred.and_then(|id| order.iter().position(|entry| entry == id)) {
        order[..=at].rotate_right(1);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallMs = WallMs::new(1_000_000.0);
    const FREE: WallMs = WallMs::new(0.0);

    fn candidate(id: &str, kind: Kind, last_used: f64, cooldown_until: WallMs) -> Candidate {
        let stats = UsageStats {
            last_used: Some(WallMs::new(last_used)),
            cooldown_until: Some(cooldown_until),
            ..UsageStats::default()
        };
        Candidate { id: id.into(), kind, stats }
    }

    #[test]
    fn type_first_then_least_recently_used() {
        let pool = vec![
            candidate("key", Kind::ApiKey, 0.0, FREE),
            candidate("late", Kind::Oauth, 9.0, FREE),
            candidate("token", Kind::Token, 0.0, FREE),
            candidate("early", Kind::Oauth, 1.0, FREE),
        ];
        assert_eq!(resolve(pool, false, None, None, NOW), ["early", "late", "token", "key"]);
    }

    #[test]
    fn equal_profiles_keep_their_order() {
        let pool = ["b", "a", "c"].map(|id| candidate(id, Kind::Oauth, 5.0, FREE)).to_vec();
        assert_eq!(resolve(pool, false, None, None, NOW), ["b", "a", "c"]);
    }

    #[test]
    fn resting_profiles_go_last_soonest_free_first() {
        let pool = vec![
            candidate("hour", Kind::Oauth, 0.0, NOW + 3_600_000.0),
            candidate("minute", Kind::Oauth, 0.0, NOW + 60_000.0),
            candidate("free", Kind::ApiKey, 0.0, NOW),
        ];
        assert_eq!(resolve(pool, false, None, None, NOW), ["free", "minute", "hour"]);
    }

    #[test]
    fn an_explicit_order_is_kept_but_for_resting_profiles() {
        let pool = vec![
            candidate("key", Kind::ApiKey, 9.0, FREE),
            candidate("resting", Kind::Oauth, 0.0, NOW + 1.0),
            candidate("oauth", Kind::Oauth, 0.0, FREE),
            candidate("key", Kind::ApiKey, 9.0, FREE),
        ];
        assert_eq!(resolve(pool, true, None, None, NOW), ["key", "oauth", "resting"]);
    }

    #[test]
    fn a_preferred_profile_goes_first_even_if_it_rests() {
        let pool = vec![
            candidate("a", Kind::Oauth, 0.0, FREE),
            candidate("b", Kind::Oauth, 1.0, FREE),
            candidate("c", Kind::Oauth, 0.0, NOW + 5.0),
        ];
        assert_eq!(resolve(pool.clone(), false, Some("c"), None, NOW), ["c", "a", "b"]);
        assert_eq!(resolve(pool, false, Some("unknown"), None, NOW), ["a", "b", "c"]);
    }
}
