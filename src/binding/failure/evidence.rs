//! Reads what a caller knows about a failure, in all the forms in which JavaScript keeps it.
//!
//! Invariant: this runs where something has gone wrong already, so nothing in the evidence makes it throw: what has the
//! wrong type, or throws when it is read, is as good as absent.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::Unknown;

use super::properties::{read_body, read_headers};
use super::thrown::{self, Link};
use super::types::FailureEvidence;
use crate::binding::values::host;
use crate::binding::values::params::{Lenient, Params};
use crate::binding::values::value::Fields;
use crate::error::Result;
use crate::failure::own_rules::{OwnRule, header_names};
use crate::failure::{self, Failure, Finding, Hint, Thrown};
use crate::profiles::provider::normalize_provider_id;
use crate::time::WallMs;

/// What a caller passes. Only its `rules` are refused if they cannot be read.
pub(crate) fn read(value: Unknown<'_>) -> Result<FailureEvidence<'_>> {
    FailureEvidence::read(&Fields::lenient(value, "evidence")?)
}

/// The evidence as owned data.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) message: Option<String>,
    pub(crate) links: Vec<Link>,
    pub(crate) model: Option<String>,
    pub(crate) refreshed: bool,
    /// A record of ours that came with the failure.
    pub(crate) known: Option<Failure>,
    /// Normalized.
    pub(crate) provider: Option<String>,
    pub(crate) rules: Arc<[OwnRule]>,
    pub(crate) now: WallMs,
}

impl Evidence {
    pub(crate) fn of(env: &Env, given: FailureEvidence<'_>) -> napi::Result<Self> {
        let rules = given.rules.map(|rules| rules.0).unwrap_or_default();
        let also = header_names(&rules);
        let provider = Lenient::get(given.provider);
        let mut evidence = Self {
            status: Lenient::get(given.status).map(|status| status.0),
            headers: given.headers.map(|it| read_headers(env, it, &also)).unwrap_or_default(),
            body: given.body.and_then(|body| read_body(env, body)),
            message: Lenient::get(given.message),
            links: Vec::new(),
            model: Lenient::get(given.model),
            refreshed: Lenient::get(given.refreshed).unwrap_or(false),
            known: None,
            provider: provider.map(|provider| normalize_provider_id(&provider)),
            rules: rules.into(),
            now: match Lenient::get(given.now) {
                Some(now) => WallMs::new(now),
                None => host::now(env)?,
            },
        };
        if let Some(error) = given.error {
            evidence.add_thrown(env, error);
        }
        Ok(evidence)
    }

    /// Adds what a thrown value says; what was stated before stays.
    pub(crate) fn add_thrown(&mut self, env: &Env, error: Unknown<'_>) {
        let thrown = thrown::read(env, error, &header_names(&self.rules));
        self.links = thrown.links;
        self.known = self.known.take().or(thrown.known);
        self.status = self.status.or(thrown.status);
        self.body = self.body.take().or(thrown.body);
        if self.headers.is_empty() {
            self.headers = thrown.headers;
        }
    }

    pub(crate) fn classify(&self) -> Failure {
        self.judge(failure::classify)
    }

    /// The record, and whether it is a fault of the caller's own code.
    pub(crate) fn classify_thrown(&self) -> (Failure, bool) {
        self.judge(|evidence| {
            let failure = failure::classify(evidence);
            let is_callers_code = failure::is_callers_code(evidence, &failure);
            (failure, is_callers_code)
        })
    }

    /// The record, with what was seen on the way to it.
    pub(crate) fn explain(&self) -> (Failure, Vec<Finding>) {
        self.judge(failure::explain)
    }

    fn judge<T>(&self, judge: impl FnOnce(&failure::Evidence<'_>) -> T) -> T {
        let thrown: Vec<Thrown<'_>> = self.links.iter().map(Link::as_thrown).collect();
        judge(&failure::Evidence {
            status: self.status,
            headers: &self.headers,
            body: self.body.as_deref(),
            message: self.message.as_deref(),
            thrown: &thrown,
            model: self.model.as_deref(),
            refreshed: self.refreshed,
            provider: self.provider.as_deref(),
            rules: &self.rules,
            known: self.known.as_ref(),
            now_ms: self.now.whole_ms(),
        })
    }

    pub(crate) fn retry_hint(&self) -> Option<Hint> {
        failure::parse_hint(&self.headers, self.body.as_deref(), self.now.whole_ms())
    }
}
