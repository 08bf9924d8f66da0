//! What was seen in a failure, piece by piece, and which piece decided: for people who send us cases.
//!
//! Invariant: the record is the one of [`classify`], and no finding holds more of a text than a name or a phrase.

use super::classify::{classify, read_everything};
use super::codes;
use super::phrases::found_in;
use super::signals::{best_code, meaning};
use crate::failure::read::wait::{Moment, Wait};
use crate::failure::record::{Evidence, Failure};
use crate::failure::redact::identifier;

/// Where something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Status,
    Code,
    Words,
    Wait,
}

impl Place {
    /// The public name.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Code => "code",
            Self::Words => "words",
            Self::Wait => "wait",
        }
    }
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) place: Place,
    /// The code, the phrase or the source, as it was written.
    pub(crate) text: String,
    /// What it stands for: a class, a group of phrases, milliseconds.
    pub(crate) says: String,
    /// The record rests on it.
    pub(crate) is_decisive: bool,
}

/// The record, with what was seen on the way to it.
#[must_use]
pub(crate) fn explain(evidence: &Evidence<'_>) -> (Failure, Vec<Finding>) {
    let failure = classify(evidence);
    let (facts, headers) = read_everything(evidence);
    let mut findings = Vec::new();
    if let Some(status) = failure.status {
        let is_decisive = failure.rule.name().contains("status");
        let (text, says) = (status.to_string(), String::new());
        findings.push(Finding { place: Place::Status, text, says, is_decisive });
    }
    let best = best_code(&facts).map(|(text, _)| text);
    for code in facts.reasons.iter().map(|(_, code)| code).chain(&facts.printed) {
        let known = meaning(&facts, code).map(|code| code.class.name().to_owned());
        let general = || codes::status(code).map(|status| status.to_string());
        let Some(text) = identifier(code) else { continue };
        let says = known.or_else(general).unwrap_or_default();
        let is_decisive = best == Some(code.as_str()) && !failure.rule.name().starts_with("words");
        findings.push(Finding { place: Place::Code, text, says, is_decisive });
    }
    for (word, phrase) in facts.words().flat_map(found_in) {
        let says = format!("{word:?}");
        let is_decisive = failure.rule.name().starts_with("words");
        findings.push(Finding { place: Place::Words, text: phrase.to_owned(), says, is_decisive });
    }
    for stated in headers.waits.iter().chain(&facts.waits) {
        let ms = match stated.wait {
            Wait::Relative(ms) | Wait::Window(Moment::In(ms), _) => ms,
            Wait::At(at) | Wait::AtNoZone(at) | Wait::Window(Moment::At(at), _) => {
                u64::try_from(at.saturating_sub(evidence.now_ms)).unwrap_or(0)
            }
        };
        let is_decisive = failure.source == Some(stated.source);
        let (text, says) = (stated.source.name().to_owned(), ms.to_string());
        findings.push(Finding { place: Place::Wait, text, says, is_decisive });
    }
    (failure, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_that_decided_is_named_beside_what_else_was_seen() {
        let body = br#"{"error":{"code":"insufficient_quota","type":"tokens","message":"usage limit, retry in 5s"}}"#;
        let (failure, findings) =
            explain(&Evidence { status: Some(429), body: Some(body), ..Evidence::default() });
        assert_eq!(failure.class.name(), "billing");
        let decisive: Vec<_> =
            findings.iter().filter(|it| it.is_decisive).map(|it| &it.text).collect();
        assert_eq!(decisive, ["insufficient_quota", "message"]);
        assert!(findings.iter().any(|it| it.place == Place::Words && it.text == "usage limit"));
    }
}
