//! The rules: status, then codes, then numbers, then words.
//!
//! Invariant: a rule reads no text of its own; everything it may look at is in [`Signals`].

use super::hint::CAP_MS;
use super::phrases::{Word, Words};
use super::reasons::{self, Meaning};
use crate::failure::read::facts::{Facts, Rank, is_daily};
use crate::failure::record::Class;

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signals<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) facts: &'a Facts,
    pub(crate) words: Words,
    /// A header says that a subscription's window is used up.
    pub(crate) quota_refused: bool,
    /// The longest wait that is stated, uncapped.
    pub(crate) longest_wait_ms: Option<u64>,
    /// The credential was renewed just before.
    pub(crate) refreshed: bool,
}

/// Whether codes or words say, without any number, that a quota is used up.
pub(crate) fn names_quota(facts: &Facts) -> bool {
    let mut words = Words::default();
    facts.words().for_each(|text| words.read(text));
    let by_code = best_reason(facts).is_some_and(|(_, (class, _))| class == Class::Quota);
    by_code || facts.quota_ids.iter().any(|id| is_daily(id)) || speaks_of_quota(words)
}

/// Words that let a long wait be believed.
fn speaks_of_quota(words: Words) -> bool {
    [Word::Quota, Word::QuotaMaybe, Word::PerDay].iter().any(|word| words.has(*word))
}

/// The most specific code that has a meaning of its own.
pub(crate) fn best_reason(facts: &Facts) -> Option<(&str, Meaning)> {
    let known = |(_, code): &'_ (Rank, String)| reasons::meaning(code).is_some();
    let (_, code) = facts.reasons.iter().find(|entry| known(entry))?;
    reasons::meaning(code).map(|meaning| (code.as_str(), meaning))
}

