//! The choice of an account, and the looks for a probe's verdict.

use std::sync::Arc;
use std::time::Duration;

use super::queue::Happening;
use super::{Reserved, World, index};
use crate::pool::backend::Backend as _;
use crate::pool::choose::choose_now;
use crate::rotation::accounts::{Accounts, standings};
use crate::rotation::choice::Choice;
use crate::rotation::pool_document::Ticket;
use crate::rotation::request::Strategy;
use crate::rotation::run::{Chosen, Event};
use crate::simulation::oracle::{self, Asked};
use crate::simulation::sabotage::Sabotage;
use crate::simulation::server::{HOUR, SECOND, part};
use crate::time::WallMs;

/// What a run may wait in all.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

impl World {
    pub(crate) fn choose(&mut self, run: usize, now: WallMs) {
        let chosen = self.chosen(run, now);
        self.on(run, Event::Chosen(chosen));
    }

    /// Less often than the real code; only the order matters.
    pub(crate) fn look_later(&mut self, run: usize) {
        let pause = Duration::from_millis(50) + part(Duration::from_millis(200), &mut self.rng);
        self.runs[run].waited += pause;
        self.enqueue(self.now + pause, run, Happening::Look);
    }

    pub(crate) fn look(&mut self, run: usize) {
        // One look may come after the end.
        if self.runs[run].waited > LONGEST_WAIT + SECOND / 4 {
            self.oracle.report(oracle::TOO_LONG, format!("r{run} waits on and on"));
        }
        let chosen = self.chosen(run, self.now);
        let is_endless = self.sabotage == Sabotage::WaitForEver;
        let deadline = if is_endless { self.now + HOUR } else { self.runs[run].deadline };
        if chosen.choice.is_waited_for(self.now, deadline) {
            return self.look_later(run);
        }
        self.on(run, Event::Chosen(chosen));
    }

    fn chosen(&mut self, run: usize, now: WallMs) -> Chosen {
        self.serial += 1;
        let ticket = Ticket { owner: self.runs[run].owner, serial: self.serial };
        self.tells(run, now);
        let request = self.runs[run].machine.request();
        let own = self.accounts_of(run);
        let accounts = own.accounts(now);
        let chosen = choose_now(self.pool_of(run).as_ref(), own.as_ref(), request, now, ticket);
        let (chosen, reserved) = chosen.expect("memory can be read");
        self.sabotage_reservation(ticket, now);
        match &chosen.choice {
            Choice::Take { id, is_probe } => {
                let (end, _) = reserved.expect("who is chosen is reserved");
                self.runs[run].reserved = Some(Reserved { end, is_probe: *is_probe });
                self.keep_renewed(ticket.owner.pid as usize);
                self.check_taken(run, &accounts, id, now);
                self.check_endpoint(run, Some(id), now);
            }
            Choice::Wait { id, until } => self.check_wait(run, id, *until, now),
            Choice::NoneLeft => self.check_turned_away(run, &accounts, now),
            Choice::EndpointRests { .. } => self.check_endpoint(run, None, now),
            Choice::Refused { .. } => {}
        }
        chosen
    }

    fn sabotage_reservation(&mut self, ticket: Ticket, now: WallMs) {
        let sabotage = self.sabotage;
        let pool = Arc::clone(&self.processes[ticket.owner.pid as usize].pool);
        pool.change(now, &mut |pool| match sabotage {
            Sabotage::NoReservation => pool.release(ticket),
            Sabotage::NoTrial => pool.reservations.iter_mut().for_each(|it| it.tries = None),
            Sabotage::NoProbe => pool.reservations.iter_mut().for_each(|it| it.probe = false),
            _ => {}
        });
    }

    fn check_taken(&mut self, run: usize, accounts: &Accounts, id: &str, now: WallMs) {
        let request = self.runs[run].machine.request().clone();
        log!(self, "r{run} takes {id} for {:?}", request.model);
        self.check_again(run, accounts, id, now);
        self.check_spread(run, accounts, id, now);
        let stats = self.accounts_of(run).stats(id);
        let (account, model) = (index(id), request.model.as_deref());
        let process = self.runs[run].owner.pid as usize;
        let attempt = self.runs[run].attempts + 1;
        let sent_at = self.now;
        self.oracle.asked(Asked { run, attempt, process, account, model, now, sent_at }, &stats);
    }

    fn check_wait(&mut self, run: usize, id: &str, until: WallMs, now: WallMs) {
        log!(self, "r{run} waits for the verdict on {id}");
        let account = index(id);
        if self.oracle.in_flight(account) == 0 && !self.oracle.may_look_busy(account, now) {
            self.oracle.report(oracle::WAITS_FOR_NOBODY, format!("r{run} on {id}"));
        }
        // A request that waited for the lock has an older clock than the probe.
        if until.since(now) > 10 * SECOND + self.scenario.slow {
            self.oracle.report(oracle::TOO_LONG, format!("r{run} waits until {until:?}"));
        }
    }

    fn check_turned_away(&mut self, run: usize, accounts: &Accounts, now: WallMs) {
        let request = self.runs[run].machine.request().clone();
        let left = accounts.list.iter().filter(|account| !request.tried.contains(&account.id));
        for account in left.filter(|_| !request.is_exhausted) {
            let stats = self.accounts_of(run).stats(&account.id);
            let model = request.model.as_deref();
            let process = self.runs[run].owner.pid as usize;
            let attempt = self.runs[run].attempts + 1;
            let (account, sent_at) = (index(&account.id), self.now);
            let asked = Asked { run, attempt, process, account, model, now, sent_at };
            self.oracle.turned_away(asked, &stats);
        }
    }

    /// Among free accounts of one type, without a session or preference, an idle one is chosen before a busy one.
    fn check_spread(&mut self, run: usize, accounts: &Accounts, id: &str, now: WallMs) {
        let request = self.runs[run].machine.request();
        let is_bound = request.preferred.is_some() || request.session.is_some();
        if is_bound || accounts.is_explicit || request.strategy != Strategy::Balanced {
            return;
        }
        let kind = accounts.list.iter().find(|it| it.id == id).map(|it| it.kind);
        let busy = self.oracle.in_flight(index(id));
        let idle = standings(accounts, request, now).into_iter().find(|standing| {
            let is_free = standing.until == Some(now) && !standing.was_tried;
            let account = accounts.list.iter().find(|it| it.id == standing.id);
            // An account with a window may be under probe.
            let is_fresh = account.is_some_and(|it| {
                Some(it.kind) == kind
                    && it.stats.cooldown_until.is_none()
                    && it.stats.disabled_until.is_none()
            });
            let account = index(&standing.id);
            let is_idle = self.oracle.in_flight(account) < busy;
            is_free && is_fresh && is_idle && !self.oracle.may_look_busy(account, now)
        });
        if let Some(idle) = idle {
            self.oracle.report(oracle::CROWDED, format!("r{run} took {id}, {} is idle", idle.id));
        }
    }
}
