//! The only folder that names `napi`. Every function converts in, makes one domain call and converts out.

#![expect(
    unreachable_pub,
    reason = "exports must be pub for the macro; JavaScript calls them, Rust does not"
)]
#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "napi hands out `&Env`, whose lifetime its values borrow"
)]

mod cli;
mod describe;
mod edit_types;
mod edits;
pub(crate) mod error;
mod error_types;
mod evidence;
pub(crate) mod failure;
mod failure_types;
mod hold;
pub(crate) mod host;
mod mark_outcome;
mod mark_types;
mod marks;
mod options;
mod order;
mod profile_types;
mod reads;
mod report;
mod run;
mod run_attempt;
mod run_book;
mod run_end;
mod run_input;
mod run_outcome;
mod run_report;
mod run_types;
mod settle;
mod settled;
mod signal;
mod stats;
mod stream;
mod stream_batch;
mod stream_build;
mod stream_errors;
mod stream_input;
mod stream_result_types;
mod stream_runtime;
mod stream_session;
mod stream_types;
mod thrown;
pub(crate) mod value;
mod warning;
mod watch;
mod watch_types;
