//! `init`, `add`, `remove`, `rename`: changes of who there is, under the host's lock and on disk before they are told.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::key::{Key, hint, provider_of};
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown};
use crate::cli::text::terminal::Look;
use crate::error::Error;
use crate::profiles::provider::normalize_provider_id;
use crate::store::edits::by_hand::{remove_profile, upsert_profile};
use crate::store::edits::marks::{Applied, Declined};
use crate::store::edits::rename::rename_profile;
use crate::store::file::atomic::Durability;
use crate::store::file::commit;
use crate::store::file::lock::LockForm;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::{Edit, UpdateOptions};
use crate::store::inline::key_id::key_id;

/// As long as a mark waits for the lock.
const WAIT: Duration = Duration::from_secs(5);

/// What was done, or why it was not.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Old and new id.
    pub renamed: Option<(String, String)>,
    /// The store, where it was made or may not be the one that is thought of.
    pub store: Option<String>,
    pub hints: Vec<String>,
    /// What stood in the way; nothing was changed by that.
    pub refused: Option<String>,
}

/// Where and how.
pub(crate) struct Target {
    pub paths: StorePaths,
    pub lock_form: LockForm,
}

impl Target {
    async fn edit(&self, edit: Edit) -> Result<Result<Applied, Declined>, Arc<Error>> {
        let options = UpdateOptions { lock_form: self.lock_form, durability: Durability::Full };
        let outcome = commit::submit(self.paths.clone(), options, WAIT, edit).await?;
        Ok(outcome.applied)
    }

    fn store(&self) -> String {
        self.paths.store.display().to_string()
    }

    /// An empty store, if there is none, and an account for each of the variables.
    pub(crate) async fn init(&self, variables: &[String]) -> Result<Done, Arc<Error>> {
        commit::ensure(self.paths.store.clone()).await.map_err(Arc::new)?;
        let mut done = Done { store: Some(self.store()), ..Done::default() };
        for name in variables {
            let Some(provider) = provider_of(name) else {
                let what = "its name does not say whose key it is; use: add <provider> --key-env";
                done.hints.push(format!("{}: {what}", shown(name)));
                continue;
            };
            done.hints.extend(hint(name));
            let id = Some(name.to_ascii_lowercase());
            let added = self.add(&provider, id, Key::Variable(name.clone())).await?;
            done.added.extend(added.added);
        }
        if done.added.is_empty() && variables.is_empty() {
            done.hints
                .push("add accounts with: auth-failover add <provider> --key-env NAME".into());
        }
        Ok(done)
    }

    /// An account with this key. One that is there already stays as it is.
    pub(crate) async fn add(
        &self,
        provider: &str,
        id: Option<String>,
        key: Key,
    ) -> Result<Done, Arc<Error>> {
        let provider = normalize_provider_id(provider);
        let mut hints = Vec::new();
        let (entry, usual) = match &key {
            Key::Secret(key) => (
                json!({ "type": "api_key", "provider": provider, "key": key }),
                key_id(&provider, key),
            ),
            Key::Variable(name) => {
                hints.extend(hint(name));
                let reference = json!({ "source": "env", "provider": "default", "id": name });
                let entry = json!({ "type": "api_key", "provider": provider, "keyRef": reference });
                (entry, name.to_ascii_lowercase())
            }
        };
        let id = id.unwrap_or(usual);
        let id = if id.contains(':') { id } else { format!("{provider}:{id}") };
        let text = format!("{entry:#}");
        let (name, taken) = (id.clone(), Declined::NothingToChange);
        let edit: Edit = Box::new(move |documents| {
            if documents.own.entry("profiles", &name).is_some() {
                return Err(taken);
            }
            upsert_profile(documents, &name, &text)
        });
        if self.edit(edit).await?.is_err() {
            let refused = format!("{} is there already; remove it first, or use --id", shown(&id));
            return Ok(Done { refused: Some(refused), ..Done::default() });
        }
        Ok(Done { added: vec![id], store: Some(self.store()), hints, ..Done::default() })
    }

    pub(crate) async fn remove(&self, id: String) -> Result<Done, Arc<Error>> {
        let name = id.clone();
        let removed =
            self.edit(Box::new(move |documents| remove_profile(documents, &name))).await?;
        Ok(match removed {
            Ok(_) => Done { removed: vec![id], ..Done::default() },
            Err(_) => Done { refused: Some(elsewhere(&id)), ..Done::default() },
        })
    }

    pub(crate) async fn rename(&self, from: String, to: String) -> Result<Done, Arc<Error>> {
        let (old, new) = (from.clone(), to.clone());
        let edit: Edit = Box::new(move |documents| rename_profile(documents, &old, &new));
        Ok(match self.edit(edit).await? {
            Ok(_) => Done { renamed: Some((from, to)), ..Done::default() },
            Err(Declined::UnknownProfile) => {
                Done { refused: Some(elsewhere(&from)), ..Done::default() }
            }
            Err(_) => {
                let refused = format!("{} is there already", shown(&to));
                Done { refused: Some(refused), ..Done::default() }
            }
        })
    }
}

fn elsewhere(id: &str) -> String {
    format!("{} is not in this store; a sub-agent's profiles may be the main agent's", shown(id))
}

impl Done {
    #[must_use]
    pub(crate) fn json(&self) -> String {
        let renamed = self.renamed.as_ref().map(|(from, to)| json!({ "from": from, "to": to }));
        for_programs::pretty(&json!({
            "store": self.store, "added": self.added, "removed": self.removed, "renamed": renamed,
        }))
    }

    #[must_use]
    pub(crate) fn text(&self, look: &Look) -> String {
        let line = |what: &str, which: String| {
            Line::of(Ink::Green, what).then(Ink::Plain, format!("  {which}"))
        };
        let mut lines = Vec::new();
        lines.extend(self.added.iter().map(|id| line("added", shown(id))));
        lines.extend(self.removed.iter().map(|id| line("removed", shown(id))));
        if let Some((from, to)) = &self.renamed {
            lines.push(line("renamed", format!("{} to {}", shown(from), shown(to))));
        }
        lines.extend(self.store.iter().map(|path| line("store", shown(path))));
        lines.extend(self.hints.iter().map(|hint| Line::of(Ink::Dim, hint.clone())));
        render(&lines, look.has_colour)
    }
}
