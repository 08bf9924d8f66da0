use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use std::sync::Arc;

use super::*;
use crate::profiles::order::Kind;
use crate::profiles::stats::{Failover, ModelWindow, UsageStats};
use crate::profiles::status::State;
use crate::rotation::accounts::next_free;
use crate::rotation::choice::{Choice, choose};
use crate::rotation::pool_document::{Owner, Ticket};
use crate::rotation::request::Strategy;
use crate::rotation::reserve::{Outcome, reserve};

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

fn disabled(id: &str, reason: &str) -> Account {
    let stats = UsageStats {
        last_failure_at: Some(NOW - HOUR),
        disabled_until: Some(NOW + 4 * HOUR),
        disabled_reason: Some(reason.into()),
        ..UsageStats::default()
    };
    Account { id: id.into(), kind: Kind::ApiKey, stats, unusable: None }
}

fn cooling(id: &str, reason: &str) -> Account {
    let stats = UsageStats {
        last_failure_at: Some(NOW - HOUR),
        cooldown_until: Some(NOW + HOUR),
        cooldown_reason: Some(reason.into()),
        ..UsageStats::default()
    };
    Account { id: id.into(), kind: Kind::ApiKey, stats, unusable: None }
}

fn ready(id: &str) -> Account {
    Account { stats: UsageStats::default(), ..disabled(id, "") }
}

fn all(list: impl IntoIterator<Item = Account>) -> Accounts {
    Accounts { list: list.into_iter().map(Arc::new).collect(), is_explicit: false }
}

fn forced() -> Request {
    Request { provider: "p".into(), is_forced: true, ..Request::default() }
}

fn ticket(serial: u64) -> Ticket {
    Ticket { owner: Owner::of_pid(1), serial }
}

fn ask(accounts: &Accounts, pool: &mut Pool, request: &Request, now: WallMs) -> Option<String> {
    match reserve(accounts, pool, request, now, ticket(0)).0 {
        Choice::Take { id, .. } => Some(id),
        _ => None,
    }
}

#[test]
fn without_a_wish_nobody_is_asked_inside_a_window() {
    let request = Request { is_forced: false, ..forced() };
    let accounts = all([disabled("a", "billing")]);
    assert_eq!(choose(&accounts, &Pool::default(), &request, NOW), Choice::NoneLeft);
}

#[test]
fn a_wish_opens_windows_of_money_and_of_credentials_and_no_others() {
    for reason in ["billing", "auth", "auth_permanent"] {
        for account in [disabled("a", reason), cooling("a", reason)] {
            let id = ask(&all([account]), &mut Pool::default(), &forced(), NOW);
            assert_eq!(id.as_deref(), Some("a"), "{reason}");
        }
    }
    for reason in ["rate_limit", "overloaded", "unknown", "format"] {
        assert_eq!(ask(&all([cooling("a", reason)]), &mut Pool::default(), &forced(), NOW), None);
    }
}

#[test]
fn a_limit_beside_it_still_holds() {
    let mut account = disabled("a", "billing");
    account.stats.cooldown_until = Some(NOW + HOUR);
    account.stats.cooldown_reason = Some("rate_limit".into());
    assert_eq!(ask(&all([account]), &mut Pool::default(), &forced(), NOW), None);
}

#[test]
fn a_limit_of_another_model_does_not_matter() {
    let window = ModelWindow { until: NOW + HOUR, reason: "rate_limit".into(), source: None };
    let mut account = disabled("a", "billing");
    account.stats.failover = Failover { models: vec![("m".into(), window)], ..Failover::default() };
    let of = |model: &str| Request { model: Some(model.into()), ..forced() };
    assert_eq!(ask(&all([account.clone()]), &mut Pool::default(), &of("m"), NOW), None);
    assert!(ask(&all([account]), &mut Pool::default(), &of("other"), NOW).is_some());
}

#[test]
fn a_credential_that_cannot_be_used_is_not_asked_for_all_that() {
    let unusable = Some(crate::profiles::credential::Unusable::NoSecret);
    let account = Account { unusable, ..disabled("a", "auth") };
    assert_eq!(ask(&all([account]), &mut Pool::default(), &forced(), NOW), None);
}

