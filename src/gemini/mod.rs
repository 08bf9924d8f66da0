//! The Cloud Code Assist request: conversion, wire parsing and truthful, fail-fast attempts.
//!
//! ```text
//! call ─▶ convert ─▶ request::prepared          what the caller passes ─▶ the body ─▶ what can be sent, and where
//!                        │
//!                    retries ─▶ exchange ─▶ response_body      again or not · one HTTP request · one response
//!                                               │
//!                        wire: sse ─▶ chunk ─▶ assemble ─▶ request::delivery ─▶ the reader
//! ```
//!
//! `call`, `convert`, `wire`, `policy` and `proxy` are pure: bytes, time and randomness come in as arguments. Each of
//! them knows only those to its left.

pub(crate) mod call;
pub(crate) mod convert;
pub(crate) mod error_code;
pub(crate) mod literal;
pub(crate) mod recent_refusals;
pub(crate) mod request;
pub(crate) mod wire;

pub(crate) use convert::context::ContextText;
pub(crate) use error_code::code_of_class;
pub(crate) use request::delivery::{Answer, Batch, Link, Message, Session, session};
pub(crate) use request::outcome::{Failed, Outcome, StopReason};
pub(crate) use request::prepared::{Hooks, Input, Parts, build};
pub(crate) use request::retries::run;
