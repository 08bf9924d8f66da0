//! Processes that renew one login, step by step, in any order, dying at any step; a token server that rotates, notices a
//! token that is spent twice and then ends the login. The record and the comparison are the real ones.
//!
//! Properties, in any order of steps and with a death before any of them:
//!
//! - no token is spent twice, unless a process has died with the server's answer in its hands, and then only once;
//! - what stands in the store is the newest login, unless such an answer was lost, and the pool has a note of that;
//! - nobody asks with a token that is not saved.
//!
//! Each precaution that is left out breaks one of them: see `sabotage` in the tests.

mod process;
mod world;

#[cfg(test)]
mod tests;
