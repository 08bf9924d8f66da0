//! `doctor`: what is wrong with a store, and what to do about it.
//!
//! Protocol: [`inspection`] looks at the disk and changes nothing; the other modules judge what it saw and are pure;
//! [`finding`] says it. Invariant: credentials are compared, never shown: a finding names profiles and files only.

mod asked_again;
mod disk;
mod finding;
mod gateway;
mod inspection;
mod logins;
mod refreshes;
mod times;

pub(crate) use asked_again::{Wish, said_of_settings};
pub(crate) use finding::{Finding, Report, Tally};
pub(crate) use gateway::examine_gateway;

use super::profiles::{Pool, View};
use crate::store::edits::marks::Documents;
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::time::WallMs;

/// Examines the store of an agent. Blocks the calling thread.
#[must_use]
pub(crate) fn examine(paths: &StorePaths, now: WallMs) -> Report {
    let scene = inspection::look(&Disk, paths, now);
    judge(&scene, now)
}

fn judge(scene: &inspection::Scene, now: WallMs) -> Report {
    let mut findings = disk::findings(scene);
    let mut profiles = None;
    if let Ok(documents) = &scene.documents {
        let pool = Pool::of(documents, &View::default(), now).with_logins(documents, &scene.shared);
        findings.extend(stored(documents, &pool));
        findings.extend(refreshes::findings(&pool));
        profiles = Some(Tally { all: pool.entries.len(), ready: pool.ready() });
    }
    findings.sort_by_key(|finding| finding.severity);
    Report { store: scene.store.clone(), profiles, about: None, findings }
}

/// Findings in the documents themselves.
fn stored(documents: &Documents, pool: &Pool) -> Vec<Finding> {
    let mut findings = logins::findings(documents, pool);
    findings.extend(times::findings(pool));
    findings
}

#[cfg(test)]
mod tests;
