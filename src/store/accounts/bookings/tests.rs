use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::failure::{Evidence, classify};
use crate::profiles::booking_rules::Policy;
use crate::profiles::stats::Success;
use crate::store::document::text::Document;
use crate::store::edits::fingerprint::fingerprint;
use crate::store::edits::marks::FailureEvent;
use crate::store::file::atomic::Durability;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const STORE: &str = r#"{"version":1,"profiles":{"a":{"type":"api_key","provider":"p","key":"k"},"b":{"type":"api_key","provider":"p","key":"l"}}}"#;

fn documents() -> Documents {
    Documents { own: Document::parse(STORE.as_bytes()).unwrap(), main: None }
}

fn target(durability: Durability) -> Target {
    let home = StorePaths { store: "s".into(), main: None, with_state: false };
    let options = UpdateOptions { durability, ..UpdateOptions::default() };
    Target { home, options, wait: Duration::ZERO }
}

fn relaxed() -> Target {
    target(Durability::Relaxed)
}

fn made(id: &str, event: Event, at: WallMs) -> Arc<Made> {
    let mark = Mark { profile_id: id.into(), event, now: at };
    Made::new(mark, relaxed(), None, Box::new(|| {}))
}

fn failure(id: &str, at: WallMs) -> Arc<Made> {
    let failure = classify(&Evidence { status: Some(429), ..Evidence::default() });
    let report = Report::of_failure(&failure, false, None, at, at);
    let event = FailureEvent { report, policy: Policy::Safe, ..FailureEvent::default() };
    made(id, Event::Failure(Box::new(event)), at)
}

fn success(id: &str, at: WallMs) -> Arc<Made> {
    let success = Success { started_at: Some(at), model: None };
    made(id, Event::Success { provider: "p".into(), success }, at)
}

fn errors(documents: &Documents, id: &str) -> Option<f64> {
    documents.stats(id).error_count
}

#[test]
fn it_holds_for_who_reads_before_it_is_written() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    let mut read = documents();
    bookings.pending().hold(&mut read);
    assert_eq!(errors(&read, "a"), Some(1.0));
}

#[test]
fn it_is_counted_once_by_who_reads_while_it_is_being_written() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    let pending = bookings.pending();
    let mut file = documents();
    bookings.apply(&relaxed(), &mut file);
    // The new text is in place, or the old one still is.
    for mut read in [file.clone(), documents()] {
        pending.hold(&mut read);
        assert_eq!(errors(&read, "a"), Some(1.0));
    }
    bookings.written();
    pending.hold(&mut file);
    assert_eq!(errors(&file, "a"), Some(1.0));
}

#[test]
fn an_update_that_is_begun_again_applies_it_to_the_fresh_text() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    bookings.apply(&relaxed(), &mut documents());
    let mut fresh = documents();
    bookings.apply(&relaxed(), &mut fresh);
    assert_eq!(errors(&fresh, "a"), Some(1.0));
}

#[test]
fn what_could_not_be_written_goes_on_holding() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    bookings.apply(&relaxed(), &mut documents());
    bookings.not_written(&Arc::new(Error::Internal("test")));
    let mut read = documents();
    bookings.pending().hold(&mut read);
    assert_eq!((errors(&read, "a"), bookings.len()), (Some(1.0), 1));
}

#[test]
fn a_late_success_erases_nothing_newer() {
    let bookings = Bookings::default();
    bookings.add(success("a", NOW));
    bookings.not_written(&Arc::new(Error::Internal("test")));
    let mut file = documents();
    failure("a", NOW + 1.0).apply(&mut file);
    bookings.apply(&relaxed(), &mut file);
    assert_eq!(errors(&file, "a"), Some(1.0));
}

