//! The way to a server: which proxy a request takes, which certificates it trusts, and the client that both make.
//!
//! Invariant: neither a proxy's password nor a bearer is ever shown.

pub(crate) mod client;
pub(crate) mod no_response;
pub(crate) mod proxy;

pub(crate) use client::TrustEnvironment;
pub(crate) use proxy::{ProxyChoice, ProxyEnvironment};
