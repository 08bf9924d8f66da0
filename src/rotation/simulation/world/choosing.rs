//! The choice of an account, and the request on its way to it.

use super::queue::{End, Step};
use super::{Attempt, PROVIDER, Sabotage, World, index};
use crate::rotation::choice::{self, Accounts, Choice, Strategy};
use crate::rotation::claim::{Held, claim};
use crate::rotation::pool::{Owner, Ticket};
use crate::rotation::simulation::oracle::{self, Asked};
use crate::rotation::simulation::server::SECOND;
use crate::store::edits::candidates::{self, OrderConfig};

impl World {
    pub(crate) fn choose(&mut self, run: usize, now: f64) {
        let processes = &self.processes;
        let keeps_dead = self.sabotage == Sabotage::KeepDead;
        let lives = |owner: Owner| keeps_dead || processes[owner.pid as usize] == owner.started;
        self.pool.prune(lives, now);
        let wish = self.runs[run].course.wish.clone();
        let accounts = self.accounts(now);
        self.serial += 1;
        let ticket = Ticket { owner: self.runs[run].owner, serial: self.serial };
        let (choice, held) = claim(&accounts, &mut self.pool, &wish, now, ticket);
        self.sabotage_claim(ticket);
        match choice {
            Choice::Take { id, is_probe } => self.take(run, &accounts, &id, is_probe, now, held),
            Choice::Wait { id, until } => {
                log!(self, "r{run} waits for the verdict on {id}");
                if self.oracle.in_flight(index(&id)) == 0 {
                    self.oracle.report(oracle::WAITS_FOR_NOBODY, format!("r{run} on {id}"));
                }
                // The clock of who reads it late runs behind the probe's.
                if until - now > 10.0 * SECOND + self.scenario.slow {
                    self.oracle.report(oracle::TOO_LONG, format!("r{run} waits until {until}"));
                }
                self.runs[run].waits += 1;
                // Less often than the real thing looks; only the order matters.
                let look = 50.0 + (self.rng.f64() * 200.0).floor();
                let at = self.now + look;
                self.enqueue(at, run, Step::Choose(at));
            }
            Choice::Refused { .. } => self.end(run, End::Refused),
            Choice::Nobody => self.nobody(run, &accounts, now),
        }
    }

    fn sabotage_claim(&mut self, ticket: Ticket) {
        if self.sabotage == Sabotage::NoReservation {
            self.pool.release(ticket);
        }
        if self.sabotage == Sabotage::NoProbe {
            self.pool.reservations.iter_mut().for_each(|reservation| reservation.probe = false);
        }
    }

    pub(crate) fn accounts(&mut self, now: f64) -> Accounts {
        if let Some(accounts) = &self.accounts {
            return accounts.clone();
        }
        let mut accounts =
            candidates::accounts(&self.documents, PROVIDER, &OrderConfig::default(), now);
        if self.sabotage == Sabotage::IgnoreWindows {
            accounts.list.iter_mut().for_each(|account| account.stats.cooldown_until = None);
        }
        self.accounts = Some(accounts.clone());
        accounts
    }

    fn take(
        &mut self,
        run: usize,
        accounts: &Accounts,
        id: &str,
        is_probe: bool,
        now: f64,
        held: Option<Held>,
    ) {
        let wish = self.runs[run].course.wish.clone();
        let account = index(id);
        log!(
            self,
            "r{run} takes {id} for {:?}{}",
            wish.model,
            if is_probe { ", probe" } else { "" }
        );
        if wish.tried.iter().any(|tried| tried == id) {
            self.oracle.report(oracle::ASKED_TWICE, format!("r{run} {id}"));
        }
        self.check_spread(run, accounts, id, now);
        let stats = self.documents.stats(id);
        let model = wish.model.as_deref();
        self.oracle.asked(Asked { run, account, model, now }, &stats);
        let number = self.runs[run].course.ask(id);
        let started_at = self.now;
        self.runs[run].attempt = Some(Attempt { number, account, held, started_at });
        // A prober's death is the interesting one.
        let odds = if is_probe { 5 } else { 30 };
        if self.scenario.crashes > 0 && self.rng.u32(..odds) == 0 && !self.runs[run].is_final {
            let after = (self.rng.f64() * 100.0).floor();
            self.enqueue(self.now + after, run, Step::Crash(self.runs[run].owner.pid as usize));
        }
        let travel = (self.rng.f64() * 50.0).floor();
        self.enqueue(self.now + travel, run, Step::Arrive);
        self.enqueue(self.now + self.scenario.timeout, run, Step::TimeOut);
    }

    /// Of accounts of one type that are free and that nobody is bound to, an idle one is chosen before a busy one.
    fn check_spread(&mut self, run: usize, accounts: &Accounts, id: &str, now: f64) {
        let wish = &self.runs[run].course.wish;
        let is_bound = wish.preferred.is_some() || wish.session.is_some();
        if is_bound || accounts.is_explicit || wish.strategy != Strategy::Balanced {
            return;
        }
        let kind = accounts.list.iter().find(|it| it.id == id).map(|it| it.kind);
        let busy = self.oracle.in_flight(index(id));
        let idle = choice::standings(accounts, wish, now).into_iter().find(|standing| {
            let is_free = standing.until == Some(now) && !standing.was_tried;
            let account = accounts.list.iter().find(|it| it.id == standing.id);
            // One that was resting is perhaps being probed.
            let is_fresh = account.is_some_and(|it| {
                Some(it.kind) == kind
                    && it.stats.cooldown_until.is_none()
                    && it.stats.disabled_until.is_none()
            });
            is_free && is_fresh && self.oracle.in_flight(index(&standing.id)) < busy
        });
        if let Some(idle) = idle {
            self.oracle.report(oracle::CROWDED, format!("r{run} took {id}, {} is idle", idle.id));
        }
    }
}
