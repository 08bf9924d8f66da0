//! What a seed decides: the accounts, who shares them, what goes wrong.

use std::time::Duration;

use fastrand::Rng;

use super::PROVIDER;
use crate::simulation::server::SECOND;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;

/// What a seed decides.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) accounts: usize,
    pub(crate) models: usize,
    pub(crate) processes: usize,
    pub(crate) requests: usize,
    pub(crate) timeout: Duration,
    /// The longest wait for a lock or a disk.
    pub(crate) slow: Duration,
    /// Somebody keeps the store's lock for many seconds now and then.
    pub(crate) is_lock_held: bool,
    pub(crate) is_explicit: bool,
    pub(crate) has_keys: bool,
    pub(crate) crashes: usize,
    pub(crate) outages: usize,
}

impl Scenario {
    pub(crate) fn drawn(rng: &mut Rng) -> Self {
        Self {
            accounts: rng.usize(1..7),
            models: rng.usize(1..4),
            processes: rng.usize(1..5),
            requests: rng.usize(5..60),
            timeout: [5, 30, 120][rng.usize(..3)] * SECOND,
            slow: Duration::from_millis([1, 30, 400][rng.usize(..3)]),
            is_lock_held: rng.u32(..3) == 0,
            is_explicit: rng.u32(..4) == 0,
            has_keys: rng.u32(..3) == 0,
            crashes: if rng.bool() { rng.usize(..6) } else { 0 },
            outages: if rng.bool() { rng.usize(1..4) } else { 0 },
        }
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
