//! # auth-failover
//!
//! The native core of a failover layer for Node LLM gateways: auth-profile bookkeeping over a store file that
//! many processes share, and a streaming request that fails fast so that the caller can rotate accounts.
//!
//! ## Map
//!
//! | module | what it is | knows |
//! |---|---|---|
//! | `time`, `error`, `trace` | moments as a type; one error type with stable `ERR_…` codes; steps for `AUTH_FAILOVER_LOG` | `error`: `time` |
//! | `background` | threads for what must not run on the event loop | `error` |
//! | `failure` | what a failure means: `read` what a response says, `decide` class, scope and wait; pure | nothing |
//! | `api` | what SDKs and APIs say to each other: where a request has its credential, what an answer comes to; pure | `failure` |
//! | `profiles` | the rules of one account: (state, event, now) -> state; pure | `failure` |
//! | `rotation` | whom to ask next, and what came of it; pure | `profiles`, `failure` |
//! | `store` | where accounts and their state live: document, edits, file, watch | `profiles`, `rotation`, `error` |
//! | `pool` | what gateways tell each other while they ask | `rotation`, `profiles`, `failure`, `store::file` |
//! | `http` | the way to a server: proxies, certificates, clients | `error` |
//! | `oauth` | asking a token server for a new access token | `http`, `failure`, `error` |
//! | `gemini` | the Cloud Code Assist request: `convert`, `wire`, `request` | `api`, `http`, `failure`, `error` |
//! | `cli` | the command line: arguments, findings, rendering | everything but `binding` |
//! | `simulation` | processes, accounts and a service on one virtual clock; tests only | everything but `binding` |
//! | `binding` | the only folder that names napi: convert in, one call, convert out | everything |
//!
//! ## Glossary
//!
//! One word for one thing, here and in every message, option and document.
//!
//! | word | what it is |
//! |---|---|
//! | profile | an entry of the store: an id, its provider and its credential |
//! | account | what the provider knows and limits; a profile is the way to one |
//! | credential | the secret part of a profile: a key, a token, or an OAuth login |
//! | mark | one event of one profile as a host reports it: used, good, failed, cleared |
//! | booking | writing an event into the store, by a mark or by a run |
//! | window | a time in which an account is not to be asked: from a failure until an end, for one model or for all |
//! | rest | what a profile does while one of its windows lasts, and an endpoint for seconds after it failed |
//! | probe | the first request after a long window; others wait for its verdict |
//! | endpoint | what all accounts of a provider share: its server, at one address and for one model |
//! | trial | the first request to an endpoint after its rest; others wait for what comes of it |
//! | reservation | a note in the pool that a request is about to ask a profile, or is asking it |
//! | sign of life | what an attempt says of itself while it goes on: `progress()` or `deliver()` |
//! | reference | what an entry names its secret by, instead of holding it |
//! | lease | a right that ends by itself unless its holder renews it |
//! | pool | what the processes that share a store tell each other while they ask |
//! | session | a conversation that stays with one profile while it can |
//! | run | one call of the loop: from the choice of the first profile to the answer or the error |
//! | attempt | one profile asked once in a run |
//!
//! ## Invariants
//!
//! 1. No write without the lock guard in hand. A lock that cannot be had never leads to an unlocked write.
//! 2. The file is the truth: every update re-reads it under the lock.
//! 3. A mark edits one entry; everything else comes out byte for byte as it went in.
//! 4. What does not parse is never overwritten and never read as empty.
//! 5. A reader sees the old file or the new one, and takes no lock.
//! 6. Bookkeeping never breaks a request.
//! 7. One request per 429.
//! 8. Exactly one terminal event, and it tells the truth.
//! 9. Our own timeout is a `TimeoutError`; an abort is the caller's own reason.
//! 10. The event loop is never blocked.
//! 11. No secret in an error, a log, a warning or a panic message.
//! 12. No panic crosses to Node.
//! 13. Nothing is imitated: identities of other clients are the caller's to pass in.

// The exports exist for Node alone; unit tests have none to call, so what only they use looks unused there.
#![cfg_attr(
    test,
    allow(dead_code, unused_imports, reason = "the exports use it, and tests leave them out")
)]

mod api;
mod background;
#[cfg(not(test))]
mod binding;
mod cli;
mod error;
mod failure;
mod gemini;
mod http;
mod oauth;
mod pool;
mod profiles;
mod rotation;
#[cfg(test)]
mod simulation;
mod store;
mod time;
mod trace;
