//! `doctor`: what is wrong with a store, and what to do about it.
//!
//! Protocol: [`scene`] looks at the disk and changes nothing; the other modules judge what it saw and are pure;
//! [`finding`] says it. Invariant: credentials are compared, never shown: a finding names profiles and files only.

mod credentials;
mod disk;
mod finding;
mod scene;
mod times;

pub use finding::{Finding, Report, Severity, Tally};

use super::pool::{Pool, View};
use crate::store::files::Disk;
use crate::store::marks::Documents;
use crate::store::paths::StorePaths;

/// Examines the store of an agent. Blocks the calling thread.
#[must_use]
pub fn examine(paths: &StorePaths, now: f64) -> Report {
    let scene = scene::look(&Disk, paths, now);
    judge(&scene, now)
}

fn judge(scene: &scene::Scene, now: f64) -> Report {
    let mut findings = disk::findings(scene);
    let mut profiles = None;
    if let Ok(documents) = &scene.documents {
        let pool = Pool::of(documents, &View::default(), now);
        findings.extend(stored(documents, &pool));
        profiles = Some(Tally { all: pool.entries.len(), ready: pool.ready() });
    }
    findings.sort_by_key(|finding| finding.severity);
    Report { store: scene.store.clone(), profiles, findings }
}

/// What the documents themselves give away.
fn stored(documents: &Documents, pool: &Pool) -> Vec<Finding> {
    let mut findings = credentials::findings(documents, pool);
    findings.extend(times::findings(pool));
    findings
}

#[cfg(test)]
mod tests;
