//! `pause` and `resume`: a profile is left alone until somebody says otherwise, under the host's lock.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown};
use crate::cli::text::terminal::Look;
use crate::error::Error;
use crate::store::edits::by_hand;
use crate::store::edits::inherited::owner;
use crate::store::edits::marks::Documents;
use crate::store::file::atomic::Durability;
use crate::store::file::commit;
use crate::store::file::lock::LockForm;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

/// As long as a mark waits for the lock.
const WAIT: Duration = Duration::from_secs(5);

/// What became of a profile.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub id: String,
    pub is_paused: bool,
    /// It was not so before.
    pub is_changed: bool,
}

/// Pauses a profile since `since`, or (`None`) resumes it, where it lives.
pub(crate) async fn set(
    paths: &StorePaths,
    lock_form: LockForm,
    id: String,
    since: Option<WallMs>,
) -> Result<Outcome, Arc<Error>> {
    let paths = owner(paths.clone(), id.clone()).await;
    let options = UpdateOptions { lock_form, durability: Durability::Full };
    let profile = id.clone();
    let edit =
        Box::new(move |documents: &mut Documents| by_hand::set_paused(documents, &profile, since));
    let outcome = commit::submit(paths, options, WAIT, edit).await?;
    Ok(Outcome { id, is_paused: since.is_some(), is_changed: outcome.applied.is_ok() })
}

impl Outcome {
    #[must_use]
    pub(crate) fn json(&self) -> String {
        let Self { id, is_paused, is_changed } = self;
        for_programs::pretty(
            &json!({ "profileId": id, "paused": is_paused, "changed": is_changed }),
        )
    }

    #[must_use]
    pub(crate) fn text(&self, look: &Look) -> String {
        let id = shown(&self.id);
        let line = match (self.is_changed, self.is_paused) {
            (true, true) => Line::of(Ink::Yellow, "paused").then(Ink::Plain, format!("  {id}")),
            (true, false) => Line::of(Ink::Green, "resumed").then(Ink::Plain, format!("  {id}")),
            (false, true) => Line::plain(format!("{id} was paused already")),
            (false, false) => Line::plain(format!("{id} was not paused")),
        };
        render(&[line], look.has_colour)
    }
}
