//! Accounts whose login is renewed on the way.

use std::time::Duration;

use super::{Action, Failed, FinishedAttempt, Notice, Run, State};
use crate::failure::Rule;
use crate::rotation::accounts::Standing;
use crate::time::WallMs;

/// After a refresh that failed, where the token server has said nothing of it.
const USUAL_REST: Duration = Duration::from_secs(1);

impl Run {
    /// Whether an account may be passed over, because another one may answer.
    #[must_use]
    pub(crate) fn may_postpone(&self) -> bool {
        !self.postponed.is_over
    }

    /// Another account first.
    pub(super) fn postpone(
        &mut self,
        profile: String,
        started_at: WallMs,
        failed: Failed,
        now: WallMs,
    ) {
        self.note(&profile, started_at, failed, now);
        self.actions.push_back(Action::Release);
        self.postponed.list.push(profile);
        self.state = State::Choosing;
        self.actions.push_back(Action::Choose);
    }

    /// Nobody is left but those who were passed over, if any were: they are asked now.
    pub(super) fn asks_the_postponed(&mut self) -> bool {
        let list = std::mem::take(&mut self.postponed.list);
        if list.is_empty() {
            return false;
        }
        self.postponed.is_over = true;
        self.request.tried.retain(|tried| !list.contains(tried));
        self.state = State::Choosing;
        self.actions.push_back(Action::Choose);
        true
    }

    /// Where all stand, with the time that a token server wants to be left alone: the accounts themselves are free.
    pub(super) fn after_refreshes(&self, standings: &[Standing]) -> Vec<Standing> {
        let mut standings = standings.to_vec();
        for attempt in &self.attempts {
            let Some(failure) = &attempt.failure else { continue };
            if failure.rule != Rule::RefreshFailed {
                continue;
            }
            let rest = failure.retry_after_ms.map_or(USUAL_REST, Duration::from_millis);
            let mut its = standings.iter_mut().filter(|it| it.id == attempt.profile);
            if let Some(Standing { until: Some(until), .. }) = its.next() {
                *until = until.later(attempt.ended_at + rest);
            }
        }
        standings
    }

    /// An attempt that came to nothing, for a reason that is nobody's fault.
    pub(super) fn note(&mut self, profile: &str, started_at: WallMs, failed: Failed, now: WallMs) {
        let (profile, failure) = (profile.to_owned(), Some(failed.failure));
        self.attempts.push(FinishedAttempt { profile, started_at, ended_at: now, failure });
        self.postponed.uncounted += 1;
        self.request.is_exhausted = false;
        self.tell(Notice::Failed { is_booked: false });
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;
    use crate::failure::{Evidence, Failure, classify};
    use crate::rotation::choice::Choice;
    use crate::rotation::request::Request;
    use crate::rotation::run::{Chosen, Event, Finish, Limits};
    use crate::rotation::verdict::Circumstances;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn chosen(choice: Choice) -> Event {
        Event::Chosen(Chosen { choice, standings: Vec::new() })
    }

    /// A run that asks account `a`.
    fn asking(limits: Limits) -> Run {
        let mut run = Run::new(Request::default(), limits, Rng::with_seed(1));
        run.on(chosen(Choice::Take { id: "a".into(), is_probe: false }), NOW);
        let _ = actions(&mut run);
        run
    }

    fn actions(run: &mut Run) -> Vec<Action> {
        std::iter::from_fn(|| run.next(NOW)).collect()
    }

    /// A refusal of an old access token.
    fn refused() -> Failed {
        let failure = classify(&Evidence { status: Some(401), ..Evidence::default() });
        Failed { failure, circumstances: Circumstances::default() }
    }

    #[test]
    fn a_renewed_login_is_asked_again_with_its_reservation_and_does_not_count() {
        let mut run = asking(Limits { max_attempts: Some(1), ..Limits::default() });
        let notice = Notice::Refreshed { profile: "a".into(), pid: None, expires: None };
        run.on(Event::Renewed(refused(), notice), NOW);
        let asked = actions(&mut run);
        assert!(!asked.iter().any(|it| matches!(it, Action::Release | Action::Close(_))));
        assert!(
            matches!(asked.last(), Some(Action::Ask { profile, attempt: 2 }) if profile == "a")
        );
        run.on(Event::Answered, NOW);
        assert_eq!(run.attempts().len(), 2);
        assert!(matches!(actions(&mut run).last(), Some(Action::Finish(Finish::Answered))));
    }

    #[test]
    fn an_account_that_was_passed_over_is_asked_when_nobody_else_is_left() {
        let mut run = asking(Limits::default());
        assert!(run.may_postpone());
        run.on(Event::Postponed(refused()), NOW);
        assert!(matches!(actions(&mut run).last(), Some(Action::Choose)));
        assert_eq!(run.request().tried, ["a"]);
        run.on(chosen(Choice::NoneLeft), NOW);
        assert!(matches!(actions(&mut run).last(), Some(Action::Choose)));
        assert!(run.request().tried.is_empty() && !run.may_postpone());
        run.on(chosen(Choice::NoneLeft), NOW);
        assert!(matches!(actions(&mut run).last(), Some(Action::Finish(Finish::Unavailable(_)))));
    }

    #[test]
    fn a_login_that_could_not_be_renewed_rests_nobody_and_the_next_account_is_asked() {
        let mut run = asking(Limits::default());
        let failure = Failure { rule: Rule::RefreshFailed, ..refused().failure };
        run.on(Event::Failed(Failed { failure, ..refused() }), NOW);
        let after = actions(&mut run);
        assert!(after.iter().any(|it| matches!(it, Action::Release)));
        assert!(!after.iter().any(|it| matches!(it, Action::Close(_))));
        assert!(matches!(after.last(), Some(Action::Choose)));
    }

    #[test]
    fn who_comes_back_later_is_told_to_leave_the_token_server_its_rest() {
        let mut run = asking(Limits::default());
        let failure = Failure { rule: Rule::RefreshFailed, ..refused().failure };
        let failure = Failure { retry_after_ms: Some(7_000), ..failure };
        run.on(Event::Failed(Failed { failure, ..refused() }), NOW);
        let _ = actions(&mut run);
        let standing = Standing {
            id: "a".into(),
            state: crate::profiles::status::State::Ready,
            until: Some(NOW),
            reason: None,
            was_tried: true,
        };
        run.on(Event::Chosen(Chosen { choice: Choice::NoneLeft, standings: vec![standing] }), NOW);
        let last = actions(&mut run).pop();
        let Some(Action::Finish(Finish::Unavailable(unavailable))) = last else {
            panic!("{last:?}")
        };
        assert_eq!(unavailable.next.unwrap().free_at, NOW + 7_000.0);
    }
}
