//! Processes that share accounts, step by step: every step of every request is an event of its own on one virtual clock.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use fastrand::Rng;

use super::oracle::{self, Asked, Oracle, Rest};
use super::server::{HOUR, MINUTE, Nature, Reply, SECOND, Server};
use crate::failure::Class;
use crate::profiles::booking::Report;
use crate::profiles::rules::Policy;
use crate::profiles::stats::Success;
use crate::rotation::choice::{self, Accounts, Choice, Strategy, Wish};
use crate::rotation::pool::{Owner, Pool, Refusal, Reservation, Ticket};
use crate::rotation::run::{Circumstances, Course, jittered};
use crate::store::candidates::{self, OrderConfig};
use crate::store::document::Document;
use crate::store::marks::{Documents, Event, FailureEvent, Mark, Restored};

pub(super) const START: f64 = 1_770_000_000_000.0;
const PROVIDER: &str = "p";

/// A rule that is taken out of the code, to see that the properties notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sabotage {
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

#[derive(Debug, Clone)]
enum Step {
    Start,
    /// With the client's time: it was read before the pool's lock was had.
    Choose(f64),
    Arrive,
    Answer(Reply),
    TimeOut,
    Abort,
    Book(Box<Booking>),
    Release(Box<Booking>),
    Refuse(Box<Refusal>),
    Restore,
    /// Of the process; the run is of no matter.
    Crash(usize),
    Boot(usize),
}

/// What is to be written at the end of an attempt, and what comes then.
#[derive(Debug, Clone)]
struct Booking {
    mark: Option<Mark>,
    rest: Option<Rest>,
    is_success: bool,
    next: Next,
    is_written: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Choose,
    End(End),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    Failed,
    Aborted,
    Unavailable,
    Refused,
    Crashed,
}

#[derive(Debug)]
struct Attempt {
    number: usize,
    account: usize,
    ticket: Ticket,
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

/// What is queued. The tie is drawn, so events of one moment come in any order.
#[derive(Debug)]
struct Queued {
    at: f64,
    tie: u64,
    run: usize,
    /// The attempt that it belongs to; a late event of another one is void.
    attempt: usize,
    step: Step,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Queued {}
impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at).then(other.tie.cmp(&self.tie))
    }
}

/// What a seed decides.
#[derive(Debug)]
struct Scenario {
    accounts: usize,
    models: usize,
    processes: usize,
    requests: usize,
    timeout: f64,
    /// The longest wait for a lock or a disk.
    slow: f64,
    is_explicit: bool,
    has_keys: bool,
    crashes: usize,
}

impl Scenario {
    fn drawn(rng: &mut Rng) -> Self {
        Self {
            accounts: rng.usize(1..7),
            models: rng.usize(1..4),
            processes: rng.usize(1..5),
            requests: rng.usize(5..60),
            timeout: [5.0, 30.0, 120.0][rng.usize(..3)] * SECOND,
            slow: [1.0, 30.0, 400.0][rng.usize(..3)],
            is_explicit: rng.u32(..4) == 0,
            has_keys: rng.u32(..3) == 0,
            crashes: if rng.bool() { rng.usize(..6) } else { 0 },
        }
    }

