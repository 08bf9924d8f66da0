//! What must hold, judged by what the service said and who asked it: no rule of the code under test is used here but
//! the host's own `is_in_cooldown`.

use std::time::Duration;

use super::endpoint_oracle::EndpointOracle;
use super::rest::Rest;
use crate::profiles::cooldown::is_in_cooldown;
use crate::profiles::stats::UsageStats;
use crate::time::WallMs;

/// A request that was sent and is not over.
#[derive(Debug, Clone)]
struct Sent {
    run: usize,
    /// Which of the run's.
    attempt: usize,
    account: usize,
    model: Option<String>,
    at: WallMs,
    process: usize,
    /// Its outcome is booked, and so known to its process.
    is_booked: bool,
    /// It was refused, and others were told of that then.
    refused_at: Option<WallMs>,
    /// Its outcome is written down.
    is_known: bool,
    /// It did not probe: an earlier one was accepted.
    is_follower: bool,
}

impl Sent {
    /// Until when others wait for what comes of it.
    fn verdict_by(&self, grace: Duration) -> WallMs {
        let refused = self.refused_at.map(|at| at + LONGEST_WAIT.saturating_sub(BOOKED_AFTER));
        refused.unwrap_or_default().later(self.at + grace)
    }
}

/// An answer that its process has booked and not written: for that process, what rested before is over.
#[derive(Debug)]
pub(crate) struct HeldAnswer {
    pub(crate) process: usize,
    pub(crate) account: usize,
    pub(crate) model: Option<String>,
    pub(crate) started_at: WallMs,
}

impl HeldAnswer {
    fn ends(&self, rest: &Rest) -> bool {
        rest.concerns(self.account, self.model.as_deref()) && rest.failed_at <= self.started_at
    }
}

/// One choice that is to be checked. `now` is the client's, which was read before the lock was had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) run: usize,
    pub(crate) attempt: usize,
    pub(crate) process: usize,
    pub(crate) account: usize,
    pub(crate) model: Option<&'a str>,
    pub(crate) now: WallMs,
    pub(crate) sent_at: WallMs,
}

/// The property that does not hold, and how that was seen.
pub(crate) type Violation = (&'static str, String);

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    rests: Vec<Rest>,
    /// What a process has booked and not written: it holds for that process.
    held: Vec<(usize, Rest)>,
    held_answers: Vec<HeldAnswer>,
    /// Runs whose bookings their process has taken back and not written that: process and run.
    held_back: Vec<(usize, usize)>,
    sent: Vec<Sent>,
    /// Accounts that dead processes asked, until their leases are over.
    unseen_dead: Vec<(usize, WallMs)>,
    /// Failures that were counted without a rest: account and time.
    counted: Vec<(usize, WallMs)>,
    pub(crate) endpoint: EndpointOracle,
    pub(crate) violations: Vec<Violation>,
    pub(crate) probes: usize,
}

/// The entry tells when a failure was booked, a moment after the service said it: its rest looks shorter by that, and the
/// wait for a verdict by a twentieth of it.
const BOOKED_AFTER: Duration = Duration::from_millis(50);

/// So long a probe is waited for that was refused, if nobody can write that down.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

pub(crate) const ASKED_INSIDE: &str = "an account was asked inside its window";
pub(crate) const ASKED_HELD: &str =
    "an account was asked inside a window that its process has just booked";
pub(crate) const ANSWERED_COOLING: &str = "a request was given to an account that cools";
pub(crate) const STARVED: &str = "a request was turned away although an account was free";
pub(crate) const CAUSELESS: &str = "an account rests without a cause";
pub(crate) const TWO_PROBES: &str = "two requests probed one window";
pub(crate) const CROWDED: &str = "a busy account was chosen while an idle one was free";
pub(crate) const WAITS_FOR_NOBODY: &str = "a request waited for the verdict of nobody";
pub(crate) const ASKED_TWICE: &str = "one request asked an account twice";
pub(crate) const ASKED_AFTER_ABORT: &str = "a request went out after its caller had aborted";
pub(crate) const NOT_BOOKED: &str = "a failure that rests an account was not written down";
pub(crate) const LEFT_BEHIND: &str = "a reservation outlived its request";
pub(crate) const TOO_LONG: &str = "a request took longer than its bound";
pub(crate) const NEVER_BACK: &str = "an account or a request did not come back when all was well";

impl Oracle {
    pub(crate) fn report(&mut self, property: &'static str, details: String) {
        self.violations.push((property, details));
    }

