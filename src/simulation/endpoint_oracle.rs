//! What must hold of the endpoint: who is asked while it rests, and who is turned away for it. Judged by what each
//! attempt heard, in the order in which the pool was told.

use std::collections::HashMap;
use std::time::Duration;

use super::oracle::Violation;
use super::server::SECOND;
use crate::time::WallMs;

/// What the package promises: 250 ms, doubled up to 8 s, with a tenth for chance.
const SHORTEST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_millis(8_800);
/// Whoever tries it out keeps others for so long.
const SHORTEST_TRIAL: Duration = SECOND;
const LONGEST_TRIAL: Duration = Duration::from_secs(4);
/// After so long without news a fault may be forgotten.
const REMEMBERED_FOR: Duration = Duration::from_mins(1);
/// So much longer a silence may look to those who wait no longer.
const SAME_PATIENCE: f64 = 1.1;
/// How often one run may meet its fault, and its silence.
const MOST_FAULTS: usize = 3;
const MOST_SILENCES: usize = 2;

pub(crate) const ASKED_RESTING: &str = "an endpoint was asked while it rests";
pub(crate) const TWO_TRIALS: &str = "two requests tried out one endpoint";
pub(crate) const REFUSED_FOR_NOTHING: &str = "a request waits for an endpoint that is well";
pub(crate) const KEPT_BY_HASTE: &str =
    "a request was kept from an endpoint because somebody with less patience found it silent";
pub(crate) const PAST_OUTAGE: &str = "a request was refused although the outage is over";
pub(crate) const FAILED_TOO_OFTEN: &str =
    "an endpoint left one request too often without an answer";
pub(crate) const RESTS_FOR_ANOTHER: &str = "an account rests for a fault of the endpoint";

/// A choice that is to be checked. `now` is the client's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met<'a> {
    pub(crate) run: usize,
    pub(crate) attempt: usize,
    pub(crate) model: Option<&'a str>,
    /// How long it waits for an answer.
    pub(crate) patience: Duration,
    /// It has failed this run before.
    pub(crate) is_next: bool,
    pub(crate) now: WallMs,
}

#[derive(Debug, Default)]
struct Heard {
    /// When it failed first; it may have been forgotten since.
    first_at: Option<WallMs>,
    failed_at: WallMs,
    lived_at: WallMs,
    /// It may have been forgotten before it lived: then that was no news.
    is_unsure: bool,
}

/// An attempt that its client's own time limit ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Silence {
    pub(crate) since: WallMs,
    pub(crate) at: WallMs,
    /// When the pool was told.
    pub(crate) heard_at: WallMs,
    /// Somebody was answered meanwhile, as far as the pool knew: then it need not be remembered.
    pub(crate) was_answered: bool,
}

impl Silence {
    /// Whether it was long enough to say something to one who waits so long.
    fn concerns(&self, patience: Duration) -> bool {
        patience <= self.at.since(self.since).mul_f64(SAME_PATIENCE)
    }
}

#[derive(Debug)]
struct Sent {
    run: usize,
    attempt: usize,
    model: Option<String>,
    at: WallMs,
    /// It was sent although the endpoint was known to have failed, and before that was open to all.
    is_trial: bool,
}

#[derive(Debug, Default)]
pub(crate) struct EndpointOracle {
    /// By model, since it failed first.
    heard: HashMap<Option<String>, Heard>,
    /// By model, in the order in which the pool was told, each once.
    silences: HashMap<Option<String>, Vec<Silence>>,
    /// When somebody was answered last, as far as the pool was told.
    answered_at: HashMap<Option<String>, WallMs>,
    sent: Vec<Sent>,
    /// Until then a trial of a dead process may look alive to somebody.
    unseen_dead_until: WallMs,
    /// Faults and silences of each run.
    faults: HashMap<usize, (usize, usize)>,
    /// How often somebody was the first to ask after a rest.
    pub(crate) trials: usize,
    pub(crate) violations: Vec<Violation>,
}

