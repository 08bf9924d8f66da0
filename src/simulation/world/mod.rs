//! Processes that share accounts, step by step: every step of every request is an event of its own on one virtual clock.

macro_rules! log {
    ($world:expr, $($text:tt)*) => {
        if let Some(log) = &mut $world.log {
            log.push(format!("{:>12.3} {}", ($world.now - $crate::simulation::world::START) / 1_000.0, format!($($text)*)));
        }
    };
}

mod booking;
mod choosing;
mod drive;
mod end;
mod endpoint;
mod process;
mod queue;
mod scenario;

use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;

use self::process::Process;
use self::queue::{End, Happening, Queued};
use self::scenario::Scenario;
use super::memory_accounts::{MemoryAccounts, MemoryFile};
use super::oracle::{self, Oracle};
use super::rest::Rest;
use super::sabotage::Sabotage;
use super::server::{HOUR, Nature, Reply, SECOND, Server, part};
use super::shared_pool::SharedPool;
use crate::background::lock;
use crate::pool::backend::Backend;
use crate::pool::owner::LEASE;
use crate::rotation::account_store::Receipt;
use crate::rotation::pool_document::Owner;
use crate::rotation::request::{Request, Strategy};
use crate::rotation::reserve::ReservationEnd;
use crate::rotation::run::{self as machine, Limits};
use crate::time::WallMs;

pub(crate) const START: WallMs = WallMs::new(1_770_000_000_000.0);
pub(crate) const PROVIDER: &str = "p";

/// Who may be asked now.
#[derive(Debug)]
struct Reserved {
    end: ReservationEnd,
    is_probe: bool,
}

#[derive(Debug)]
struct Attempt {
    number: usize,
    account: usize,
    /// Until it is released.
    end: Option<ReservationEnd>,
    /// The rest that should follow from the service's reply.
    rest: Option<Rest>,
    /// The endpoint left it without an answer.
    is_fault: bool,
    is_settled: bool,
}

#[derive(Debug)]
struct Run {
    owner: Owner,
    machine: machine::Run,
    nature: Nature,
    began_at: WallMs,
    reserved: Option<Reserved>,
    attempt: Option<Attempt>,
    attempts: usize,
    receipts: Vec<Arc<dyn Receipt>>,
    /// Accounts that the endpoint left without an answer.
    unanswered: Vec<usize>,
    waited: Duration,
    /// Of the wait that is under way.
    deadline: WallMs,
    is_aborted: bool,
    retries: usize,
    end: Option<End>,
    is_final: bool,
}

/// When each process was started; `None` while it is down.
pub(crate) type Lives = Arc<Mutex<Vec<Option<u64>>>>;

