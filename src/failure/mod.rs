//! What a failure means: pure functions from status, headers and body to a class, a scope and a wait.
//!
//! Order of evidence: status, then codes and reason fields, then numbers (delays, ids), then words.
//! Time comes in as an argument; nothing here reads a clock, a file or the network.

mod body;
mod classify;
mod duration;
mod events;
mod facts;
mod headers;
mod hint;
mod host_reason;
mod json;
mod known;
mod legacy_delay;
mod own_record;
mod phrases;
#[cfg(test)]
mod property_tests;
mod reasons;
mod record;
pub mod redact;
mod rules;
mod scope;
mod spoken;
mod status;
mod thrown;
mod timestamp;
mod window;

pub use classify::classify;
pub use duration::parse as parse_duration;
pub use headers::{from_json as headers_from_json, is_relevant as is_relevant_header};
pub use hint::{Hint, parse_hint};
pub use host_reason::{HostReason, host_reason, is_aborted_request_text, is_timeout_text};
pub use known::Secrets;
pub use legacy_delay::{LegacyInputs, extract_legacy_delay};
pub use record::{Class, Evidence, Failure, Scope, Thrown, Trust};
