//! `auth-failover openclaw …`: puts the plugin into a current gateway, and takes it out again.
//!
//! Protocol: [`session::Session`] is asked for one [`session::Step`] after the other: texts, and at times a command of the
//! gateway that the caller runs and whose end he tells with the next call; what it says, too, where that is asked for. The gateway's own prompts reach the person who
//! sits there, and nothing of the gateway is changed but by its own commands.

pub(crate) mod plan;
pub(crate) mod plugin_folder;
pub(crate) mod release;
pub(crate) mod session;
pub(crate) mod wish;
