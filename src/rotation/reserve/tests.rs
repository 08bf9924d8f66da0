//! An endpoint that failed, as those who choose meet it.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::profiles::order::Kind;
use crate::profiles::stats::UsageStats;
use crate::rotation::accounts::Account;
use crate::rotation::pool_document::Owner;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

fn account(id: &str, stats: UsageStats) -> Account {
    Account { id: id.to_owned(), kind: Kind::ApiKey, stats, unusable: None }
}

fn accounts(ids: &[&str]) -> Accounts {
    let account = |id: &&str| Arc::new(account(id, UsageStats::default()));
    Accounts { list: ids.iter().map(account).collect(), is_explicit: true }
}

fn request() -> Request {
    Request { provider: "p".into(), model: Some("m".into()), ..Request::default() }
}

fn failed(at: WallMs) -> EndpointNews {
    EndpointNews::Fails { started_at: at, at, stated: None, dice: 0.0 }
}

/// After a failure of `a` with attempts left.
fn failed_once(at: WallMs) -> Request {
    let asked = || vec!["a".to_owned()];
    Request { tried: asked(), unanswered: asked(), news: Some(failed(at)), ..request() }
}

/// Processes that share a pool and choose among accounts.
struct Scene {
    pool: Pool,
    accounts: Accounts,
    serial: u64,
}

impl Scene {
    fn of(ids: &[&str]) -> Self {
        Self { pool: Pool::default(), accounts: accounts(ids), serial: 0 }
    }

    fn choose(&mut self, request: &Request, now: WallMs) -> (Choice, Option<ReservationEnd>) {
        self.serial += 1;
        let ticket = Ticket { owner: Owner::of_pid(1), serial: self.serial };
        reserve(&self.accounts, &mut self.pool, request, now, ticket)
    }

    fn taken(&mut self, request: &Request, now: WallMs) -> ReservationEnd {
        match self.choose(request, now) {
            (Choice::Take { .. }, Some(end)) => end,
            other => panic!("{other:?}"),
        }
    }

    fn takes_a_trial(&mut self, request: &Request, now: WallMs) -> bool {
        self.taken(request, now);
        self.pool.reservations.last().is_some_and(|it| it.tries.is_some())
    }

    fn rests_until(&mut self, request: &Request, now: WallMs) -> WallMs {
        match self.choose(request, now).0 {
            Choice::EndpointRests { until, .. } => until,
            other => panic!("{other:?}"),
        }
    }
}

fn take(id: &str) -> Choice {
    Choice::Take { id: id.into(), is_probe: false }
}

#[test]
fn one_fault_asks_the_next_account_at_once_and_keeps_all_others_away() {
    let mut scene = Scene::of(&["a", "b"]);
    assert_eq!(scene.choose(&failed_once(NOW), NOW).0, take("b"));
    assert_eq!(scene.rests_until(&request(), NOW), NOW + 250.0);
}

#[test]
fn a_fault_for_one_model_or_address_is_none_for_another() {
    let mut scene = Scene::of(&["a"]);
    scene.choose(&failed_once(NOW), NOW);
    let other_model = Request { model: Some("other".into()), ..request() };
    assert_eq!(scene.choose(&other_model, NOW).0, take("a"));
    let other_address = Request { base_url: Some(7), ..request() };
    assert_eq!(scene.choose(&other_address, NOW).0, take("a"));
    assert_eq!(scene.rests_until(&request(), NOW), NOW + 250.0);
}

/// `b` is asked at an address of its own.
fn with_own_address(request: Request) -> Request {
    Request { own_addresses: Arc::new([("b".to_owned(), 7)].into()), ..request }
}

#[test]
fn an_account_at_an_address_of_its_own_is_asked_while_the_others_server_rests() {
    let mut scene = Scene::of(&["a", "b"]);
    assert_eq!(scene.choose(&with_own_address(failed_once(NOW)), NOW).0, take("b"));
    assert_eq!(scene.rests_until(&request(), NOW), NOW + 250.0);
    assert_eq!(scene.choose(&with_own_address(request()), NOW).0, take("b"));
    assert!(!scene.takes_a_trial(&with_own_address(request()), NOW));
}

