use proptest::prelude::*;

use super::*;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

fn endpoint() -> EndpointRest {
    EndpointRest::of(
        Endpoint { provider: "p".into(), base_url: None, model: None },
        WallMs::default(),
    )
}

fn fails(started_at: WallMs, at: WallMs) -> EndpointNews {
    EndpointNews::Fails { started_at, at, stated: None, dice: 0.0 }
}

fn after(news: &[EndpointNews]) -> EndpointRest {
    let mut rest = endpoint();
    for news in news {
        rest.hear(*news);
    }
    rest
}

fn rests_until(rest: &EndpointRest, now: WallMs) -> Option<WallMs> {
    match rest.state(None, None, now) {
        EndpointState::Rests { until } => Some(until),
        _ => None,
    }
}

#[test]
fn the_rest_is_doubled_by_each_failure_after_a_rest_up_to_eight_seconds() {
    let (mut rest, mut at) = (endpoint(), NOW);
    let lengths: Vec<_> = (0..8)
        .map(|_| {
            rest.hear(fails(at, at));
            let length = rest.faults.until - at;
            at = rest.faults.until;
            length
        })
        .collect();
    assert_eq!(lengths, [250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 8e3, 8e3]);
}

#[test]
fn however_many_requests_meet_one_fault_it_is_one_step() {
    let mut rest = endpoint();
    for request in 0..50 {
        let at = NOW + 10.0 * f64::from(request % 5);
        rest.hear(fails(NOW + -9_000.0, at));
    }
    assert_eq!((rest.faults.step, rest.faults.until), (1, NOW + 40.0 + 250.0));
}

#[test]
fn a_request_that_is_sent_into_the_rest_makes_it_no_longer_than_its_own() {
    let rest = after(&[fails(NOW, NOW), fails(NOW + 100.0, NOW + 200.0)]);
    assert_eq!((rest.faults.step, rest.faults.until), (1, NOW + 450.0));
}

#[test]
fn a_stated_wait_counts_up_to_a_minute_and_never_shortens() {
    let told = |seconds| EndpointNews::Fails {
        started_at: NOW,
        at: NOW,
        stated: Some(Duration::from_secs(seconds)),
        dice: 0.0,
    };
    assert_eq!(after(&[told(0)]).faults.until, NOW + 250.0);
    assert_eq!(after(&[told(20)]).faults.until, NOW + 20e3);
    assert_eq!(after(&[told(7_200)]).faults.until, NOW + 60e3);
    assert_eq!(after(&[told(20), fails(NOW, NOW)]).faults.until, NOW + 20e3);
}

#[test]
fn after_the_rest_one_request_tries_it_out() {
    let rest = after(&[fails(NOW, NOW)]);
    let end = NOW + 250.0;
    assert_eq!(rest.state(None, None, NOW), EndpointState::Rests { until: end });
    assert_eq!(rest.state(None, None, end), EndpointState::Untried);
    let tried_out = EndpointState::TriedOut { until: end + 1_000.0 };
    assert_eq!(rest.state(None, Some(end), end), tried_out);
    assert_eq!(rest.state(None, Some(end), end + 999.0), tried_out);
    assert_eq!(rest.state(None, Some(NOW + -1.0), end + 999.0), EndpointState::Untried);
}

#[test]
fn a_trial_that_hears_nothing_for_as_long_as_the_rest_was_keeps_nobody() {
    for (stated, trial) in [(0, 1_000.0), (3, 3_000.0), (60, 4_000.0)] {
        let stated = Some(Duration::from_secs(stated));
        let rest = after(&[EndpointNews::Fails { started_at: NOW, at: NOW, stated, dice: 0.0 }]);
        let tried_at = rest.faults.until + 5.0;
        let state = |at| rest.state(None, Some(tried_at), at);
        let tried_out = EndpointState::TriedOut { until: tried_at + trial };
        assert_eq!(state(tried_at + (trial - 1.0)), tried_out);
        assert_eq!(state(tried_at + trial), EndpointState::Well);
    }
}

