//! The command line, `npx auth-failover`: arguments, findings, output.
//!
//! Protocol: [`session::Session`] is asked for one [`invocation::Step`] after the other, each a text for either stream,
//! until one carries the exit code. `watch` never does. The caller writes the texts and decides nothing. A step with a
//! question is answered with the next call: see `store::openclaw::question`.
//!
//! Invariant: no secret is in any text, in any case; ids and other words from files cannot steer a terminal
//! ([`line::shown`]). Rendering is pure: time, terminal and findings come in as arguments.

pub(crate) mod accounts;
pub(crate) mod arguments;
pub(crate) mod case;
pub(crate) mod clear;
pub(crate) mod doctor;
pub(crate) mod gateway;
pub(crate) mod help;
pub(crate) mod invocation;
pub(crate) mod own_stores;
pub(crate) mod pause;
pub(crate) mod profiles;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod source;
pub(crate) mod table;
#[cfg(test)]
mod test_stores;
pub(crate) mod text;
pub(crate) mod watching;
pub(crate) mod why;