#[test]
fn what_an_address_of_its_own_has_failed_says_nothing_of_the_others_server() {
    let mut scene = Scene::of(&["b", "a"]);
    let unanswered = vec!["b".to_owned()];
    let failed = Request { tried: unanswered.clone(), unanswered, ..failed_once(NOW) };
    assert_eq!(scene.choose(&with_own_address(failed), NOW).0, take("a"));
    assert_eq!(scene.choose(&with_own_address(request()), NOW).0, take("a"));
    let only_b = Request { tried: vec!["a".into()], ..with_own_address(request()) };
    assert_eq!(scene.rests_until(&only_b, NOW), NOW + 250.0);
}

#[test]
fn an_address_that_a_run_has_given_up_leaves_it_the_others() {
    let mut scene = Scene::of(&["a", "b"]);
    let given_up = Request { given_up: vec![None], ..with_own_address(failed_once(NOW)) };
    assert_eq!(scene.choose(&given_up, NOW).0, take("b"));
    let all = Request { given_up: vec![None, Some(7)], ..given_up };
    assert_eq!(scene.rests_until(&all, NOW), NOW + 250.0);
}

#[test]
fn a_single_account_is_asked_again_after_the_rest() {
    let mut scene = Scene::of(&["a"]);
    let again = failed_once(NOW);
    assert_eq!(scene.rests_until(&again, NOW), NOW + 250.0);
    assert_eq!(scene.choose(&again, NOW + 250.0).0, take("a"));
}

#[test]
fn who_refused_is_not_asked_again() {
    let mut scene = Scene::of(&["a", "b"]);
    let tried = ["a", "b"].map(str::to_owned).to_vec();
    let again = Request { tried, ..failed_once(NOW) };
    assert_eq!(scene.choose(&again, NOW + 250.0).0, take("a"));
    let refused = Request { unanswered: Vec::new(), ..again };
    assert_eq!(scene.choose(&refused, NOW + 250.0).0, Choice::NoneLeft);
}

#[test]
fn after_the_rest_one_request_goes_and_others_wait_for_it() {
    let mut scene = Scene::of(&["a", "b"]);
    scene.choose(&failed_once(NOW), NOW).1.unwrap().apply(&mut scene.pool, Outcome::default(), NOW);
    let end = NOW + 250.0;
    let trial = scene.taken(&request(), end);
    assert_eq!(scene.rests_until(&request(), end), end + 1_000.0);
    trial.apply(&mut scene.pool, Outcome::default(), end);
    assert!(scene.takes_a_trial(&request(), end + 1.0));
}

#[test]
fn an_answer_of_whoever_it_was_lets_everybody_in() {
    let mut scene = Scene::of(&["a", "b"]);
    let other = scene.taken(&request(), NOW);
    scene.choose(&failed_once(NOW + 10.0), NOW + 10.0);
    scene.rests_until(&request(), NOW + 10.0);
    let news = Some(EndpointNews::Lives { at: NOW + 20.0 });
    other.apply(&mut scene.pool, Outcome { is_answered: true, news }, NOW + 20.0);
    assert!(!scene.takes_a_trial(&request(), NOW + 20.0));
}

#[test]
fn a_trial_whose_process_died_keeps_nobody() {
    let mut scene = Scene::of(&["a"]);
    scene.rests_until(&failed_once(NOW), NOW);
    let end = NOW + 250.0;
    scene.taken(&request(), end);
    scene.rests_until(&request(), end);
    scene.pool.prune(|_| false, end);
    assert!(scene.takes_a_trial(&request(), end));
}

#[test]
fn an_endpoint_that_is_given_up_is_not_asked_whoever_is_free() {
    let mut scene = Scene::of(&["a", "b", "c"]);
    let given_up = Request { given_up: vec![None], ..failed_once(NOW) };
    assert_eq!(scene.rests_until(&given_up, NOW), NOW + 250.0);
    // Even if it has answered somebody else meanwhile.
    let lives = EndpointNews::Lives { at: NOW + 5.0 };
    scene.pool.endpoints.hear(&request().endpoint_of("a"), lives, NOW + 5.0);
    assert_eq!(scene.rests_until(&given_up, NOW + 5.0), NOW + 255.0);
}

#[test]
fn the_callers_own_bound_is_told_unless_the_endpoint_left_somebody_without_an_answer() {
    let mut scene = Scene::of(&["a", "b"]);
    let exhausted = Request { is_exhausted: true, ..failed_once(NOW) };
    assert_eq!(scene.rests_until(&exhausted, NOW), NOW + 250.0);
    let refused = Request { unanswered: Vec::new(), ..exhausted };
    assert_eq!(scene.choose(&refused, NOW).0, Choice::NoneLeft);
}

