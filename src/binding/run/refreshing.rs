//! How the logins of a run are renewed.

use std::rc::Rc;
use std::time::Duration;

use super::types::{Callback, RefreshWait, RunWithAuthProfilesParams};
use crate::rotation::login::oauth_login::{Login, USUAL_BEFORE, jittered};

pub(crate) struct Refreshing {
    pub(crate) refresh: Rc<Callback>,
    /// How long before its end a login is renewed, by this process.
    pub(crate) before: Duration,
    /// While somebody else renews it, another account is asked.
    pub(crate) rotates: bool,
}

impl Refreshing {
    /// Takes the function out of the parameters, if there is one.
    pub(crate) fn take(given: &mut RunWithAuthProfilesParams<'_>) -> Option<Self> {
        let before = given.refresh_before_ms.as_ref().map_or(USUAL_BEFORE, |before| before.0);
        given.refresh.take().map(|refresh| Self {
            refresh: Rc::new(refresh),
            before: jittered(before),
            rotates: given.refresh_wait == Some(RefreshWait::Rotate),
        })
    }
}

/// The login that is asked with.
pub(crate) struct InHand {
    pub(crate) profile: String,
    pub(crate) login: Login,
}
