//! The transitions as a specification: the compatible policy, the safe one, and what holds for any history.

use proptest::prelude::*;

use super::booking::{FailureFacts, Report};
use super::cooldown::{is_in_cooldown, unusable_until_for};
use super::rules::{Policy, Rules};
use super::stats::{Change, Failover, Field, Slot, Success, UsageStats};
use super::transitions;
use crate::failure::{Class, Scope};

const NOW: f64 = 1_770_000_000_000.0;
const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
const COMPATIBLE: Policy = Policy::Compatible;
const SAFE: Policy = Policy::Safe;

/// Applies changes as the file and the passed object do.
fn apply(stats: &mut UsageStats, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Number(field, value) => match stats.slot(*field) {
                Slot::Number(slot) => *slot = Some(*value),
                _ => panic!("{field:?} is no number"),
            },
            Change::Text(field, text) => match stats.slot(*field) {
                Slot::Text(slot) => *slot = Some(text.clone()),
                _ => panic!("{field:?} is no text"),
            },
            Change::Drop(field) => match stats.slot(*field) {
                Slot::Number(slot) => *slot = None,
                Slot::Text(slot) => *slot = None,
                Slot::Counts(slot) => slot.clear(),
                Slot::Failover(slot) => *slot = Failover::default(),
            },
            Change::ResetCounts => stats.failure_counts.clear(),
            Change::Count(reason, count) => {
                stats.failure_counts.retain(|(name, _)| name != reason);
                stats.failure_counts.push((reason.clone(), *count));
            }
            Change::Failover(failover) => stats.failover = failover.clone(),
        }
    }
}

fn reason(reason: &str) -> Report {
    Report { reason: Some(reason.into()), ..Report::default() }
}

fn on_model(reason_name: &str, model: &str) -> Report {
    Report { model: Some(model.into()), ..reason(reason_name) }
}

fn stated(report: Report, until: f64) -> Report {
    Report { resume_at: Some(until), ..report }
}

fn book(stats: &mut UsageStats, report: &Report, now: f64, policy: Policy) {
    let rules = Rules { policy, ..Rules::default() };
    let changes = transitions::failed(stats, &report.booking(policy, now), now, &rules);
    apply(stats, &changes);
}

fn after(reports: &[(&Report, f64)], policy: Policy) -> UsageStats {
    let mut stats = UsageStats::default();
    for (report, at) in reports {
        book(&mut stats, report, NOW + at, policy);
    }
    stats
}

fn succeed(stats: &mut UsageStats, success: &Success, now: f64) -> bool {
    let (changes, kept) = transitions::used(stats, success, now);
    apply(stats, &changes);
    kept
}

// The compatible policy.

#[test]
fn compatible_writes_exactly_the_host_s_fields() {
    let booking = reason("rate_limit").booking(COMPATIBLE, NOW);
    assert_eq!(
        transitions::failed(&UsageStats::default(), &booking, NOW, &Rules::default()),
        [
            Change::Number(Field::ErrorCount, 1.0),
            Change::Count("rate_limit".into(), 1.0),
            Change::Number(Field::LastFailureAt, NOW),
            Change::Number(Field::CooldownUntil, NOW + MINUTE),
        ]
    );
}

#[test]
fn compatible_sets_every_window_anew() {
    let limit = reason("rate_limit");
    let stats = after(&[(&limit, 0.0), (&limit, 1_000.0)], COMPATIBLE);
    assert_eq!(stats.cooldown_until, Some(NOW + 1_000.0 + 5.0 * MINUTE));
}

#[test]
fn compatible_counts_on_after_a_window_has_expired() {
    let limit = reason("rate_limit");
    let stats = after(&[(&limit, 0.0), (&limit, 2.0 * MINUTE)], COMPATIBLE);
    assert_eq!(stats.error_count, Some(2.0));
}

