//! What gateways tell each other while they ask. The document and its rules are `rotation`'s; here is where it is kept
//! (`backend` and its implementations), who holds a reservation (`owner`), and the choice on it (`choose`).

pub(crate) mod backend;
pub(crate) mod choose;
pub(crate) mod file;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod owner;
pub(crate) mod queue;
