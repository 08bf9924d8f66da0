//! What the January host does, to the letter.

use super::*;

#[test]
fn compatible_writes_exactly_the_host_s_fields() {
    let booking = reason("rate_limit").booking(COMPATIBLE, NOW);
    assert_eq!(
        transitions::failed(&UsageStats::default(), &booking, NOW, &Rules::default()),
        [
            Change::Number(Field::ErrorCount, 1.0),
            Change::Count("rate_limit".into(), 1.0),
            Change::Time(Field::LastFailureAt, NOW),
            Change::Time(Field::CooldownUntil, NOW + MINUTE),
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
