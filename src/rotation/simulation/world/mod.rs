//! Processes that share accounts, step by step: every step of every request is an event of its own on one virtual clock.

macro_rules! log {
    ($world:expr, $($text:tt)*) => {
        if let Some(log) = &mut $world.log {
            log.push(format!("{:>12.3} {}", ($world.now - $crate::rotation::simulation::world::START) / 1_000.0, format!($($text)*)));
        }
    };
}

mod attempt;
mod choosing;
mod ends;
mod queue;
mod scenario;

use std::collections::BinaryHeap;

use fastrand::Rng;

use self::queue::End;
use self::queue::Queued;
use self::queue::Step;
use self::scenario::Scenario;
use super::oracle::{self, Oracle};
use super::server::{HOUR, Nature, Reply, SECOND, Server};
use crate::rotation::choice::{Accounts, Strategy, Wish};
use crate::rotation::claim::Held;
use crate::rotation::course::Course;
use crate::rotation::pool::{Owner, Pool};
use crate::store::edits::marks::{Documents, Restored};

pub(crate) const START: f64 = 1_770_000_000_000.0;
const PROVIDER: &str = "p";

/// A rule that is taken out of the code, to see that the properties notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sabotage {
    #[default]
    None,
    /// Windows are not looked at.
    IgnoreWindows,
    /// Nobody reserves.
    NoReservation,
    /// Probes are not told to others.
    NoProbe,
    /// The reservation ends before the booking is written.
    ReleaseFirst,
    /// Dead processes' reservations stay.
    KeepDead,
    /// What was booked for a refused request is not taken back.
    NoRestore,
    /// Waits that a server states are not booked.
    ForgetWaits,
}

#[derive(Debug)]
struct Attempt {
    number: usize,
    account: usize,
    /// Until it is released.
    held: Option<Held>,
    started_at: f64,
}

