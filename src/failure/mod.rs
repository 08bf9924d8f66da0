//! What a failure means: pure functions from status, headers and body to a class, a scope and a wait.
//!
//! Order of evidence: codes and reason fields, then the status, then numbers (delays, ids), then words.
//! Time comes in as an argument; nothing here reads a clock, a file or the network.

pub(crate) mod callers_code;
pub(crate) mod compatible;
pub(crate) mod decide;
pub(crate) mod excerpt;
pub(crate) mod names;
#[cfg(test)]
mod property_tests;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod redact;
pub(crate) mod secrets;

pub(crate) use callers_code::is_callers_code;
pub(crate) use compatible::host_reason::{
    HostReason, host_reason, is_aborted_request_text, is_timeout_text,
};
pub(crate) use compatible::legacy_delay::{LegacyInputs, extract_legacy_delay};
pub(crate) use decide::classify::classify;
pub(crate) use decide::explain::{Finding, Place, explain};
pub(crate) use decide::given_rules;
pub(crate) use decide::hint::{Hint, PLAUSIBLE_MS};
pub(crate) use decide::own_rules;
pub(crate) use decide::response_hint::parse_hint;
pub(crate) use names::{Class, Rule, Scope, Source, Trust};
pub(crate) use read::details::is_url;
pub(crate) use read::headers::{from_json as headers_from_json, is_relevant as is_relevant_header};
pub(crate) use record::{Evidence, Failure, Thrown};
pub(crate) use secrets::Secrets;
