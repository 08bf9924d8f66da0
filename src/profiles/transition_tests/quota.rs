//! A used-up quota without a stated wait: a ladder of its own in the safe policy.

use super::*;

/// A quota without a stated wait.
fn quota(model: Option<&str>) -> Report {
    let failure = FailureFacts::new(
        Class::Quota,
        if model.is_some() { Scope::Model } else { Scope::Account },
    );
    Report { failure: Some(failure), model: model.map(str::to_owned), ..Report::default() }
}

/// The rest after each refusal, in minutes; each comes a second after the rest before it.
fn rests(report: &Report, times: usize, policy: Policy) -> Vec<f64> {
    let mut stats = UsageStats::default();
    let mut now = NOW;
    let model = report.model.clone();
    (0..times)
        .map(|_| {
            book(&mut stats, report, now, policy);
            let until = unusable_until_for(&stats, model.as_deref()).unwrap();
            let rest = (until - now) / MINUTE;
            now = until + 1_000.0;
            rest
        })
        .collect()
}

#[test]
fn it_rests_5_15_then_60_minutes() {
    assert_eq!(rests(&quota(None), 5, SAFE), [5.0, 15.0, 60.0, 60.0, 60.0]);
    assert_eq!(rests(&quota(Some("m")), 3, SAFE), [5.0, 15.0, 60.0]);
}

#[test]
fn the_compatible_policy_knows_the_host_s_ladder_only() {
    assert_eq!(rests(&quota(None), 3, COMPATIBLE), [1.0, 5.0, 25.0]);
}

#[test]
fn refusals_of_requests_under_way_take_no_step() {
    let mut stats = UsageStats::default();
    for late in 0..20 {
        book(&mut stats, &quota(None), NOW + f64::from(late) * 1_000.0, SAFE);
    }
    assert_eq!(stats.cooldown_until, Some(NOW + 5.0 * MINUTE));
    book(&mut stats, &quota(None), NOW + 6.0 * MINUTE, SAFE);
    assert_eq!(stats.cooldown_until, Some(NOW + 21.0 * MINUTE));
}

#[test]
fn a_success_goes_back_to_the_start_for_its_model_alone() {
    let mut stats = UsageStats::default();
    for (at, model) in [(0.0, "m1"), (0.0, "m2"), (6.0, "m1"), (6.0, "m2")] {
        book(&mut stats, &quota(Some(model)), NOW + at * MINUTE, SAFE);
    }
    let later = NOW + 22.0 * MINUTE;
    succeed(&mut stats, &Success { model: Some("m1".into()), started_at: None }, later);
    book(&mut stats, &quota(Some("m1")), later, SAFE);
    book(&mut stats, &quota(Some("m2")), later, SAFE);
    assert_eq!(unusable_until_for(&stats, Some("m1")), Some(later + 5.0 * MINUTE));
    assert_eq!(unusable_until_for(&stats, Some("m2")), Some(later + 60.0 * MINUTE));
}

#[test]
fn a_stated_wait_takes_the_ladder_s_place_and_no_step() {
    let mut stats = UsageStats::default();
    book(&mut stats, &stated(quota(None), NOW + 2.0 * HOUR), NOW, SAFE);
    assert_eq!(stats.cooldown_until, Some(NOW + 2.0 * HOUR));
    assert_eq!(stats.failover.quota_steps, []);
}

#[test]
fn a_day_without_a_failure_goes_back_to_the_start() {
    let mut stats = after(&[(&quota(None), 0.0), (&quota(None), 6.0 * MINUTE)], SAFE);
    let next_day = NOW + 25.0 * HOUR;
    book(&mut stats, &quota(None), next_day, SAFE);
    assert_eq!(stats.cooldown_until, Some(next_day + 5.0 * MINUTE));
}