#[derive(Debug)]
struct Run {
    owner: Owner,
    course: Course,
    nature: Nature,
    began_at: f64,
    attempt: Option<Attempt>,
    restores: Vec<(String, Restored)>,
    /// Since when it waits for others' probes, and how long it did before.
    waits: usize,
    retries: usize,
    end: Option<End>,
    is_final: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    scenario: Scenario,
    sabotage: Sabotage,
    rng: Rng,
    now: f64,
    queue: BinaryHeap<Queued>,
    documents: Documents,
    /// What the document tells; reading it again and again is most of the work.
    accounts: Option<Accounts>,
    pool: Pool,
    /// When each process was started; `None` while it is down.
    processes: Vec<Option<u64>>,
    server: Server,
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
        let mut world = Self {
            documents: scenario.store(),
            processes: vec![Some(0); scenario.processes],
            scenario,
            sabotage,
            rng,
            now: START,
            queue: BinaryHeap::new(),
            accounts: None,
            pool: Pool::default(),
            server,
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

    /// Bursts of requests, and crashes.
    fn plan(&mut self) {
        let mut at = START;
        for _ in 0..self.scenario.requests {
            let pause = [0.0, 0.0, 100.0, 5.0 * SECOND, 90.0 * SECOND, HOUR][self.rng.usize(..6)];
            at += (pause * self.rng.f64()).floor();
            let process = self.rng.usize(..self.scenario.processes);
            let wish = self.wish();
            let nature =
                [Nature::Broken, Nature::Hated, Nature::Plain][self.rng.usize(..24).min(2)];
            self.start(at, process, wish, nature, 0, false);
        }
        let length = at - START;
        for _ in 0..self.scenario.crashes {
            let process = self.rng.usize(..self.scenario.processes);
            let at = START + (self.rng.f64() * length).floor();
            self.enqueue(at, usize::MAX, Step::Crash(process));
        }
    }

    fn wish(&mut self) -> Wish {
        let rng = &mut self.rng;
        let model = rng.usize(..=self.scenario.models);
        let model = (model < self.scenario.models).then(|| format!("m{model}"));
        let preferred = format!("a{}", rng.usize(..self.scenario.accounts));
        Wish {
            provider: PROVIDER.into(),
            model,
            preferred: (rng.u32(..8) == 0).then_some(preferred),
            strategy: if rng.u32(..6) == 0 { Strategy::Priority } else { Strategy::Balanced },
            session: (rng.u32(..4) == 0).then(|| rng.u64(..3)),
            request: (rng.u32(..3) != 0).then(|| rng.u64(..)),
            ..Wish::default()
        }
    }

    fn start(
        &mut self,
        at: f64,
        process: usize,
        wish: Wish,
        nature: Nature,
        retries: usize,
        is_final: bool,
    ) {
        let max_attempts = (self.rng.u32(..8) == 0 && !is_final).then_some(2);
        let owner = Owner { pid: process as u32, started: None };
        let run = self.runs.len();
        self.runs.push(Run {
            owner,
            course: Course::new(wish, max_attempts, false),
            nature,
            began_at: at,
            attempt: None,
            restores: Vec::new(),
            waits: 0,
            retries,
            end: None,
            is_final,
        });
        self.enqueue(at, run, Step::Start);
        if self.rng.u32(..10) == 0 && !is_final {
            let after = (self.rng.f64() * 3.0 * SECOND).floor();
            self.enqueue(at + after, run, Step::Abort);
        }
    }

    fn enqueue(&mut self, at: f64, run: usize, step: Step) {
        let attempt = self.runs.get(run).and_then(|run| run.attempt.as_ref());
        let attempt = attempt.map_or(0, |attempt| attempt.number);
        let tie = self.rng.u64(..);
        self.queue.push(Queued { at, tie, run, attempt, step });
    }

    fn soon(&mut self, run: usize, step: Step) {
        let pause = (self.rng.f64() * self.scenario.slow).floor();
        self.enqueue(self.now + pause, run, step);
    }

    /// Everything, then all is well again for a day and everybody must be back.
    pub(crate) fn play(&mut self) {
        self.drain();
        self.now += 30.0 * HOUR;
        self.server.is_healed = true;
        self.processes.iter_mut().for_each(|process| *process = Some(1_000));
        log!(self, "all is well from here on");
        let first = self.runs.len();
        for _ in 0..self.scenario.accounts {
            let wish =
                Wish { provider: PROVIDER.into(), model: Some("m0".into()), ..Wish::default() };
            self.start(self.now, 0, wish, Nature::Plain, 0, true);
        }
        self.drain();
        let last = &self.runs[first..];
        let failed = last.iter().filter(|run| run.end != Some(End::Answered)).count();
        let mut asked: Vec<&String> = last.iter().flat_map(|run| &run.course.wish.tried).collect();
        asked.sort();
        asked.dedup();
        let meets_all = self.scenario.is_explicit || self.scenario.has_keys;
        if failed > 0 || (!meets_all && asked.len() < self.scenario.accounts) {
            let details = format!("{failed} unanswered, asked {asked:?}");
            self.oracle.report(oracle::NEVER_BACK, details);
        }
    }

    fn drain(&mut self) {
        while let Some(queued) = self.queue.pop() {
            self.now = self.now.max(queued.at);
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
    }

    fn step(&mut self, queued: Queued) {
        let Queued { run, attempt, step, .. } = queued;
        match step {
            Step::Crash(process) => return self.crash(process),
            Step::Boot(process) => {
                self.processes[process] = Some(self.steps as u64);
                return;
            }
            _ => {}
        }
        let is_current = |run: &Run| {
            run.end.is_none()
                && run.attempt.as_ref().is_none_or(|current| current.number == attempt)
        };
        match step {
            Step::Start => self.begin(run),
            Step::Abort if self.runs[run].end.is_none() => self.abort(run),
            Step::Arrive if is_current(&self.runs[run]) => self.arrive(run),
            Step::Answer(reply) if is_current(&self.runs[run]) => self.settled(run, reply),
            Step::TimeOut if is_current(&self.runs[run]) => self.settled(run, Reply::Silence),
            Step::Choose(now) if self.runs[run].end.is_none() => self.choose(run, now),
            Step::Book(booking) if self.runs[run].end.is_none() => self.book(run, *booking),
            Step::Release(booking) if self.runs[run].end.is_none() => self.release(run, *booking),
            Step::Refuse(refusal) if self.runs[run].end.is_none() => self.refuse(run, *refusal),
            Step::Restore if self.runs[run].end.is_none() => self.restore(run),
            _ => {}
        }
    }

    fn crash(&mut self, process: usize) {
        log!(self, "p{process} crashes");
        self.processes[process] = None;
        let pid = process as u32;
        let dead =
            |run: &Run| run.owner.pid == pid && run.end.is_none() && run.owner.started.is_some();
        let dead: Vec<usize> =
            (0..self.runs.len()).filter(|index| dead(&self.runs[*index])).collect();
        for run in dead {
            self.runs[run].end = Some(End::Crashed);
            self.oracle.over(run);
        }
        let down = (self.rng.f64() * 3.0 * SECOND).floor();
        self.enqueue(self.now + down, usize::MAX, Step::Boot(process));
    }

    fn begin(&mut self, run: usize) {
        let process = self.runs[run].owner.pid as usize;
        let Some(started) = self.processes[process] else {
            // The process is down: its callers come when it is back.
            return self.enqueue(self.now + SECOND, run, Step::Start);
        };
        self.runs[run].owner.started = Some(started);
        self.runs[run].began_at = self.now;
        let now = self.now;
        self.soon(run, Step::Choose(now));
    }
}

fn index(id: &str) -> usize {
    id[1..].parse().unwrap()
}
