//! The command line, `npx auth-failover`: what it is asked, what it finds, how it says it.
//!
//! Protocol: [`session::Session`] is asked for one [`session::Step`] after the other, each a text for either stream,
//! until one carries the exit code. `watch` never does. The caller writes the texts and decides nothing.
//!
//! Invariant: no secret is in any text, in any case; ids and other words from files cannot steer a terminal
//! ([`line::shown`]). Rendering is pure: time, terminal and findings come in as arguments.

pub mod arguments;
pub mod changes;
pub mod clear;
pub mod doctor;
pub mod help;
pub mod json;
pub mod line;
pub mod pool;
pub mod session;
pub mod status;
pub mod terminal;
pub mod time;
pub mod trigger;
pub mod watch;
pub mod why;
pub mod words;

#[cfg(test)]
mod scene;
