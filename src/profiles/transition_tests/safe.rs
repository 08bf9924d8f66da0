//! Windows neither creep nor shrink, a burst counts once, counters heal.

use super::*;

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
    slow.started_at = Some(NOW + -1.0);
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
    let aborted = FailureFacts::new(Class::Aborted, Scope::Request);
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

/// A failure of the account with a wait that its record states.
fn of_account(class: Class, wait: f64, trust: Trust) -> Report {
    let failure = FailureFacts {
        resume_at: Some(NOW + wait),
        source: Some("header:retry-after".into()),
        trust: Some(trust),
        ..FailureFacts::new(class, Scope::Account)
    };
    Report { failure: Some(failure), ..Report::default() }
}

#[test]
fn a_vague_wait_never_shortens_a_rest_for_money_or_credentials() {
    let rest = |report: &Report| {
        let stats = after(&[(report, 0.0)], SAFE);
        unusable_until_for(&stats, None).unwrap() - NOW
    };
    // Seconds, and what was cut down to the cap.
    assert_eq!(rest(&of_account(Class::Billing, 30_000.0, Trust::Server)), 5.0 * HOUR);
    assert_eq!(rest(&of_account(Class::Billing, 5.0 * MINUTE, Trust::Capped)), 5.0 * HOUR);
    assert_eq!(rest(&of_account(Class::Auth, 2_000.0, Trust::Server)), MINUTE);
    // Longer than the ladder, or a moment that was really stated.
    assert_eq!(rest(&of_account(Class::Auth, 3.0 * MINUTE, Trust::Server)), 3.0 * MINUTE);
    assert_eq!(rest(&of_account(Class::Billing, 2.0 * HOUR, Trust::Server)), 2.0 * HOUR);
    assert_eq!(rest(&stated(reason("billing"), NOW + MINUTE)), MINUTE);
    // Of a limit, seconds are what they say.
    assert_eq!(rest(&of_account(Class::RateLimit, 2_000.0, Trust::Server)), 2_000.0);
}

#[test]
fn what_nobody_can_read_rests_five_seconds_each_time() {
    let mut unknown = of_account(Class::Unknown, 0.0, Trust::Server);
    unknown.failure.as_mut().unwrap().resume_at = None;
    let stats = after(&[(&unknown, 0.0), (&unknown, 6_000.0), (&unknown, 12_000.0)], SAFE);
    assert_eq!(stats.cooldown_until, Some(NOW + 17_000.0));
    let stats = after(&[(&unknown, 0.0)], COMPATIBLE);
    assert_eq!(stats.cooldown_until, Some(NOW + MINUTE));
}

#[test]
fn too_many_requests_at_once_rest_five_to_ten_seconds() {
    let mut crowded = of_account(Class::RateLimit, 0.0, Trust::Server);
    let failure = crowded.failure.as_mut().unwrap();
    (failure.resume_at, failure.is_concurrency) = (None, true);
    let rest = |stretch: f64| {
        let rules = Rules { policy: SAFE, stretch, ..Rules::default() };
        let booking = crowded.booking(SAFE, NOW);
        let changes = transitions::failed(&UsageStats::default(), &booking, NOW, &rules);
        let mut stats = UsageStats::default();
        apply(&mut stats, &changes);
        stats.cooldown_until.unwrap() - NOW
    };
    assert_eq!(rest(0.0), 5_000.0);
    assert!((10_000.0..=11_000.0).contains(&rest(0.1)));
}
