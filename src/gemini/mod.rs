//! The Cloud Code Assist request: conversion, wire parsing and truthful, fail-fast attempts.
//!
//! ```text
//! Input ─ input ─▶ body, headers, endpoints          convert history tool_result tools thinking · endpoint proxy
//!                    │
//!                 request ─▶ attempt ─▶ reading      retries and timers · one HTTP request · one response body
//!                    │           │          │
//!                  policy     client   sse ─▶ assemble ─▶ session ─▶ whoever reads
//! ```
//!
//! `sse`, `assemble`, `convert`, `policy` and `proxy` are pure: bytes, time and randomness come in as arguments.

pub(crate) mod call;
pub(crate) mod convert;
pub(crate) mod literal;
pub(crate) mod request;
pub(crate) mod wire;

pub(crate) use convert::context::ContextText;
pub(crate) use request::client::TrustEnvironment;
pub(crate) use request::input::{Hooks, Input, Parts, build};
pub(crate) use request::outcome::{Failed, Outcome, StopReason};
pub(crate) use request::proxy::ProxyEnvironment;
pub(crate) use request::retries::run;
pub(crate) use request::session::{Answer, Batch, Link, Message, Session, session};
