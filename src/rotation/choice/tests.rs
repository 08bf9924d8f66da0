use std::sync::Arc;

use super::*;
use crate::profiles::credential::Unusable;
use crate::profiles::order::Kind;
use crate::profiles::stats::{Failover, ModelWindow};
use crate::rotation::accounts::{next_free, standings};
use crate::rotation::pool_document::{Owner, Refusal, Reservation, Ticket};

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const HOUR: Duration = Duration::from_hours(1);
const MOMENT: Duration = Duration::from_millis(1);

fn account(id: &str, kind: Kind, last_used: f64) -> Arc<Account> {
    let stats = UsageStats { last_used: Some(WallMs::new(last_used)), ..UsageStats::default() };
    Arc::new(Account { id: id.into(), kind, stats, unusable: None })
}

fn at(accounts: &mut Accounts, index: usize) -> &mut Account {
    Arc::make_mut(&mut accounts.list[index])
}

fn oauth(ids: &[&str]) -> Accounts {
    let list = ids.iter().map(|id| account(id, Kind::Oauth, 0.0)).collect();
    Accounts { list, is_explicit: false }
}

/// A failure that long ago, with a window that ended `ago`.
fn back_since(account: &mut Account, length: Duration, ago: Duration) {
    account.stats.last_failure_at = Some(NOW - ago - length);
    account.stats.cooldown_until = Some(NOW - ago);
}

fn reservation(profile: &str, is_probe: bool, at: WallMs) -> Reservation {
    let ticket = Ticket { owner: Owner::of_pid(9), serial: 1 };
    Reservation {
        ticket,
        profile: profile.into(),
        model: None,
        probe: is_probe,
        refused_at: None,
        session: None,
        tries: None,
        at,
    }
}

fn request() -> Request {
    Request { provider: "p".into(), ..Request::default() }
}

