//! A refusal for too much: short, or until an allowance refills.
//!
//! Invariant: a day, a window or a quota must be named, by a code, a header, words or a wait in hours or days, before a
//! limit is a long one; what counts per minute stays short, even where its words speak of a quota.

use super::codes::Meaning;
use super::hint::CAP_MS;
use super::phrases::{Word, Words};
use super::signals::{Signals, best_code};
use crate::failure::excerpt::start_of;
use crate::failure::names::{Class, Rule, Source};
use crate::failure::read::facts::{Facts, is_daily};
use crate::failure::read::plan_windows::Refused;

/// The limit that refused, short or long. `rule` is the one of a short limit.
pub(crate) fn of(signals: &Signals<'_>, rule: Rule) -> Meaning {
    let says = |word| signals.says(word);
    let daily = signals.facts.quota_ids.iter().any(|id| is_daily(id)) || says(Word::PerDay);
    let refills = signals.facts.waits.iter().any(|stated| is_quota_reset(stated.source));
    let is_long = signals.longest_wait_ms.is_some_and(|wait| wait > CAP_MS);
    let is_short =
        says(Word::PerMinute) || signals.facts.quota_ids.iter().any(|id| is_minutely(id));
    match () {
        () if signals.is_limit_zero() => (Class::Quota, Rule::QuotaLimitZero),
        () if daily || signals.refused == Refused::Day => (Class::Quota, Rule::QuotaDaily),
        () if signals.refused != Refused::Nothing => (Class::Quota, Rule::QuotaWindow),
        () if is_long && (refills || signals.facts.in_hours || speaks_of_quota(&signals.words)) => {
            (Class::Quota, Rule::QuotaLongWait)
        }
        () if is_short => (Class::RateLimit, rule),
        () if says(Word::Window) || says(Word::ModelWindow) || says(Word::Quota) => {
            (Class::Quota, Rule::WordsQuota)
        }
        () => (Class::RateLimit, rule),
    }
}

/// Whether codes, words or the unit of a wait say that a quota is used up: what counts by minutes tells no hours.
pub(crate) fn names_quota(facts: &Facts) -> bool {
    let mut words = Words::default();
    facts.words().for_each(|text| words.read(text));
    let by_code = best_code(facts).is_some_and(|(_, code)| code.class == Class::Quota);
    let is_named = facts.quota_ids.iter().any(|id| is_daily(id));
    by_code || is_named || facts.in_hours || speaks_of_quota(&words)
}

/// Words that let a long wait be believed.
pub(crate) fn speaks_of_quota(words: &Words) -> bool {
    words.has_any(&[Word::Window, Word::ModelWindow, Word::Quota, Word::QuotaMaybe, Word::PerDay])
}

fn is_minutely(quota_id: &str) -> bool {
    let lower = quota_id.to_ascii_lowercase();
    ["perminute", "per_minute", "per-minute"].iter().any(|mark| lower.contains(mark))
}

/// Google's own fields for the time when a quota refills.
fn is_quota_reset(source: Source) -> bool {
    matches!(source, Source::QuotaResetDelay | Source::QuotaResetTimestamp)
}

/// Whether a text names a limit and a request that is larger: "Limit 30000, Requested 342389".
pub(crate) fn is_too_large(text: &str) -> bool {
    let lower = start_of(text, 4096).to_ascii_lowercase();
    let number = |name: &str| {
        let at = lower.find(name)? + name.len();
        let rest = lower[at..].trim_start_matches([':', ' ']);
        let digits: String = rest
            .chars()
            .take_while(|it| it.is_ascii_digit() || *it == ',')
            .filter(|it| *it != ',')
            .collect();
        digits.parse::<u64>().ok()
    };
    matches!((number("limit "), number("requested ")), (Some(limit), Some(asked)) if asked > limit)
}