#[test]
fn any_answer_ends_the_rest_and_the_doubling() {
    let mut rest = after(&[fails(NOW, NOW), fails(NOW + 300.0, NOW + 300.0)]);
    assert_eq!((rest.faults.step, rest.faults.until), (2, NOW + 800.0));
    rest.hear(EndpointNews::Lives { at: NOW + 301.0 });
    assert_eq!(rest.state(None, None, NOW + 301.0), EndpointState::Well);
    rest.hear(fails(NOW + 400.0, NOW + 400.0));
    assert_eq!((rest.faults.step, rest.faults.until), (1, NOW + 650.0));
}

#[test]
fn an_old_failure_that_is_told_late_does_not_undo_an_answer() {
    let rest =
        after(&[fails(NOW, NOW), EndpointNews::Lives { at: NOW + 50.0 }, fails(NOW, NOW + 40.0)]);
    assert_eq!(rest.state(None, None, NOW + 60.0), EndpointState::Well);
}

#[test]
fn an_old_answer_that_is_told_late_does_not_undo_a_failure() {
    let rest = after(&[fails(NOW, NOW + 50.0), EndpointNews::Lives { at: NOW + 40.0 }]);
    assert!(rests_until(&rest, NOW + 60.0).is_some());
}

#[test]
fn what_was_quiet_for_a_minute_is_forgotten_and_so_is_a_clock_that_was_set_back() {
    let rest = after(&[fails(NOW, NOW)]);
    assert!(!rest.is_forgotten(NOW + 60_000.0));
    assert!(rest.is_forgotten(NOW + 60_250.0));
    assert!(rest.is_forgotten(NOW + -600_000.0));
}

/// Silence from then to then.
fn silent(since: f64, at: f64) -> EndpointNews {
    EndpointNews::Silent { since: NOW + since, at: NOW + at, dice: 0.0 }
}

/// What a request meets that waits so long.
fn met_with(patience: u64, news: &[EndpointNews], at: f64) -> EndpointState {
    let mut endpoints = Endpoints::default();
    let endpoint = endpoint().endpoint;
    for news in news {
        endpoints.hear(&endpoint, *news, NOW);
    }
    let rest = endpoints.find(&endpoint);
    let patience = Some(Duration::from_millis(patience));
    rest.map_or(EndpointState::Well, |rest| rest.state(patience, None, NOW + at))
}

const fn lives(at: f64) -> EndpointNews {
    EndpointNews::Lives { at: WallMs::new(NOW.as_ms() + at) }
}

fn rests(until: f64) -> EndpointState {
    EndpointState::Rests { until: NOW + until }
}

#[test]
fn one_silence_proves_nothing_and_one_that_begins_after_it_does() {
    assert_eq!(met_with(100, &[silent(0.0, 100.0)], 100.0), EndpointState::Well);
    let together = [silent(0.0, 100.0), silent(50.0, 150.0)];
    assert_eq!(met_with(100, &together, 150.0), EndpointState::Well);
    let hangs = [silent(0.0, 100.0), silent(100.0, 200.0)];
    assert_eq!(met_with(100, &hangs, 200.0), rests(450.0));
}

#[test]
fn a_silence_keeps_nobody_away_who_waits_longer() {
    let hangs = [silent(0.0, 100.0), silent(100.0, 200.0)];
    assert_eq!(met_with(110, &hangs, 200.0), rests(450.0));
    assert_eq!(met_with(111, &hangs, 200.0), EndpointState::Well);
    assert_eq!(after(&hangs).state(None, None, NOW + 200.0), EndpointState::Well);
}

#[test]
fn a_silence_in_which_somebody_was_answered_proves_nothing_whoever_is_heard_first() {
    let (first, second) = (silent(0.0, 100.0), silent(100.0, 200.0));
    assert_eq!(met_with(100, &[first, lives(150.0), second], 200.0), EndpointState::Well);
    assert_eq!(met_with(100, &[first, second, lives(150.0)], 200.0), EndpointState::Well);
    assert_eq!(met_with(100, &[first, lives(99.0), second], 200.0), rests(450.0));
}

