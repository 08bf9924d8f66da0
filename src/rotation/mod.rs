//! The caller's loop as a library: pure decisions. Promises, clocks and files are at the edge, in `binding` and `store`.
//!
//! Invariant: nothing here waits, reads a clock or touches a file; the same history always gives the same decision.

pub(crate) mod choice;
pub(crate) mod claim;
pub(crate) mod course;
pub(crate) mod pool;
pub(crate) mod settle;
#[cfg(test)]
mod simulation;
