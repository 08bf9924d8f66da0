//! The profiles of an agent, as all commands use them.

use crate::background;
use crate::error::Result;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::status::{State, Status};
use crate::rotation::login::login_record::LoginRecord;
use crate::rotation::login::oauth_login::Login;
use crate::rotation::pool_document::{self, UnwellEndpoint};
use crate::store::edits::candidates::{self, Entry};
use crate::store::edits::marks::Documents;
use crate::time::WallMs;

use super::gateway::side::GatewaySide;

/// Which profiles, judged how.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct View {
    pub provider: Option<String>,
    pub model: Option<String>,
}

/// Profiles at one moment, in the order in which they would be tried.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub entries: Vec<Entry>,
    /// Each entry's place in its provider's order.
    pub positions: Vec<u32>,
    /// Providers (normalized) that have an explicit order.
    pub with_order: Vec<String>,
    pub model: Option<String>,
    pub now: WallMs,
    /// Servers that failed a moment ago: nobody is asked there, whoever is ready.
    pub endpoints: Vec<UnwellEndpoint>,
    /// What is known of the refreshes of logins, by profile: only of the tokens that they have now.
    pub logins: Vec<(String, LoginRecord)>,
    /// The current gateway's own side, if the profiles are its.
    pub gateway: Option<GatewaySide>,
}

impl Pool {
    #[must_use]
    pub(crate) fn of(documents: &Documents, view: &View, now: WallMs) -> Self {
        let model = view.model.as_deref();
        let entries = candidates::describe(documents, view.provider.as_deref(), model, now);
        let orders = documents.orders().into_iter();
        Self {
            positions: candidates::positions(&entries),
            entries,
            with_order: orders.map(|(provider, _)| normalize_provider_id(provider)).collect(),
            model: view.model.clone(),
            now,
            endpoints: Vec::new(),
            logins: Vec::new(),
            gateway: None,
        }
    }

    /// With the endpoints of a provider that is shown which rest, as the shared pool has them.
    #[must_use]
    pub(crate) fn with_endpoints(mut self, shared: &pool_document::Pool) -> Self {
        let providers: Vec<String> =
            self.entries.iter().map(|entry| normalize_provider_id(&entry.provider)).collect();
        self.endpoints = shared.unwell(self.now);
        self.endpoints.retain(|it| providers.contains(&it.endpoint.provider));
        self
    }

    /// With what the shared pool knows of the logins.
    #[must_use]
    pub(crate) fn with_logins(
        mut self,
        documents: &Documents,
        shared: &pool_document::Pool,
    ) -> Self {
        let known = self.entries.iter().filter_map(|entry| {
            let (text, _) = documents.profile_text(&entry.id)?;
            let record = shared.logins.find(Login::parse(text)?.key(&entry.id))?;
            Some((entry.id.clone(), record.clone()))
        });
        self.logins = known.collect();
        self
    }

    #[must_use]
    pub(crate) fn login(&self, id: &str) -> Option<&LoginRecord> {
        self.logins.iter().find(|(known, _)| known == id).map(|(_, record)| record)
    }

    #[must_use]
    pub(crate) fn with_gateway(mut self, side: GatewaySide) -> Self {
        self.gateway = Some(side);
        self
    }

    /// How the current gateway itself judges a profile that the plugin serves.
    #[must_use]
    pub(crate) fn gateway_status(&self, id: &str) -> Option<&Status> {
        self.gateway.as_ref()?.status(id)
    }

    /// Providers in the order of their first profile, each with its profiles.
    #[must_use]
    pub(crate) fn groups(&self) -> Vec<(String, Vec<&Entry>)> {
        let mut groups: Vec<(String, Vec<&Entry>)> = Vec::new();
        // `describe` keeps the profiles of a provider together.
        for entry in &self.entries {
            let provider = normalize_provider_id(&entry.provider);
            match groups.last_mut().filter(|(name, _)| *name == provider) {
                Some((_, group)) => group.push(entry),
                None => groups.push((provider, vec![entry])),
            }
        }
        groups
    }

    /// Who is asked next and when.
    #[must_use]
    pub(crate) fn soonest(&self) -> Option<(&Entry, WallMs)> {
        candidates::soonest(&self.entries, self.now)
    }

    #[must_use]
    pub(crate) fn ready(&self) -> usize {
        self.entries.iter().filter(|entry| entry.status.state == State::Ready).count()
    }
}

/// Runs blocking work on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    background::run("command line", work).await?
}
