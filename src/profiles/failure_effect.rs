//! What a kind of failure does to the account: whether it rests, by which ladder, and what hosts call it.
//!
//! Invariant: in the safe policy only what speaks of the account or of its model rests it; a fault of the request, of the
//! endpoint or of an answer that had begun is counted.

use super::booking_rules::Policy;
use crate::failure::{Class, Scope, Trust};
use crate::time::WallMs;

/// The parts of a failure record that a booking needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailureFacts {
    pub class: Class,
    pub scope: Option<Scope>,
    pub resume_at: Option<WallMs>,
    pub source: Option<String>,
    /// How far the wait can be believed.
    pub trust: Option<Trust>,
    /// The model that the server named; may differ from the one asked for.
    pub model: Option<String>,
    /// Too many requests were under way at once.
    pub is_concurrency: bool,
    /// Something of the answer had arrived before it failed.
    pub answered: bool,
}

#[cfg(test)]
impl FailureFacts {
    /// Nothing but the class and the scope is known.
    pub(crate) fn new(class: Class, scope: Scope) -> Self {
        Self {
            class,
            scope: Some(scope),
            resume_at: None,
            source: None,
            trust: None,
            model: None,
            is_concurrency: false,
            answered: false,
        }
    }
}

/// How a profile rests after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing is written.
    Nothing,
    /// Counted, no window.
    Count,
    /// `cooldownUntil`, minutes.
    Cool,
    /// `disabledUntil`, hours.
    Disable,
}

/// How long a profile cools if nobody states a wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Rest {
    /// By the ladder that was configured.
    #[default]
    Generic,
    /// By `quota_ladder`.
    Quota,
    /// Too many requests at once: over as soon as one of them ends.
    Concurrency,
    /// The meaning is unknown, so another account is asked meanwhile.
    Unknown,
}

/// The reason that the host's files know for a class.
#[must_use]
pub(crate) fn host_reason(class: Class) -> &'static str {
    match class {
        Class::RateLimit | Class::Quota | Class::Capacity => "rate_limit",
        Class::Overloaded => "overloaded",
        Class::Billing => "billing",
        Class::Auth => "auth",
        Class::AuthPermanent
        | Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => "auth_permanent",
        Class::Format => "format",
        Class::ModelNotFound => "model_not_found",
        Class::Timeout | Class::Network => "timeout",
        _ => "unknown",
    }
}

/// The ladder of a failure. The host knows one only.
pub(crate) fn rest(failure: &FailureFacts, policy: Policy) -> Rest {
    match failure.class {
        _ if policy == Policy::Compatible => Rest::Generic,
        Class::Quota => Rest::Quota,
        Class::Unknown => Rest::Unknown,
        Class::RateLimit if failure.is_concurrency => Rest::Concurrency,
        _ => Rest::Generic,
    }
}

/// Whether the service or the way to it failed, for whichever account.
#[must_use]
pub(crate) fn is_endpoints_fault(class: Class, scope: Option<Scope>) -> bool {
    // A model without room has none for whoever asks.
    matches!(class, Class::Overloaded | Class::Network | Class::Timeout | Class::Capacity)
        || scope == Some(Scope::Endpoint)
}

pub(crate) fn failure_effect(failure: &FailureFacts, policy: Policy) -> Effect {
    match failure.class {
        class if policy == Policy::Safe && is_endpoints_fault(class, failure.scope) => {
            Effect::Count
        }
        Class::Aborted => Effect::Nothing,
        // The account answers other requests.
        _ if failure.scope == Some(Scope::Request) => Effect::Count,
        // The fault lies in the request, on the way, or in an answer that had begun: the account is fine.
        Class::Format | Class::Network | Class::Truncated | Class::Empty => Effect::Count,
        Class::Timeout if failure.answered => Effect::Count,
        Class::Billing
        | Class::AuthPermanent
        | Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => Effect::Disable,
        _ => Effect::Cool,
    }
}

/// What only its owner can put right.
pub(crate) fn concerns_money_or_credential(class: Class) -> bool {
    matches!(
        class,
        Class::Billing
            | Class::Auth
            | Class::AuthPermanent
            | Class::VerificationRequired
            | Class::AccountDisabled
            | Class::UnsupportedClient
            | Class::NoLicense
    )
}

pub(crate) fn reason_effect(reason: &str, policy: Policy) -> Effect {
    match (reason, policy) {
        ("billing", _) | ("auth_permanent", Policy::Safe) => Effect::Disable,
        ("format" | "overloaded" | "timeout", Policy::Safe) => Effect::Count,
        _ => Effect::Cool,
    }
}
