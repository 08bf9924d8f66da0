//! `doctor`: what is wrong with a store, and what to do about it.
//!
//! Protocol: [`scene`] looks at the disk and changes nothing; the other modules judge what it saw and are pure;
//! [`finding`] says it. Invariant: credentials are compared, never shown: a finding names profiles and files only.

mod credentials;
mod disk;
mod finding;
mod scene;
mod times;

pub use finding::{Finding, Report, Severity};

use crate::store::files::Disk;
use crate::store::paths::StorePaths;

/// Examines the store of an agent. Blocks the calling thread.
#[must_use]
pub fn examine(paths: &StorePaths, now: f64) -> Report {
    let scene = scene::look(&Disk, paths, now);
    judge(&scene, now)
}

fn judge(scene: &scene::Scene, now: f64) -> Report {
    let mut findings = disk::findings(scene);
    if let Ok(documents) = &scene.documents {
        findings.extend(credentials::findings(documents, now));
        findings.extend(times::findings(documents, now));
    }
    findings.sort_by_key(|finding| finding.severity);
    Report { store: scene.store.clone(), profiles: scene.profiles(now), findings }
}

#[cfg(test)]
mod tests;