#[test]
fn who_is_free_goes_before_who_is_forced() {
    let accounts = all([disabled("a", "billing"), ready("b")]);
    let request = Request { preferred: Some("a".into()), ..forced() };
    assert_eq!(ask(&accounts, &mut Pool::default(), &request, NOW).as_deref(), Some("b"));
    let tried = Request { tried: vec!["b".into()], ..request };
    assert_eq!(ask(&accounts, &mut Pool::default(), &tried, NOW).as_deref(), Some("a"));
}

#[test]
fn a_pin_is_a_wish_for_that_account_alone() {
    let accounts = all([disabled("a", "billing"), disabled("b", "billing")]);
    let request = Request {
        strategy: Strategy::Pinned,
        preferred: Some("b".into()),
        is_forced: false,
        ..forced()
    };
    let mut pool = Pool::default();
    assert_eq!(ask(&accounts, &mut pool, &request, NOW).as_deref(), Some("b"));
    assert_eq!(ask(&accounts, &mut pool, &request, NOW), None);
}

#[test]
fn one_request_asks_nobody_twice() {
    let accounts = all([disabled("a", "billing")]);
    let request = Request { tried: vec!["a".into()], ..forced() };
    assert_eq!(ask(&accounts, &mut Pool::default(), &request, NOW), None);
}

#[test]
fn the_second_within_a_minute_is_told_when_it_may_come_again() {
    let accounts = all([disabled("a", "billing")]);
    let mut pool = Pool::default();
    assert!(ask(&accounts, &mut pool, &forced(), NOW).is_some());
    let later = NOW + 20 * SECOND;
    assert_eq!(ask(&accounts, &mut pool, &forced(), later), None);
    let standings = standings(&accounts, &pool, &forced(), later).collect::<Vec<_>>();
    assert_eq!(standings[0].state, State::Disabled);
    assert_eq!(next_free(&standings), Some(("a", NOW + 60 * SECOND)));
    assert!(ask(&accounts, &mut pool, &forced(), NOW + 60 * SECOND).is_some());
}

#[test]
fn without_a_wish_the_window_s_own_end_is_told() {
    let accounts = all([disabled("a", "billing")]);
    let request = Request { is_forced: false, ..forced() };
    let standings = standings(&accounts, &Pool::default(), &request, NOW).collect::<Vec<_>>();
    assert_eq!(next_free(&standings), Some(("a", NOW + 4 * HOUR)));
}

#[test]
fn a_note_from_a_clock_that_was_ahead_is_over() {
    let mut pool = Pool::default();
    pool.force("a", NOW + 48 * HOUR);
    pool.prune(|_| true, NOW);
    assert_eq!(pool.forced_at("a"), None);
}

/// One request: after so many seconds, in one of two processes whose pools are the same file.
#[derive(Debug, Clone)]
struct Wish {
    after: u64,
    request: Request,
}

fn wishes() -> impl proptest::strategy::Strategy<Value = Vec<Wish>> {
    let pins = prop_oneof![Just(None), Just(Some("a")), Just(Some("b")), Just(Some("c"))];
    let wish = (0..90_u64, pins, any::<bool>()).prop_map(|(after, pin, is_forced)| {
        let strategy = if pin.is_some() { Strategy::Pinned } else { Strategy::Balanced };
        let preferred = pin.map(str::to_owned);
        Wish { after, request: Request { preferred, strategy, is_forced, ..forced() } }
    });
    prop::collection::vec(wish, 1..40)
}

proptest! {
    #[test]
    fn between_two_requests_to_one_account_inside_its_window_lies_a_minute(wishes in wishes()) {
        let accounts =
            all([disabled("a", "billing"), cooling("b", "auth"), cooling("c", "rate_limit")]);
        let mut pool = Pool::default();
        let mut now = NOW;
        let mut last = std::collections::HashMap::new();
        for (serial, Wish { after, request }) in wishes.into_iter().enumerate() {
            now += Duration::from_secs(after);
            // What another process reads is what this one wrote.
            pool = serde_json::from_str(&serde_json::to_string(&pool).unwrap()).unwrap();
            pool.prune(|_| true, now);
            let (choice, end) = reserve(&accounts, &mut pool, &request, now, ticket(serial as u64));
            let Choice::Take { id, .. } = choice else { continue };
            prop_assert!(id != "c", "a limit was overridden");
            prop_assert!(request.may_force());
            let before = last.insert(id, now);
            prop_assert!(before.is_none_or(|before| now.since(before) >= 60 * SECOND));
            end.unwrap().apply(&mut pool, Outcome::default(), now);
        }
    }
}
