//! A simulated process: what it knows, and its death.

use std::sync::Arc;

use super::queue::{End, Happening, Written};
use super::{Run, World};
use crate::background::lock;
use crate::pool::owner::{LEASE, LONGEST_SKEW, RENEW_EVERY};
use crate::simulation::memory_accounts::MemoryAccounts;
use crate::simulation::server::{SECOND, part};
use crate::simulation::shared_pool::{Machine, SharedPool};

/// What one process knows and has not written.
#[derive(Debug)]
pub(crate) struct Process {
    /// Of a process that was started again it is another one.
    pub(crate) generation: u64,
    pub(crate) machine: Machine,
    pub(crate) pool: Arc<SharedPool>,
    pub(crate) accounts: Arc<MemoryAccounts>,
    pub(crate) unwritten: Vec<Written>,
    /// Runs whose bookings are undone.
    pub(crate) taken_back: Vec<usize>,
    pub(crate) is_writing: bool,
    /// A timer renews its lease.
    pub(crate) is_renewing: bool,
}

impl Process {
    pub(crate) fn new(machine: Machine, pool: SharedPool, accounts: MemoryAccounts) -> Self {
        Self {
            generation: 0,
            machine,
            pool: Arc::new(pool),
            accounts: Arc::new(accounts),
            unwritten: Vec::new(),
            taken_back: Vec::new(),
            is_writing: false,
            is_renewing: false,
        }
    }
}

impl World {
    /// What it has not written is lost.
    pub(crate) fn crash(&mut self, process: usize) {
        log!(self, "p{process} crashes");
        let started = lock(&self.lives)[process].take();
        let pid = process as u32;
        let has_others = self.scenario.skews_ms.len() > 1;
        // It counts from the first look at it, which may come late; a clock may be behind by as much again.
        let lease_ends = has_others.then(|| self.now + LEASE + 2 * LONGEST_SKEW);
        let is_its = |run: &Run| run.owner.pid == pid && run.owner.started.is_some();
        let own: Vec<usize> = (0..self.runs.len()).filter(|it| is_its(&self.runs[*it])).collect();
        for run in own {
            if self.runs[run].end.is_none() {
                self.runs[run].end = Some(End::Crashed);
            }
            if started.is_some() {
                self.oracle.all_over(run, lease_ends);
            }
        }
        self.oracle.held_nothing(process);
        let own = &mut self.processes[process];
        let is_sub_agent = self.scenario.is_sub_agent(process);
        own.accounts = Arc::new(MemoryAccounts::new(&self.file, is_sub_agent, self.sabotage));
        own.generation += 1;
        (own.is_writing, own.is_renewing) = (false, false);
        own.unwritten.clear();
        own.taken_back.clear();
        let down = part(3 * SECOND, &mut self.rng);
        self.enqueue(self.now + down, usize::MAX, Happening::Boot(process));
    }

    /// As long as a process holds a reservation its lease is renewed.
    pub(crate) fn keep_renewed(&mut self, process: usize) {
        let own = &mut self.processes[process];
        if !std::mem::replace(&mut own.is_renewing, true) {
            let renew = Happening::Renew(process, own.generation);
            self.enqueue(self.now + RENEW_EVERY, usize::MAX, renew);
        }
    }

    pub(crate) fn renew(&mut self, process: usize, generation: u64) {
        let own = &mut self.processes[process];
        if own.generation == generation {
            own.is_renewing = false;
            if own.pool.renew(self.now) {
                self.keep_renewed(process);
            }
        }
    }
}