    fn store(&self) -> Documents {
        let profiles: Vec<String> = (0..self.accounts)
            .map(|index| {
                let is_key = self.has_keys && index % 2 == 1;
                let secret = if is_key { r#""api_key","key""# } else { r#""oauth","access""# };
                format!(r#""a{index}":{{"type":{secret}:"x","provider":"{PROVIDER}"}}"#)
            })
            .collect();
        let order: Vec<String> = (0..self.accounts).rev().map(|it| format!("\"a{it}\"")).collect();
        let order = if self.is_explicit {
            format!(r#","order":{{"{PROVIDER}":[{}]}}"#, order.join(","))
        } else {
            String::new()
        };
        let text = format!(r#"{{"version":1,"profiles":{{{}}}{order}}}"#, profiles.join(","));
        Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
    }
}

#[derive(Debug)]
pub(super) struct World {
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
    pub(super) oracle: Oracle,
    pub(super) log: Option<Vec<String>>,
}

macro_rules! log {
    ($world:expr, $($text:tt)*) => {
        if let Some(log) = &mut $world.log {
            log.push(format!("{:>12.3} {}", ($world.now - START) / 1_000.0, format!($($text)*)));
        }
    };
}

impl World {
    pub(super) fn new(seed: u64, sabotage: Sabotage, has_log: bool) -> Self {
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
    pub(super) fn play(&mut self) {
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

    fn choose(&mut self, run: usize, now: f64) {
        let processes = &self.processes;
        let keeps_dead = self.sabotage == Sabotage::KeepDead;
        let lives = |owner: Owner| keeps_dead || processes[owner.pid as usize] == owner.started;
        self.pool.prune(lives, now);
        let wish = self.runs[run].course.wish.clone();
        let accounts = self.accounts(now);
        match choice::choose(&accounts, &self.pool, &wish, now) {
            Choice::Take { id, is_probe } => self.take(run, &accounts, &id, is_probe, now),
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

    fn accounts(&mut self, now: f64) -> Accounts {
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

    fn write(&mut self, mark: &Mark) {
        let applied = mark.apply(&mut self.documents);
        self.accounts = None;
        let entry = self.documents.usage(&mark.profile_id);
        log!(self, "{}: {applied:?} {entry:?}", mark.profile_id);
    }

    fn take(&mut self, run: usize, accounts: &Accounts, id: &str, is_probe: bool, now: f64) {
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
        self.serial += 1;
        let ticket = Ticket { owner: self.runs[run].owner, serial: self.serial };
        if self.sabotage != Sabotage::NoReservation {
            let probe = is_probe && self.sabotage != Sabotage::NoProbe;
            let (profile, model) = (id.to_owned(), wish.model.clone());
            self.pool.reserve(Reservation { ticket, profile, model, probe, at: now });
        }
        let number = self.runs[run].course.ask(id);
        let started_at = self.now;
        self.runs[run].attempt = Some(Attempt { number, account, ticket, started_at });
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

    fn arrive(&mut self, run: usize) {
        let Some(attempt) = &self.runs[run].attempt else { return };
        let model = self.runs[run].course.wish.model.as_deref();
        let nature = self.runs[run].nature;
        let (reply, takes) =
            self.server.ask(attempt.account, model, nature, self.now, &mut self.rng);
        log!(self, "a{} hears r{run}: {reply:?} in {takes} ms", attempt.account);
        if reply != Reply::Silence {
            self.enqueue(self.now + takes, run, Step::Answer(reply));
        }
    }

    fn abort(&mut self, run: usize) {
        log!(self, "r{run} is aborted");
        if let Some(attempt) = self.runs[run].attempt.take() {
            self.pool.release(attempt.ticket);
        }
        self.end(run, End::Aborted);
    }

    fn settled(&mut self, run: usize, reply: Reply) {
        let Some(attempt) = self.runs[run].attempt.as_mut() else { return };
        // Whatever comes later for this attempt is void.
        attempt.number += 1_000;
        let (account, started_at, now) = (attempt.account, attempt.started_at, self.now);
        let profile_id = format!("a{account}");
        let model = self.runs[run].course.wish.model.clone();
        log!(self, "r{run} gets {reply:?} from {profile_id}");
        let booking = if reply == Reply::Answer {
            let success = Success { started_at: Some(started_at), model };
            let event = Event::Success { provider: PROVIDER.into(), success };
            let mark = Some(Mark { profile_id, event, now });
            let next = Next::End(End::Answered);
            Booking { mark, rest: None, is_success: true, next, is_written: false }
        } else {
            let failure = reply.failure(model.as_deref(), now);
            let course = &mut self.runs[run].course;
            let verdict = course.fail(&failure, Circumstances::default(), now);
            let is_network = failure.class == Class::Network;
            assert_eq!(is_network, reply == Reply::Reset, "{failure:?}");
            let mut report = Report::of_failure(&failure, false, model.as_deref(), started_at, now);
            if self.sabotage == Sabotage::ForgetWaits
                && let Some(facts) = &mut report.failure
            {
                facts.resume_at = None;
            }
            let stretch = self.rng.f64() * 0.1;
            let event =
                FailureEvent { report, policy: Policy::Safe, stretch, ..FailureEvent::default() };
            let mark = Mark { profile_id, event: Event::Failure(Box::new(event)), now };
            let rest = Rest::after(reply, account, model.as_deref(), run, now);
            let next = if verdict.rotates { Next::Choose } else { Next::End(End::Failed) };
            let mark = verdict.is_booked.then_some(mark);
            Booking { mark, rest, is_success: false, next, is_written: false }
        };
        let releases_first = self.sabotage == Sabotage::ReleaseFirst || booking.mark.is_none();
        let booking = Box::new(booking);
        self.soon(run, if releases_first { Step::Release(booking) } else { Step::Book(booking) });
    }

    fn book(&mut self, run: usize, mut booking: Booking) {
        booking.is_written = true;
        let Some(attempt) = &self.runs[run].attempt else { return };
        let (account, started_at) = (attempt.account, attempt.started_at);
        if let Some(mark) = &booking.mark {
            let before = self.documents.stats(&mark.profile_id);
            log!(self, "r{run} books");
            self.write(mark);
            let model = self.runs[run].course.wish.model.as_deref();
            if booking.is_success {
                self.oracle.answered(account, model, started_at, mark.now);
            } else {
                let restored = Restored { before, booked_at: mark.now };
                self.runs[run].restores.push((mark.profile_id.clone(), restored));
            }
            if let Some(rest) = booking.rest.take() {
                self.oracle.booked(rest);
            }
        }
        self.oracle.known(run);
        if self.sabotage == Sabotage::ReleaseFirst {
            self.oracle.over(run);
            self.go_on(run, booking.next);
        } else {
            self.soon(run, Step::Release(Box::new(booking)));
        }
    }

    fn release(&mut self, run: usize, booking: Booking) {
        let Some(attempt) = &self.runs[run].attempt else { return };
        self.pool.release(attempt.ticket);
        let wish = &self.runs[run].course.wish;
        if let Some(key) = wish.session.filter(|_| booking.is_success) {
            let profile = format!("a{}", attempt.account);
            self.pool.note_session(key, PROVIDER, &profile, true, self.now);
        }
        if booking.mark.is_some() && !booking.is_written {
            return self.soon(run, Step::Book(Box::new(booking)));
        }
        self.oracle.over(run);
        self.go_on(run, booking.next);
    }

    fn go_on(&mut self, run: usize, next: Next) {
        self.runs[run].attempt = None;
        match next {
            Next::End(end) => self.end(run, end),
            Next::Choose => {
                let now = self.now;
                self.soon(run, Step::Choose(now));
            }
        }
    }

    fn nobody(&mut self, run: usize, accounts: &Accounts, now: f64) {
        let wish = self.runs[run].course.wish.clone();
        let left = accounts.list.iter().filter(|account| !wish.tried.contains(&account.id));
        for account in left.filter(|_| !wish.is_exhausted) {
            let stats = self.documents.stats(&account.id);
            let model = wish.model.as_deref();
            self.oracle.turned_away(Asked { run, account: index(&account.id), model, now }, &stats);
        }
        if let Some(refusal) = self.runs[run].course.refusal(self.now) {
            return self.soon(run, Step::Refuse(Box::new(refusal)));
        }
        self.unavailable(run);
    }

    fn refuse(&mut self, run: usize, refusal: Refusal) {
        if self.pool.refuse(refusal) {
            self.soon(run, Step::Restore);
        } else {
            self.unavailable(run);
        }
    }

    fn restore(&mut self, run: usize) {
        for (profile_id, restored) in std::mem::take(&mut self.runs[run].restores) {
            let event = Event::Restore(Box::new(restored));
            let mark = Mark { profile_id, event, now: self.now };
            log!(self, "r{run} takes back");
            if self.sabotage != Sabotage::NoRestore {
                self.write(&mark);
            }
        }
        self.oracle.taken_back(run);
        self.end(run, End::Refused);
    }

    /// Nobody is left; the caller comes back when it is told to, a few times.
    fn unavailable(&mut self, run: usize) {
        let accounts = self.accounts(self.now);
        let standings = choice::standings(&accounts, &self.runs[run].course.wish, self.now);
        let next = choice::next_free(&standings).map(|(_, at)| at);
        self.end(run, End::Unavailable);
        let Some(free_at) = next.filter(|_| self.runs[run].retries < 3) else { return };
        let wait = jittered((free_at - self.now).max(0.0), self.rng.f64());
        // Some callers look at the time alone.
        let at = if self.rng.bool() { self.now + wait } else { free_at.max(self.now) };
        let Run { nature, retries, owner, .. } = self.runs[run];
        let wish =
            Wish { tried: Vec::new(), is_exhausted: false, ..self.runs[run].course.wish.clone() };
        self.start(at.ceil(), owner.pid as usize, wish, nature, retries + 1, false);
    }

    fn end(&mut self, run: usize, end: End) {
        log!(self, "r{run} ends: {end:?}");
        self.oracle.over(run);
        let (accounts, timeout, slow) =
            (self.scenario.accounts as f64, self.scenario.timeout, self.scenario.slow);
        let run_of = &mut self.runs[run];
        run_of.end = Some(end);
        let took = self.now - run_of.began_at;
        let steps = 4.0 * (accounts + 1.0) * slow;
        // Everybody's whole timeout, and the wait for a verdict on everybody.
        let bound = accounts * (timeout + 10.0 * SECOND) + steps + MINUTE;
        if took > bound {
            let details = format!("r{run} took {took} of {bound} ms: {run_of:?}");
            self.oracle.report(oracle::TOO_LONG, details);
        }
        let is_final = run_of.is_final;
        if is_final && end != End::Answered {
            self.oracle.report(oracle::NEVER_BACK, format!("r{run} {end:?}"));
        }
    }
}

fn index(id: &str) -> usize {
    id[1..].parse().unwrap()
}
