//! The only folder that names `napi`. Every function converts in, makes one domain call and converts out.

#![expect(
    unreachable_pub,
    reason = "exports must be pub for the macro; JavaScript calls them, Rust does not"
)]
#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "napi hands out `&Env`, whose lifetime its values borrow"
)]

mod api;
mod cli;
mod cli_setup;
mod edits;
mod failure;
mod handle;
mod lease;
mod marks;
mod oauth;
mod reads;
mod run;
mod stream;
mod values;
mod waits;
mod watch;