#[test]
fn compatible_keeps_what_a_server_stated_against_a_generic_back_off() {
    let stats = after(
        &[(&stated(reason("rate_limit"), NOW + 2.0 * HOUR), 0.0), (&reason("timeout"), 1.0)],
        COMPATIBLE,
    );
    assert_eq!(stats.cooldown_until, Some(NOW + 2.0 * HOUR));
    assert_eq!(stats.failover.source.as_deref(), Some("caller"));
}

#[test]
fn counters_restart_after_24_hours_without_a_failure() {
    let limit = reason("rate_limit");
    assert_eq!(after(&[(&limit, 0.0), (&limit, 24.0 * HOUR)], COMPATIBLE).error_count, Some(2.0));
    assert_eq!(
        after(&[(&limit, 0.0), (&limit, 24.0 * HOUR + 1.0)], COMPATIBLE).error_count,
        Some(1.0)
    );
}

// The safe policy.

#[test]
fn safe_windows_do_not_creep() {
    let limit = reason("rate_limit");
    let stats = after(&[(&limit, 0.0), (&limit, 10_000.0), (&limit, 59_999.0)], SAFE);
    assert_eq!(stats.cooldown_until, Some(NOW + MINUTE));
    assert_eq!(stats.error_count, Some(3.0));
}

#[test]
fn safe_starts_from_zero_after_an_expired_window() {
    let limit = reason("rate_limit");
    let stats = after(&[(&limit, 0.0), (&limit, 5_000.0), (&limit, MINUTE + 1_000.0)], SAFE);
    assert_eq!(stats.error_count, Some(1.0));
    assert_eq!(stats.cooldown_until, Some(NOW + MINUTE + 1_000.0 + MINUTE));
    assert_eq!(stats.failure_counts, [("rate_limit".to_owned(), 1.0)]);
}

#[test]
fn safe_extends_to_what_the_server_states_and_never_shortens() {
    let limit = reason("rate_limit");
    let two_hours = stated(limit.clone(), NOW + 2.0 * HOUR);
    let five_seconds = stated(limit.clone(), NOW + 5_000.0);
    let stats = after(&[(&limit, 0.0), (&two_hours, 1.0), (&five_seconds, 2.0)], SAFE);
    assert_eq!(stats.cooldown_until, Some(NOW + 2.0 * HOUR));
}

#[test]
fn safe_counts_a_burst_once() {
    let limit = reason("rate_limit");
    let burst: Vec<_> = (0..10).map(|n| (&limit, f64::from(n) * 90.0)).collect();
    assert_eq!(after(&burst, SAFE).error_count, Some(1.0));

    let mut slow = limit.clone();
    slow.started_at = Some(NOW - 1.0);
    let in_flight = after(&[(&limit, 0.0), (&slow, 30_000.0)], SAFE);
    assert_eq!(in_flight.error_count, Some(1.0));
}

#[test]
fn safe_counts_two_reasons_of_one_burst_both() {
    let stats = after(&[(&reason("rate_limit"), 0.0), (&reason("auth"), 1.0)], SAFE);
    assert_eq!(stats.error_count, Some(2.0));
}

#[test]
fn safe_counts_a_billing_burst_once() {
    let billing = reason("billing");
    let stats = after(&[(&billing, 0.0), (&billing, 1.0), (&billing, 2.0)], SAFE);
    assert_eq!(stats.disabled_until, Some(NOW + 5.0 * HOUR));
    assert_eq!(stats.failure_counts, [("billing".to_owned(), 1.0)]);
}

#[test]
fn safe_counts_format_errors_and_cools_nothing() {
    let format = reason("format");
    let stats = after(&[(&format, 0.0), (&format, 1.0)], SAFE);
    assert!(!is_in_cooldown(&stats, NOW, None));
    assert_eq!(stats.failure_counts, [("format".to_owned(), 2.0)]);
    assert_eq!((stats.error_count, stats.last_failure_at), (None, None));
}