impl EndpointOracle {
    pub(crate) fn failed(&mut self, model: Option<&str>, at: WallMs) {
        let heard = self.heard.entry(model.map(str::to_owned)).or_default();
        heard.first_at = Some(heard.first_at.map_or(at, |first| first.earlier(at)));
        heard.failed_at = heard.failed_at.later(at);
        heard.is_unsure = false;
    }

    pub(crate) fn lived(&mut self, model: Option<&str>, at: WallMs) {
        let model = model.map(str::to_owned);
        let answered_at = self.answered_at.entry(model.clone()).or_default();
        *answered_at = answered_at.later(at);
        let Some(heard) = self.heard.get_mut(&model) else { return };
        // Of one that nothing is known of an answer is no news, and a fault that is told later counts.
        let forgotten = heard.failed_at.later(heard.lived_at) + REMEMBERED_FOR;
        if at < forgotten {
            heard.lived_at = heard.lived_at.later(at);
            heard.is_unsure = false;
        } else if at < forgotten + LONGEST_REST {
            heard.is_unsure = true;
        }
    }

    pub(crate) fn silent(&mut self, model: Option<&str>, mut silence: Silence) {
        let answered_at = self.answered_at.get(&model.map(str::to_owned));
        silence.was_answered = answered_at.is_some_and(|answered| *answered >= silence.since);
        let silences = self.silences.entry(model.map(str::to_owned)).or_default();
        if !silences.iter().any(|it| (it.since, it.at) == (silence.since, silence.at)) {
            silences.push(silence);
        }
    }

    /// A run gets a fault instead of an answer.
    pub(crate) fn met_fault(&mut self, run: usize, is_silence: bool) {
        let (faults, silences) = self.faults.entry(run).or_default();
        *faults += 1;
        *silences += usize::from(is_silence);
        if *faults > MOST_FAULTS || *silences > MOST_SILENCES {
            self.violations.push((FAILED_TOO_OFTEN, format!("r{run}: {faults}, {silences}")));
        }
    }

    /// When it was silent last, if that must keep one away who waits so long: in all that time nobody was answered, and
    /// since before that somebody's silence was known.
    fn silent_at(&self, model: Option<&str>, patience: Duration) -> Option<WallMs> {
        let model = model.map(str::to_owned);
        let silences = self.silences.get(&model)?;
        let answered_at = self.answered_at.get(&model).copied().unwrap_or_default();
        let last = silences.iter().max_by(|a, b| a.at.total_cmp(b.at))?;
        let is_known = |first: &Silence| {
            !first.was_answered
                && first.heard_at <= last.since
                && last.heard_at < first.at + REMEMBERED_FOR
        };
        let is_proven = silences.iter().any(is_known) && answered_at < last.since;
        (is_proven && last.concerns(patience)).then_some(last.at)
    }

    /// Whether silences may keep one away who waits so long.
    fn may_keep(&self, model: Option<&str>, patience: Duration, now: WallMs) -> bool {
        let model = model.map(str::to_owned);
        let Some(silences) = self.silences.get(&model) else { return false };
        let answered_at = self.answered_at.get(&model).copied().unwrap_or_default();
        let failed_at = self.heard.get(&model).and_then(|heard| heard.first_at);
        let may_keep = |it: &Silence| {
            let is_known = silences.iter().any(|first| first.at <= it.since)
                || failed_at.is_some_and(|failed_at| failed_at <= it.since);
            // Of an answer that came before the first silence was told nobody knows.
            let is_noted = silences.iter().any(|first| first.heard_at <= it.since);
            is_known && it.concerns(patience) && !(is_noted && answered_at >= it.since)
        };
        silences.iter().any(|it| may_keep(it) && self.is_resting(model.as_deref(), it.at, now))
    }

    /// Whether a fault of then may keep others away, or who tries it out since.
    fn is_resting(&self, model: Option<&str>, failed_at: WallMs, now: WallMs) -> bool {
        let mut sent = self.sent.iter().filter(|it| it.model.as_deref() == model);
        now < failed_at + LONGEST_REST
            || sent.any(|it| it.at >= failed_at && now < it.at + LONGEST_TRIAL)
    }