#[test]
fn a_window_holds_however_late_it_is_written_and_whatever_the_file_knows_by_then() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    bookings.not_written(&Arc::new(Error::Internal("test")));
    let mut read = documents();
    success("a", NOW + 1.0).apply(&mut read);
    let mut file = read.clone();
    bookings.pending().hold(&mut read);
    bookings.apply(&relaxed(), &mut file);
    for documents in [read, file] {
        assert!(documents.stats("a").cooldown_until.is_some());
    }
}

#[test]
fn what_was_said_of_an_old_credential_is_not_booked_on_a_new_one() {
    let refusal = |asked: &str| {
        let failure = classify(&Evidence { status: Some(401), ..Evidence::default() });
        let report = Report::of_failure(&failure, false, None, NOW, NOW);
        let policy = Policy::Safe;
        let asked = fingerprint(asked);
        let event = FailureEvent { report, policy, asked, ..FailureEvent::default() };
        made("a", Event::Failure(Box::new(event)), NOW)
    };
    let old = r#"{"type":"api_key","provider":"p","key":"old"}"#;
    let current = r#"{"type":"api_key","provider":"p","key":"k"}"#;
    for (asked, is_booked) in [(old, false), (current, true)] {
        let mut file = documents();
        refusal(asked).apply(&mut file);
        assert_eq!(file.usage("a").is_some(), is_booked, "{asked}");
    }
}

#[test]
fn taken_back_before_it_is_written_it_was_never_made() {
    let bookings = Bookings::default();
    let booked = failure("a", NOW);
    bookings.add(Arc::clone(&booked));
    bookings.take_back(&booked, NOW);
    assert_eq!(bookings.len(), 0);
    let mut file = documents();
    bookings.apply(&relaxed(), &mut file);
    assert!(file.usage("a").is_none());
}

#[test]
fn taken_back_later_it_is_undone_in_the_file() {
    let bookings = Bookings::default();
    let booked = failure("a", NOW);
    bookings.add(Arc::clone(&booked));
    let mut file = documents();
    bookings.apply(&relaxed(), &mut file);
    bookings.written();
    assert!(file.stats("a").cooldown_until.is_some());
    bookings.take_back(&booked, NOW);
    let mut read = file.clone();
    bookings.pending().hold(&mut read);
    bookings.apply(&relaxed(), &mut file);
    for documents in [read, file] {
        assert_eq!(documents.stats("a").cooldown_until, None);
    }
}

#[test]
fn those_that_are_written_in_another_way_wait_for_their_turn() {
    let bookings = Bookings::default();
    bookings.add(failure("a", NOW));
    let mark = Mark { profile_id: "b".into(), event: Event::Used(Success::default()), now: NOW };
    bookings.add(Made::new(mark, target(Durability::Full), None, Box::new(|| {})));
    let mut file = documents();
    bookings.apply(&relaxed(), &mut file);
    bookings.written();
    assert!(file.usage("a").is_some() && file.usage("b").is_none());
    assert_eq!(bookings.target(), Some(target(Durability::Full)));
}

#[test]
fn its_end_is_told_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&count);
    let mark = Mark { profile_id: "a".into(), event: Event::Used(Success::default()), now: NOW };
    let then = Box::new(move || {
        told.fetch_add(1, Ordering::Relaxed);
    });
    let bookings = Bookings::default();
    bookings.add(Made::new(mark, relaxed(), None, then));
    bookings.not_written(&Arc::new(Error::Internal("test")));
    bookings.apply(&relaxed(), &mut documents());
    bookings.written();
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn a_store_that_is_never_written_collects_no_more_than_there_is_to_say() {
    let bookings = Bookings::default();
    for turn in 0..5 * MANY {
        let id = if turn.is_multiple_of(2) { "a" } else { "b" };
        let at = NOW + turn as f64;
        bookings.add(if turn.is_multiple_of(3) { failure(id, at) } else { success(id, at) });
    }
    assert!(bookings.len() <= MANY);
    let mut read = documents();
    bookings.pending().hold(&mut read);
    assert_eq!(read.stats("b").last_used, Some(NOW + (5 * MANY - 1) as f64));
}
