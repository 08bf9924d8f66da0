//! What rests after a failure, and what a person can do about it: a sentence for each class.

use crate::failure::{Class, Failure, Rule, Scope};

/// Who rests, in a sentence without its full stop.
#[must_use]
pub(crate) fn rests(failure: &Failure) -> String {
    use Class::{
        Aborted, Capacity, Empty, Format, ModelNotFound, Network, Overloaded, Timeout, Truncated,
    };
    let nobody = "nobody rests".to_owned();
    match failure.class {
        _ if failure.scope == Scope::Request => nobody,
        Format | ModelNotFound | Aborted | Truncated | Empty => nobody,
        Capacity => "no account rests: the model has no room, whoever asks".to_owned(),
        Overloaded | Timeout | Network => {
            "the server rests for seconds, no account does".to_owned()
        }
        class => format!("the account rests {}, {}", whole(failure.scope), long(class, failure)),
    }
}

fn whole(scope: Scope) -> &'static str {
    match scope {
        Scope::Model => "with this model",
        Scope::Pool => "with the models that share the quota",
        _ => "with every model",
    }
}

fn long(class: Class, failure: &Failure) -> &'static str {
    match class {
        _ if failure.retry_after_ms.is_some() => "for the stated wait",
        Class::RateLimit if failure.rule == Rule::Concurrency => "for a few seconds",
        Class::RateLimit => "for about a minute",
        Class::Auth => "for about a minute, unless refreshing helps",
        Class::Unknown => "for seconds",
        Class::Quota => "until it refills",
        _ => "for hours",
    }
}

/// What a person can do, in a sentence without its full stop.
#[must_use]
pub(crate) fn remedy(class: Class) -> &'static str {
    match class {
        Class::RateLimit => "send less at a time, or add accounts",
        Class::Quota => "wait until the allowance refills, or buy a larger plan",
        Class::Capacity => "use another model",
        Class::Overloaded => "wait; the provider's status page may tell more",
        Class::Billing => "pay, or raise the limit that somebody set",
        Class::Auth => "refresh the credential once; if that does not help, log in again",
        Class::AuthPermanent => "replace the key, or give it the permission",
        Class::VerificationRequired => "the account's owner must follow the provider's link",
        Class::AccountDisabled => "the account's owner must write to the provider",
        Class::UnsupportedClient => "use an API key: this program may not use the account",
        Class::NoLicense => "change the plan: it does not cover the model or the use",
        Class::Format => "change the request: it is wrong, too large, or refused for its content",
        Class::ModelNotFound => "use another model, or correct its name",
        Class::Timeout => "ask again; if it stays so, look at the connection and the time limit",
        Class::Network => "look at the connection, the proxy, and the country it ends in",
        Class::Aborted => "nothing: the caller stopped it",
        Class::Truncated | Class::Empty => "ask again",
        Class::Unknown => "send us this answer without what is secret in it, so that it is known",
    }
}
