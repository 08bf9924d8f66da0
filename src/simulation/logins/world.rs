//! The store, the pool, the token server and the processes; one step at a time.

use std::time::Duration;

use super::process::{Process, Sabotage, Step};
use crate::rotation::login::holder::{Owner, Ticket};
use crate::rotation::login::login_record::{Ended, LoginState, Logins, Take, Wanted};
use crate::rotation::login::oauth_login::{Login, Renewal};
use crate::time::WallMs;

const START: WallMs = WallMs::new(1_770_000_000_000.0);
const LIFETIME_MS: f64 = 3_600_000.0;
const BEFORE: Duration = Duration::from_mins(1);

/// A token server of one login.
#[derive(Debug, Default)]
struct Server {
    issued: u32,
    is_revoked: bool,
    /// Tokens that came a second time.
    reused: u32,
}

#[derive(Debug)]
pub(super) struct World {
    sabotage: Sabotage,
    now: WallMs,
    /// The entry in the store.
    store: String,
    pool: Logins,
    server: Server,
    pub(super) processes: Vec<Process>,
    /// The access tokens that have stood in the store.
    saved: Vec<String>,
    /// Answers that died with their process.
    pub(super) lost: u32,
    /// What went wrong.
    pub(super) faults: Vec<String>,
    /// Logins that a person has made.
    by_person: u32,
    last_by_person: Option<String>,
}

fn ticket(pid: u32) -> Ticket {
    Ticket { owner: Owner::of_pid(pid), serial: 1 }
}

fn entry(access: &str, refresh: &str, expires: WallMs) -> String {
    let mut entry = serde_json::json!({ "type": "oauth", "provider": "p", "access": access });
    entry["refresh"] = refresh.into();
    entry["expires"] = expires.whole_ms().into();
    entry.to_string()
}

impl World {
    pub(super) fn new(processes: u32, sabotage: Sabotage) -> Self {
        Self {
            sabotage,
            now: START,
            store: entry("a0", "r0", START),
            pool: Logins::default(),
            server: Server::default(),
            processes: (1..=processes).map(Process::new).collect(),
            saved: vec!["a0".to_owned()],
            lost: 0,
            faults: Vec::new(),
            by_person: 0,
            last_by_person: None,
        }
    }

    fn login(&self) -> Login {
        Login::parse(&self.store).expect("the store has a login")
    }

    /// Every change of the pool forgets the dead first.
    fn pool(&mut self) -> &mut Logins {
        let alive: Vec<u32> =
            self.processes.iter().filter(|it| it.is_alive).map(|it| it.pid).collect();
        self.pool.prune(|owner| alive.contains(&owner.pid), self.now);
        &mut self.pool
    }

    /// A process dies where it stands.
    pub(super) fn die(&mut self, index: usize) {
        let process = &mut self.processes[index];
        if process.is_alive && process.holds_an_answer() {
            self.lost += 1;
        }
        process.is_alive = false;
    }

    /// Somebody signs in anew: the token server begins a new family.
    pub(super) fn sign_in(&mut self) {
        self.by_person += 1;
        let (access, refresh) = (format!("pa{}", self.by_person), format!("pr{}", self.by_person));
        self.store = entry(&access, &refresh, self.now + LIFETIME_MS);
        self.last_by_person = Some(refresh);
        self.saved.push(access);
    }

    pub(super) fn step(&mut self, index: usize) {
        self.now = self.now + 1.0;
        let process = self.processes[index].clone();
        if !process.goes_on() {
            return;
        }
        self.processes[index].step = self.next(process.pid, process.step);
    }

    fn next(&mut self, pid: u32, step: Step) -> Step {
        let now = self.now;
        match step {
            Step::Reads => {
                let login = self.login();
                if login.is_due(BEFORE, now) { Step::Takes(login) } else { Step::Asks(login) }
            }
            Step::Takes(login) => self.take(pid, login),
            Step::ReadsAgain(login) => {
                let fresh = self.login();
                if self.sabotage == Sabotage::SecondLook {
                    return Step::Notes(login);
                }
                if fresh == login {
                    return Step::Notes(login);
                }
                self.end(pid, &login, Ended::Unspent);
                Step::Reads
            }
            Step::Notes(login) => {
                if matches!(self.sabotage, Sabotage::Note | Sabotage::Lease) {
                    return Step::Sends(login);
                }
                let may_spend = self.pool().spend(login.key("a"), ticket(pid), now);
                if may_spend { Step::Sends(login) } else { Step::Reads }
            }
            Step::Sends(login) => self.send(login),
            Step::Saves(login, renewal) => self.save(pid, login, &renewal),
            Step::Ends { spent, kept } => {
                let (token, expires) = (kept.key("a"), kept.expires);
                self.end(pid, &spent, Ended::Renewed { token, expires });
                Step::Asks(kept)
            }
            Step::Gives(login) => {
                self.end(pid, &login, Ended::Refused);
                Step::Done
            }
            Step::Asks(login) => {
                if !self.saved.contains(&login.access) {
                    self.faults.push(format!("{pid} asks with what nobody has saved"));
                }
                Step::Done
            }
            Step::Done => Step::Done,
        }
    }

