//! Whom a failure concerns, and whether another account could answer.
//!
//! Invariant: the narrowest scope that the evidence supports; a wider one needs a word or a code that says so.

use super::phrases::Word;
use super::reasons::Meaning;
use super::rules::Signals;
use crate::failure::read::facts::Facts;
use crate::failure::record::{Class, Scope};

/// Whom it concerns.
pub(crate) fn of((class, rule): Meaning, signals: &Signals<'_>, asked: Option<&str>) -> Scope {
    match class {
        Class::Quota if is_subscription(rule, signals.facts) => Scope::Account,
        Class::Quota if signals.words.has(Word::Individual) => Scope::Pool,
        Class::Quota if names_another(signals.facts, asked) => Scope::Pool,
        Class::Quota
        | Class::RateLimit
        | Class::Capacity
        | Class::ModelNotFound
        | Class::Timeout
        | Class::Truncated
        | Class::Empty
        | Class::Unknown => Scope::Model,
        Class::Overloaded | Class::Network => Scope::Endpoint,
        Class::Format | Class::Aborted => Scope::Request,
        Class::Billing
        | Class::Auth
        | Class::AuthPermanent
        | Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => Scope::Account,
    }
}

/// Another account helps unless the fault is the request's, the model's or the caller's own.
pub(crate) fn can_rotate(class: Class) -> bool {
    !matches!(class, Class::Format | Class::Aborted | Class::Capacity | Class::ModelNotFound)
}

/// A subscription's window counts every model.
fn is_subscription(rule: &str, facts: &Facts) -> bool {
    rule == "quota-window" || facts.reasons.iter().any(|(_, code)| code.starts_with("usage_limit"))
}

/// The quota is that of a model that was not asked for: several draw on it.
fn names_another(facts: &Facts, asked: Option<&str>) -> bool {
    asked.is_some_and(|asked| {
        !facts.models.is_empty() && !facts.models.iter().any(|model| same_model(model, asked))
    })
}

/// The model that the server names; of several the one that was asked for.
pub(crate) fn named_model<'a>(facts: &'a Facts, asked: Option<&'a str>) -> Option<&'a str> {
    let is_asked = |model: &&String| asked.is_some_and(|asked| same_model(model, asked));
    let named = facts.models.iter().find(is_asked).or(facts.models.first());
    named.map(String::as_str).or(asked)
}

fn same_model(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    bare(one) == bare(other)
}
