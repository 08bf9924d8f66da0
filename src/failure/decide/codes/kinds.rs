//! What a code may mean: the values that the tables are made of.

use crate::failure::names::{Class, Rule, Scope};

/// A class with the rule that names it.
pub(crate) type Meaning = (Class, Rule);

/// What a code means. Without a scope the class's own one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) class: Class,
    pub(crate) rule: Rule,
    pub(crate) scope: Option<Scope>,
}

impl Code {
    const fn new(class: Class, rule: Rule) -> Self {
        Self { class, rule, scope: None }
    }

    const fn of(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    pub(crate) fn meaning(self) -> Meaning {
        (self.class, self.rule)
    }
}

pub(super) const RATE: Code = Code::new(Class::RateLimit, Rule::ReasonRateLimit);
pub(super) const RATE_ACCOUNT: Code = RATE.of(Scope::Account);
/// Too many requests at once: over as soon as one of them ends.
pub(super) const CONCURRENCY: Code =
    Code::new(Class::RateLimit, Rule::Concurrency).of(Scope::Account);
pub(super) const QUOTA: Code = Code::new(Class::Quota, Rule::ReasonQuota);
pub(super) const QUOTA_ACCOUNT: Code = QUOTA.of(Scope::Account);
pub(super) const QUOTA_MODEL: Code = QUOTA.of(Scope::Model);
pub(super) const MONEY: Code = Code::new(Class::Billing, Rule::ReasonBilling);
pub(super) const LOGIN: Code = Code::new(Class::Auth, Rule::ReasonAuth);
pub(super) const DEAD: Code = Code::new(Class::AuthPermanent, Rule::ReasonAuthPermanent);
pub(super) const VERIFY: Code = Code::new(Class::VerificationRequired, Rule::ReasonVerification);
pub(super) const CLOSED: Code = Code::new(Class::AccountDisabled, Rule::ReasonAccountDisabled);
pub(super) const CLIENT: Code = Code::new(Class::UnsupportedClient, Rule::ReasonClient);
pub(super) const PLAN: Code = Code::new(Class::NoLicense, Rule::ReasonLicense);
/// The plan lacks this one model.
pub(super) const PLAN_MODEL: Code = PLAN.of(Scope::Model);
pub(super) const BAD: Code = Code::new(Class::Format, Rule::ReasonFormat);
pub(super) const LONG: Code = Code::new(Class::Format, Rule::FormatContextLength);
pub(super) const MODEL: Code = Code::new(Class::ModelNotFound, Rule::ReasonModel);
pub(super) const FULL: Code = Code::new(Class::Capacity, Rule::ReasonCapacity);
pub(super) const BUSY: Code = Code::new(Class::Overloaded, Rule::ReasonOverloaded);
/// The place that we call from is refused, whoever asks.
pub(super) const PLACE: Code = Code::new(Class::Network, Rule::ReasonRegion);
pub(super) const SLOW: Code = Code::new(Class::Timeout, Rule::ReasonTimeout);
pub(super) const ENDED: Code = Code::new(Class::Overloaded, Rule::Status499);

/// Codes of one meaning, by their letters and digits.
pub(super) type Table = &'static [(Code, &'static [&'static str])];