    /// A request goes out, right after its choice.
    pub(crate) fn asked(&mut self, asked: Asked<'_>, stats: &UsageStats) {
        let Asked { run, attempt, process, account, model, now, sent_at } = asked;
        let mut answers = self.held_answers.iter().filter(|answer| answer.process == process);
        let is_over = |rest: &Rest| {
            answers.clone().any(|answer| answer.ends(rest))
                || self.held_back.contains(&(process, rest.run))
        };
        let held = self.held.iter().filter(|(holder, _)| *holder == process).map(|(_, rest)| rest);
        let inside = held.clone().filter(|rest| rest.concerns(account, model) && now < rest.until);
        let inside = inside.filter(|rest| !is_over(rest));
        let mut found: Vec<_> =
            inside.map(|rest| (ASKED_HELD, format!("r{run} {asked:?}: {rest:?}"))).collect();
        let rests = self.rests.iter().filter(|rest| rest.concerns(account, model));
        let (running, ended): (Vec<_>, Vec<_>) =
            rests.filter(|rest| !is_over(rest)).partition(|rest| now < rest.until);
        let running: Vec<_> = running.iter().filter(|rest| sent_at < rest.until).collect();
        // What its process has booked of the account meanwhile tells it more than the file.
        let is_unsettled = held.clone().any(|rest| rest.account == account)
            || answers.any(|answer| answer.account == account);
        // Those who cannot see that a prober is dead take its probe for one that was accepted.
        let is_unsettled = is_unsettled || self.may_look_busy(account, asked.sent_at);
        let ended = if is_unsettled { Vec::new() } else { ended };
        if let Some(rest) = running.first() {
            found.push((ASKED_INSIDE, format!("r{run} {asked:?}: {rest:?}")));
        }
        if is_in_cooldown(stats, now, model) {
            found.push((ANSWERED_COOLING, format!("r{run} {asked:?}: {stats:?}")));
        }
        let (mut is_probe, mut is_follower) = (false, false);
        for (rest, grace) in ended.iter().filter_map(|rest| Some((rest, rest.grace()?))) {
            is_probe = true;
            let probes = self.sent.iter().filter(|sent| {
                let is_known = sent.is_known || (sent.is_booked && sent.process == process);
                !is_known
                    && rest.concerns(sent.account, sent.model.as_deref())
                    && sent.at >= rest.until
            });
            // A probe that was not refused for so long counts as accepted.
            let (young, accepted): (Vec<_>, Vec<_>) =
                probes.partition(|sent| now < sent.verdict_by(grace.saturating_sub(BOOKED_AFTER)));
            is_follower |= !accepted.is_empty();
            let other = young.into_iter().find(|sent| !sent.is_follower);
            let other = other.filter(|_| accepted.is_empty());
            if let Some(other) = other {
                found.push((TWO_PROBES, format!("{asked:?} while {other:?}: {rest:?}")));
            }
        }
        self.probes += usize::from(is_probe);
        self.violations.append(&mut found);
        let model = model.map(str::to_owned);
        let (is_booked, is_known) = (false, false);
        self.sent.push(Sent {
            run,
            attempt,
            process,
            account,
            model,
            at: now,
            is_booked,
            refused_at: None,
            is_known,
            is_follower,
        });
    }

    fn sent(&mut self, run: usize, attempt: usize) -> impl Iterator<Item = &mut Sent> {
        self.sent.iter_mut().filter(move |sent| sent.run == run && sent.attempt == attempt)
    }

    /// The attempt's outcome is booked.
    pub(crate) fn known_to_its_process(&mut self, run: usize, attempt: usize) {
        self.sent(run, attempt).for_each(|sent| sent.is_booked = true);
    }

    /// Others were told that the attempt was refused.
    pub(crate) fn told_refused(&mut self, run: usize, attempt: usize, now: WallMs) {
        self.sent(run, attempt).for_each(|sent| sent.refused_at = Some(now));
    }

    /// The attempt's outcome is written down.
    pub(crate) fn known(&mut self, run: usize, attempt: usize) {
        self.sent(run, attempt).for_each(|sent| sent.is_known = true);
    }

    /// The attempt is over, with or without an outcome.
    pub(crate) fn over(&mut self, run: usize, attempt: usize) {
        self.sent.retain(|sent| sent.run != run || sent.attempt != attempt);
        self.endpoint.over(run, attempt);
    }

    /// The run's process is dead. Those who cannot see that take its requests for alive until then.
    pub(crate) fn all_over(&mut self, run: usize, lease_ends: Option<WallMs>) {
        let lost = self.sent.extract_if(.., |sent| sent.run == run).map(|sent| sent.account);
        self.unseen_dead.extend(lost.filter_map(|account| Some((account, lease_ends?))));
        self.endpoint.all_over(run, lease_ends);
    }

