//! What one request asks for, and whom it has asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::endpoint::rest::{Endpoint, EndpointNews};

/// How the next profile is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// An explicit order is priority; without one, by type and then who is least busy and was used longest ago.
    #[default]
    Balanced,
    /// The first that is free, always: the explicit order, else by type and then as listed.
    Priority,
    /// The preferred profile or nobody.
    Pinned,
}

/// What one request asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Normalized.
    pub provider: String,
    pub model: Option<String>,
    /// A hash of the address that is asked.
    pub base_url: Option<u64>,
    /// Those of accounts that are asked elsewhere, by profile.
    pub own_addresses: Arc<HashMap<String, u64>>,
    /// How long it waits for the first byte. `None`: for ever.
    pub patience: Option<Duration>,
    pub preferred: Option<String>,
    pub strategy: Strategy,
    /// A hash of the session's key.
    pub session: Option<u64>,
    /// A hash of the request's own key.
    pub key: Option<u64>,
    /// Windows that only an owner can end do not hold for it.
    pub is_forced: bool,
    /// Who was asked already.
    pub tried: Vec<String>,
    /// The profiles that the endpoint left without an answer.
    pub unanswered: Vec<String>,
    /// No further profile may be asked for this request.
    pub is_exhausted: bool,
    /// The addresses that failed this request so often that they are not asked again.
    pub given_up: Vec<Option<u64>>,
    /// What the last attempt says of the endpoint; the pool may not know it yet.
    pub news: Option<EndpointNews>,
}

impl Request {
    /// Whether the caller insists on a profile whose window only its owner can end; a pin does.
    #[must_use]
    pub(crate) fn may_force(&self) -> bool {
        self.is_forced || self.pinned().is_some()
    }

    /// Where a profile is asked.
    #[must_use]
    pub(crate) fn address_of(&self, profile: &str) -> Option<u64> {
        self.own_addresses.get(profile).copied().or(self.base_url)
    }

    #[must_use]
    pub(crate) fn endpoint_at(&self, base_url: Option<u64>) -> Endpoint {
        Endpoint { provider: self.provider.clone(), base_url, model: self.model.clone() }
    }

    /// That of the profile.
    #[must_use]
    pub(crate) fn endpoint_of(&self, profile: &str) -> Endpoint {
        self.endpoint_at(self.address_of(profile))
    }

    /// The one profile that may be asked, if the caller named it.
    #[must_use]
    pub(crate) fn pinned(&self) -> Option<&str> {
        self.preferred.as_deref().filter(|_| self.strategy == Strategy::Pinned)
    }
}
