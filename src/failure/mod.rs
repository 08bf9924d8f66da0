//! What a failure means: pure functions from status, headers and body to a class, a scope and a wait.
//!
//! Order of evidence: status, then codes and reason fields, then numbers (delays, ids), then words.
//! Time comes in as an argument; nothing here reads a clock, a file or the network.

mod record;

pub use record::{Class, Evidence, Failure, Scope, Trust};