fn taken(accounts: &Accounts, pool: &Pool, request: &Request) -> String {
    match choose(accounts, pool, request, NOW) {
        Choice::Take { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn type_decides_and_then_who_was_used_longest_ago() {
    let list = vec![
        account("key", Kind::ApiKey, 0.0),
        account("late", Kind::Oauth, 9.0),
        account("early", Kind::Oauth, 1.0),
    ];
    let accounts = Accounts { list, is_explicit: false };
    assert_eq!(taken(&accounts, &Pool::default(), &request()), "early");
}

#[test]
fn an_account_that_is_being_asked_was_used_last_of_all() {
    let mut pool = Pool::default();
    pool.reserve(reservation("a", false, NOW));
    assert_eq!(taken(&oauth(&["a", "b"]), &pool, &request()), "b");
}

#[test]
fn a_busy_account_of_a_better_type_still_goes_before_an_idle_one_of_a_worse_type() {
    let mut pool = Pool::default();
    pool.reserve(reservation("a", false, NOW));
    let list = vec![account("key", Kind::ApiKey, 0.0), account("a", Kind::Oauth, 0.0)];
    assert_eq!(taken(&Accounts { list, is_explicit: false }, &pool, &request()), "a");
}

#[test]
fn an_explicit_order_is_priority_however_busy_its_first_is() {
    let mut pool = Pool::default();
    pool.reserve(reservation("b", false, NOW));
    let accounts = Accounts { is_explicit: true, ..oauth(&["b", "a"]) };
    assert_eq!(taken(&accounts, &pool, &request()), "b");
}

#[test]
fn the_priority_strategy_fills_the_first_before_the_second() {
    let mut pool = Pool::default();
    pool.reserve(reservation("a", false, NOW));
    let request = Request { strategy: Strategy::Priority, ..request() };
    assert_eq!(taken(&oauth(&["a", "b"]), &pool, &request), "a");
}

#[test]
fn nobody_is_asked_inside_a_window_or_twice() {
    let mut accounts = oauth(&["a", "b", "c"]);
    at(&mut accounts, 0).stats.cooldown_until = Some(NOW + 1.0);
    let request = Request { tried: vec!["b".into()], ..request() };
    assert_eq!(taken(&accounts, &Pool::default(), &request), "c");
    let request = Request { tried: vec!["b".into(), "c".into()], ..request };
    assert_eq!(choose(&accounts, &Pool::default(), &request, NOW), Choice::NoneLeft);
}

#[test]
fn a_window_of_another_model_does_not_count() {
    let mut accounts = oauth(&["a"]);
    let window = ModelWindow { until: NOW + HOUR, reason: "rate_limit".into(), source: None };
    at(&mut accounts, 0).stats.failover =
        Failover { source: None, models: vec![("m".into(), window)], ..Failover::default() };
    let of = |model: &str| Request { model: Some(model.into()), ..request() };
    assert_eq!(choose(&accounts, &Pool::default(), &of("m"), NOW), Choice::NoneLeft);
    assert_eq!(taken(&accounts, &Pool::default(), &of("other")), "a");
}

#[test]
fn a_preferred_profile_goes_first_but_not_inside_its_window() {
    let mut accounts = oauth(&["a", "b"]);
    let request = Request { preferred: Some("b".into()), ..request() };
    assert_eq!(taken(&accounts, &Pool::default(), &request), "b");
    at(&mut accounts, 1).stats.cooldown_until = Some(NOW + 1.0);
    assert_eq!(taken(&accounts, &Pool::default(), &request), "a");
}

#[test]
fn a_pinned_profile_or_nobody() {
    let mut accounts = oauth(&["a", "b"]);
    let request = Request { preferred: Some("b".into()), strategy: Strategy::Pinned, ..request() };
    let all = standings(&accounts, &request, NOW);
    assert_eq!(all.map(|it| it.id).collect::<Vec<_>>(), ["b"]);
    assert_eq!(taken(&accounts, &Pool::default(), &request), "b");
    at(&mut accounts, 1).stats.cooldown_until = Some(NOW + HOUR);
    assert_eq!(choose(&accounts, &Pool::default(), &request, NOW), Choice::NoneLeft);
    assert_eq!(
        next_free(&standings(&accounts, &request, NOW).collect::<Vec<_>>()),
        Some(("b", NOW + HOUR))
    );
}

#[test]
fn a_session_stays_with_its_home_and_with_who_stands_in() {
    let mut accounts = oauth(&["a", "b", "home"]);
    let mut pool = Pool::default();
    pool.sessions.note((7, "p"), "home", true, NOW);
    let request = Request { session: Some(7), ..request() };
    assert_eq!(taken(&accounts, &pool, &request), "home");
    at(&mut accounts, 2).stats.cooldown_until = Some(NOW + HOUR);
    pool.sessions.note((7, "p"), "b", true, NOW);
    assert_eq!(taken(&accounts, &pool, &request), "b");
    at(&mut accounts, 2).stats.cooldown_until = None;
    assert_eq!(taken(&accounts, &pool, &request), "home");
}

#[test]
fn an_explicit_order_goes_before_a_session_s_home() {
    let accounts = Accounts { is_explicit: true, ..oauth(&["a", "home"]) };
    let mut pool = Pool::default();
    pool.sessions.note((7, "p"), "home", true, NOW);
    assert_eq!(taken(&accounts, &pool, &Request { session: Some(7), ..request() }), "a");
}

#[test]
fn after_a_window_one_probes_and_the_others_wait_for_its_verdict() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), HOUR, MOMENT);
    let mut pool = Pool::default();
    let first = choose(&accounts, &pool, &request(), NOW);
    assert_eq!(first, Choice::Take { id: "a".into(), is_probe: true });
    pool.reserve(reservation("a", true, NOW));
    let second = choose(&accounts, &pool, &request(), NOW);
    assert_eq!(second, Choice::Wait { id: "a".into(), until: NOW + LONGEST_PROBE });
}

#[test]
fn whoever_finds_another_account_free_does_not_wait_for_a_probe() {
    let mut accounts = oauth(&["a", "b"]);
    back_since(at(&mut accounts, 0), HOUR, MOMENT);
    let mut pool = Pool::default();
    pool.reserve(reservation("a", true, NOW));
    assert_eq!(taken(&accounts, &pool, &request()), "b");
}

