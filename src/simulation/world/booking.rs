//! Bookings of the simulated processes: held at once, in the document a while later, and then the reservation ends.

use super::queue::{Happening, Written};
use super::{Attempt, World};
use crate::background::lock;
use crate::rotation::account_store::AccountStore as _;
use crate::rotation::run::{AttemptResult, Booking};
use crate::simulation::oracle::HeldAnswer;
use crate::simulation::sabotage::Sabotage;
use crate::simulation::server::{SECOND, part};

impl World {
    pub(crate) fn close(&mut self, run: usize, booking: Booking) {
        let attempt = self.runs[run].attempt.take().expect("what is closed was begun");
        let process = self.runs[run].owner.pid as usize;
        let answered = match &booking.result {
            AttemptResult::Answered(success) => Some(success.clone()),
            AttemptResult::Unread | AttemptResult::Failed { .. } => None,
        };
        let Attempt { number, account, end, rest, is_fault, .. } = attempt;
        if rest.is_some() || answered.is_some() {
            self.oracle.known_to_its_process(run, number);
        }
        if let Some(rest) = &rest {
            self.oracle.held(process, rest.clone());
        }
        if let Some(success) = &answered {
            let (model, started_at) =
                (success.model.clone(), success.started_at.unwrap_or_default());
            self.oracle.held_answer(HeldAnswer { process, account, model, started_at });
        }
        let (ended_at, outcome) = (booking.now, booking.outcome());
        log!(self, "r{run} books a{account}");
        self.tell_soon((run, number), end.as_ref(), outcome);
        let before = is_fault.then(|| self.windows(run, account));
        let receipt = self.accounts_of(run).book(booking, Box::new(|| {}));
        if let Some(before) = before {
            self.check_untouched(run, account, &before);
        }
        if answered.is_none() {
            self.runs[run].receipts.push(receipt);
        }
        let (attempt, is_undone) = (number, false);
        let mut written =
            Written { run, attempt, account, end, rest, answered, outcome, ended_at, is_undone };
        if self.sabotage == Sabotage::ReleaseFirst {
            let end = written.end.take();
            self.release_later((run, attempt), end, outcome);
        }
        self.processes[process].unwritten.push(written);
        self.write_later(process);
    }

    /// Undoes what this run has booked. What is not in the document yet is dropped.
    pub(crate) fn take_back(&mut self, run: usize) {
        let receipts = std::mem::take(&mut self.runs[run].receipts);
        log!(self, "r{run} takes back {}", receipts.len());
        if self.sabotage != Sabotage::NoRestore {
            for receipt in receipts {
                receipt.take_back(self.now);
            }
        }
        let process = self.runs[run].owner.pid as usize;
        self.oracle.held_back(process, run);
        self.processes[process].taken_back.push(run);
        if self.sabotage != Sabotage::NoRestore {
            self.drop_unwritten(run, process);
        }
        self.write_later(process);
    }

    /// What is not in the document yet never comes there: nobody has to wait for it.
    fn drop_unwritten(&mut self, run: usize, process: usize) {
        let is_own = |it: &&mut Written| it.run == run && it.answered.is_none();
        let unwritten = &mut self.processes[process].unwritten;
        let dropped: Vec<_> = unwritten
            .iter_mut()
            .filter(is_own)
            .map(|written| {
                written.is_undone = true;
                (written.attempt, written.end.take(), written.outcome)
            })
            .collect();
        for (attempt, end, outcome) in dropped {
            self.release_later((run, attempt), end, outcome);
        }
    }

    /// One update at a time, as soon as the lock is had.
    fn write_later(&mut self, process: usize) {
        if std::mem::replace(&mut self.processes[process].is_writing, true) {
            return;
        }
        let is_held = self.scenario.is_lock_held && self.rng.u32(..6) == 0;
        let longest = if is_held { 20 * SECOND } else { self.scenario.slow };
        let pause = part(longest, &mut self.rng);
        let generation = self.processes[process].generation;
        self.enqueue(self.now + pause, usize::MAX, Happening::Write(process, generation));
    }

    /// An update is in the document.
    pub(crate) fn write(&mut self, process: usize, generation: u64) {
        if self.processes[process].generation != generation {
            return;
        }
        self.processes[process].is_writing = false;
        self.processes[process].accounts.write();
        let written = std::mem::take(&mut self.processes[process].unwritten);
        log!(self, "p{process} writes {}", written.len());
        for written in written {
            let entry = self.entry(written.account);
            log!(self, "a{}: {entry:?}", written.account);
            self.written(written);
        }
        for run in std::mem::take(&mut self.processes[process].taken_back) {
            self.oracle.taken_back(run);
        }
        self.oracle.held_nothing(process);
    }

    fn entry(&self, account: usize) -> Option<String> {
        lock(&self.file).entry(&format!("a{account}")).map(str::to_owned)
    }

    fn written(&mut self, written: Written) {
        let Written { run, attempt, account, end, rest, answered, outcome, ended_at, is_undone } =
            written;
        match (&answered, rest) {
            _ if is_undone => {}
            (Some(success), _) => {
                let started_at = success.started_at.unwrap_or_default();
                let model = success.model.as_deref();
                self.oracle.answered(account, model, started_at, ended_at);
            }
            (None, Some(rest)) => self.oracle.booked(rest),
            // It says nothing of the account: as a probe it stands until its reservation ends.
            (None, None) => {
                self.oracle.counted(account, ended_at);
                return self.release_later((run, attempt), end, outcome);
            }
        }
        self.oracle.known(run, attempt);
        self.release_later((run, attempt), end, outcome);
    }
}
