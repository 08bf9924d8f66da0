//! The rules: status, then codes, then numbers, then words.
//!
//! Invariant: a rule reads no text of its own; everything it may look at is in [`Signals`].

use super::hint::CAP_MS;
use super::phrases::{Word, Words};
use super::reasons::{self, Meaning};
use crate::failure::names::{Class, Rule, Source};
use crate::failure::read::facts::{Facts, Rank, is_daily};

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
                return self.limited(Rule::WordsRateLimit);
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
            401 => self.refused_credential(Rule::Status401),
            // A subscription's window at times comes as a 402.
            402 if !self.says(Word::Billing)
                && (self.says(Word::RateLimit) || self.says(Word::Quota)) =>
            {
                self.limited(Rule::Status429)
            }
            402 => (Class::Billing, Rule::Status402),
            403 => self.forbidden(),
            404 | 410 => (Class::ModelNotFound, Rule::Status404),
            407 => (Class::Network, Rule::NetworkProxy),
            408 | 504 | 522 | 524 => (Class::Timeout, Rule::TimeoutStatus),
            413 => (Class::Format, Rule::FormatContextLength),
            405 | 406 | 411 | 414 | 415 | 422 | 431 => (Class::Format, Rule::Format),
            429 | 500.. if self.says(Word::Capacity) => (Class::Capacity, Rule::WordsCapacity),
            429 if self.says(Word::Billing) => (Class::Billing, Rule::WordsBilling),
            429 if self.says(Word::Overloaded) => (Class::Overloaded, Rule::WordsOverloaded),
            429 => self.limited(Rule::Status429),
            499 => (Class::Aborted, Rule::Status499),
            500.. => (Class::Overloaded, Rule::Status5xx),
            _ => self.by_words(),
        }
    }

    /// A refusal for too much: short, or until a quota refills.
    fn limited(&self, rule: Rule) -> Meaning {
        let daily = self.facts.quota_ids.iter().any(|id| is_daily(id)) || self.says(Word::PerDay);
        let states_quota = self.facts.waits.iter().any(|stated| is_quota_reset(stated.source));
        let is_long = self.longest_wait_ms.is_some_and(|wait| wait > CAP_MS);
        match () {
            () if self.facts.limit_zero || self.says(Word::LimitZero) => {
                (Class::Quota, Rule::QuotaLimitZero)
            }
            () if daily => (Class::Quota, Rule::QuotaDaily),
            () if self.quota_refused => (Class::Quota, Rule::QuotaWindow),
            () if is_long && (states_quota || speaks_of_quota(self.words)) => {
                (Class::Quota, Rule::QuotaLongWait)
            }
            () if rule == Rule::Status429 && self.says(Word::Quota) => {
                (Class::Quota, Rule::WordsQuota)
            }
            () => (Class::RateLimit, rule),
        }
    }

    fn refused_request(&self) -> Meaning {
        match () {
            () if self.says(Word::Billing) => (Class::Billing, Rule::WordsBilling),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if self.says(Word::Client) => (Class::UnsupportedClient, Rule::WordsClient),
            () if self.says(Word::Thought) => (Class::Format, Rule::FormatThoughtSignature),
            () if self.says(Word::ToolId) => (Class::Format, Rule::FormatToolId),
            () if self.says(Word::TooLong) => (Class::Format, Rule::FormatContextLength),
            () if self.says(Word::NoModel) => (Class::ModelNotFound, Rule::WordsModel),
            () => (Class::Format, Rule::Format),
        }
    }

    fn refused_credential(&self, rule: Rule) -> Meaning {
        match () {
            () if self.says(Word::Terms) => (Class::AccountDisabled, Rule::WordsAccountDisabled),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if self.refreshed => (Class::AuthPermanent, Rule::AuthAfterRefresh),
            () => (Class::Auth, rule),
        }
    }

    fn forbidden(&self) -> Meaning {
        let named = |rank| self.facts.reasons.iter().any(|(entry, _)| *entry == rank);
        match () {
            () if self.says(Word::Verify) => (Class::VerificationRequired, Rule::WordsVerification),
            () if self.says(Word::Terms) => (Class::AccountDisabled, Rule::WordsAccountDisabled),
            () if self.says(Word::Client) => (Class::UnsupportedClient, Rule::WordsClient),
            () if self.says(Word::License) => (Class::NoLicense, Rule::WordsLicense),
            () if self.says(Word::Billing) => (Class::Billing, Rule::WordsBilling),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if self.says(Word::RateLimit) => self.limited(Rule::WordsRateLimit),
            () if self.refreshed => (Class::AuthPermanent, Rule::AuthAfterRefresh),
            // Structured: the service itself says no. Anything else may be a gate on the way.
            () if named(Rank::Status) || named(Rank::Type) => {
                (Class::AuthPermanent, Rule::PermissionDenied)
            }
            () => (Class::Auth, Rule::Status403),
        }
    }

    /// Without a status only the words are left, the clearest first.
    fn by_words(&self) -> Meaning {
        const WORDS: [(Word, Class, Rule); 17] = [
            (Word::Capacity, Class::Capacity, Rule::WordsCapacity),
            (Word::Verify, Class::VerificationRequired, Rule::WordsVerification),
            (Word::Billing, Class::Billing, Rule::WordsBilling),
            (Word::Quota, Class::Quota, Rule::WordsQuota),
            (Word::RateLimit, Class::RateLimit, Rule::WordsRateLimit),
            (Word::Overloaded, Class::Overloaded, Rule::WordsOverloaded),
            (Word::Terms, Class::AccountDisabled, Rule::WordsAccountDisabled),
            (Word::Client, Class::UnsupportedClient, Rule::WordsClient),
            (Word::DeadKey, Class::AuthPermanent, Rule::WordsDeadKey),
            (Word::NoModel, Class::ModelNotFound, Rule::WordsModel),
            (Word::Thought, Class::Format, Rule::FormatThoughtSignature),
            (Word::ToolId, Class::Format, Rule::FormatToolId),
            (Word::TooLong, Class::Format, Rule::FormatContextLength),
            (Word::Aborted, Class::Aborted, Rule::WordsAborted),
            (Word::Timeout, Class::Timeout, Rule::WordsTimeout),
            (Word::Network, Class::Network, Rule::WordsNetwork),
            (Word::Unauthorized, Class::Auth, Rule::WordsAuth),
        ];
        match WORDS.iter().find(|(word, ..)| self.says(*word)) {
            Some((_, Class::RateLimit, rule)) => self.limited(*rule),
            Some((_, class, rule)) => (*class, *rule),
            None if self.says(Word::Forbidden) => self.forbidden(),
            None if self.says(Word::BadRequest) => (Class::Format, Rule::Format),
            None if self.longest_wait_ms.is_some() => (Class::RateLimit, Rule::StatedWait),
            None => (Class::Unknown, Rule::None),
        }
    }
}

/// Google's own fields for the time when a quota refills.
fn is_quota_reset(source: Source) -> bool {
    matches!(source, Source::QuotaResetDelay | Source::QuotaResetTimestamp)
}
