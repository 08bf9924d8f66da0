//! A simulated process: what it knows, and its death.

use std::sync::Arc;

use super::queue::{End, Happening, Written};
use super::{Run, World};
use crate::background::lock;
use crate::simulation::memory_accounts::MemoryAccounts;
use crate::simulation::server::{SECOND, part};

/// What one process knows and has not written.
#[derive(Debug)]
pub(crate) struct Process {
    /// Of a process that was started again it is another one.
    pub(crate) generation: u64,
    pub(crate) accounts: Arc<MemoryAccounts>,
    pub(crate) unwritten: Vec<Written>,
    /// Runs whose bookings are undone.
    pub(crate) taken_back: Vec<usize>,
    pub(crate) is_writing: bool,
}

impl Process {
    pub(crate) fn new(generation: u64, accounts: MemoryAccounts) -> Self {
        let (unwritten, taken_back) = (Vec::new(), Vec::new());
        let accounts = Arc::new(accounts);
        Self { generation, accounts, unwritten, taken_back, is_writing: false }
    }
}

impl World {
    /// What it has not written is lost.
    pub(crate) fn crash(&mut self, process: usize) {
        log!(self, "p{process} crashes");
        let started = lock(&self.lives)[process].take();
        let pid = process as u32;
        let is_its = |run: &Run| run.owner.pid == pid && run.owner.started.is_some();
        let own: Vec<usize> = (0..self.runs.len()).filter(|it| is_its(&self.runs[*it])).collect();
        for run in own {
            if self.runs[run].end.is_none() {
                self.runs[run].end = Some(End::Crashed);
            }
            if started.is_some() {
                self.oracle.all_over(run);
            }
        }
        self.oracle.held_nothing(process);
        let generation = self.processes[process].generation + 1;
        let accounts = MemoryAccounts::new(&self.file, self.sabotage);
        self.processes[process] = Process::new(generation, accounts);
        let down = part(3 * SECOND, &mut self.rng);
        self.enqueue(self.now + down, usize::MAX, Happening::Boot(process));
    }
}