#[test]
fn an_abort_changes_nothing() {
    let aborted = FailureFacts {
        class: Class::Aborted,
        scope: Some(Scope::Request),
        resume_at: None,
        source: None,
        model: None,
        answered: false,
    };
    let report = Report { failure: Some(aborted), ..Report::default() };
    for policy in [COMPATIBLE, SAFE] {
        assert_eq!(after(&[(&report, 0.0)], policy), UsageStats::default());
    }
}

#[test]
fn come_back_at_once_opens_no_window() {
    for policy in [COMPATIBLE, SAFE] {
        let stats = after(&[(&stated(reason("rate_limit"), NOW), 0.0)], policy);
        assert!(!is_in_cooldown(&stats, NOW, None));
        assert_eq!(stats.error_count, Some(1.0));
    }
}

// Models.

#[test]
fn several_models_rest_side_by_side_and_others_are_free() {
    for policy in [COMPATIBLE, SAFE] {
        let one = stated(on_model("rate_limit", "m1"), NOW + HOUR);
        let two = on_model("model_not_found", "m2");
        let stats = after(&[(&one, 0.0), (&two, 1.0)], policy);
        assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m1")));
        assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m2")));
        assert!(!is_in_cooldown(&stats, NOW + 2.0, Some("m3")));
        // The host's one field still names a model: a host of 2026.3.28 sees no window of the account.
        assert_eq!(stats.cooldown_model.as_deref(), Some("m1"));
        assert_eq!(stats.cooldown_until, Some(NOW + HOUR));
    }
}

#[test]
fn an_account_failure_rests_every_model_and_hides_no_model_s_window() {
    let one = stated(on_model("rate_limit", "m1"), NOW + HOUR);
    let stats = after(&[(&one, 0.0), (&on_model("auth", "m1"), 1.0)], SAFE);
    assert!(is_in_cooldown(&stats, NOW + 2.0, Some("m2")));
    assert_eq!(stats.cooldown_model, None);
    assert_eq!(unusable_until_for(&stats, Some("m1")), Some(NOW + HOUR));
}

#[test]
fn billing_on_one_model_disables_the_account() {
    let stats = after(&[(&on_model("billing", "m1"), 0.0)], SAFE);
    assert!(is_in_cooldown(&stats, NOW, Some("m2")));
}

#[test]
fn a_window_that_a_newer_host_wrote_for_a_model_is_kept_beside_ours() {
    let mut stats = UsageStats {
        cooldown_until: Some(NOW + HOUR),
        cooldown_model: Some("theirs".into()),
        cooldown_reason: Some("rate_limit".into()),
        ..UsageStats::default()
    };
    book(&mut stats, &stated(on_model("rate_limit", "ours"), NOW + 2.0 * HOUR), NOW, SAFE);
    assert!(is_in_cooldown(&stats, NOW, Some("theirs")));
    assert!(is_in_cooldown(&stats, NOW, Some("ours")));
    assert!(!is_in_cooldown(&stats, NOW, Some("other")));
}

#[test]
fn a_success_frees_its_own_model_only() {
    let mut stats = after(
        &[
            (&stated(on_model("rate_limit", "m1"), NOW + HOUR), 0.0),
            (&stated(on_model("rate_limit", "m2"), NOW + 2.0 * HOUR), 0.0),
        ],
        SAFE,
    );
    succeed(&mut stats, &Success { model: Some("m2".into()), ..Success::default() }, NOW + 1.0);
    assert!(!is_in_cooldown(&stats, NOW + 1.0, Some("m2")));
    assert!(is_in_cooldown(&stats, NOW + 1.0, Some("m1")));
    assert_eq!(
        (stats.cooldown_model.as_deref(), stats.cooldown_until),
        (Some("m1"), Some(NOW + HOUR))
    );
}

// Success, clear, expiry.