#[test]
fn silences_double_the_rest_unless_somebody_was_answered_within_the_minute() {
    let hangs = [silent(0.0, 100.0), silent(100.0, 200.0), silent(450.0, 550.0)];
    assert_eq!(met_with(100, &hangs, 550.0), rests(1_050.0));
    let is_slow = [&[silent(0.0, 50.0), lives(60.0)], &hangs[1..]].concat();
    assert_eq!(met_with(100, &is_slow, 550.0), rests(800.0));
}

#[test]
fn a_failure_keeps_the_patient_away_too_and_silences_do_not_make_that_longer() {
    let all = [fails(NOW, NOW), silent(250.0, 350.0), silent(600.0, 700.0)];
    assert_eq!(met_with(9_999, &all[..1], 0.0), rests(250.0));
    assert_eq!(met_with(9_999, &all, 700.0), EndpointState::Untried);
    assert_eq!(met_with(100, &all, 700.0), rests(1_200.0));
}

fn news() -> impl Strategy<Value = EndpointNews> {
    let time = || (0_u32..20_000).prop_map(|ms| NOW + f64::from(ms));
    let failed = (time(), 0_u32..3_000, prop::option::of(0_u64..120), 0.0..1.0);
    let silent = (time(), 0_u32..3_000, 0.0..1.0);
    prop_oneof![
        time().prop_map(|at| EndpointNews::Lives { at }),
        failed.prop_map(|(started_at, takes, stated, dice)| EndpointNews::Fails {
            started_at,
            at: started_at + f64::from(takes),
            stated: stated.map(Duration::from_secs),
            dice,
        }),
        silent.prop_map(|(since, takes, dice)| EndpointNews::Silent {
            since,
            at: since + f64::from(takes),
            dice,
        }),
    ]
}

fn time_of(news: &EndpointNews) -> WallMs {
    match news {
        EndpointNews::Lives { at }
        | EndpointNews::Fails { at, .. }
        | EndpointNews::Silent { at, .. } => *at,
    }
}

proptest! {
    #[test]
    fn what_is_told_twice_changes_nothing(all in prop::collection::vec(news(), 1..12)) {
        let mut rest = endpoint();
        for news in all {
            rest.hear(news);
            let once = rest.clone();
            rest.hear(news);
            prop_assert_eq!(&rest, &once);
        }
    }

    #[test]
    fn whoever_is_heard_last_the_latest_answer_ends_the_rest(
        all in prop::collection::vec(news(), 0..12),
    ) {
        let last = all.iter().map(time_of).fold(NOW, WallMs::later);
        let mut before = after(&all);
        before.hear(EndpointNews::Lives { at: last });
        for patience in [None, Some(Duration::ZERO)] {
            prop_assert_eq!(before.state(patience, None, last), EndpointState::Well);
        }
        let mut rest = endpoint();
        rest.hear(EndpointNews::Lives { at: last });
        for news in &all {
            rest.hear(*news);
        }
        for patience in [None, Some(Duration::ZERO)] {
            prop_assert_eq!(rest.state(patience, None, last), EndpointState::Well);
        }
    }

    #[test]
    fn no_rest_is_shorter_than_a_quarter_second_or_longer_than_a_minute(
        all in prop::collection::vec(news(), 1..12),
    ) {
        let rest = after(&all);
        prop_assume!(rest.faults.step > 0);
        let length = rest.faults.until - rest.faults.failed_at;
        let longest = if all.iter().any(|it| matches!(it, EndpointNews::Fails { stated: Some(_), .. })) {
            66_000.0
        } else {
            8_800.0
        };
        prop_assert!((0.0..=longest).contains(&length), "{}", length);
    }
}
