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
            404 | 410 => match of_the_account(&self.own) {
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

    /// As [`of_the_account`], with what words say of its windows.
    fn of_the_plan(&self, words: &Words) -> Option<Meaning> {
        let is_spent = words.has_any(&[Word::Window, Word::ModelWindow, Word::Quota, Word::PerDay]);
        of_the_account(words).or_else(|| is_spent.then(|| limits::of(self, Rule::Status429)))
    }

    fn unpaid(&self) -> Meaning {
        // A subscription's window at times comes as a 402.
        let limits = [Word::Window, Word::Quota, Word::RateLimit];
        match of_the_account(&self.words) {
            Some((Class::Billing, _)) => (Class::Billing, Rule::Status402),
            Some((class, rule)) if class != Class::Network => (class, rule),
            _ if self.words.has_any(&limits) => limits::of(self, Rule::Status429),
            _ => (Class::Billing, Rule::Status402),
        }
    }

    /// A refusal for too much, where it is not for something else.
    fn refused_under_429(&self, rule: Rule, is_status_alone: bool) -> Meaning {
        if self.is_too_large {
            return (Class::Format, Rule::FormatTooLarge);
        }
        match of_the_account(&self.words) {
            Some(meaning) => meaning,
            None if self.says(Word::Capacity) => (Class::Capacity, Rule::WordsCapacity),
            None if self.says(Word::Concurrency) && !self.says(Word::Window) => {
                (Class::RateLimit, Rule::Concurrency)
            }
            None if is_status_alone && self.says(Word::Overloaded) => {
                (Class::Overloaded, Rule::WordsOverloaded)
            }
            None => limits::of(self, rule),
        }
    }

    fn refused_request(&self) -> Meaning {
        let own = &self.own;
        if let Some(meaning) = of_the_account(own) {
            return meaning;
        }
        let is_spent = own.has_any(&[Word::Window, Word::ModelWindow, Word::Quota]);
        match () {
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
                && self.says(Word::QuotaMaybe) =>
            {
                limits::of(self, Rule::WordsRateLimit)
            }
            None if self.longest_wait_ms.is_some() => (Class::RateLimit, Rule::StatedWait),
            None => (Class::Unknown, Rule::None),
        }
    }
}

/// What words say of the account: it must act, is closed, may not, or has no money.
fn of_the_account(words: &Words) -> Option<Meaning> {
    const MONEY: [Word; 5] =
        [Word::Window, Word::License, Word::Quota, Word::PerDay, Word::RateLimit];
    Some(match () {
        () if words.has(Word::Region) => (Class::Network, Rule::WordsRegion),
        () if words.has(Word::Verify) => (Class::VerificationRequired, Rule::WordsVerification),
        () if words.has(Word::Client) => (Class::UnsupportedClient, Rule::WordsClient),
        () if words.has(Word::Closed) => (Class::AccountDisabled, Rule::WordsAccountDisabled),
        () if words.leads(Word::Billing, &MONEY) => (Class::Billing, Rule::WordsBilling),
        () if words.leads(Word::License, &[Word::Window, Word::RateLimit]) => {
            (Class::NoLicense, Rule::WordsLicense)
        }
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::failure::names::{Class, Scope};
    use crate::failure::record::{Evidence, Failure};

    fn judge(status: u16, body: &str) -> Failure {
        let body = Some(body.as_bytes());
        super::super::classify::classify(&Evidence {
            status: Some(status),
            body,
            ..Evidence::default()
        })
    }

    #[test]
    fn a_number_that_two_providers_share_is_read_by_what_stands_beside_it() {
        let mistral = r#"{"message":"Requests rate limit exceeded","code":"1300"}"#;
        assert_eq!(judge(429, mistral).class, Class::RateLimit);
        let zai = r#"{"error":{"message":"blocked by the policy","code":"1300"}}"#;
        assert_eq!(judge(400, zai).class, Class::Format);
    }

    #[test]
    fn what_could_not_be_parsed_is_the_request_and_no_error() {
        let quoted = r#"{"error":{"code":"insufficient_quota"}}"#;
        for lead in ["Bad Request: could not parse body", "Failed to parse tool arguments"] {
            assert_eq!(judge(400, &format!("{lead}: {quoted}")).class, Class::Format, "{lead}");
        }
        for lead in ["Failed to parse response to request", "Request failed", "Upstream said"] {
            assert_eq!(judge(400, &format!("{lead}: {quoted}")).class, Class::Billing, "{lead}");
        }
    }

    #[test]
    fn a_server_that_asks_for_another_try_means_its_own_fault_unless_it_names_the_request() {
        let headers = [("X-Should-Retry".to_owned(), "true".to_owned())];
        let judge = |body: &str| {
            let (body, headers) = (Some(body.as_bytes()), headers.as_slice());
            let evidence = Evidence { status: Some(409), headers, body, ..Evidence::default() };
            super::super::classify::classify(&evidence).class
        };
        assert_eq!(judge(r#"{"error":{"message":"Try that once more."}}"#), Class::Overloaded);
        let named = r#"{"error":{"type":"invalid_request_error","message":"bad field"}}"#;
        assert_ne!(judge(named), Class::Overloaded);
    }

    #[test]
    fn the_verification_link_wins_over_help_and_policy_in_any_order() {
        let links = [
            r#"{"description":"Learn more","url":"https://support.example.com/verification"}"#,
            r#"{"description":"Verify your account","url":"https://accounts.example.com/go"}"#,
            r#"{"description":"Terms of service","url":"https://policies.example.com/terms"}"#,
            r#"{"description":"Status","url":"https://status.example.com/"}"#,
        ];
        for turn in 0..links.len() {
            let turned: Vec<&str> = (0..links.len()).map(|at| links[(at + turn) % 4]).collect();
            let body = format!(
                r#"{{"error":{{"code":403,"details":[{{"reason":"VALIDATION_REQUIRED"}},{{"links":[{}]}}]}}}}"#,
                turned.join(",")
            );
            let url = judge(403, &body).url;
            assert_eq!(url.as_deref(), Some("https://accounts.example.com/go"), "{turn}");
        }
    }

    #[test]
    fn an_edges_own_page_is_no_refusal_of_the_account() {
        let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
        assert_eq!(judge(403, page).class, Class::Network);
        let other = "<html><head><title>403</title></head><body>Just a moment</body></html>";
        assert_eq!(judge(403, other).class, Class::Auth);
    }

    #[test]
    fn a_plans_window_rests_the_account_however_it_is_packed() {
        for body in [
            r#"{"detail":{"type":"usage_limit_reached","resets_in_seconds":90000}}"#,
            r#"{"success":false,"errors":[{"code":4006,"message":"used up"}]}"#,
            r#"{"base_resp":{"status_code":2056,"status_msg":"limit reached for Token Plan"}}"#,
        ] {
            let failure = judge(429, body);
            assert_eq!((failure.class, failure.scope), (Class::Quota, Scope::Account), "{body}");
        }
    }
}
