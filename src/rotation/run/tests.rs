use std::time::Duration;

use super::*;
use crate::failure::{Evidence, classify};
use crate::rotation::reserve::Outcome;
use crate::rotation::verdict::Circumstances;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

fn run(limits: Limits) -> Run {
    let request = Request { provider: "p".into(), key: Some(1), ..Request::default() };
    Run::new(request, limits, Rng::with_seed(1))
}

fn chosen(choice: Choice) -> Event {
    Event::Chosen(Chosen { choice, standings: vec![cooling("c")] })
}

fn take(id: &str) -> Event {
    chosen(Choice::Take { id: id.into(), is_probe: false })
}

fn cooling(id: &str) -> Standing {
    Standing {
        id: id.into(),
        state: status::State::Cooling,
        until: Some(NOW + 5_000.0),
        reason: None,
        was_tried: false,
    }
}

fn failed(status: u16) -> Failed {
    let evidence = Evidence { status: Some(status), ..Evidence::default() };
    Failed { failure: classify(&evidence), circumstances: Circumstances::default() }
}

/// What the machine says until it waits, by name.
fn said(run: &mut Run) -> Vec<String> {
    std::iter::from_fn(|| run.next(NOW)).map(|action| name(&action)).collect()
}

fn name(action: &Action) -> String {
    let text = match action {
        Action::Tell(notice) => format!("{notice:?}"),
        Action::Finish(finish) => return format!("end: {}", first_word(&format!("{finish:?}"))),
        other => format!("{other:?}"),
    };
    first_word(&text)
}

