//! The hint of a response: when to come back, without a judgement of what went wrong.

use super::hint::{Hint, Support, choose};
use super::limits;
use crate::failure::read::plan_windows::Refused;
use crate::failure::read::{body, headers};

/// Reads the hint of a response from its headers and its body.
#[must_use]
pub(crate) fn parse_hint(
    headers: &[(String, String)],
    text: Option<&[u8]>,
    now_ms: i64,
) -> Option<Hint> {
    let stated = headers::read(headers, None);
    let facts = text.map(|text| body::read(text, now_ms)).unwrap_or_default();
    let quota = limits::names_quota(&facts)
        || stated.refused != Refused::Nothing
        || facts.refused != Refused::Nothing;
    choose(
        stated.waits.iter().chain(&facts.waits).copied(),
        Support { quota, names_window: false, takes_refills: true },
        now_ms,
    )
}
