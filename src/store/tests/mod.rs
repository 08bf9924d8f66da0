//! What holds of an update when a system call fails, when the process dies after any of them, and when a host
//! interferes between any two.

mod faults;
mod intruders;
mod layer;
mod mounted;
mod prefixes;
mod waiters;
mod world;