#[derive(Debug)]
pub(crate) struct World {
    scenario: Scenario,
    sabotage: Sabotage,
    rng: Rng,
    now: WallMs,
    queue: BinaryHeap<Queued>,
    file: Arc<Mutex<MemoryFile>>,
    lives: Lives,
    processes: Vec<Process>,
    server: Server,
    /// When the endpoint left somebody without an answer last.
    failed_at: Option<WallMs>,
    runs: Vec<Run>,
    serial: u64,
    steps: usize,
    pub(crate) oracle: Oracle,
    pub(crate) log: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Sabotage, has_log: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        let scenario = Scenario::drawn(&mut rng);
        let server = Server::new(scenario.accounts, &mut rng);
        let lives: Lives = Arc::new(Mutex::new(vec![Some(0); scenario.processes]));
        let pool = Arc::default();
        let machines = scenario.machines();
        let file = Arc::new(Mutex::new(MemoryFile::new(scenario.store())));
        let process = |(process, machine)| {
            let pool = SharedPool::new(&pool, &lives, (machine, process), sabotage);
            let accounts = MemoryAccounts::new(&file, scenario.is_sub_agent(process), sabotage);
            Process::new(machine, pool, accounts)
        };
        let processes = machines.into_iter().enumerate().map(process).collect();
        let mut world = Self {
            file,
            lives,
            processes,
            scenario,
            sabotage,
            rng,
            now: START,
            queue: BinaryHeap::new(),
            server,
            failed_at: None,
            runs: Vec::new(),
            serial: 0,
            steps: 0,
            oracle: Oracle::default(),
            log: has_log.then(Vec::new),
        };
        log!(world, "{:?}", world.scenario);
        world.plan();
        world
    }

    /// Bursts of requests, outages and crashes.
    fn plan(&mut self) {
        let mut at = START;
        for _ in 0..self.scenario.requests {
            let zero = Duration::ZERO;
            let pauses = [zero, zero, SECOND / 10, 5 * SECOND, 90 * SECOND, HOUR];
            at += part(pauses[self.rng.usize(..6)], &mut self.rng);
            let process = self.rng.usize(..self.scenario.processes);
            let request = self.request();
            let nature =
                [Nature::Broken, Nature::Hated, Nature::Plain][self.rng.usize(..24).min(2)];
            self.start(at, process, request, nature, 0, false);
        }
        let length = at.since(START);
        for _ in 0..self.scenario.outages {
            let from = self.runs[self.rng.usize(..self.runs.len())].began_at;
            self.server.breaks(from, &mut self.rng);
        }
        for _ in 0..self.scenario.crashes {
            let process = self.rng.usize(..self.scenario.processes);
            let at = START + part(length, &mut self.rng);
            self.enqueue(at, usize::MAX, Happening::Crash(process));
        }
    }

    fn request(&mut self) -> Request {
        let rng = &mut self.rng;
        let model = rng.usize(..=self.scenario.models);
        let model = (model < self.scenario.models).then(|| format!("m{model}"));
        let preferred = format!("a{}", rng.usize(..self.scenario.accounts));
        Request {
            provider: PROVIDER.into(),
            model,
            preferred: (rng.u32(..8) == 0).then_some(preferred),
            strategy: if rng.u32(..6) == 0 { Strategy::Priority } else { Strategy::Balanced },
            session: (rng.u32(..4) == 0).then(|| rng.u64(..3)),
            key: (rng.u32(..3) != 0).then(|| rng.u64(..)),
            ..Request::default()
        }
    }

    fn start(
        &mut self,
        at: WallMs,
        process: usize,
        request: Request,
        nature: Nature,
        retries: usize,
        is_final: bool,
    ) {
        let max_attempts = (self.rng.u32(..8) == 0 && !is_final).then_some(2);
        let endpoint_attempts = if self.sabotage == Sabotage::AskForEver { 99 } else { 3 };
        let limits = Limits { max_attempts, endpoint_attempts, ..Limits::default() };
        let owner = self.processes[process].machine.owner(process, None);
        let chance = self.rng.fork();
        let run = self.runs.len();
        let request = Request { patience: Some(self.scenario.patience(process)), ..request };
        self.runs.push(Run {
            owner,
            machine: machine::Run::new(request, limits, chance),
            nature,
            began_at: at,
            reserved: None,
            attempt: None,
            attempts: 0,
            receipts: Vec::new(),
            unanswered: Vec::new(),
            waited: Duration::ZERO,
            deadline: at,
            is_aborted: false,
            retries,
            end: None,
            is_final,
        });
        self.enqueue(at, run, Happening::Start);
        if self.rng.u32(..10) == 0 && !is_final {
            let after = part(3 * SECOND, &mut self.rng);
            self.enqueue(at + after, run, Happening::Abort);
        }
    }

    fn enqueue(&mut self, at: WallMs, run: usize, happening: Happening) {
        let attempt = self.runs.get(run).and_then(|run| run.attempt.as_ref());
        let attempt = attempt.map_or(0, |attempt| attempt.number);
        let tie = self.rng.u64(..);
        self.queue.push(Queued { at, tie, run, attempt, happening });
    }

    fn soon(&mut self, run: usize, happening: Happening) {
        let pause = part(self.scenario.slow, &mut self.rng);
        self.enqueue(self.now + pause, run, happening);
    }

    /// Plays all requests; then the service is healthy again, and after a day every account must be back.
    pub(crate) fn play(&mut self) {
        self.drain();
        self.now += 30 * HOUR;
        self.server.is_healed = true;
        lock(&self.lives).iter_mut().for_each(|process| *process = Some(1_000));
        log!(self, "all is well from here on");
        let first = self.runs.len();
        for _ in 0..self.scenario.accounts {
            let request = Request {
                provider: PROVIDER.into(),
                model: Some("m0".into()),
                ..Request::default()
            };
            self.start(self.now, 0, request, Nature::Plain, 0, true);
        }
        self.drain();
        let last = &self.runs[first..];
        let failed = last.iter().filter(|run| run.end != Some(End::Answered)).count();
        let mut asked: Vec<&String> =
            last.iter().flat_map(|run| &run.machine.request().tried).collect();
        asked.sort();
        asked.dedup();
        let meets_all = self.scenario.is_explicit || self.scenario.has_keys;
        if failed > 0 || (!meets_all && asked.len() < self.scenario.accounts) {
            let details = format!("{failed} unanswered, asked {asked:?}");
            self.oracle.report(oracle::NEVER_BACK, details);
        }
        let found = std::mem::take(&mut self.oracle.endpoint.violations);
        self.oracle.violations.extend(found);
    }

    fn drain(&mut self) {
        while let Some(queued) = self.queue.pop() {
            self.now = self.now.later(queued.at);
            self.steps += 1;
            if self.steps > 400_000 {
                self.oracle.report(oracle::TOO_LONG, "it never ends".into());
                return;
            }
            self.step(queued);
        }
        for (index, run) in self.runs.iter().enumerate().filter(|(_, run)| run.end.is_none()) {
            self.oracle.report(oracle::TOO_LONG, format!("r{index} never ended: {run:?}"));
        }
        // Who died on another machine is gone when its lease is over.
        self.now += LEASE + SECOND;
        let pool = Arc::clone(&self.processes[0].pool);
        pool.change(self.now - LEASE - SECOND, &mut |_| {});
        let left = (&*pool as &dyn Backend).with(self.now, |pool| pool.reservations.clone());
        for reservation in left.into_iter().flatten() {
            self.oracle.report(oracle::LEFT_BEHIND, format!("{reservation:?}"));
        }
    }

    fn step(&mut self, queued: Queued) {
        let Queued { run, attempt, happening, .. } = queued;
        match happening {
            Happening::Crash(process) => return self.crash(process),
            Happening::Boot(process) => {
                // One that crashed twice is started once.
                lock(&self.lives)[process].get_or_insert(self.steps as u64);
                return;
            }
            // These go on when the caller is gone, but not without their process.
            Happening::Write(process, generation) => return self.write(process, generation),
            Happening::Renew(process, generation) => return self.renew(process, generation),
            Happening::Release(release) => return self.released(run, &release),
            Happening::Hear(heard) => return self.hear(run, &heard),
            _ => {}
        }
        if self.runs[run].end.is_some() {
            return;
        }
        let asked = self.runs[run].attempt.as_ref();
        let is_current = asked.is_some_and(|it| it.number == attempt && !it.is_settled);
        match happening {
            Happening::Start => self.begin(run),
            Happening::Abort => self.abort(run),
            Happening::Arrive if is_current => self.arrive(run),
            Happening::Answer(reply) if is_current => self.settled(run, reply),
            Happening::TimeOut if is_current => self.settled(run, Reply::Silence),
            Happening::Choose(now) => self.choose(run, now),
            Happening::Look => self.look(run),
            Happening::Refuse(refusal) => self.refuse(run, &refusal),
            _ => {}
        }
    }

    /// The pool as the run's process sees it.
    fn pool_of(&self, run: usize) -> Arc<SharedPool> {
        Arc::clone(&self.processes[self.runs[run].owner.pid as usize].pool)
    }

    /// What the run's process sees.
    fn accounts_of(&self, run: usize) -> Arc<MemoryAccounts> {
        Arc::clone(&self.processes[self.runs[run].owner.pid as usize].accounts)
    }

    fn begin(&mut self, run: usize) {
        let process = self.runs[run].owner.pid as usize;
        let started = lock(&self.lives)[process];
        let Some(started) = started else {
            // The process is down: its callers come when it is back.
            return self.enqueue(self.now + SECOND, run, Happening::Start);
        };
        self.runs[run].owner.started = Some(started);
        self.runs[run].began_at = self.now;
        self.go_on(run);
    }
}

fn index(id: &str) -> usize {
    id[1..].parse().unwrap()
}
