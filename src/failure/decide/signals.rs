//! What the rules look at, collected once.

use super::codes::{self, Code};
use super::phrases::{Word, Words};
use crate::failure::read::facts::Facts;
use crate::failure::read::own_words;
use crate::failure::read::plan_windows::Refused;

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other")]
pub(crate) struct Signals<'a> {
    pub(crate) status: Option<u16>,
    /// The status is a number that the server stated or printed, and not only what a code stands for.
    pub(crate) is_status_stated: bool,
    pub(crate) facts: &'a Facts,
    /// The most specific code that has a meaning of its own.
    pub(crate) code: Option<Code>,
    /// The words of all texts.
    pub(crate) words: Words,
    /// The words of the provider's own sentence alone.
    pub(crate) own: Words,
    /// Headers say that a long-term allowance is used up.
    pub(crate) refused: Refused,
    /// The request is larger than the limit that it names.
    pub(crate) is_too_large: bool,
    /// Headers say that the windows of the account's plan have room.
    pub(crate) has_room: bool,
    /// An edge on the way refused us.
    pub(crate) is_blocked: bool,
    /// The server says that the same request may succeed later.
    pub(crate) should_retry: bool,
    /// The longest wait that is stated, uncapped.
    pub(crate) longest_wait_ms: Option<u64>,
    /// The credential was renewed just before.
    pub(crate) refreshed: bool,
}

/// The most specific code that has a meaning of its own.
pub(crate) fn best_code(facts: &Facts) -> Option<(&str, Code)> {
    let texts = facts.reasons.iter().map(|(_, text)| text).chain(&facts.printed);
    texts.into_iter().find_map(|text| Some((text.as_str(), meaning(facts, text)?)))
}

/// The meaning of one code; a number is one of the provider that sent it.
pub(crate) fn meaning(facts: &Facts, text: &str) -> Option<Code> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return codes::code(&format!("{}{text}", facts.family?));
    }
    codes::code(text)
}

/// Whether a status says that the request is wrong.
pub(crate) fn is_refused_request(status: Option<u16>) -> bool {
    matches!(status, Some(400 | 404..=406 | 409..=417 | 422 | 424 | 431))
}

impl Signals<'_> {
    pub(crate) fn says(&self, word: Word) -> bool {
        self.words.has(word)
    }

    /// A limit code on a 5xx, unless a proxy only changed the number: the server's state, not the account's.
    pub(crate) fn is_server_fault(&self) -> bool {
        self.is_status_stated
            && self.status.is_some_and(|status| status >= 500)
            && self.facts.code != Some(429)
    }

    /// The message begins by naming a part of the request.
    pub(crate) fn is_of_request(&self) -> bool {
        self.facts.message.as_deref().is_some_and(own_words::speaks_of_the_request)
    }

    pub(crate) fn is_limit_zero(&self) -> bool {
        self.facts.limit_zero || self.says(Word::LimitZero)
    }

    /// A general code that stands for a status.
    pub(crate) fn has_general(&self, statuses: &[u16]) -> bool {
        let mut named = self.facts.reasons.iter().filter_map(|(_, code)| codes::status(code));
        named.any(|status| statuses.contains(&status))
    }
}
