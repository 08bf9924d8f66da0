//! The result of an attempt: an answer, or a failure that was thrown or returned as an assistant message.

use std::sync::Arc;

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, ObjectRef, Unknown};
use napi::{Env, ValueType};

use crate::binding::failure::evidence::Evidence;
use crate::binding::failure::failure_object;
use crate::binding::failure::properties::{property, text_property};
use crate::binding::values::host;
use crate::binding::values::value::{as_object, of_type};
use crate::failure::own_rules::OwnRule;
use crate::failure::{Class, Failure, Rule, Scope};

/// A value of the caller's, kept while the run goes on. To be given back with [`Kept::release`].
pub(crate) struct Kept(ObjectRef<false>);

impl Kept {
    pub(crate) fn new(env: &Env, value: Unknown<'_>) -> napi::Result<Self> {
        // A value of any type can be kept as a property only.
        let mut holder = Object::new(env)?;
        holder.set("value", value)?;
        Ok(Self(holder.create_ref()?))
    }

    pub(crate) fn value<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        self.0.get_value(env)?.get_named_property("value")
    }

    pub(crate) fn release(self, env: &Env) -> napi::Result<()> {
        self.0.unref(env)
    }
}

/// A place for such a value; the next one takes the place of the one before.
#[derive(Default)]
pub(crate) struct Slot(Option<Kept>);

impl Slot {
    pub(crate) fn keep(&mut self, env: &Env, value: Unknown<'_>) -> napi::Result<()> {
        let before = self.0.replace(Kept::new(env, value)?);
        before.map_or(Ok(()), |before| before.release(env))
    }

    pub(crate) fn value<'env>(&self, env: &'env Env) -> napi::Result<Option<Unknown<'env>>> {
        self.0.as_ref().map(|kept| kept.value(env)).transpose()
    }

    pub(crate) fn release(&mut self, env: &Env) -> napi::Result<()> {
        self.0.take().map_or(Ok(()), |kept| kept.release(env))
    }
}

/// What was asked of whom, and the rules to judge a failure by.
pub(crate) struct Asked<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: Option<&'a str>,
    pub(crate) rules: &'a Arc<[OwnRule]>,
    /// The login was renewed in this run: a refusal of it is final.
    pub(crate) is_refreshed: bool,
}

/// A failure, with what is known besides.
pub(crate) struct FailedAnswer {
    pub(crate) failure: Failure,
    /// Something of the answer had arrived.
    pub(crate) has_answered: bool,
    pub(crate) is_callers_code: bool,
}

/// From what the caller's function threw, whatever that is.
pub(crate) fn thrown(
    env: &Env,
    error: Unknown<'_>,
    asked: &Asked<'_>,
) -> napi::Result<FailedAnswer> {
    let mut evidence = evidence(env, asked)?;
    evidence.add_thrown(env, error);
    let (failure, is_callers_code) = evidence.classify_thrown();
    let object = as_object(error);
    let has_answered = object.is_some_and(|error| has_answered(env, &error));
    // No client throws anything but objects: without known words this is a fault of the caller's code.
    let is_bare = object.is_none() && failure.class == Class::Unknown && failure.status.is_none();
    Ok(FailedAnswer { failure, has_answered, is_callers_code: is_callers_code || is_bare })
}

/// From what it returned, if that is an assistant message that ended in an error or was aborted.
pub(crate) fn returned(
    env: &Env,
    value: Unknown<'_>,
    asked: &Asked<'_>,
) -> napi::Result<Option<FailedAnswer>> {
    let Some(message) = as_object(value) else { return Ok(None) };
    let reason = text_property(env, &message, "stopReason");
    let is_aborted = match reason.as_deref() {
        Some("error") => false,
        Some("aborted") => true,
        _ => return Ok(None),
    };
    let mut evidence = evidence(env, asked)?;
    evidence.message = text_property(env, &message, "errorMessage");
    evidence.known = failure_object::of(env, &message);
    let content = property(env, &message, "content").and_then(as_object);
    let has_content = content.is_some_and(|content| {
        content.is_array().unwrap_or(false) && content.get_array_length().unwrap_or(0) > 0
    });
    let has_answered = has_content || has_answered(env, &message);
    let mut failure = evidence.classify();
    if is_aborted && failure.class == Class::Unknown {
        failure = aborted(failure);
    }
    Ok(Some(FailedAnswer { failure, has_answered, is_callers_code: false }))
}

/// An abort without any other information.
fn aborted(failure: Failure) -> Failure {
    let (class, scope) = (Class::Aborted, Scope::Request);
    Failure { class, scope, rotate: false, rule: Rule::AbortError, ..failure }
}

/// The text of an assistant message that ended in an error.
pub(crate) fn error_message(env: &Env, message: &Object<'_>) -> Option<String> {
    text_property(env, message, "errorMessage")
}

/// What is known before anything is read.
pub(crate) fn evidence(env: &Env, asked: &Asked<'_>) -> napi::Result<Evidence> {
    Ok(Evidence {
        model: asked.model.map(str::to_owned),
        provider: Some(asked.provider.to_owned()),
        rules: Arc::clone(asked.rules),
        refreshed: asked.is_refreshed,
        now: host::now(env)?,
        ..Evidence::default()
    })
}

/// Our own records say how much had been delivered, on an error or on a message.
pub(crate) fn has_answered(env: &Env, holder: &Object<'_>) -> bool {
    let record = property(env, holder, "failure").and_then(as_object);
    let records = || record.iter().chain([holder]);
    let delivered = records()
        .filter_map(|record| property(env, record, "eventsDelivered"))
        .filter_map(|events| of_type::<f64>(events, ValueType::Number))
        .any(|events| events > 0.0);
    let is_unsafe = records()
        .filter_map(|record| property(env, record, "replaySafe"))
        .filter_map(|flag| of_type::<bool>(flag, ValueType::Boolean))
        .any(|is_safe| !is_safe);
    delivered || is_unsafe
}
