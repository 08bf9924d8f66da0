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

pub mod assemble;
mod attempt;
mod body;
mod chunk;
mod client;
mod context;
mod convert;
mod credentials;
mod endpoint;
mod fault;
mod fields;
mod history;
mod input;
mod literal;
pub mod model;
mod options;
mod outcome;
mod policy;
mod progress;
mod proxy;
mod reading;
mod request;
mod session;
pub mod sse;
mod thinking;
mod tool_result;
mod tools;
mod wire;

pub use client::TrustEnvironment;
pub use context::ContextText;
pub use input::{Hooks, Input, Parts, build};
pub use outcome::{CausedBy, Facts, Failed, Outcome, Phase, StopReason};
pub use proxy::ProxyEnvironment;
pub use request::run;
pub use session::{Answer, Batch, Link, Message, Session, session};
