//! What was seen in a failure, piece by piece, and which piece decided: for people who send us cases.
//!
//! Invariant: the record is the one of [`classify`], no finding holds more of a text than a name or a phrase, and there
//! are at most [`MOST`] of them, none twice.

use super::classify::{classify, own_rule, read_everything};
use super::codes;
use super::phrases::{Word, each_hit};
use super::signals::{best_code, is_refused_request, meaning};
use crate::failure::names::Rule;
use crate::failure::read::facts::{Facts, is_daily};
use crate::failure::read::own_words::Own;
use crate::failure::read::plan_windows::Told;
use crate::failure::read::wait::{Moment, Wait};
use crate::failure::record::{Evidence, Failure};
use crate::failure::redact::identifier;

/// Nobody reads more.
const MOST: usize = 100;

/// Where something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One of the caller's own rules.
    Rule,
    Status,
    Code,
    Header,
    Quota,
    Words,
    Wait,
}

impl Place {
    /// The public name.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Status => "status",
            Self::Code => "code",
            Self::Header => "header",
            Self::Quota => "quota",
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
    let mut seen = Seen { failure: &failure, findings: Vec::new() };
    if let Some((index, _)) = own_rule(evidence, failure.status, &facts)
        && failure.rule == Rule::Own
    {
        seen.add(Place::Rule, &format!("rules[{index}]"), "", true);
    }
    if let Some(status) = failure.status {
        let is_decisive = is_of_status(failure.rule);
        seen.add(Place::Status, &status.to_string(), "", is_decisive);
    }
    seen.add_codes(&facts);
    for (name, told) in &headers.told {
        let (says, rules): (_, &[Rule]) = match told {
            Told::UsedUp => ("used-up", &[Rule::QuotaWindow, Rule::QuotaDaily]),
            Told::HasRoom => ("has-room", &[Rule::Concurrency]),
            Told::Blocked => ("blocked", &[Rule::ReasonRegion]),
            Told::MayRetry => ("may-retry", &[Rule::ShouldRetry]),
        };
        seen.add(Place::Header, name, says, rules.contains(&failure.rule));
    }
    for id in &facts.quota_ids {
        let says = if is_daily(id) { Word::PerDay.name() } else { "" };
        let is_decisive = failure.rule == Rule::QuotaDaily && is_daily(id);
        seen.add(Place::Quota, &identifier(id).unwrap_or_default(), says, is_decisive);
    }
    seen.add_words(&facts);
    for stated in headers.waits.iter().chain(&facts.waits) {
        let moment = match stated.wait {
            Wait::Relative(ms) => Moment::In(ms),
            Wait::At(at) | Wait::AtNoZone(at) => Moment::At(at),
            Wait::Window(moment, _) => moment,
        };
        let says = moment.wait(evidence.now_ms).to_string();
        let is_decisive = failure.source == Some(stated.source);
        seen.add(Place::Wait, stated.source.name(), &says, is_decisive);
    }
    seen.settle_status();
    let findings = seen.findings;
    (failure, findings)
}

/// What was found so far.
struct Seen<'a> {
    failure: &'a Failure,
    findings: Vec<Finding>,
}

impl Seen<'_> {
    fn add(&mut self, place: Place, text: &str, says: &str, is_decisive: bool) {
        let (text, says) = (text.to_owned(), says.to_owned());
        let finding = Finding { place, text, says, is_decisive };
        if self.findings.len() < MOST && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Some statuses mean by themselves what elsewhere takes words.
    fn settle_status(&mut self) {
        let others = [Rule::None, Rule::Own, Rule::StatedWait];
        let is_open = |it: &Finding| !it.is_decisive || it.place == Place::Wait;
        if !others.contains(&self.failure.rule) && self.findings.iter().all(is_open) {
            let status = self.findings.iter_mut().filter(|it| it.place == Place::Status);
            status.for_each(|it| it.is_decisive = true);
        }
    }

    fn add_codes(&mut self, facts: &Facts) {
        let best = best_code(facts).filter(|(_, code)| code.rule == self.failure.rule);
        for text in facts.reasons.iter().map(|(_, code)| code).chain(&facts.printed) {
            let known = meaning(facts, text).map(|code| code.class.name().to_owned());
            let general = || codes::status(text).map(|status| status.to_string());
            let Some(shown) = identifier(text) else { continue };
            let is_decisive = best.is_some_and(|(best, _)| best == text);
            self.add(Place::Code, &shown, &known.or_else(general).unwrap_or_default(), is_decisive);
        }
    }

    /// Where a request was refused, only the provider's own words of a cause counted.
    fn add_words(&mut self, facts: &Facts) {
        const OF_A_REQUEST: [Word; 4] =
            [Word::Thought, Word::ToolId, Word::TooLong, Word::Requested];
        let is_refused = is_refused_request(self.failure.status);
        let is_by_code = self.findings.iter().any(|it| it.place == Place::Code && it.is_decisive);
        let groups = if is_by_code { &[] } else { groups_of(self.failure) };
        let message = facts.message.as_deref().filter(|_| !facts.is_of_content);
        let own = message.map(Own::of).unwrap_or_default();
        for (index, text) in facts.words().enumerate() {
            let is_message = index == 0 && facts.message.is_some();
            each_hit(text, |hit| {
                let is_own = is_message && own.holds(&hit.place);
                let counted = is_own || !is_refused || OF_A_REQUEST.contains(&hit.word);
                let is_decisive = counted && groups.contains(&hit.word);
                self.add(Place::Words, &text[hit.place], hit.word.name(), is_decisive);
            });
        }
    }
}

