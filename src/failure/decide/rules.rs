//! The rules: codes, then the status, then numbers, then words.
//!
//! Invariant: a rule reads no text of its own; everything it may look at is in [`Signals`]. Under a status of a bad
//! request only the provider's own words count: the rest may be a quotation of the request.

use super::codes::{Code, Meaning};
use super::hint::CAP_MS;
use super::limits;
use super::phrases::{Word, Words};
use super::signals::{Signals, is_refused_request};
use crate::failure::names::{Class, Rule};
use crate::failure::read::facts::Rank;

impl Signals<'_> {
    /// The class and the rule that decided.
    pub(crate) fn decide(&self) -> Meaning {
        if self.is_blocked {
            return (Class::Network, Rule::ReasonRegion);
        }
        if let Some(code) = self.code
            && let Some(meaning) = self.by_code(code)
        {
            return meaning;
        }
        match self.status {
            Some(status) => self.by_status(status),
            None if self.facts.is_of_content => self.refused_request(),
            None => self.by_words(),
        }
    }

    /// A code decides, but for what only the words beside it can tell.
    fn by_code(&self, code: Code) -> Option<Meaning> {
        let own = if is_refused_request(self.status) { &self.own } else { &self.words };
        let meaning = code.meaning();
        Some(match code.class {
            Class::RateLimit | Class::Quota if self.is_server_fault() => return None,
            Class::RateLimit if code.rule == Rule::Concurrency => meaning,
            Class::RateLimit => self.refused_under_429(code.rule, false),
            Class::Format if self.is_limited(code) => self.refused_under_429(Rule::Status429, true),
            Class::Quota if self.is_limit_zero() => (Class::Quota, Rule::QuotaLimitZero),
            Class::Auth => self.refused_credential(code.rule),
            // Throttling that a code calls a lack of money.
            Class::Billing if self.says(Word::Allocated) => limits::of(self, Rule::WordsRateLimit),
            Class::AuthPermanent | Class::ModelNotFound if own.has(Word::Verify) => {
                (Class::VerificationRequired, Rule::WordsVerification)
            }
            Class::AuthPermanent if own.has(Word::Billing) => (Class::Billing, Rule::WordsBilling),
            Class::AuthPermanent if own.has(Word::License) => {
                (Class::NoLicense, Rule::WordsLicense)
            }
            Class::AccountDisabled if own.has(Word::Client) => {
                (Class::UnsupportedClient, Rule::WordsClient)
            }
            Class::AccountDisabled if own.has(Word::Concurrency) => {
                (Class::RateLimit, Rule::Concurrency)
            }
            Class::AccountDisabled if own.has_any(&[Word::Window, Word::PerDay]) => {
                (Class::Quota, Rule::WordsQuota)
            }
            _ => meaning,
        })
    }

    fn by_status(&self, status: u16) -> Meaning {
        match status {
            401 => self.refused_credential(Rule::Status401),
            402 => self.unpaid(),
            403 => self.forbidden(),
            404 | 410 => match self.of_the_account(&self.own) {
                Some(meaning) => meaning,
                None => (Class::ModelNotFound, Rule::Status404),
            },
            407 => (Class::Network, Rule::NetworkProxy),
            408 | 504 | 522 | 524 => (Class::Timeout, Rule::TimeoutStatus),
            413 => (Class::Format, Rule::FormatContextLength),
            400 | 405 | 406 | 411 | 412 | 414..=417 | 422 | 431 | 435 => self.refused_request(),
            426 | 466 => (Class::UnsupportedClient, Rule::WordsClient),
            434 => (Class::NoLicense, Rule::WordsLicense),
            446 => (Class::Format, Rule::FormatPolicy),
            451 => (Class::Network, Rule::ReasonRegion),
            429 => self.refused_under_429(Rule::Status429, true),
            498 => (Class::Capacity, Rule::WordsCapacity),
            499 => (Class::Overloaded, Rule::Status499),
            // The request is wrong, whatever the number says.
            500.. if self.has_general(&[400]) && !self.has_general(&[500, 503, 529]) => {
                self.refused_request()
            }
            500.. if self.says(Word::Capacity) => (Class::Capacity, Rule::WordsCapacity),
            424 | 500.. => (Class::Overloaded, Rule::Status5xx),
            _ => self.by_words(),
        }
    }

    /// As [`Self::of_the_account`], with what words say of its windows.
    fn of_the_plan(&self, words: &Words) -> Option<Meaning> {
        let is_spent = words.has_any(&[Word::Window, Word::ModelWindow, Word::Quota, Word::PerDay]);
        self.of_the_account(words).or_else(|| is_spent.then(|| limits::of(self, Rule::Status429)))
    }

    fn unpaid(&self) -> Meaning {
        // A subscription's window at times comes as a 402.
        let limits = [Word::Window, Word::Quota, Word::RateLimit];
        match self.of_the_account(&self.words) {
            Some((Class::Billing, _)) => (Class::Billing, Rule::Status402),
            Some((class, rule)) if class != Class::Network => (class, rule),
            _ if self.words.has_any(&limits) => limits::of(self, Rule::Status429),
            _ => (Class::Billing, Rule::Status402),
        }
    }

    /// A 429 whose words speak of a limit, whatever its code calls the request.
    fn is_limited(&self, code: Code) -> bool {
        const LIMITS: [Word; 4] = [Word::RateLimit, Word::Window, Word::Quota, Word::PerMinute];
        self.status == Some(429) && code.rule == Rule::ReasonFormat && self.words.has_any(&LIMITS)
    }

    /// A refusal for too much, where it is not for something else.
    fn refused_under_429(&self, rule: Rule, is_status_alone: bool) -> Meaning {
        if self.is_too_large {
            return (Class::Format, Rule::FormatTooLarge);
        }
        match self.of_the_account(&self.words) {
            Some(meaning) => meaning,
            None if self.says(Word::Capacity) => (Class::Capacity, Rule::WordsCapacity),
            None if self.says(Word::Concurrency) && !self.says(Word::Window) => {
                (Class::RateLimit, Rule::Concurrency)
            }
            None if is_status_alone && self.says(Word::Overloaded) => {
                (Class::Overloaded, Rule::WordsOverloaded)
            }
            None => match limits::of(self, rule) {
                // It is over as soon as there are fewer at once.
                (Class::RateLimit, _) if self.has_room => (Class::RateLimit, Rule::Concurrency),
                meaning => meaning,
            },
        }
    }

    fn refused_request(&self) -> Meaning {
        let own = &self.own;
        if let Some(meaning) = self.of_the_account(own) {
            return meaning;
        }
        let is_spent = own.has_any(&[Word::Window, Word::ModelWindow, Word::Quota]);
        match () {
            () if own.has(Word::Capacity) => (Class::Capacity, Rule::WordsCapacity),
            () if own.has(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if is_spent => limits::of(self, Rule::Status429),
            () if own.has(Word::Expired) => (Class::Auth, Rule::WordsAuth),
            () if self.says(Word::Thought) => (Class::Format, Rule::FormatThoughtSignature),
            () if self.says(Word::ToolId) => (Class::Format, Rule::FormatToolId),
            () if self.says(Word::TooLong) => (Class::Format, Rule::FormatContextLength),
            () if own.has(Word::NoModel) => (Class::ModelNotFound, Rule::WordsModel),
            // A server's fault under a client's status.
            () if self.has_general(&[500, 503, 529]) && !self.has_general(&[400]) => {
                (Class::Overloaded, Rule::ReasonOverloaded)
            }
            () if own.has(Word::Policy) => (Class::Format, Rule::FormatPolicy),
            () if self.should_retry && !self.has_general(&[400]) => {
                (Class::Overloaded, Rule::ShouldRetry)
            }
            () => (Class::Format, Rule::Format),
        }
    }

    fn refused_credential(&self, rule: Rule) -> Meaning {
        match self.of_the_plan(&self.words) {
            Some((class, rule)) if class != Class::RateLimit => return (class, rule),
            _ => {}
        }
        match () {
            () if self.says(Word::NoModel) => (Class::ModelNotFound, Rule::WordsModel),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if self.refreshed => (Class::AuthPermanent, Rule::AuthAfterRefresh),
            () => (Class::Auth, rule),
        }
    }

    fn forbidden(&self) -> Meaning {
        let named = |rank| {
            let mut codes = self.facts.reasons.iter();
            codes.any(|(entry, code)| *entry == rank && !code.eq_ignore_ascii_case("error"))
        };
        if let Some(meaning) = self.of_the_plan(&self.words) {
            return meaning;
        }
        match () {
            () if self.says(Word::TooLong) => (Class::Format, Rule::FormatContextLength),
            () if self.says(Word::Policy) => (Class::Format, Rule::FormatPolicy),
            () if self.is_of_request() && self.has_general(&[400]) => (Class::Format, Rule::Format),
            () if self.says(Word::DeadKey) => (Class::AuthPermanent, Rule::WordsDeadKey),
            () if self.says(Word::Concurrency) => (Class::RateLimit, Rule::Concurrency),
            () if self.says(Word::RateLimit) => limits::of(self, Rule::WordsRateLimit),
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
        const WORDS: [(Word, Class, Rule); 15] = [
            (Word::RateLimit, Class::RateLimit, Rule::WordsRateLimit),
            (Word::Overloaded, Class::Overloaded, Rule::WordsOverloaded),
            (Word::DeadKey, Class::AuthPermanent, Rule::WordsDeadKey),
            (Word::NoModel, Class::ModelNotFound, Rule::WordsModel),
            (Word::Thought, Class::Format, Rule::FormatThoughtSignature),
            (Word::ToolId, Class::Format, Rule::FormatToolId),
            (Word::TooLong, Class::Format, Rule::FormatContextLength),
            (Word::Policy, Class::Format, Rule::FormatPolicy),
            (Word::Aborted, Class::Aborted, Rule::WordsAborted),
            (Word::Timeout, Class::Timeout, Rule::WordsTimeout),
            (Word::Network, Class::Network, Rule::WordsNetwork),
            (Word::Region, Class::Network, Rule::WordsRegion),
            (Word::Expired, Class::Auth, Rule::WordsAuth),
            (Word::Unauthorized, Class::Auth, Rule::WordsAuth),
            (Word::BadRequest, Class::Format, Rule::Format),
        ];
        if self.is_too_large {
            return (Class::Format, Rule::FormatTooLarge);
        }
        if self.says(Word::Capacity) {
            return (Class::Capacity, Rule::WordsCapacity);
        }
        if let Some((class, rule)) = self.of_the_plan(&self.words) {
            return (class, rule);
        }
        if self.says(Word::Concurrency) {
            return (Class::RateLimit, Rule::Concurrency);
        }
        match WORDS.iter().find(|(word, ..)| self.says(*word)) {
            Some((_, Class::RateLimit, rule)) => limits::of(self, *rule),
            Some((Word::BadRequest, ..)) | None if self.says(Word::Forbidden) => self.forbidden(),
            Some((_, class, rule)) => (*class, *rule),
            None if self.longest_wait_ms.is_some_and(|wait| wait > CAP_MS)
                && (self.says(Word::QuotaMaybe) || self.facts.in_hours) =>
            {
                limits::of(self, Rule::WordsRateLimit)
            }
            None if self.longest_wait_ms.is_some() => (Class::RateLimit, Rule::StatedWait),
            None => (Class::Unknown, Rule::None),
        }
    }

    /// What words say of the account: it must act, is closed, may not, or has no money.
    fn of_the_account(&self, words: &Words) -> Option<Meaning> {
        const MONEY: [Word; 5] =
            [Word::Window, Word::License, Word::Quota, Word::PerDay, Word::RateLimit];
        let refills = self.longest_wait_ms.is_some();
        Some(match () {
            () if words.has(Word::Region) => (Class::Network, Rule::WordsRegion),
            () if words.has(Word::Verify) => (Class::VerificationRequired, Rule::WordsVerification),
            () if words.has(Word::Client) => (Class::UnsupportedClient, Rule::WordsClient),
            () if words.has(Word::Closed) => (Class::AccountDisabled, Rule::WordsAccountDisabled),
            // Nobody needs to pay where the plan itself goes on at a stated time.
            () if words.has(Word::ExtraUsage) && refills => (Class::Quota, Rule::WordsQuota),
            () if words.leads(Word::Billing, &MONEY) => (Class::Billing, Rule::WordsBilling),
            () if words.leads(Word::License, &[Word::Window, Word::RateLimit]) => {
                (Class::NoLicense, Rule::WordsLicense)
            }
            () => return None,
        })
    }
}

#[cfg(test)]
mod tests;