    /// When it failed, if it has not lived since.
    fn down_since(&self, model: Option<&str>) -> Option<WallMs> {
        let heard = self.heard.get(&model.map(str::to_owned))?;
        let is_down = heard.failed_at > heard.lived_at && !heard.is_unsure;
        is_down.then_some(heard.failed_at)
    }

    /// Those that try it out since it failed.
    fn trials(&self, model: Option<&str>, failed_at: WallMs) -> impl Iterator<Item = &Sent> {
        let sent = self.sent.iter();
        sent.filter(move |it| it.is_trial && it.model.as_deref() == model && it.at >= failed_at)
    }

    /// A request goes out, right after its choice.
    pub(crate) fn asked(&mut self, met: Met<'_>) {
        let Met { run, attempt, model, patience, is_next, now } = met;
        let is_known = |failed_at: &WallMs| now < *failed_at + REMEMBERED_FOR;
        let mut is_trial = false;
        let failed_at = self.down_since(model).filter(is_known);
        let silent_at = self.silent_at(model, patience).filter(is_known);
        let latest = failed_at.into_iter().chain(silent_at).reduce(WallMs::later);
        if let Some(failed_at) = latest {
            let is_old = |it: &Sent| now >= it.at + SHORTEST_TRIAL;
            let is_open = self.trials(model, failed_at).any(is_old);
            is_trial = !is_open;
            let young = self.trials(model, failed_at).next().filter(|_| is_trial && !is_next);
            let mut found = Vec::new();
            if !is_next && now < failed_at + SHORTEST_REST {
                found.push((ASKED_RESTING, format!("{met:?} after {failed_at:?}")));
            }
            if let Some(young) = young.filter(|_| now >= self.unseen_dead_until) {
                found.push((TWO_TRIALS, format!("{met:?} while {young:?}")));
            }
            self.trials += usize::from(is_trial && !is_next);
            self.violations.append(&mut found);
        }
        let model = model.map(str::to_owned);
        self.sent.push(Sent { run, attempt, model, at: now, is_trial });
    }

    /// A request waits for it, or is refused.
    pub(crate) fn turned_away(&mut self, met: Met<'_>) {
        let Met { model, patience, now, .. } = met;
        let failed_at = self.down_since(model);
        let is_resting = failed_at.is_some_and(|failed_at| self.is_resting(model, failed_at, now));
        if is_resting || now < self.unseen_dead_until || self.may_keep(model, patience, now) {
            return;
        }
        let is_for_others = self.may_keep(model, Duration::ZERO, now);
        let property = if is_for_others { KEPT_BY_HASTE } else { REFUSED_FOR_NOTHING };
        let silences = self.silences.get(&model.map(str::to_owned));
        self.violations.push((property, format!("{met:?}: {:?} {silences:?}", self.heard)));
    }

    /// A run that was not sent is refused. `failed_at`: when the service last failed anybody.
    pub(crate) fn refused(
        &mut self,
        run: usize,
        failed_at: Option<WallMs>,
        slow: Duration,
        now: WallMs,
    ) {
        let bound = LONGEST_REST + LONGEST_TRIAL + 4 * slow;
        if failed_at.is_none_or(|failed_at| now > failed_at + bound) {
            self.violations.push((PAST_OUTAGE, format!("r{run} at {now:?}: {failed_at:?}")));
        }
    }

    pub(crate) fn over(&mut self, run: usize, attempt: usize) {
        self.sent.retain(|sent| sent.run != run || sent.attempt != attempt);
    }

    /// The run's process is dead. Those who cannot see that take its trial for alive until then.
    pub(crate) fn all_over(&mut self, run: usize, lease_ends: Option<WallMs>) {
        let before = self.sent.len();
        self.sent.retain(|sent| sent.run != run);
        if let Some(until) = lease_ends.filter(|_| self.sent.len() < before) {
            self.unseen_dead_until = self.unseen_dead_until.later(until);
        }
    }
}
