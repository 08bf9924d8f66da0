//! The caller's loop as a library: pure decisions. Promises, clocks and files are at the edge, in `binding` and `store`.
//!
//! Invariant: nothing here waits, reads a clock or touches a file; the same history always gives the same decision.

pub mod attempt;
pub mod choice;
pub mod claim;
pub mod pool;
pub mod run;
#[cfg(test)]
mod simulation;