#[test]
fn a_late_success_keeps_a_newer_cooldown() {
    let mut stats = after(&[(&reason("rate_limit"), 5_000.0)], COMPATIBLE);
    let kept = succeed(&mut stats, &Success { started_at: Some(NOW), model: None }, NOW + 8_000.0);
    assert!(kept);
    assert_eq!(stats.last_used, Some(NOW + 8_000.0));
    assert!(is_in_cooldown(&stats, NOW + 8_000.0, None));
}

#[test]
fn a_success_that_began_after_the_failure_or_does_not_say_clears() {
    for started_at in [None, Some(NOW + 6_000.0)] {
        let mut stats = after(&[(&reason("rate_limit"), 5_000.0)], COMPATIBLE);
        assert!(!succeed(&mut stats, &Success { started_at, model: None }, NOW + 8_000.0));
        assert!(!is_in_cooldown(&stats, NOW + 8_000.0, None));
        assert_eq!(stats.error_count, Some(0.0));
    }
}

#[test]
fn clearing_forgets_every_window_and_count_and_the_next_failure_is_the_first() {
    let billing = reason("billing");
    let model = stated(on_model("rate_limit", "m"), NOW + HOUR);
    let mut stats = after(&[(&billing, 0.0), (&billing, 2_000.0), (&model, 3_000.0)], SAFE);
    stats.last_used = Some(7.0);
    let changes = transitions::cleared(&stats);
    apply(&mut stats, &changes);
    let expected = UsageStats {
        last_used: Some(7.0),
        error_count: Some(0.0),
        last_failure_at: Some(NOW + 3_000.0),
        ..UsageStats::default()
    };
    assert_eq!(stats, expected);
    book(&mut stats, &billing, NOW + 4_000.0, SAFE);
    assert_eq!(stats.disabled_until, Some(NOW + 4_000.0 + 5.0 * HOUR));
}

#[test]
fn expiry_drops_each_window_at_its_end_and_the_counters_with_the_last() {
    let mut stats = after(&[(&reason("rate_limit"), 0.0), (&reason("billing"), 1.0)], COMPATIBLE);
    assert_eq!(transitions::expired(&stats, NOW + MINUTE - 1.0), []);
    let changes = transitions::expired(&stats, NOW + MINUTE);
    apply(&mut stats, &changes);
    assert_eq!((stats.cooldown_until, stats.error_count), (None, Some(2.0)));
    let changes = transitions::expired(&stats, NOW + 6.0 * HOUR);
    apply(&mut stats, &changes);
    assert_eq!((stats.disabled_until, stats.error_count), (None, Some(0.0)));
    assert!(stats.failure_counts.is_empty() && stats.last_failure_at.is_some());
}

// Any history.

