//! Whom a failure concerns, and whether another account could answer.
//!
//! Invariant: the narrowest scope that the evidence supports; a wider one needs a word or a code that says so.

use super::codes::Meaning;
use super::phrases::Word;
use super::signals::Signals;
use crate::failure::names::{Class, Rule, Scope, Source};
use crate::failure::read::facts::Facts;
use crate::failure::read::plan_windows::Refused;

/// Whom it concerns.
pub(crate) fn of((class, rule): Meaning, signals: &Signals<'_>, asked: Option<&str>) -> Scope {
    match class {
        Class::Quota => of_quota(rule, signals, asked),
        // The account answers shorter requests.
        Class::NoLicense if signals.says(Word::LongContext) => Scope::Request,
        Class::NoLicense | Class::RateLimit => of_code(class, signals).unwrap_or(of_class(class)),
        _ => of_class(class),
    }
}

/// Whom a class concerns where nothing else is known.
pub(crate) fn of_class(class: Class) -> Scope {
    match class {
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
        Class::NoLicense
        | Class::Billing
        | Class::Auth
        | Class::AuthPermanent
        | Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient => Scope::Account,
    }
}

/// Another account helps unless the fault is the request's, the model's or the caller's own.
pub(crate) fn can_rotate(class: Class) -> bool {
    !matches!(class, Class::Format | Class::Aborted | Class::Capacity | Class::ModelNotFound)
}

/// A window of a plan counts every model, one that names a model counts that one.
fn of_quota(rule: Rule, signals: &Signals<'_>, asked: Option<&str>) -> Scope {
    let says = |word| signals.says(word);
    let told = match () {
        () if signals.refused == Refused::Model || says(Word::ModelWindow) => Some(Scope::Model),
        () if signals.refused == Refused::Account => Some(Scope::Account),
        () if says(Word::ExtraUsage) => Some(Scope::Account),
        () if says(Word::Individual) => Some(Scope::Pool),
        () if names_another(signals.facts, asked) => Some(Scope::Pool),
        () if rule == Rule::QuotaLimitZero => Some(Scope::Model),
        () => of_code(Class::Quota, signals),
    };
    // Google counts each model for itself, also where it speaks of a month.
    let is_plans = says(Word::Window) && !refills_a_model(signals.facts);
    told.unwrap_or(match () {
        () if says(Word::Organization) => Scope::Account,
        () if !signals.facts.models.is_empty() => Scope::Model,
        () if is_plans => Scope::Account,
        () => Scope::Model,
    })
}

/// Google's own fields for the time when a model's quota refills.
fn refills_a_model(facts: &Facts) -> bool {
    let mut sources = facts.waits.iter().map(|stated| stated.source);
    sources.any(|it| matches!(it, Source::QuotaResetDelay | Source::QuotaResetTimestamp))
}

/// The scope that a code of the same kind names.
fn of_code(class: Class, signals: &Signals<'_>) -> Option<Scope> {
    let code = signals.code?;
    let is_limit = |class| matches!(class, Class::Quota | Class::RateLimit);
    (code.class == class || (is_limit(code.class) && is_limit(class))).then_some(code.scope)?
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
    let bare = |name: &'_ str| name.rfind('/').map_or(0, |slash| slash + 1);
    one[bare(one)..].eq_ignore_ascii_case(&other[bare(other)..])
}
