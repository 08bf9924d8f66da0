//! The hint of a response: when to come back, without a judgement of what went wrong.

use super::hint::{Hint, Support, choose};
use super::rules;
use crate::failure::read::{body, headers};

/// Reads the hint of a response from its headers and its body.
#[must_use]
pub(crate) fn parse_hint(
    headers: &[(String, String)],
    text: Option<&[u8]>,
    now_ms: i64,
) -> Option<Hint> {
    let stated = headers::read(headers);
    let facts = text.map(body::read).unwrap_or_default();
    let quota = rules::names_quota(&facts) || stated.quota_refused || facts.quota_refused;
    choose(
        stated.waits.iter().chain(&facts.waits).copied(),
        Support { quota, windows: true },
        now_ms,
    )
}
