//! Reads what a caller knows about a failure, in all the forms in which JavaScript keeps it.
//!
//! Invariant: this runs where something has gone wrong already, so nothing in the evidence makes it throw: what has the
//! wrong type, or throws when it is read, is as good as absent.

use std::sync::Arc;

use napi::bindgen_prelude::Unknown;
use napi::{Env, ValueType};

use super::properties::{property, read_body, read_headers, status_number};
use super::read_rules;
use super::thrown::{self, Link};
use crate::binding::values::host;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::value::{as_object, of_type};
use crate::error::Error;
use crate::failure::own_rules::{OwnRule, header_names};
use crate::failure::{self, Failure, Finding, Hint, Thrown};
use crate::profiles::provider::normalize_provider_id;
use crate::time::WallMs;

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
    pub(crate) fn read(env: &Env, value: Unknown<'_>) -> napi::Result<Self> {
        let object = as_object(value)
            .ok_or_else(|| to_js_error(env, &Error::invalid("evidence", "must be an object")))?;
        let field = |name: &str| property(env, &object, name);
        let now = field("now").and_then(|now| of_type::<f64>(now, ValueType::Number));
        let now = match now.filter(|now| now.is_finite()) {
            Some(now) => WallMs::new(now),
            None => host::now_ms(env)?,
        };
        let rules = read_rules::read(field("rules"), "evidence.rules")
            .map_err(|error| to_js_error(env, &error))?;
        let also = header_names(&rules);
        let headers = field("headers").map(|headers| read_headers(env, headers, &also));
        let mut evidence = Self {
            status: field("status").and_then(status_number),
            headers: headers.unwrap_or_default(),
            body: field("body").and_then(|body| read_body(env, body)),
            message: field("message").and_then(|text| of_type(text, ValueType::String)),
            links: Vec::new(),
            model: field("model").and_then(|text| of_type(text, ValueType::String)),
            refreshed: field("refreshed")
                .and_then(|flag| of_type(flag, ValueType::Boolean))
                .unwrap_or(false),
            known: None,
            provider: field("provider")
                .and_then(|text| of_type::<String>(text, ValueType::String))
                .map(|provider| normalize_provider_id(&provider)),
            rules: rules.into(),
            now,
        };
        if let Some(error) = field("error") {
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
