//! What `entry/fetch` asks of the core: where the credential of a request goes, what an answer comes to, and what a
//! refusal looks like. Not in index.d.ts.

#![expect(
    clippy::needless_pass_by_value,
    reason = "napi hands over texts and lists as owned values"
)]

pub(crate) mod answer_judge;
pub(crate) mod fetch_options;
pub(crate) mod request_facts;
pub(crate) mod shaped_refusal;