#[test]
fn a_probe_that_is_not_refused_for_a_while_counts_as_accepted() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), HOUR, LONGEST_PROBE);
    let mut pool = Pool::default();
    pool.reserve(reservation("a", true, NOW - LONGEST_PROBE));
    let next = choose(&accounts, &pool, &request(), NOW);
    assert_eq!(next, Choice::Take { id: "a".into(), is_probe: false });
}

#[test]
fn a_probe_that_was_refused_is_waited_for_until_that_can_be_read() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), Duration::from_mins(1), LONGEST_PROBE);
    let mut pool = Pool::default();
    let mut probe = reservation("a", true, NOW - LONGEST_PROBE);
    probe.refused_at = Some(NOW);
    pool.reserve(probe);
    let next = choose(&accounts, &pool, &request(), NOW);
    assert_eq!(next, Choice::Wait { id: "a".into(), until: NOW + LONGEST_PROBE });
}

#[test]
fn what_rested_for_every_model_is_probed_by_one_request_of_any_model() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), HOUR, MOMENT);
    let mut pool = Pool::default();
    pool.reserve(Reservation { model: Some("one".into()), ..reservation("a", true, NOW) });
    let other = Request { model: Some("other".into()), ..request() };
    assert!(matches!(choose(&accounts, &pool, &other, NOW), Choice::Wait { .. }));
}

#[test]
fn a_probe_of_an_earlier_window_that_is_still_being_answered_is_none_of_a_later_one() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), HOUR, MOMENT);
    let mut pool = Pool::default();
    pool.reserve(reservation("a", true, NOW - 2 * HOUR));
    let next = Choice::Take { id: "a".into(), is_probe: true };
    assert_eq!(choose(&accounts, &pool, &request(), NOW), next);
}

#[test]
fn a_failure_of_another_model_does_not_make_a_generic_window_short() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), HOUR, MOMENT);
    at(&mut accounts, 0).stats.last_failure_at = Some(NOW + -5.0);
    let next = Choice::Take { id: "a".into(), is_probe: true };
    assert_eq!(choose(&accounts, &Pool::default(), &request(), NOW), next);
}

#[test]
fn short_windows_and_windows_with_a_verdict_are_not_probed_for() {
    let mut accounts = oauth(&["a"]);
    back_since(at(&mut accounts, 0), 29 * SHORTEST_PROBE, MOMENT);
    at(&mut accounts, 0).stats.failover.source = Some("retry-info".into());
    let plain = Choice::Take { id: "a".into(), is_probe: false };
    assert_eq!(choose(&accounts, &Pool::default(), &request(), NOW), plain);
    at(&mut accounts, 0).stats =
        UsageStats { last_failure_at: Some(WallMs::new(1.0)), ..UsageStats::default() };
    assert_eq!(choose(&accounts, &Pool::default(), &request(), NOW), plain);
}

#[test]
fn a_request_that_everybody_refused_is_not_sent_again() {
    let mut pool = Pool::default();
    let until = NOW + 60_000.0;
    let refusal = Refusal { key: Some(5), provider: "p".into(), model: None, until };
    assert!(pool.refuse(refusal));
    let accounts = oauth(&["a"]);
    let again = Request { key: Some(5), ..request() };
    assert_eq!(choose(&accounts, &pool, &again, NOW), Choice::Refused { until });
    assert_eq!(taken(&accounts, &pool, &Request { key: Some(6), ..request() }), "a");
    assert_eq!(taken(&accounts, &pool, &request()), "a");
}

#[test]
fn who_is_free_first_is_told_and_a_broken_credential_never_is() {
    let mut accounts = oauth(&["late", "soon", "broken"]);
    at(&mut accounts, 0).stats.cooldown_until = Some(NOW + HOUR);
    at(&mut accounts, 1).stats.cooldown_until = Some(NOW + 7_000.0);
    at(&mut accounts, 2).unusable = Some(Unusable::NoSecret);
    let any = request();
    let standings = standings(&accounts, &any, NOW);
    assert_eq!(next_free(&standings.collect::<Vec<_>>()), Some(("soon", NOW + 7_000.0)));
    assert_eq!(choose(&accounts, &Pool::default(), &request(), NOW), Choice::NoneLeft);
}
