//! What holds of an update when a system call fails, when the process dies after any of them, and when a host
//! interferes between any two.

use std::process::{Child, Command, Stdio};

mod faults;
mod intruders;
pub(crate) mod layer;
mod mounted;
mod prefixes;
mod waiters;
mod world;

/// A process that ends by itself at once, on any system.
pub(crate) fn brief_child() -> Child {
    let mut itself = Command::new(std::env::current_exe().unwrap());
    itself.arg("--help").stdout(Stdio::null()).spawn().unwrap()
}

/// The id of a process that has ended.
pub(crate) fn ended_process() -> u32 {
    let mut child = brief_child();
    child.wait().unwrap();
    child.id()
}