    /// Whether a request of a dead process may still look alive to somebody.
    pub(crate) fn may_look_busy(&self, account: usize, now: WallMs) -> bool {
        self.unseen_dead.iter().any(|(dead, until)| *dead == account && now < *until)
    }

    pub(crate) fn in_flight(&self, account: usize) -> usize {
        self.sent.iter().filter(|sent| sent.account == account).count()
    }

    /// A failure is booked: it holds for its process from now on.
    pub(crate) fn held(&mut self, process: usize, rest: Rest) {
        self.held.push((process, rest));
    }

    /// An answer is booked: what its process knew of the account may be over.
    pub(crate) fn held_answer(&mut self, answer: HeldAnswer) {
        self.held_answers.push(answer);
    }

    /// The process has taken back what a run had booked.
    pub(crate) fn held_back(&mut self, process: usize, run: usize) {
        self.held.retain(|(holder, rest)| *holder != process || rest.run != run);
        self.held_back.push((process, run));
    }

    /// Everything is written, or the process is dead.
    pub(crate) fn held_nothing(&mut self, process: usize) {
        self.held.retain(|(holder, _)| *holder != process);
        self.held_answers.retain(|answer| answer.process != process);
        self.held_back.retain(|(holder, _)| *holder != process);
    }

    /// A failure was written down.
    pub(crate) fn booked(&mut self, mut rest: Rest) {
        let is_later =
            |known: &Rest| known.account == rest.account && known.failed_at > rest.failed_at;
        rest.is_blurred |= self.rests.iter().any(is_later);
        for known in self.rests.iter_mut().filter(|known| known.account == rest.account) {
            known.is_blurred |= rest.failed_at != known.failed_at;
            known.is_forgotten |= known.until <= rest.failed_at;
        }
        // A failure without a stated wait does not extend a running window.
        let runs = self.rests.iter().any(|known| {
            known.account == rest.account
                && known.model == rest.model
                && rest.failed_at < if known.is_uncertain { known.latest } else { known.until }
        });
        if rest.is_stated || !runs {
            self.rests.push(rest);
        } else {
            // The oracle cannot tell which of the two is longer.
            self.rests.push(Rest { until: rest.failed_at, ..rest });
        }
    }

    /// A failure was written that rests no account.
    pub(crate) fn counted(&mut self, account: usize, at: WallMs) {
        self.counted.push((account, at));
    }

    /// An answer was written down: rests that were known when its request began are over.
    pub(crate) fn answered(
        &mut self,
        account: usize,
        model: Option<&str>,
        started_at: WallMs,
        now: WallMs,
    ) {
        for rest in self.rests.iter_mut().filter(|rest| rest.account == account) {
            rest.is_forgotten |= rest.until <= now;
        }
        let is_late = |rest: &Rest| rest.account == account && rest.failed_at > started_at;
        let is_late = self.rests.iter().any(is_late);
        self.end(is_late, |rest| rest.concerns(account, model) && rest.failed_at <= started_at);
    }

    /// The request was at fault, unless the account had other failures since.
    pub(crate) fn taken_back(&mut self, run: usize) {
        let (own, others): (Vec<_>, Vec<_>) =
            self.rests.iter().cloned().partition(|rest| rest.run == run);
        for back in own {
            let mut later = others
                .iter()
                .map(|rest| (rest.account, rest.failed_at))
                .chain(self.counted.iter().copied());
            let is_late =
                later.any(|(account, at)| account == back.account && at >= back.failed_at);
            self.end(is_late, |rest| rest.run == run && rest.account == back.account);
        }
    }

    /// Ends rests. If it is uncertain that they are over, both are allowed.
    fn end(&mut self, is_uncertain: bool, is_meant: impl Fn(&Rest) -> bool) {
        if !is_uncertain {
            return self.rests.retain(|rest| !is_meant(rest));
        }
        for rest in self.rests.iter_mut().filter(|rest| is_meant(rest)) {
            rest.until = rest.failed_at;
            rest.is_uncertain = true;
        }
    }

    /// No account was left for a request: every one that it has not asked must rest, and with a cause.
    pub(crate) fn turned_away(&mut self, asked: Asked<'_>, stats: &UsageStats) {
        let Asked { process, account, model, now, .. } = asked;
        if !is_in_cooldown(stats, now, model) {
            self.report(STARVED, format!("{asked:?}: {stats:?}"));
        }
        let held = self.held.iter().filter(|(holder, _)| *holder == process).map(|(_, rest)| rest);
        let has_cause = self
            .rests
            .iter()
            .chain(held)
            .any(|rest| rest.concerns(account, model) && now < rest.latest);
        if !has_cause {
            self.report(CAUSELESS, format!("{asked:?}: {stats:?}"));
        }
    }
}