#[derive(Debug, Clone)]
enum Step {
    Fail { reason: &'static str, model: Option<&'static str>, wait: Option<f64> },
    Succeed { model: Option<&'static str>, started_before: Option<f64> },
    Clear,
    Wait(f64),
}

fn step() -> impl Strategy<Value = Step> {
    let reasons =
        prop::sample::select(vec!["rate_limit", "auth", "billing", "format", "timeout", "unknown"]);
    let model = || prop::sample::select(vec![None, Some("m1"), Some("m2")]);
    prop_oneof![
        5 => (reasons, model(), prop::option::of(-1e6..1e12)).prop_map(|(reason, model, wait)| Step::Fail { reason, model, wait }),
        2 => (model(), prop::option::of(0.0..1e6)).prop_map(|(model, started_before)| Step::Succeed { model, started_before }),
        1 => Just(Step::Clear),
        3 => (0.0..2.0 * HOUR).prop_map(Step::Wait),
    ]
}

fn ends(stats: &UsageStats) -> Vec<(Option<&'static str>, f64)> {
    [None, Some("m1"), Some("m2")]
        .into_iter()
        .map(|model| (model, unusable_until_for(stats, model).unwrap_or(0.0)))
        .collect()
}

proptest! {
    #[test]
    fn in_the_safe_policy_only_success_and_clear_shorten_and_nothing_rests_beyond_eight_days(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut stats = UsageStats::default();
        let mut now = NOW;
        for step in steps {
            let before = ends(&stats);
            match step {
                Step::Fail { reason: name, model, wait } => {
                    let report = Report {
                        model: model.map(str::to_owned),
                        resume_at: wait.map(|wait| now + wait),
                        ..reason(name)
                    };
                    book(&mut stats, &report, now, SAFE);
                    for ((model, old), (_, new)) in before.iter().zip(ends(&stats)) {
                        prop_assert!(*old <= now || new >= *old, "{model:?}: {old} became {new}");
                    }
                }
                Step::Succeed { model, started_before } => {
                    let success = Success {
                        started_at: started_before.map(|ms| now - ms),
                        model: model.map(str::to_owned),
                    };
                    succeed(&mut stats, &success, now);
                }
                Step::Clear => {
                    let changes = transitions::cleared(&stats);
                    apply(&mut stats, &changes);
                }
                Step::Wait(ms) => now = (now + ms).floor(),
            }
            for (_, end) in ends(&stats) {
                prop_assert!(end >= 0.0 && end <= now + super::booking::LONGEST_WAIT_MS);
            }
            prop_assert!(stats.error_count.unwrap_or(0.0) >= 0.0);
        }
    }

    #[test]
    fn a_failure_of_one_model_never_rests_another_in_either_policy(
        before in prop::collection::vec((prop::sample::select(vec!["m1", "m2"]), 0.0..1e7), 0..6),
        safe: bool,
    ) {
        let policy = if safe { SAFE } else { COMPATIBLE };
        let mut stats = UsageStats::default();
        for (model, wait) in before {
            book(&mut stats, &stated(on_model("rate_limit", model), NOW + wait), NOW, policy);
        }
        prop_assert!(!is_in_cooldown(&stats, NOW, Some("m3")));
    }
}

#[test]
fn only_the_booking_itself_is_taken_back() {
    let before = UsageStats { error_count: Some(1.0), ..UsageStats::default() };
    let mut after = before.clone();
    book(&mut after, &reason("rate_limit"), NOW, SAFE);
    let mut back = after.clone();
    apply(&mut back, &transitions::restored(&after, &before, &after));
    let counted = after.failure_counts.clone();
    assert_eq!(back, UsageStats { failure_counts: counted, ..before.clone() });

    // Another request's booking in the same millisecond.
    let mut both = after.clone();
    book(&mut both, &stated(reason("rate_limit"), NOW + HOUR), NOW, SAFE);
    assert_eq!(both.last_failure_at, after.last_failure_at);
    assert_eq!(transitions::restored(&both, &before, &after), []);
}

#[test]
fn a_use_that_ended_since_does_not_keep_a_booking_from_being_taken_back() {
    let before = UsageStats::default();
    let mut after = before.clone();
    book(&mut after, &reason("rate_limit"), NOW, SAFE);
    let used = UsageStats { last_used: Some(NOW + 1.0), ..after.clone() };
    assert!(!transitions::restored(&used, &before, &after).is_empty());
}

#[test]
fn the_latest_failure_stays_the_latest_when_bookings_are_written_out_of_order() {
    let latest = |ahead: f64, policy| {
        let mut stats = UsageStats::default();
        book(&mut stats, &reason("rate_limit"), NOW + ahead, policy);
        book(&mut stats, &reason("rate_limit"), NOW, policy);
        stats.last_failure_at
    };
    assert_eq!(latest(MINUTE, SAFE), Some(NOW + MINUTE));
    // A clock that was wrong.
    assert_eq!(latest(MINUTE + 1.0, SAFE), Some(NOW));
    assert_eq!(latest(1.0, COMPATIBLE), Some(NOW));
}
