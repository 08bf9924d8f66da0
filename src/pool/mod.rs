//! What gateways tell each other about requests under way. The document and its rules are in `rotation`; here are its
//! storage (`backend` and implementations), the owners of reservations (`owner`), and the choice (`choose`).

pub(crate) mod backend;
pub(crate) mod choose;
pub(crate) mod file;
pub(crate) mod login;
pub(crate) mod login_lease;
pub(crate) mod memory;
pub(crate) mod owner;
pub(crate) mod queue;
pub(crate) mod session_log;