fn first_word(text: &str) -> String {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn after(run: &mut Run, event: Event) -> Vec<String> {
    run.on(event, NOW);
    said(run)
}

/// Up to the wait for the first account.
fn asking(limits: Limits) -> Run {
    let mut run = run(limits);
    assert_eq!(said(&mut run), ["Choose"]);
    assert_eq!(after(&mut run, take("a")), ["Skipped", "Attempt", "Ask"]);
    run
}

#[test]
fn an_answer_is_given_at_once_and_booked() {
    let mut run = asking(Limits::default());
    assert_eq!(after(&mut run, Event::Answered), ["Close", "Succeeded", "end: Answered"]);
}

#[test]
fn a_stream_that_nobody_has_read_is_given_and_not_booked_as_an_answer() {
    let mut run = asking(Limits::default());
    run.on(Event::Unread, NOW);
    let Some(Action::Close(booking)) = run.next(NOW) else { panic!("not closed") };
    assert!(matches!(booking.result, AttemptResult::Unread));
    assert_eq!(said(&mut run), ["Succeeded", "end: Answered"]);
}

#[test]
fn a_limited_account_is_booked_and_the_next_one_is_chosen_without_a_wait() {
    let mut run = asking(Limits::default());
    assert_eq!(after(&mut run, Event::Failed(failed(429))), ["Close", "Failed", "Choose"]);
    assert_eq!(after(&mut run, take("b")), ["Attempt", "Ask"]);
    assert_eq!(run.request().tried, ["a", "b"]);
}

#[test]
fn an_attempt_whose_time_is_over_is_aborted_before_it_is_booked() {
    let mut run = asking(Limits::default());
    let event = Event::TimeLimit(failed(503));
    assert_eq!(after(&mut run, event), ["AbortAttempt", "Close", "Failed", "Choose"]);
}

#[test]
fn a_broken_request_is_passed_on() {
    let mut run = asking(Limits::default());
    assert_eq!(after(&mut run, Event::Failed(failed(400))), ["Close", "Failed", "end: Failed"]);
}

#[test]
fn a_fault_of_the_caller_s_code_is_passed_on_unbooked() {
    let mut run = asking(Limits::default());
    let evidence = Evidence { message: Some("x is not a function"), ..Evidence::default() };
    let circumstances = Circumstances { is_callers_code: true, ..Circumstances::default() };
    let failed = Failed { failure: classify(&evidence), circumstances };
    assert_eq!(after(&mut run, Event::Failed(failed)), ["Release", "Failed", "end: Failed"]);
}

#[test]
fn the_last_allowed_attempt_leaves_nobody_to_ask() {
    let mut run = asking(Limits { max_attempts: Some(2), ..Limits::default() });
    assert!(!run.request().is_exhausted);
    after(&mut run, Event::Failed(failed(503)));
    after(&mut run, take("b"));
    assert!(run.request().is_exhausted);
}

#[test]
fn a_probe_s_verdict_is_awaited() {
    let mut run = run(Limits::default());
    said(&mut run);
    let wait = chosen(Choice::Wait { id: "c".into(), until: NOW });
    assert_eq!(after(&mut run, wait), ["Skipped", "Waiting", "Wait"]);
    assert_eq!(after(&mut run, take("c")), ["Attempt", "Ask"]);
}

fn refused_by_three() -> (Run, Vec<String>) {
    let mut run = run(Limits::default());
    said(&mut run);
    for id in ["a", "b", "c"] {
        after(&mut run, take(id));
        after(&mut run, Event::Failed(failed(429)));
    }
    let last = after(&mut run, chosen(Choice::NoneLeft));
    (run, last)
}

#[test]
fn a_request_that_everybody_refuses_is_refused_and_its_bookings_are_taken_back() {
    let (mut run, last) = refused_by_three();
    assert_eq!(last, ["Refuse"]);
    let refused = ["TakeBack", "Refused", "end: Refused"];
    assert_eq!(after(&mut run, Event::RefusalBooked(true)), refused);
}

#[test]
fn if_another_request_meets_the_same_it_is_the_accounts() {
    let (mut run, _) = refused_by_three();
    assert_eq!(after(&mut run, Event::RefusalBooked(false)), ["Unavailable", "end: Unavailable"]);
}

#[test]
fn an_abort_while_choosing_ends_the_run() {
    let mut run = run(Limits::default());
    said(&mut run);
    assert_eq!(after(&mut run, Event::CallerAborted), ["end: Aborted"]);
    assert_eq!(after(&mut run, take("a")), [""; 0]);
}

#[test]
fn an_abort_by_the_listener_of_skips_gives_the_reservation_back_and_asks_nobody() {
    let mut run = run(Limits::default());
    said(&mut run);
    run.on(take("a"), NOW);
    assert_eq!(name(&run.next(NOW).unwrap()), "Skipped");
    assert_eq!(after(&mut run, Event::CallerAborted), ["Release", "end: Aborted"]);
}

#[test]
fn an_abort_by_the_listener_of_an_attempt_asks_nobody() {
    let mut run = run(Limits::default());
    said(&mut run);
    run.on(take("a"), NOW);
    assert_eq!(name(&run.next(NOW).unwrap()), "Skipped");
    assert_eq!(name(&run.next(NOW).unwrap()), "Attempt");
    assert_eq!(after(&mut run, Event::CallerAborted), ["Release", "end: Aborted"]);
}

#[test]
fn an_abort_while_asking_aborts_the_attempt_once() {
    let mut run = asking(Limits::default());
    assert_eq!(after(&mut run, Event::CallerAborted), ["AbortAttempt", "Release", "end: Aborted"]);
    assert_eq!(after(&mut run, Event::CallerAborted), [""; 0]);
    assert_eq!(after(&mut run, Event::Answered), [""; 0]);
}

#[test]
fn an_answer_that_has_come_is_given_in_spite_of_an_abort() {
    let mut run = asking(Limits::default());
    run.on(Event::Answered, NOW);
    let answered = ["Close", "Succeeded", "end: Answered"];
    assert_eq!(after(&mut run, Event::CallerAborted), answered);
}

#[test]
fn what_failed_before_an_abort_is_booked_and_told_and_nobody_else_is_asked() {
    let mut run = asking(Limits::default());
    run.on(Event::Failed(failed(429)), NOW);
    assert_eq!(after(&mut run, Event::CallerAborted), ["Close", "Failed", "end: Aborted"]);

    let mut run = asking(Limits::default());
    run.on(Event::TimeLimit(failed(503)), NOW);
    let aborted = ["AbortAttempt", "Close", "Failed", "end: Aborted"];
    assert_eq!(after(&mut run, Event::CallerAborted), aborted);
}

#[test]
fn an_abort_before_a_failure_is_passed_on_ends_in_the_caller_s_reason() {
    let mut run = asking(Limits::default());
    run.on(Event::Failed(failed(400)), NOW);
    assert_eq!(name(&run.next(NOW).unwrap()), "Close");
    assert_eq!(name(&run.next(NOW).unwrap()), "Failed");
    assert_eq!(after(&mut run, Event::CallerAborted), ["end: Aborted"]);
}

#[test]
fn a_store_that_cannot_be_read_ends_the_run() {
    let mut run = run(Limits::default());
    said(&mut run);
    let event = Event::Broken(crate::error::Error::Internal("test"));
    assert_eq!(after(&mut run, event), ["end: Broken"]);
}

fn rests(wait_ms: f64) -> Event {
    chosen(Choice::EndpointRests { until: NOW + wait_ms, is_tried_out: false })
}

#[test]
fn a_fault_of_the_endpoint_is_told_with_the_next_choice_and_a_refusal_too() {
    let mut run = asking(Limits::default());
    after(&mut run, Event::Failed(failed(503)));
    assert!(matches!(run.request().news, Some(EndpointNews::Fails { .. })));
    assert_eq!(run.request().unanswered, ["a"]);
    after(&mut run, take("b"));
    after(&mut run, Event::Failed(failed(429)));
    assert_eq!(run.request().news, Some(EndpointNews::Lives { at: NOW }));
    assert_eq!(run.request().unanswered, ["a"]);
}

/// What an attempt that began at `NOW` says when its time is over.
fn news_of_a_limit(circumstances: Circumstances) -> Option<EndpointNews> {
    let mut run = asking(Limits::default());
    let thrown = [crate::failure::Thrown { name: "TimeoutError", message: "x", code: "" }];
    let failure = classify(&Evidence { thrown: &thrown, ..Evidence::default() });
    run.on(Event::TimeLimit(Failed { failure, circumstances }), NOW + 500.0);
    assert_eq!(run.request().unanswered, ["a"]);
    run.request().news
}

#[test]
fn a_time_limit_says_how_long_the_endpoint_was_silent() {
    let since = |circumstances| match news_of_a_limit(circumstances) {
        Some(EndpointNews::Silent { since, at, .. }) if at == NOW + 500.0 => Some(since),
        None => None,
        other => panic!("{other:?}"),
    };
    let none = Circumstances::default();
    assert_eq!(since(none), Some(NOW));
    let silent_for = Some(Duration::from_millis(20));
    assert_eq!(since(Circumstances { silent_for, ..none }), Some(NOW + 480.0));
    assert_eq!(since(Circumstances { has_answered: true, ..none }), None);
}

#[test]
fn an_answer_says_that_the_endpoint_lives() {
    let mut run = asking(Limits::default());
    run.on(Event::Answered, NOW);
    let Some(Action::Close(booking)) = run.next(NOW) else { panic!("nothing is booked") };
    let news = Some(EndpointNews::Lives { at: NOW });
    assert_eq!(booking.outcome(), Outcome { is_answered: true, news });
}

#[test]
fn an_endpoint_is_given_up_after_its_attempts_and_the_run_says_for_how_long() {
    let mut run = asking(Limits::default());
    for id in ["b", "c"] {
        after(&mut run, Event::Failed(failed(503)));
        assert!(run.request().given_up.is_empty());
        after(&mut run, take(id));
    }
    after(&mut run, Event::Failed(failed(503)));
    assert_eq!(run.request().given_up, [None]);
    run.on(rests(1_000.0), NOW);
    assert_eq!(name(&run.next(NOW).unwrap()), "EndpointRests");
    let Some(Action::Finish(Finish::Outage(outage))) = run.next(NOW) else { panic!("no outage") };
    assert_eq!((outage.provider.as_str(), outage.failed), ("p", 3));
    assert!((1_000..=1_100).contains(&outage.retry_after.as_millis()), "{outage:?}");
}

#[test]
fn a_short_rest_is_waited_for_and_a_long_one_ends_the_run() {
    let mut run = run(Limits::default());
    said(&mut run);
    assert_eq!(after(&mut run, rests(300.0)), ["Skipped", "EndpointRests", "Wait"]);
    assert_eq!(after(&mut run, rests(5_000.0)), ["EndpointRests", "end: Outage"]);
}

#[test]
fn a_run_that_has_waited_long_enough_is_told_when_the_verdict_comes() {
    let mut run = run(Limits::default());
    said(&mut run);
    let verdict = |until| chosen(Choice::Wait { id: "c".into(), until });
    after(&mut run, verdict(NOW + 8_000.0));
    let later = NOW + 10_000.0;
    run.on(verdict(later + 3_000.0), later);
    let Some(Action::Tell(Notice::Unavailable { next })) = run.next(later) else {
        panic!("it waits on")
    };
    assert_eq!(next, Some(("c".to_owned(), later + 3_000.0)));
}

#[test]
fn words_that_nobody_can_read_from_all_accounts_are_passed_on_and_rest_nobody() {
    let mut run = run(Limits::default());
    said(&mut run);
    for id in ["a", "b"] {
        after(&mut run, take(id));
        let evidence = Evidence { message: Some("no idea"), ..Evidence::default() };
        let circumstances = Circumstances::default();
        let failed = Failed { failure: classify(&evidence), circumstances };
        assert_eq!(after(&mut run, Event::Failed(failed)), ["Close", "Failed", "Choose"]);
    }
    assert_eq!(after(&mut run, chosen(Choice::NoneLeft)), ["TakeBack", "end: Failed"]);
}
