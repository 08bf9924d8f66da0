//! How windows and bookings end: success, a reset by hand, time, and a booking that is taken back.

use super::*;

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
    stats.last_used = Some(WallMs::new(7.0));
    let changes = transitions::cleared(&stats);
    apply(&mut stats, &changes);
    let expected = UsageStats {
        last_used: Some(WallMs::new(7.0)),
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
    assert_eq!(transitions::expired(&stats, NOW + (MINUTE - 1.0)), []);
    let changes = transitions::expired(&stats, NOW + MINUTE);
    apply(&mut stats, &changes);
    assert_eq!((stats.cooldown_until, stats.error_count), (None, Some(2.0)));
    let changes = transitions::expired(&stats, NOW + 6.0 * HOUR);
    apply(&mut stats, &changes);
    assert_eq!((stats.disabled_until, stats.error_count), (None, Some(0.0)));
    assert!(stats.failure_counts.is_empty() && stats.last_failure_at.is_some());
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
fn an_answer_of_another_model_since_keeps_its_counters_and_the_booking_is_taken_back() {
    let before = UsageStats { error_count: Some(2.0), ..UsageStats::default() };
    let mut after = before.clone();
    book(&mut after, &on_model("rate_limit", "m"), NOW, SAFE);
    assert_eq!(after.cooldown_model.as_deref(), Some("m"));
    let mut stats = after.clone();
    let success = Success { started_at: Some(NOW + 1.0), model: Some("other".into()) };
    succeed(&mut stats, &success, NOW + 2.0);
    let changes = transitions::restored(&stats, &before, &after);
    apply(&mut stats, &changes);
    assert_eq!((stats.cooldown_until, stats.last_failure_at), (None, None));
    assert_eq!((stats.error_count, stats.last_used), (Some(0.0), Some(NOW + 2.0)));
}

#[test]
fn an_answer_that_ended_another_model_s_window_since_does_not_keep_the_booking() {
    let mut before = UsageStats::default();
    book(&mut before, &stated(on_model("rate_limit", "other"), NOW + MINUTE), NOW, SAFE);
    let mut after = before.clone();
    book(&mut after, &on_model("rate_limit", "m"), NOW + 1.0, SAFE);
    let mut stats = after.clone();
    let success = Success { started_at: Some(NOW + MINUTE), model: Some("other".into()) };
    succeed(&mut stats, &success, NOW + MINUTE);
    assert!(is_in_cooldown(&stats, NOW + MINUTE, Some("m")));
    let changes = transitions::restored(&stats, &before, &after);
    apply(&mut stats, &changes);
    assert_eq!((stats.cooldown_until, stats.failover.models.len()), (None, 0));
}

#[test]
fn a_window_that_was_opened_anew_since_is_not_taken_back() {
    let before = UsageStats::default();
    let mut after = before.clone();
    book(&mut after, &on_model("rate_limit", "m"), NOW, SAFE);
    let mut stats = after.clone();
    book(&mut stats, &stated(on_model("rate_limit", "m"), NOW + HOUR), NOW + 1.0, SAFE);
    assert_eq!(transitions::restored(&stats, &before, &after), []);
}

#[test]
fn a_window_that_a_later_failure_found_long_enough_is_not_taken_back() {
    let before = UsageStats::default();
    let mut after = before.clone();
    book(&mut after, &stated(on_model("rate_limit", "m"), NOW + HOUR), NOW, SAFE);
    let mut stats = after.clone();
    book(&mut stats, &stated(on_model("rate_limit", "m"), NOW + MINUTE), NOW + 1.0, SAFE);
    assert_eq!(stats.failover.models, after.failover.models);
    assert_eq!(transitions::restored(&stats, &before, &after), []);
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