impl Signals<'_> {
    fn says(&self, word: Word) -> bool {
        self.words.has(word)
    }

    /// The class and the rule that decided.
    pub(crate) fn decide(&self) -> Meaning {
        match best_reason(self.facts) {
            Some((_, (Class::RateLimit | Class::Quota, _))) if self.is_server_fault() => {}
            Some((_, (Class::RateLimit, rule))) => return self.limited(rule),
            Some((_, (Class::Auth, rule))) => return self.refused_credential(rule),
            Some((_, (Class::Billing, _))) if self.says(Word::Allocated) => {
                return self.limited("words-rate-limit");
            }
            Some((_, meaning)) => return meaning,
            None => {}
        }
        match self.status {
            Some(status) => self.by_status(status),
            None => self.by_words(),
        }
    }

    /// A limit code on a 5xx, unless a proxy only changed the number: the server's state, not the account's.
    fn is_server_fault(&self) -> bool {
        self.status.is_some_and(|status| status >= 500) && self.facts.code != Some(429)
    }

    fn by_status(&self, status: u16) -> Meaning {
        match status {
            400 => self.refused_request(),
            401 => self.refused_credential("status-401"),
            // A subscription's window at times comes as a 402.
            402 if !self.says(Word::Billing)
                && (self.says(Word::RateLimit) || self.says(Word::Quota)) =>
            {
                self.limited("status-429")
            }
            402 => (Class::Billing, "status-402"),
            403 => self.forbidden(),
            404 | 410 => (Class::ModelNotFound, "status-404"),
            407 => (Class::Network, "network-proxy"),
            408 | 504 | 522 | 524 => (Class::Timeout, "timeout-status"),
            413 => (Class::Format, "format-context-length"),
            405 | 406 | 411 | 414 | 415 | 422 | 431 => (Class::Format, "format"),
            429 | 500.. if self.says(Word::Capacity) => (Class::Capacity, "words-capacity"),
            429 if self.says(Word::Billing) => (Class::Billing, "words-billing"),
            429 if self.says(Word::Overloaded) => (Class::Overloaded, "words-overloaded"),
            429 => self.limited("status-429"),
            499 => (Class::Aborted, "status-499"),
            500.. => (Class::Overloaded, "status-5xx"),
            _ => self.by_words(),
        }
    }

    /// A refusal for too much: short, or until a quota refills.
    fn limited(&self, rule: &'static str) -> Meaning {
        let daily = self.facts.quota_ids.iter().any(|id| is_daily(id)) || self.says(Word::PerDay);
        let states_quota =
            self.facts.waits.iter().any(|stated| stated.source.starts_with("quota-reset"));
        let is_long = self.longest_wait_ms.is_some_and(|wait| wait > CAP_MS);
        match () {
            () if self.facts.limit_zero || self.says(Word::LimitZero) => {
                (Class::Quota, "quota-limit-zero")
            }
            () if daily => (Class::Quota, "quota-daily"),
            () if self.quota_refused => (Class::Quota, "quota-window"),
            () if is_long && (states_quota || speaks_of_quota(self.words)) => {
                (Class::Quota, "quota-long-wait")
            }
            () if rule == "status-429" && self.says(Word::Quota) => (Class::Quota, "words-quota"),
            () => (Class::RateLimit, rule),
        }
    }

    fn refused_request(&self) -> Meaning {
        match () {
            () if self.says(Word::Billing) => (Class::Billing, "words-billing"),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, "words-dead-key"),
            () if self.says(Word::Client) => (Class::UnsupportedClient, "words-client"),
            () if self.says(Word::Thought) => (Class::Format, "format-thought-signature"),
            () if self.says(Word::ToolId) => (Class::Format, "format-tool-id"),
            () if self.says(Word::TooLong) => (Class::Format, "format-context-length"),
            () if self.says(Word::NoModel) => (Class::ModelNotFound, "words-model"),
            () => (Class::Format, "format"),
        }
    }

    fn refused_credential(&self, rule: &'static str) -> Meaning {
        match () {
            () if self.says(Word::Terms) => (Class::AccountDisabled, "words-account-disabled"),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, "words-dead-key"),
            () if self.refreshed => (Class::AuthPermanent, "auth-after-refresh"),
            () => (Class::Auth, rule),
        }
    }

    fn forbidden(&self) -> Meaning {
        let named = |rank| self.facts.reasons.iter().any(|(entry, _)| *entry == rank);
        match () {
            () if self.says(Word::Verify) => (Class::VerificationRequired, "words-verification"),
            () if self.says(Word::Terms) => (Class::AccountDisabled, "words-account-disabled"),
            () if self.says(Word::Client) => (Class::UnsupportedClient, "words-client"),
            () if self.says(Word::License) => (Class::NoLicense, "words-license"),
            () if self.says(Word::Billing) => (Class::Billing, "words-billing"),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, "words-dead-key"),
            () if self.says(Word::RateLimit) => self.limited("words-rate-limit"),
            () if self.refreshed => (Class::AuthPermanent, "auth-after-refresh"),
            // Structured: the service itself says no. Anything else may be a gate on the way.
            () if named(Rank::Status) || named(Rank::Type) => {
                (Class::AuthPermanent, "permission-denied")
            }
            () => (Class::Auth, "status-403"),
        }
    }

    /// Without a status only the words are left, the clearest first.
    fn by_words(&self) -> Meaning {
        const WORDS: [(Word, Class, &str); 17] = [
            (Word::Capacity, Class::Capacity, "words-capacity"),
            (Word::Verify, Class::VerificationRequired, "words-verification"),
            (Word::Billing, Class::Billing, "words-billing"),
            (Word::Quota, Class::Quota, "words-quota"),
            (Word::RateLimit, Class::RateLimit, "words-rate-limit"),
            (Word::Overloaded, Class::Overloaded, "words-overloaded"),
            (Word::Terms, Class::AccountDisabled, "words-account-disabled"),
            (Word::Client, Class::UnsupportedClient, "words-client"),
            (Word::DeadKey, Class::AuthPermanent, "words-dead-key"),
            (Word::NoModel, Class::ModelNotFound, "words-model"),
            (Word::Thought, Class::Format, "format-thought-signature"),
            (Word::ToolId, Class::Format, "format-tool-id"),
            (Word::TooLong, Class::Format, "format-context-length"),
            (Word::Aborted, Class::Aborted, "words-aborted"),
            (Word::Timeout, Class::Timeout, "words-timeout"),
            (Word::Network, Class::Network, "words-network"),
            (Word::Unauthorized, Class::Auth, "words-auth"),
        ];
        match WORDS.iter().find(|(word, ..)| self.says(*word)) {
            Some((_, Class::RateLimit, rule)) => self.limited(rule),
            Some((_, class, rule)) => (*class, rule),
            None if self.says(Word::Forbidden) => self.forbidden(),
            None if self.says(Word::BadRequest) => (Class::Format, "format"),
            None if self.longest_wait_ms.is_some() => (Class::RateLimit, "stated-wait"),
            None => (Class::Unknown, "none"),
        }
    }
}