/// Whether the status decides wherever this rule holds.
fn is_of_status(rule: Rule) -> bool {
    use Rule::{AuthAfterRefresh, Format, PermissionDenied, TimeoutStatus};
    rule.name().starts_with("status-")
        || matches!(rule, TimeoutStatus | PermissionDenied | AuthAfterRefresh | Format)
}

/// The groups of phrases on which a rule rests.
fn groups_of(failure: &Failure) -> &'static [Word] {
    match failure.rule {
        Rule::WordsRateLimit => &[Word::RateLimit, Word::Allocated],
        Rule::WordsQuota => &[Word::Window, Word::ModelWindow, Word::Quota, Word::ExtraUsage],
        Rule::QuotaLongWait => {
            &[Word::Window, Word::ModelWindow, Word::Quota, Word::QuotaMaybe, Word::PerDay]
        }
        Rule::QuotaDaily => &[Word::PerDay],
        Rule::QuotaLimitZero => &[Word::LimitZero],
        Rule::Concurrency => &[Word::Concurrency],
        Rule::WordsCapacity => &[Word::Capacity],
        Rule::WordsOverloaded => &[Word::Overloaded],
        Rule::WordsBilling => &[Word::Billing],
        Rule::WordsAuth => &[Word::Expired, Word::Unauthorized],
        Rule::WordsDeadKey => &[Word::DeadKey],
        Rule::WordsVerification => &[Word::Verify],
        Rule::WordsAccountDisabled => &[Word::Closed],
        Rule::WordsClient => &[Word::Client],
        Rule::WordsLicense => &[Word::License],
        Rule::WordsModel => &[Word::NoModel],
        Rule::WordsAborted => &[Word::Aborted],
        Rule::WordsTimeout => &[Word::Timeout],
        Rule::WordsNetwork => &[Word::Network],
        Rule::WordsRegion => &[Word::Region],
        Rule::FormatContextLength => &[Word::TooLong],
        Rule::FormatThoughtSignature => &[Word::Thought],
        Rule::FormatToolId => &[Word::ToolId],
        Rule::FormatTooLarge => &[Word::Requested],
        Rule::FormatPolicy => &[Word::Policy],
        Rule::Format if failure.status.is_none() => &[Word::BadRequest],
        Rule::Status403 | Rule::PermissionDenied if failure.status.is_none() => &[Word::Forbidden],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, body: &str) -> Vec<Finding> {
        let body = Some(body.as_bytes());
        explain(&Evidence { status: Some(status), body, ..Evidence::default() }).1
    }

    /// What the record rests on: where it stood, what was written, what it says.
    fn decisive(status: u16, body: &str) -> Vec<String> {
        let seen = seen(status, body);
        let mut found: Vec<String> = seen
            .iter()
            .filter(|it| it.is_decisive)
            .map(|it| format!("{} {} {}", it.place.name(), it.text, it.says))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn the_code_that_decided_is_named_beside_what_else_was_seen() {
        let body = r#"{"error":{"code":"insufficient_quota","type":"tokens","message":"usage limit, retry in 5s"}}"#;
        assert_eq!(decisive(429, body), ["code insufficient_quota billing", "wait message 5000"]);
        let words = |it: &Finding| it.place == Place::Words && it.text == "usage limit";
        assert!(seen(429, body).iter().any(words));
    }

    #[test]
    fn only_the_words_of_the_group_that_decided_are_decisive() {
        let body = r#"{"error":{"message":"Weekly limit reached: upgrade your plan. Too many requests, forbidden"}}"#;
        assert_eq!(decisive(429, body), ["words Weekly limit plan-window"]);
    }

    #[test]
    fn words_that_a_refused_request_may_quote_are_not_decisive() {
        let body =
            r#"{"error":{"message":"Your credit balance is too low: 'insufficient balance'"}}"#;
        assert_eq!(decisive(400, body), ["words credit balance is no-money"]);
    }

    #[test]
    fn a_status_is_decisive_where_nothing_else_is() {
        assert_eq!(decisive(426, "{}"), ["status 426 "]);
        assert_eq!(decisive(503, "overloaded"), ["status 503 "]);
        assert_eq!(decisive(403, "your plan does not cover it"), ["words plan does not plan"]);
    }

    #[test]
    fn a_quota_is_named_by_its_id() {
        let body = r#"{"error":{"details":[{"violations":[{"quotaId":"AcmePerDay"},{"quotaId":"AcmePerMinute"}]}]}}"#;
        assert_eq!(decisive(429, body), ["quota AcmePerDay per-day"]);
    }

    #[test]
    fn nobody_gets_a_list_without_end_or_the_same_twice() {
        let many: Vec<String> = (0..300).map(|at| format!(r#"{{"reason":"R{at}"}}"#)).collect();
        let body = format!(r#"{{"error":{{"details":[{}]}}}}"#, many.join(","));
        assert_eq!(seen(429, &body).len(), MOST);
        let twice = seen(429, "rate limit, rate limit");
        assert_eq!(twice.iter().filter(|it| it.place == Place::Words).count(), 1);
    }
}
