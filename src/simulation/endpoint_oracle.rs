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
/// How often one run may meet its fault, and its silence.
const MOST_FAULTS: usize = 3;
const MOST_SILENCES: usize = 2;

pub(crate) const ASKED_RESTING: &str = "an endpoint was asked while it rests";
pub(crate) const TWO_TRIALS: &str = "two requests tried out one endpoint";
pub(crate) const REFUSED_FOR_NOTHING: &str = "a request waits for an endpoint that is well";
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
    /// It has failed this run before.
    pub(crate) is_next: bool,
    pub(crate) now: WallMs,
}

#[derive(Debug, Default)]
struct Heard {
    failed_at: WallMs,
    lived_at: WallMs,
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
        heard.failed_at = heard.failed_at.later(at);
    }

    pub(crate) fn lived(&mut self, model: Option<&str>, at: WallMs) {
        let heard = self.heard.get_mut(&model.map(str::to_owned));
        // Of one that nothing is known of an answer is no news, and a fault that is told later counts.
        let is_news =
            |heard: &&mut Heard| at < heard.failed_at.later(heard.lived_at) + REMEMBERED_FOR;
        if let Some(heard) = heard.filter(is_news) {
            heard.lived_at = heard.lived_at.later(at);
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

    /// When it failed, if it has not lived since.
    fn down_since(&self, model: Option<&str>) -> Option<WallMs> {
        let heard = self.heard.get(&model.map(str::to_owned))?;
        (heard.failed_at > heard.lived_at).then_some(heard.failed_at)
    }

    /// Those that try it out since it failed.
    fn trials(&self, model: Option<&str>, failed_at: WallMs) -> impl Iterator<Item = &Sent> {
        let sent = self.sent.iter();
        sent.filter(move |it| it.is_trial && it.model.as_deref() == model && it.at >= failed_at)
    }

    /// A request goes out, right after its choice.
    pub(crate) fn asked(&mut self, met: Met<'_>) {
        let Met { run, attempt, model, is_next, now } = met;
        let is_known = |failed_at: &WallMs| now < *failed_at + REMEMBERED_FOR;
        let mut is_trial = false;
        if let Some(failed_at) = self.down_since(model).filter(is_known) {
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
        let Met { model, now, .. } = met;
        let is_resting = self.down_since(model).is_some_and(|failed_at| {
            let mut sent = self.sent.iter().filter(|it| it.model.as_deref() == model);
            now < failed_at + LONGEST_REST
                || sent.any(|it| it.at >= failed_at && now < it.at + LONGEST_TRIAL)
        });
        if !is_resting && now >= self.unseen_dead_until {
            self.violations.push((REFUSED_FOR_NOTHING, format!("{met:?}: {:?}", self.heard)));
        }
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
