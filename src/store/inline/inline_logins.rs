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
use crate::store::edits::marks::{Declined, Documents};
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
        let before = profile.credential().unwrap_or_default();
        let text = renewal.apply(&before);
        let mut written = vec![replace(profile, began, &text)];
        // Other accounts of the same login: their refresh token is spent too.
        let is_same = |text: &String| is_login(text, began);
        for other in self.inline.profiles().iter().filter(|it| it.id != self.id) {
            if let Some(held) = other.credential().filter(is_same) {
                written.push(replace(other, began, &renewal.apply_news(&before, &held)));
            }
        }
        // What the state says of the old credential is over.
        let write = move |documents: &mut Documents| {
            let mut applied = Err(Declined::NothingToChange);
            for (id, entry) in &written {
                applied = upsert_profile(documents, id, entry).or(applied);
            }
            applied
        };
        match self.inline.place() {
            Place::Memory(memory) => memory.with(|documents| _ = write(documents)),
            Place::File(paths) => {
                commit::submit_then(
                    paths,
                    UpdateOptions::default(),
                    STATE_WAIT,
                    Box::new(write),
                    |_| {},
                );
            }
        }
        Ok(Saved::Ours(profile.credential().unwrap_or(text)))
    }
}

/// Holds the new credential; gives what is written of it.
fn replace(profile: &InlineProfile, began: &Login, text: &str) -> (String, String) {
    profile.replace(&began.provider, text);
    (profile.id.clone(), profile.entry())
}

fn is_login(text: &str, began: &Login) -> bool {
    let is_same = |it: Login| it.refresh == began.refresh && it.provider == began.provider;
    !began.refresh.trim().is_empty() && Login::parse(text).is_some_and(is_same)
}

/// Nobody waits for the state.
const STATE_WAIT: Duration = Duration::from_secs(10);
