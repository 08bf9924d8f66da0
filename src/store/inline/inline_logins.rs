//! The logins that a program gives in line: renewed in its memory. Whoever gave one keeps the new one, in `refresh`: here
//! it is written nowhere.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::profile::InlineProfile;
use super::state::{Inline, Place};
use crate::error::Result;
use crate::rotation::login::login_store::{Claim, LoginStore, Saved};
use crate::rotation::login::oauth_login::{Login, Renewal};
use crate::store::edits::by_hand::upsert_profile;
use crate::store::file::commit;
use crate::store::file::update::UpdateOptions;

#[derive(Debug)]
pub(crate) struct InlineLogins {
    pub inline: Arc<Inline>,
}

impl LoginStore for InlineLogins {
    fn place(&self) -> String {
        format!("{:p}", Arc::as_ptr(&self.inline))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn read(&self, id: &str) -> Result<Option<String>> {
        Ok(self.inline.profile(id).and_then(InlineProfile::credential))
    }

    fn claim(&self, id: &str, _wait: Duration) -> Result<Box<dyn Claim>> {
        let text = self.read(id)?;
        Ok(Box::new(InlineClaim { inline: Arc::clone(&self.inline), id: id.to_owned(), text }))
    }

    fn notices(&self, _bell: Arc<Notify>) -> Option<Box<dyn Any + Send>> {
        None
    }
}

struct InlineClaim {
    inline: Arc<Inline>,
    id: String,
    text: Option<String>,
}

impl Claim for InlineClaim {
    fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    fn save(&self, began: &Login, renewal: &Renewal) -> Result<Saved> {
        let Some(profile) = self.inline.profile(&self.id) else { return Ok(Saved::Gone) };
        let text = renewal.apply(&profile.credential().unwrap_or_default());
        profile.replace(&began.provider, &text);
        // What the state says of the old credential is over.
        let (id, entry) = (self.id.clone(), profile.entry());
        match self.inline.place() {
            Place::Memory(memory) => {
                memory.with(|documents| _ = upsert_profile(documents, &id, &entry));
            }
            Place::File(paths) => {
                let edit =
                    Box::new(move |documents: &mut _| upsert_profile(documents, &id, &entry));
                commit::submit_then(paths, UpdateOptions::default(), STATE_WAIT, edit, |_| {});
            }
        }
        Ok(Saved::Ours(profile.credential().unwrap_or(text)))
    }
}

/// Nobody waits for the state.
const STATE_WAIT: Duration = Duration::from_secs(10);