#[test]
fn where_all_accounts_rest_that_is_what_is_told() {
    let mut scene = Scene::of(&["a"]);
    scene.rests_until(&failed_once(NOW), NOW);
    let cooldown_until = Some(NOW + 60_000.0);
    let cooling = UsageStats { cooldown_until, ..UsageStats::default() };
    scene.accounts.list[0] = Arc::new(account("a", cooling));
    assert_eq!(scene.choose(&request(), NOW).0, Choice::NoneLeft);
}

#[test]
fn only_short_rests_are_waited_for_and_trials() {
    let deadline = NOW + 10_000.0;
    let is_waited_for = |ms: f64, is_tried_out| {
        Choice::EndpointRests { until: NOW + ms, is_tried_out }.is_waited_for(NOW, deadline)
    };
    assert!(is_waited_for(600.0, false) && !is_waited_for(601.0, false));
    assert!(is_waited_for(4_000.0, true) && !is_waited_for(10_001.0, true));
    let verdict = Choice::Wait { id: "a".into(), until: NOW + 20_000.0 };
    assert!(verdict.is_waited_for(NOW, deadline));
    assert!(!verdict.is_waited_for(deadline, deadline));
    assert!(!take("a").is_waited_for(NOW, deadline));
}

fn told(news: EndpointNews) -> Outcome {
    Outcome { is_answered: false, news: Some(news) }
}

#[test]
fn a_refused_probe_is_told_before_it_is_booked_and_a_fault_of_the_endpoint_is_none() {
    let mut scene = Scene::of(&["a"]);
    let window = UsageStats {
        last_failure_at: Some(NOW - Duration::from_hours(1)),
        cooldown_until: Some(NOW),
        ..UsageStats::default()
    };
    scene.accounts.list[0] = Arc::new(account("a", window));
    let (choice, end) = scene.choose(&request(), NOW);
    assert_eq!(choice, Choice::Take { id: "a".into(), is_probe: true });
    let end = end.unwrap();
    let silent = EndpointNews::Silent { since: NOW, at: NOW + 5.0, dice: 0.0 };
    for fault in [failed(NOW + 5.0), silent] {
        assert!(!end.is_awaited_with(told(fault)));
    }
    let refused = told(EndpointNews::Lives { at: NOW + 5.0 });
    assert!(end.is_awaited_with(refused));
    end.foretell(&mut scene.pool, refused, NOW + 5.0);
    assert_eq!(scene.pool.reservations[0].refused_at, Some(NOW + 5.0));
}

#[test]
fn what_is_known_of_an_endpoint_is_kept_up_to_date_before_the_booking() {
    let mut scene = Scene::of(&["a", "b"]);
    let lives = told(EndpointNews::Lives { at: NOW + 9.0 });
    assert!(!scene.taken(&request(), NOW).is_awaited_with(lives));
    scene.choose(&failed_once(NOW), NOW);
    let next = scene.taken(&failed_once(NOW), NOW);
    assert!(next.is_awaited_with(lives));
    next.foretell(&mut scene.pool, lives, NOW + 9.0);
    assert!(!scene.takes_a_trial(&request(), NOW + 9.0));
}

#[test]
fn who_waits_longer_than_those_who_heard_nothing_asks() {
    let mut scene = Scene::of(&["a"]);
    for since in [NOW, NOW + 100.0] {
        let news = EndpointNews::Silent { since, at: since + 100.0, dice: 0.0 };
        scene.pool.endpoints.hear(&request().endpoint_of("a"), news, since + 100.0);
    }
    let with = |patience| Request { patience, ..request() };
    let now = NOW + 200.0;
    let short = with(Some(Duration::from_millis(100)));
    assert_eq!(scene.rests_until(&short, now), now + 250.0);
    for patience in [Some(Duration::from_secs(1)), None] {
        assert!(!scene.takes_a_trial(&with(patience), now));
    }
}

#[test]
fn the_pool_forgets_and_shares_endpoints_as_all_else() {
    let mut scene = Scene::of(&["a"]);
    scene.rests_until(&failed_once(NOW), NOW);
    let text = serde_json::to_string(&scene.pool).unwrap();
    assert_eq!(serde_json::from_str::<Pool>(&text).unwrap(), scene.pool);
    let mut other = Pool::default();
    other.absorb(scene.pool.clone());
    assert_eq!(other.endpoints, scene.pool.endpoints);
    other.prune(|_| true, NOW + Duration::from_mins(2));
    assert!(other.endpoints.is_empty());
}