    fn take(&mut self, pid: u32, login: Login) -> Step {
        if self.sabotage == Sabotage::Lease {
            return Step::ReadsAgain(login);
        }
        let wanted = Wanted {
            token: login.key("a"),
            profile: "a",
            provider: "p",
            expires: login.expires,
            is_refused: false,
            before: BEFORE,
            ticket: ticket(pid),
        };
        let now = self.now;
        match self.pool().take(&wanted, now) {
            Take::Mine => Step::ReadsAgain(login),
            Take::Held { .. } | Take::Rests { .. } => Step::Reads,
            Take::Refused => Step::Done,
            Take::Fresh => Step::Asks(login),
        }
    }

    fn send(&mut self, login: Login) -> Step {
        let Some(number) = login.refresh.strip_prefix('r').and_then(|it| it.parse::<u32>().ok())
        else {
            // Of a person's own family, which nobody has spent.
            return Step::Asks(login);
        };
        let server = &mut self.server;
        if server.is_revoked || number != server.issued {
            server.reused += u32::from(number != server.issued);
            server.is_revoked = true;
            return Step::Gives(login);
        }
        server.issued += 1;
        let number = server.issued;
        let given = entry(&format!("a{number}"), &format!("r{number}"), self.now + LIFETIME_MS);
        let renewal =
            Renewal::read(&given, &login, self.now).expect("the server gives a credential");
        if self.sabotage == Sabotage::Patience {
            return Step::Asks(Login::parse(&given).expect("it is one"));
        }
        Step::Saves(login, renewal)
    }

    fn save(&mut self, pid: u32, login: Login, renewal: &Renewal) -> Step {
        if self.sabotage == Sabotage::SaveFirst {
            let token = login.key("a");
            if self.pool.find(token).is_some() {
                self.end(pid, &login, Ended::Unspent);
                return Step::Saves(login, renewal.clone());
            }
        }
        let renewed = Login::parse(&renewal.apply(&self.store)).expect("it is one");
        let current = self.login();
        if self.sabotage != Sabotage::Comparison && current.stays(&login, &renewed) {
            self.end(pid, &login, Ended::Unspent);
            return Step::Asks(current);
        }
        self.store = renewal.apply(&self.store);
        self.saved.push(renewed.access.clone());
        Step::Ends { spent: login, kept: renewed }
    }

    fn end(&mut self, pid: u32, login: &Login, ended: Ended) {
        let now = self.now;
        self.pool().end(login.key("a"), ticket(pid), ended, now);
    }

    fn is_newest(&self, login: &Login) -> bool {
        login.refresh == format!("r{}", self.server.issued)
    }

    /// Everybody who lives goes on to the end.
    pub(super) fn finish(&mut self) {
        for _ in 0..200 {
            for index in 0..self.processes.len() {
                self.step(index);
            }
        }
        let login = self.login();
        let is_persons = self.last_by_person.as_ref().is_some_and(|it| *it == login.refresh);
        if self.processes.iter().any(Process::goes_on) {
            self.faults.push("somebody waits for ever".to_owned());
        }
        if self.server.reused > self.lost {
            self.faults
                .push(format!("{} tokens spent twice, {} lost", self.server.reused, self.lost));
        }
        if self.last_by_person.is_some() && !is_persons {
            self.faults.push("a person's login is gone".to_owned());
        }
        if self.lost == 0 && !is_persons && !self.is_newest(&login) {
            self.faults.push("the store has an old login".to_owned());
        }
        let is_noted = matches!(
            self.pool().find(login.key("a")).map(|record| &record.state),
            Some(
                LoginState::Unknown { .. }
                    | LoginState::Refused { .. }
                    | LoginState::Spending { .. }
            )
        );
        let is_stale = !is_persons && !self.is_newest(&login);
        if is_stale && !is_noted {
            self.faults.push("nothing says that the answer was lost".to_owned());
        }
    }
}
