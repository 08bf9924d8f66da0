//! What a seed decides: the accounts, who shares them, what goes wrong.

use std::time::Duration;

use fastrand::Rng;

use super::PROVIDER;
use crate::simulation::server::SECOND;
use crate::simulation::shared_pool::Machine;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;

/// What a seed decides.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are so or not")]
pub(crate) struct Scenario {
    pub(crate) accounts: usize,
    pub(crate) models: usize,
    pub(crate) processes: usize,
    pub(crate) requests: usize,
    pub(crate) timeout: Duration,
    /// The last process waits for so long only, if it is not the first one.
    pub(crate) haste: Option<Duration>,
    /// The longest wait for a lock or a disk.
    pub(crate) slow: Duration,
    /// Somebody keeps the store's lock for many seconds now and then.
    pub(crate) is_lock_held: bool,
    pub(crate) is_explicit: bool,
    pub(crate) has_keys: bool,
    pub(crate) crashes: usize,
    pub(crate) outages: usize,
    /// Every second process is a sub-agent's, which inherits its accounts.
    pub(crate) has_sub_agents: bool,
    /// How far the clocks of the machines are from the true time, in milliseconds: less apart than leases are believed.
    pub(crate) skews_ms: Vec<f64>,
}

impl Scenario {
    pub(crate) fn drawn(rng: &mut Rng) -> Self {
        Self {
            accounts: rng.usize(1..7),
            models: rng.usize(1..4),
            processes: rng.usize(1..5),
            requests: rng.usize(5..60),
            timeout: [5, 30, 120][rng.usize(..3)] * SECOND,
            haste: rng.bool().then(|| Duration::from_millis([150, 500, 3_000][rng.usize(..3)])),
            slow: Duration::from_millis([1, 30, 400][rng.usize(..3)]),
            is_lock_held: rng.u32(..3) == 0,
            is_explicit: rng.u32(..4) == 0,
            has_keys: rng.u32(..3) == 0,
            crashes: if rng.bool() { rng.usize(..6) } else { 0 },
            outages: if rng.bool() { rng.usize(1..4) } else { 0 },
            has_sub_agents: rng.u32(..3) == 0,
            skews_ms: (0..rng.usize(1..3)).map(|_| (rng.f64() - 0.5) * 800_000.0).collect(),
        }
    }

    /// The longest that a process waits for an answer.
    pub(crate) fn patience(&self, process: usize) -> Duration {
        let is_hasty = process > 0 && process == self.processes - 1;
        self.haste.filter(|_| is_hasty).unwrap_or(self.timeout)
    }

    pub(crate) fn is_sub_agent(&self, process: usize) -> bool {
        self.has_sub_agents && process % 2 == 1
    }

    /// Where each process runs.
    pub(crate) fn machines(&self) -> Vec<Machine> {
        let machine = |process: usize| {
            let number = process % self.skews_ms.len();
            Machine { number: number as u64, skew_ms: self.skews_ms[number] }
        };
        (0..self.processes).map(machine).collect()
    }

    pub(crate) fn store(&self) -> Documents {
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
